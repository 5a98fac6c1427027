"""The members' key: while the Secret holds another one, nobody is restarted (rules 64 and 65)."""

from dataclasses import replace

import pytest

from mongors.api.conditions import Reason
from mongors.desired.secrets import encoded
from mongors.observed.observed import Observed
from mongors.planning.plan import plan
from mongors.planning.steps.objects import hold_for_key
from unit.builders import OLD_TEMPLATE, only, running, statefulset, wanted, with_pod, without

SET = wanted(3)
KEYFILE = ("Secret", "mongo-keyfile")


def with_key(observed: Observed, key: str) -> Observed:
    """The same, with another key in the Secret."""
    raw = observed.objects[KEYFILE]
    raw = {**raw, "data": {**raw["data"], "keyfile": encoded(key)}}
    return replace(observed, objects={**observed.objects, KEYFILE: raw})


def test_nothing_is_held_back_by_the_key_that_the_members_have() -> None:
    assert list(hold_for_key(SET, running(SET))) == []
    assert list(hold_for_key(SET, with_key(running(SET), "keyfile-\nvalue\n"))) == []


def test_nobody_is_restarted_into_another_key() -> None:
    """F55: who has another key is alone, and takes the majority away."""
    observed = with_key(with_pod(running(SET), 1, template=OLD_TEMPLATE), "other")
    planned = plan(SET, observed)
    assert planned.step is None
    assert planned.waits_for_people
    assert only(hold_for_key(SET, observed)).reason is Reason.KEY_FILE_CHANGED


def test_the_digest_of_the_former_key_is_kept() -> None:
    """Else the second look would find nothing wrong."""
    observed = with_key(running(SET), "other")
    assert ("StatefulSet", "mongo") not in {
        (getattr(each, "kind", None), getattr(each, "name", None))
        for each in plan(SET, observed).upkeep
    }


@pytest.mark.parametrize("fields", [{"key_digest": None}])
def test_nothing_is_said_where_the_former_key_is_not_known(fields: dict[str, None]) -> None:
    observed = replace(with_key(running(SET), "x"), statefulset=statefulset(SET, 3, **fields))
    assert list(hold_for_key(SET, observed)) == []
    assert list(hold_for_key(SET, replace(observed, statefulset=None))) == []


def test_a_missing_key_is_told_otherwise() -> None:
    assert list(hold_for_key(SET, without(running(SET), KEYFILE))) == []
