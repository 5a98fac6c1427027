"""A short soak with a fixed seed; `make soak MINUTES=30 SEED=n` runs a long one."""

import pytest

from e2e.conftest import Kubectl
from e2e.faults import require_local_cluster
from faults.soak import soak

pytestmark = pytest.mark.alone

MINUTES = 2.0
SEED = 1


def test_a_soak_finds_nothing(kubectl: Kubectl, operator_installed: None) -> None:
    require_local_cluster()
    verdict = soak(kubectl, MINUTES, SEED)
    print(verdict)
    assert verdict.wrong == []
    assert len(verdict.troubles) >= 2
    assert verdict.acknowledged > 1000
    assert verdict.operations > 100
