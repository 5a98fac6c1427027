"""Conditions keep the moment of their last flip; reasons and events are closed and explained."""

from datetime import UTC, datetime

import pytest

from mongors.api.conditions import (
    Condition,
    ConditionStatus,
    ConditionType,
    EventReason,
    Reason,
    merge,
)
from mongors.api.reasons import Explained

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOW = datetime(2026, 1, 2, 3, 5, 6, 789, tzinfo=UTC)


def ready(
    status: ConditionStatus, reason: Reason = Reason.UNKNOWN, since: datetime | None = None
) -> Condition:
    return Condition(
        type=ConditionType.READY, status=status, reason=reason, last_transition_time=since
    )


def test_transition_time_stays_while_the_status_stays() -> None:
    before = ready(ConditionStatus.FALSE, Reason.NO_PRIMARY, THEN)
    now = ready(ConditionStatus.FALSE, Reason.MEMBERS_NOT_READY)

    (merged,) = merge([before], [now], NOW)

    assert merged.last_transition_time == THEN
    assert merged.reason is Reason.MEMBERS_NOT_READY


def test_transition_time_moves_when_the_status_flips() -> None:
    before = ready(ConditionStatus.FALSE, since=THEN)

    (merged,) = merge([before], [ready(ConditionStatus.TRUE)], NOW)

    assert merged.last_transition_time == NOW.replace(microsecond=0)


def test_first_report_of_a_condition_is_its_transition() -> None:
    (merged,) = merge([], [ready(ConditionStatus.TRUE)], NOW)

    assert merged.last_transition_time == NOW.replace(microsecond=0)


def test_condition_without_time_gets_one() -> None:
    same = ready(ConditionStatus.TRUE)

    (merged,) = merge([same], [same], NOW)

    assert merged.last_transition_time == NOW.replace(microsecond=0)


def test_condition_that_is_no_longer_reported_is_gone() -> None:
    stalled = Condition(
        type=ConditionType.STALLED, status=ConditionStatus.TRUE, reason=Reason.NAME_CONFLICT
    )

    merged = merge([stalled], [ready(ConditionStatus.TRUE)], NOW)

    assert [condition.type for condition in merged] == [ConditionType.READY]


def test_condition_goes_over_the_wire_and_back() -> None:
    condition = ready(ConditionStatus.TRUE, Reason.ALL_MEMBERS_HEALTHY, THEN)

    wire = condition.model_dump(mode="json", by_alias=True)

    assert wire == {
        "type": "Ready",
        "status": "True",
        "reason": "AllMembersHealthy",
        "message": "",
        "observedGeneration": 0,
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
    assert Condition.model_validate(wire) == condition


def test_reason_of_another_version_reads_as_unknown() -> None:
    wire = {"type": "Ready", "status": "True", "reason": "FromTheFuture"}

    assert Condition.model_validate(wire).reason is Reason.UNKNOWN


@pytest.mark.parametrize("words", [ConditionType, Reason, EventReason])
def test_every_word_is_explained_in_one_sentence(words: type[Explained]) -> None:
    for word in words:
        assert word.isalpha()
        assert word[0].isupper()
        assert word.meaning.endswith(".")
        assert len(word.meaning) < 100


def test_words_are_plain_text() -> None:
    assert f"{Reason.NO_PRIMARY}" == "NoPrimary"
    assert Reason("NoPrimary") is Reason.NO_PRIMARY
