"""What every test on a real API server needs: kubectl, the definitions, a namespace."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest

from cluster.lab.images.exporter import EXPORTER
from e2e.faults import Faults, is_local_cluster, require_local_cluster, use_tool
from e2e.rest import DEPLOYMENT, HOME
from e2e.sets import ReplicaSet
from e2e.spreading import BySharedSet

ROOT = Path(__file__).resolve().parents[2]


class Kubectl(Protocol):
    """Runs kubectl against the test cluster and returns what came of it, success or not."""

    def __call__(
        self, *args: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]: ...


RESET_UNWRAPPED = (
    r"ignore:Exception ignored in. <ssl.SSLSocket fd=\d+, family=2, type=1, proto=6, "
    r"laddr=\([^)]*\)>:pytest.PytestUnraisableExceptionWarning"
)
"""A TLS socket that is closed by nobody and has no other end: Python itself leaves it behind when
the server resets a connection before TLS has begun, as an API server does that is ended."""


def pytest_configure(config: pytest.Config) -> None:
    """All other sockets that are left open are failures."""
    config.addinivalue_line("filterwarnings", RESET_UNWRAPPED)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharedSet:
    """Spread tests over workers one by one, but for those that share a set."""
    return BySharedSet(config, log)


def a_kubectl() -> Kubectl:
    """A kubectl for the cluster that these tests run in."""
    command = os.environ.get("MONGORS_KUBECTL", f"{ROOT}/tests/cluster/cluster kubectl").split()

    def run(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *args], input=stdin, capture_output=True, text=True, check=False, timeout=120
        )

    return run


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    return a_kubectl()


@pytest.fixture(scope="session")
def crd_installed(kubectl: Kubectl) -> None:
    applied = kubectl("apply", "--server-side", "--force-conflicts", "-f", f"{ROOT}/crds/")
    assert applied.returncode == 0, applied.stderr
    waited = kubectl("wait", "--for=condition=Established", "crd/mongoreplicasets.mongors.io")
    assert waited.returncode == 0, waited.stderr


@pytest.fixture(scope="module")
def namespace(kubectl: Kubectl) -> Iterator[str]:
    with a_namespace(kubectl) as name:
        yield name


@contextmanager
def a_namespace(kubectl: Kubectl) -> Iterator[str]:
    """A namespace that allows no more than Pod Security's `restricted`; gone afterwards."""
    name = f"test-{uuid4().hex[:8]}"
    created = kubectl("create", "namespace", name)
    assert created.returncode == 0, created.stderr
    kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def replica_set(kubectl: Kubectl, operator_installed: None) -> Iterator[ReplicaSet]:
    """A set to be, in a namespace of its own."""
    with a_namespace(kubectl) as name:
        yield ReplicaSet(kubectl, name)


@pytest.fixture(scope="module")
def replica_set_of_module(kubectl: Kubectl, operator_installed: None) -> Iterator[ReplicaSet]:
    """A set that the tests of a module share, in the order in which they stand."""
    with a_namespace(kubectl) as name:
        yield ReplicaSet(kubectl, name)


@pytest.fixture
def faults() -> Iterator[Faults]:
    """Ways to break nodes and members; all of it is undone after the test."""
    require_local_cluster()
    with Faults() as broken:
        yield broken


@pytest.fixture(scope="session")
def exporter_image() -> None:
    """The stand-in for the exporter's image is on every node, where none can be pulled."""
    if is_local_cluster():
        use_tool("load", EXPORTER)


@pytest.fixture(scope="session")
def operator_installed(kubectl: Kubectl) -> None:
    """The operator runs: `tests/e2e/run` installs it, or you run it from the source."""
    if os.environ.get("MONGORS_RUNS_ELSEWHERE"):
        return
    done = kubectl("-n", "mongors", "rollout", "status", "deployment/mongors", "--timeout=60s")
    assert done.returncode == 0, f"no operator; start the tests with tests/e2e/run: {done.stderr}"


@pytest.fixture(scope="session")
def operator_rests(kubectl: Kubectl) -> None:
    """The installed operator is at rest: `tests/e2e/run` sees to it, for all workers at once."""
    found = kubectl(
        "get", DEPLOYMENT, HOME, "--ignore-not-found", "-o", "jsonpath={.spec.replicas}"
    )
    assert found.stdout in {"", "0"}, "the installed operator would interfere: use tests/e2e/run"
