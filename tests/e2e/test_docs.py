"""The commands of the how-to pages, typed as they stand: each page over a set of its own.

A page is one script: what begins with a prompt in its `console` blocks, from top to bottom, until a
command fails. `kubectl` leads to the namespace of the set, and from there to the test cluster.
"""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from docs.markdown import ROOT, Page, commands, pages
from e2e.conftest import Kubectl
from e2e.sets import ReplicaSet

SMALLEST = ROOT / "examples/smallest.yaml"
BREAKS_NODES = {"drain"}
SECONDS = 900

KUBECTL = """\
set -euo pipefail
kubectl() {
  if [ "$1" = mongors ]; then
    PYTHONPATH=operator "$PYTHON" -m mongors.cli --namespace "$NAMESPACE" "${@:2}"
  else
    command $MONGORS_KUBECTL --namespace "$NAMESPACE" "$@"
  fi
}
"""


def typed() -> Iterator[object]:
    """The pages that have something to type; what breaks nodes is run by itself."""
    for page in pages():
        name = page.path.stem
        if page.path.parent.name == "how-to" and any(commands(page)):
            marks = [pytest.mark.alone] if name in BREAKS_NODES else []
            yield pytest.param(page, id=name, marks=marks)


@pytest.fixture
def schedulable(kubectl: Kubectl) -> Iterator[None]:
    """Nodes that are cordoned when the test ends are not any more."""
    yield
    nodes = kubectl("get", "nodes", "-o", "name").stdout.split()
    cordoned = "jsonpath={.spec.unschedulable}"
    for node in nodes:
        if kubectl("get", node, "-o", cordoned).stdout == "true":
            kubectl("uncordon", node)


@pytest.mark.parametrize("page", list(typed()))
def test_commands_of_the_page_do_what_it_says(
    page: Page, replica_set: ReplicaSet, request: pytest.FixtureRequest
) -> None:
    if page.path.stem in BREAKS_NODES:
        request.getfixturevalue("schedulable")
    if page.path.stem == "monitor":
        request.getfixturevalue("exporter_image")
    replica_set.apply_manifest(yaml.safe_load(SMALLEST.read_text()))
    replica_set.await_ready()
    cluster = os.environ.get("MONGORS_KUBECTL", f"{ROOT}/tests/cluster/cluster kubectl")
    environment = {"NAMESPACE": replica_set.namespace, "PYTHON": sys.executable}
    done = subprocess.run(
        ["bash", "-x", "-c", KUBECTL + "\n".join(commands(page))],
        cwd=ROOT, text=True, errors="replace", capture_output=True, check=False, timeout=SECONDS,
        env={**os.environ, **environment, "MONGORS_KUBECTL": cluster},
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{replica_set.explain()}"
