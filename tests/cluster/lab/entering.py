"""How a program gets the cluster's names: a resolv.conf that only it and its children see."""

from pathlib import Path

_SCRIPT = 'mount --bind "$1" "$(readlink -f /etc/resolv.conf)"; shift; exec "$@"'


def with_resolver(resolver: Path) -> list[str]:
    """Return the prefix that runs a program in a mount namespace with this resolver file."""
    return ["unshare", "--mount", "sh", "-ec", _SCRIPT, "cluster", str(resolver)]
