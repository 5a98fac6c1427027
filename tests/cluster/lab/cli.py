"""The command line of the cluster tool."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from . import chooser, logs
from .backend import DEFAULT_NODES, SIGNALS, Backend, Wish
from .console import LabError
from .images.operator import ensure_operator_image
from .images.store import ensure_image
from .packages import PROMETHEUS, unpacked
from .places import Places, environment

_DESCRIPTION = """\
A real Kubernetes (v1.34) on this machine: etcd, API server, scheduler, controllers,
and three nodes in three zones, each with its own kubelet, containerd and network.
Nothing is pulled from a registry, nothing reaches the outside. Root is needed.
With --backend kind its nodes are containers of a Docker engine: this machine's, which pulls
images as usual, or else one that is started for it and reaches nothing. They have kind's names.

  cluster up                       three nodes; again: does nothing
  cluster kubectl get nodes
  cluster exec -- pytest tests/e2e a program that reaches pods, Services and DNS names
  cluster load mongo:5.0.4         or any archive of `docker save` and `buildah push`
  cluster image operator           build the operator's image, load it on every node
  cluster fetch prometheus         print the folder of Prometheus and promtool
  cluster cut node-2               pull its cable; heal plugs it in
  cluster stop node-2              pull its power; start gives it back
  cluster part node-1 node-2       drop all between two nodes; join ends that, and heal
  cluster mute node-1 node-2       node-2 hears nothing of node-1; join ends that as well
  cluster halt kube-apiserver      end a program of the control plane; resume starts it again
  cluster hide node-2              this side no longer reaches its pods; show ends that
  cluster disk node-1 small 512M   one more disk, for a volume; fill and spare take its room
  cluster empty NAMESPACE/CLAIM    delete what the claim's volume holds
  cluster swap NAMESPACE/CLAIM NAMESPACE/CLAIM   let each hold what the other one held
  cluster kill NAMESPACE/POD       SIGKILL to its main process, or SIGSTOP, SIGCONT, SIGTERM
  cluster down
"""
_EPILOGUE = """\
environment: MONGORS_CLUSTER  name of the cluster (default mongors); two names, two clusters
             MONGORS_CACHE    built programs and images (default ~/.cache/mongors)
             MONGORS_STATE    folders of running clusters (default /var/lib/mongors); not on
                              an overlay file system
"""
_FAULTS = {
    **dict.fromkeys(("cut", "heal", "stop", "start", "hide", "show"), ("node",)),
    **dict.fromkeys(("part", "join", "mute"), ("node", "other")),
    **dict.fromkeys(("halt", "resume"), ("program",)),
    "dns": ("caches",),
    "disk": ("node", "name", "size"),
    **dict.fromkeys(("fill", "spare"), ("node", "name")),
    "empty": ("claim",),
    "swap": ("claim", "other"),
    "kill": ("pod", "signal"),
}
"""What can be broken, and what has to be named for it."""
_PASSED_ON = {"kubectl": ["kubectl"], "helm": ["helm"], "exec": []}


def main(arguments: Sequence[str]) -> int:
    """Run one command; errors that the user can act upon become one line and status 1."""
    try:
        places = Places.from_environment(environment())
        if arguments and arguments[0] in _PASSED_ON:
            return _enter(places, _PASSED_ON[arguments[0]] + _without_dashes(arguments[1:]))
        return _run(_parser().parse_args(arguments), places)
    except LabError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cluster",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="bring the cluster up")
    up.add_argument("--nodes", type=int, metavar="N", help=f"default: {DEFAULT_NODES}")
    up.add_argument("--backend", choices=chooser.BACKENDS, help="default: local")
    up.add_argument("--kubeconfig", type=Path, metavar="F", help="for --backend existing")
    up.add_argument("--images", default="", metavar="A,B", help="known images to load as well")
    up.add_argument("--stock-dns", action="store_true", help="CoreDNS's usual 30 s caches")
    commands.add_parser("down", help="take it down; only the cache remains")
    status = commands.add_parser("status", help="what runs, and where the files are")
    status.add_argument("--json", action="store_true")
    commands.add_parser("build", help="only fill the cache with programs and images")
    load = commands.add_parser("load", help="load an image on every node")
    load.add_argument("image", metavar="IMAGE.tar|mongo:VERSION")
    image = commands.add_parser("image", help="build the project's own image and load it")
    image.add_argument("which", choices=["operator"])
    fetch = commands.add_parser("fetch", help="fetch programs that some tests need")
    fetch.add_argument("package", choices=["prometheus"])
    _add_faults(commands)
    shown = commands.add_parser("logs", help="where the logs are, and their last lines")
    shown.add_argument("--lines", type=int, default=5, metavar="N", help="of every part")
    for name in _PASSED_ON:
        commands.add_parser(name, help=f"{name}, with a way to the cluster", add_help=False)
    return parser


def _add_faults(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    shown = {"claim": "NAMESPACE/CLAIM", "pod": "NAMESPACE/POD"}
    for name, arguments in _FAULTS.items():
        parser = commands.add_parser(name, help=f"{name} a {arguments[0]}")
        for each in arguments:
            if each == "caches":
                parser.add_argument("caches", choices=("stock", "quick"))
            elif each == "signal":
                parser.add_argument("signal", nargs="?", choices=SIGNALS, default=SIGNALS[0])
            else:
                like = arguments[0] if each == "other" else each
                parser.add_argument(each, metavar=shown.get(like, like))


def _run(asked: argparse.Namespace, places: Places) -> int:
    if asked.command == "up":
        return _up(asked, places)
    if asked.command == "fetch":
        print(unpacked(*PROMETHEUS, places) / "usr/bin")
        return 0
    backend = chooser.current(places)
    if asked.command in {"status", "logs"}:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # for `cluster logs | head`
    if asked.command == "status":
        return _status(backend, as_json=asked.json)
    if asked.command == "logs":
        return logs.show(backend.logs(), asked.lines)
    with places.locked(f"cluster-{places.cluster}"):
        _change(backend, asked, places)
    return 0


def _up(asked: argparse.Namespace, places: Places) -> int:
    images = tuple(name for name in asked.images.split(",") if name)
    kubeconfig = asked.kubeconfig.resolve() if asked.kubeconfig else None
    wish = Wish(asked.nodes, images, asked.stock_dns, kubeconfig)
    with places.locked(f"cluster-{places.cluster}"):
        backend = chooser.choose(asked.backend, places)
        try:
            backend.up(wish)
        except LabError as error:
            logs_of_it = f"\nlogs of every part: {places.state}" if places.state.exists() else ""
            raise LabError(f"{error}{logs_of_it}") from error
    return 0


def _change(backend: Backend, asked: argparse.Namespace, places: Places) -> None:
    match asked.command:
        case "down":
            backend.down()
            chooser.forget(places)
        case "build":
            backend.build()
        case "load":
            file = Path(asked.image)
            backend.load(file if file.is_file() else ensure_image(asked.image, places))
        case "image":
            backend.load(ensure_operator_image(places))
        case fault:
            getattr(backend, fault)(*(getattr(asked, each) for each in _FAULTS[fault]))


def _status(backend: Backend, *, as_json: bool) -> int:
    found = backend.status()
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        for key, value in found.items():
            lines = [f"{k}: {v}" for k, v in value.items()] if isinstance(value, dict) else [value]
            print(f"{key + ':':<15}", *lines, sep="\n    " if isinstance(value, dict) else " ")
    return 0 if found["healthy"] else 1


def _enter(places: Places, command: Sequence[str]) -> int:
    """Become the program, inside the cluster's network; signals reach it directly."""
    if not command:
        raise LabError("exec what? cluster exec -- COMMAND …")
    prefix, extra = chooser.current(places).entrance()
    words = [*prefix, *command]
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it; the program must not
    try:
        os.execvpe(words[0], words, environment() | dict(extra))
    except FileNotFoundError as missing:
        raise LabError(f"{words[0]}: program not found") from missing


def _without_dashes(arguments: Sequence[str]) -> list[str]:
    return list(arguments[1:] if arguments[:1] == ["--"] else arguments)
