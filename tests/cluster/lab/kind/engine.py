"""The Docker engine that kind talks to: this machine's, or one started for a cluster.

An engine of our own comes from Debian's package, only unpacked. It is a machine like a node of
the local backend: its network has no way out, and whatever it runs ends with it.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cluster.lab.console import LabError, step
from cluster.lab.local import cgroups, limits, records, teardown
from cluster.lab.local.health import wait_until
from cluster.lab.local.machine import Machine, supervised
from cluster.lab.local.plan import Plan
from cluster.lab.packages import unpacked
from cluster.lab.places import Places
from cluster.lab.programs import run

from . import runtime

OWN = "started for this cluster"

_NAME = "engine"
_PACKAGE = ("docker.io", "bookworm")
_ANSWER_SECONDS = 30.0
_STEERING = ("DOCKER_CONTEXT", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "KIND_EXPERIMENTAL_PROVIDER")
_OWN_SETTINGS = {"deprecated-key-path": "/run/docker-key.json"}
"""Instead of the machine's own, which belong to its own engine; the key would lie beside them."""


@dataclass(frozen=True, slots=True)
class Engine:
    """How to talk to an engine, and where its view of the file system begins."""

    client: Path
    id: str
    """The engine's own; or `OWN`."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    root: str = ""

    @property
    def is_own(self) -> bool:
        return self.id == OWN

    def docker(self, *words: str | Path, timeout: float | None = None) -> str:
        """Run the client."""
        return run([self.client, *words], env=self.environment, timeout=timeout)

    def answers(self) -> bool:
        """Tell whether there is somebody to talk to."""
        try:
            self.docker("version", timeout=_ANSWER_SECONDS)  # of the client and of the engine
        except LabError:
            return False
        return True

    def network_of(self, container: str) -> Path:
        """Name the file of a container's network namespace, as this side sees it."""
        key = self.docker("inspect", "--format", "{{.NetworkSettings.SandboxKey}}", container)
        inside = key.strip().removeprefix("/var")  # /var/run is a link, and would lead elsewhere
        if not inside:
            raise LabError(f"container {container} does not run")
        found = Path(f"{self.root}{inside}")
        if not found.exists():
            raise LabError(
                f"the network of container {container} cannot be entered from here: its engine "
                "has to run on this machine, as root"
            )
        return found


def machines_engine() -> Engine | None:
    """Find the engine that this machine's client talks to; None if none answers."""
    client = shutil.which("docker")
    if client is None:
        return None
    found = Engine(Path(client), "")
    if not found.answers():
        return None
    return Engine(Path(client), found.docker("info", "--format", "{{.ID}}").strip())


def own_engine(places: Places) -> Engine | None:
    """Find the engine that was started for this cluster; None if it does not run."""
    machine = _machine(places)
    pid = records.recorded(machine.record)
    below = records.children(pid) if pid is not None else []
    if not below:
        return None
    kept = {name: value for name, value in os.environ.items() if name not in _STEERING}
    return Engine(
        client=unpacked(*_PACKAGE, places) / "usr/bin/docker",
        id=OWN,
        environment=kept | {"DOCKER_HOST": f"unix://{machine.run}/docker.sock"},
        root=f"/proc/{below[0]}/root",
    )


def start_engine(places: Places) -> Engine:
    """Start one, over whatever remains of another."""
    unpacked(*_PACKAGE, places)
    teardown.tear_down(places)
    _start(places)
    engine = own_engine(places)
    if engine is None:
        raise LabError(f"the Docker engine has ended at once, see {_machine(places).logs}")
    wait_until("Docker engine answers", engine.answers, _ANSWER_SECONDS)
    step("no Docker engine answered: started one in a network of its own")
    return engine


def _machine(places: Places) -> Machine:
    plan = Plan.of(places.cluster, places.state, 1)
    folder = plan.machine_folder(_NAME)
    return Machine(_NAME, folder, plan.control_namespace, places.binaries)


def _start(places: Places) -> None:
    machine = _machine(places)
    with places.locked("limits"):
        limits.raise_limits(places.state.parent)
        places.state.mkdir(mode=0o711, parents=True)
    run(["ip", "netns", "add", machine.namespace])
    run(["ip", "-n", machine.namespace, "link", "set", "lo", "up"])
    cgroups.create(places.cluster, _NAME)
    machine.prepare()
    shutil.copy(runtime.__file__, machine.run / "config/runc")
    (machine.run / "config/daemon.json").write_text(json.dumps(_OWN_SETTINGS))
    machine.start([supervised("dockerd", *_command(places))])
    machine.wait_for("docker.sock")


def _command(places: Places) -> list[str]:
    package = unpacked(*_PACKAGE, places)
    path = f"{package}/usr/sbin:{package}/usr/bin:{os.environ['PATH']}"
    return [
        *("env", f"PATH={path}", f"{package}/usr/sbin/dockerd"),
        "--config-file=/run/config/daemon.json",
        "--host=unix:///run/docker.sock",
        "--pidfile=/run/docker.pid",
        "--exec-root=/run/docker",
        "--data-root=/var/lib/docker",
        "--storage-driver=overlay2",
        "--exec-opt=native.cgroupdriver=cgroupfs",
        f"--cgroup-parent={cgroups.root_of(places.cluster, _NAME)}",
        "--add-runtime=fewer=/run/config/runc",
        "--default-runtime=fewer",
    ]
