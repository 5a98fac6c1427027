"""Kubernetes and its companions, built from the Go modules pinned in `modules/`.

A build is keyed by its go.mod, go.sum, own code, linker flags and the Go version; it appears
in the cache by a rename, so a killed build leaves nothing that is trusted.
"""

import functools
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import LabError, step
from .places import MODULES, Places
from .programs import run

VERSION = "v1.34.4"

_STAMPED = "k8s.io/component-base/version"
_STAMPS = (f"gitVersion={VERSION}", "gitMajor=1", "gitMinor=34", "gitTreeState=clean")
_STRIPPED = ("-s", "-w")
_HEARTBEAT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Build:
    """One wrapper module and the programs that come out of it."""

    module: str
    programs: Mapping[str, str]
    flags: tuple[str, ...] = _STRIPPED


# Without a version the node reports v0.0.0-master, and clients refuse it.
_VERSIONED = (*_STRIPPED, *(word for stamp in _STAMPS for word in ("-X", f"{_STAMPED}.{stamp}")))
KUBERNETES = Build(
    "kubernetes",
    {
        name: f"k8s.io/kubernetes/cmd/{name}"
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubelet",
            "kube-proxy",
            "kubectl",
        )
    },
    _VERSIONED,
)
KUBEADM = Build("kubeadm", {"kubeadm": "k8s.io/kubernetes/cmd/kubeadm"}, _VERSIONED)
ETCD = Build("etcd", {"etcd": "go.etcd.io/etcd/server/v3"})
COREDNS = Build("coredns", {"coredns": "github.com/coredns/coredns"})
LOCAL_PATH = Build(
    "local-path-provisioner",
    {"local-path-provisioner": "github.com/rancher/local-path-provisioner"},
)
PROVISIONER = Build("volumes", {"volume-provisioner": "."})
HELM = Build("helm", {"helm": "helm.sh/helm/v3/cmd/helm"})
KIND = Build("kind", {"kind": "sigs.k8s.io/kind"})
KWOK = Build("kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"})
EXPORTER = Build("exporter", {"mongodb_exporter": "."})

LOCAL_BUILDS = (KUBERNETES, ETCD, COREDNS, PROVISIONER, HELM)


def folder_of(build: Build, places: Places) -> Path:
    """Name the cache folder that a build's programs live in."""
    digest = hashlib.sha256(f"{_go_version()} {build.flags}".encode())
    for file in sorted((MODULES / build.module).iterdir()):  # the two of modules, and our own code
        digest.update(file.read_bytes())
    return places.binaries / f"{build.module}-{digest.hexdigest()[:12]}"


def program(build: Build, name: str, places: Places) -> Path:
    """Name the path of one built program."""
    return folder_of(build, places) / name


def source_of(build: Build, module: str, places: Places) -> Path:
    """Name the folder that the Go toolchain keeps a module's sources in, at the locked version."""
    ensure_built((build,), places)
    at, env = MODULES / build.module, _go_environment()
    run(["go", "mod", "download", module], cwd=at, env=env)
    return Path(run(["go", "list", "-m", "-f", "{{.Dir}}", module], cwd=at, env=env).strip())


def search_path(builds: Sequence[Build], places: Places) -> dict[str, str]:
    """Return this process's environment with the built programs found first."""
    folders = [str(folder_of(build, places)) for build in builds]
    return dict(os.environ) | {"PATH": os.pathsep.join([*folders, os.environ.get("PATH", "")])}


def ensure_built(builds: tuple[Build, ...], places: Places) -> None:
    """Build what the cache lacks, one module after the other."""
    wanted = [build for build in builds if not folder_of(build, places).is_dir()]
    if not wanted:
        return
    with places.locked("build"):
        for build in wanted:
            if not folder_of(build, places).is_dir():
                _build(build, places)


def _build(build: Build, places: Places) -> None:
    step(f"building {build.module} ({', '.join(build.programs)})")
    target = folder_of(build, places)
    places.binaries.mkdir(parents=True, exist_ok=True)
    output = places.unfinished / target.name
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    log = places.unfinished / f"{target.name}.log"
    _compile(build, output, log)
    output.rename(target)
    log.unlink()


def _compile(build: Build, output: Path, log: Path) -> None:
    """Run one `go build`; every program that appears is reported as it does."""
    packages = list(build.programs.values())
    # One package is named by us; several are named by the last word of their paths.
    target = f"{output}/" if len(packages) > 1 else f"{output}/{next(iter(build.programs))}"
    command = ["nice", "go", "build", "-v", "-p", str(os.cpu_count() or 2)]
    command += ["-ldflags", " ".join(build.flags), "-o", target, *packages]
    with log.open("wb") as sink:
        running = subprocess.Popen(
            command,
            cwd=MODULES / build.module,
            env=_go_environment(),
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
        try:
            _report_until_done(running, output, log)
        finally:
            running.kill()
            running.wait()
    if running.returncode:
        said = log.read_text()[-2000:]
        raise LabError(f"go build of {build.module} failed, see {log}\n{said}{_hint(said)}")


def _go_environment() -> dict[str, str]:
    """What a build does not depend on is what somebody has set for other work."""
    flags = "-mod=readonly -trimpath -buildvcs=false"
    return os.environ | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": flags}


def _hint(said: str) -> str:
    """What people can do about the usual failure: modules that cannot be fetched."""
    words = ("dial tcp", "no such host", "proxyconnect", "connection refused", "i/o timeout")
    if not any(each in said for each in words):
        return ""
    return "\nThe Go modules could not be fetched: see `go env GOPROXY`, and that it can be reached"


def _report_until_done(running: subprocess.Popen[bytes], output: Path, log: Path) -> None:
    reported: set[str] = set()
    spoke = time.monotonic()
    done = False
    while not done:
        done = running.poll() is not None
        for name in sorted({path.name for path in output.iterdir()} - reported):
            reported.add(name)
            spoke = time.monotonic()
            step(f"built {name}")
        if time.monotonic() - spoke > _HEARTBEAT_SECONDS:
            spoke = time.monotonic()
            step(f"still compiling, {len(log.read_text().splitlines())} packages so far")
        time.sleep(0.2)


@functools.cache
def _go_version() -> str:
    if not shutil.which("go"):
        raise LabError("missing: the Go toolchain (`go`), 1.26 or newer")
    return run(["go", "env", "GOVERSION"]).strip()
