"""How a program gets the cluster's names: a resolv.conf that only it and its children see."""

from pathlib import Path

_SCRIPT = 'mount --bind "$0" "$(readlink -f /etc/resolv.conf)" && exec "$@"'


def with_resolver(resolver: Path) -> list[str]:
    """Return the prefix that runs a program in a mount namespace with this resolver file."""
    return ["unshare", "--mount", "sh", "-c", _SCRIPT, str(resolver)]
