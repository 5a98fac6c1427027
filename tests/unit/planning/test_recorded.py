"""What is to be remembered of a set."""

from dataclasses import replace

from mongors.api.conditions import Reason
from mongors.api.status import Status
from mongors.observed.mongodb import MemberConfig, State
from mongors.observed.record import Record
from mongors.planning.recorded import record_of
from mongors.planning.steps.birth import refuse_foreign_data
from unit.builders import IDENTITY, USERS, changed, config, only, running, wanted

SET = wanted(3)


class TestRecord:
    """What is recorded, and what is seen now."""

    def test_is_kept_when_nothing_is_seen(self) -> None:
        observed = replace(running(SET), answers={})
        assert record_of(SET, observed) == Record(IDENTITY, 2, USERS)

    def test_takes_up_what_is_seen_first(self) -> None:
        observed = replace(running(SET), record=Record())
        assert record_of(SET, observed) == Record(IDENTITY, 2)

    def test_takes_up_what_a_majority_agrees_on_without_a_primary(self) -> None:
        observed = replace(running(SET, primary=None), record=Record())
        assert record_of(SET, observed) == Record(IDENTITY, 2)

    def test_takes_nothing_from_a_few_or_from_members_that_disagree(self) -> None:
        """Rules 2 and 4: one old volume among new ones does not say what the set is."""
        few = replace(running(SET, primary=None, down={1, 2}), record=Record())
        assert record_of(SET, few) == Record()
        torn = changed(running(SET, primary=None), 2, config=config(identity="another"))
        assert record_of(SET, replace(torn, record=Record())) == Record()

    def test_never_forgets_a_higher_id(self) -> None:
        """Rule 21."""
        observed = replace(running(SET), record=Record(IDENTITY, 9))
        assert record_of(SET, observed).highest_member_id == 9

    def test_reads_a_configuration_without_members(self) -> None:
        """No server has one; the planner must not fail on it all the same."""
        observed = replace(changed(running(wanted(1)), 0, config=config(())), record=Record())
        assert record_of(SET, observed) == Record(IDENTITY)

    def test_never_takes_up_another_identity(self) -> None:
        """Rules 2 and 4."""
        observed = replace(running(SET), record=Record("recorded", 2))
        assert record_of(SET, observed).replica_set_id == "recorded"


def test_data_whose_members_are_none_of_ours_are_not_recorded_and_refused() -> None:
    """Rule 4: a new set over the volume of another one knows that it is not its own."""
    other = MemberConfig(id=0, host="other-0.other.default.svc.cluster.local:27017")
    observed = running(wanted(1), config([other]), primary=None, pods=1)
    answer = replace(observed.answers[0], state=State.REMOVED, config=config([other]))
    foreign = replace(observed, answers={0: answer}, record=Record(), status=Status())
    assert record_of(wanted(1), foreign) == Record()
    assert only(refuse_foreign_data(wanted(1), foreign)).reason is Reason.FOREIGN_DATA
    ours = changed(foreign, 0, config=config([0]))
    assert list(refuse_foreign_data(wanted(1), ours)) == []
