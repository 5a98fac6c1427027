"""`kubectl-mongors`, which kubectl finds on the PATH as `kubectl mongors`; and its completion."""

import os
import sys
from importlib import import_module

_COMPLETION = "_KUBECTL_MONGORS_COMPLETE"
"""The variable by which a shell asks for completion."""

_NEEDED = ("click", "rich", "yaml")


def main() -> None:
    """Run the program; a shell that completes for it knows it by the name of its file."""
    if _is_complete():
        name = "kubectl-mongors" if _COMPLETION in os.environ else "kubectl mongors"
        import_module("mongors.cli.app").program(prog_name=name, complete_var=_COMPLETION)


def complete() -> None:
    """Complete a command line for kubectl, which asks `kubectl_complete-mongors`."""
    if _is_complete():
        import_module("mongors.cli.completing").main(sys.argv[1:])


def _is_complete() -> bool:
    """Tell whether what only this program needs is installed; say so if it is not."""
    try:
        import_module("click")
    except ImportError:
        listed = ", ".join(_NEEDED)
        sys.stderr.write(
            f"Error: kubectl-mongors needs {listed}: install it with pip install 'mongors[cli]'.\n"
        )
        sys.exit(1)
    return True


if __name__ == "__main__":
    main()
