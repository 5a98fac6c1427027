"""Registers are judged when nobody works on them any more, once, and a lost write is found."""

from faults.linear import NEVER, Kind, Operation
from faults.registers import INITIAL, LENGTH, Registers, judged


def history(*, loses_a_write: bool) -> list[Operation]:
    """As long as histories get; a read at the end that may miss the last write."""
    writes = [
        Operation("client 0", Kind.WRITE, float(at), at + 0.5, at + 1) for at in range(LENGTH - 1)
    ]
    last = writes[-2 if loses_a_write else -1].value
    return [*writes, Operation("client 1", Kind.READ, LENGTH, LENGTH + 0.5, last)]


def of_use(*numbers: int) -> Registers:
    """Registers of which these are the current ones."""
    registers = Registers("mongodb://nowhere.invalid")
    registers._numbers = dict(enumerate(numbers))
    return registers


def test_a_lost_write_is_found_while_others_still_work() -> None:
    registers = of_use(1, 0)
    registers.histories["0.0"] = history(loses_a_write=True)
    registers.histories["1.0"] = history(loses_a_write=True)
    (said,) = registers.violations()
    assert said.startswith("register 0.0: after ")


def test_each_is_judged_once() -> None:
    registers = of_use(1)
    registers.histories["0.0"] = history(loses_a_write=True)
    assert len(registers.violations()) == 1
    assert registers.violations() == []


def test_one_that_somebody_still_works_on_has_to_wait() -> None:
    registers = of_use(1)
    registers.histories["0.0"] = history(loses_a_write=True)
    registers._busy["0.0"] = 1
    assert registers.violations() == []
    registers._busy["0.0"] = 0
    assert len(registers.violations()) == 1


def test_a_good_one_is_not_reported() -> None:
    registers = of_use(1)
    registers.histories["0.0"] = history(loses_a_write=False)
    assert registers.violations() == []


def test_at_the_end_all_are_judged() -> None:
    registers = of_use(0)
    registers.histories["0.0"] = history(loses_a_write=True)
    registers._stop.set()
    assert len(registers.violations()) == 1


def test_what_a_majority_has_somebody_wrote() -> None:
    written = [Operation("client 0", Kind.WRITE, 0.0, 0.5, 7)]
    assert list(judged(written, {INITIAL: 0.1, 7: 0.6})) == []
    assert list(judged(written, {8: 0.6})) == ["a majority had 8, which nobody wrote"]


def test_what_a_majority_had_is_never_undone() -> None:
    """A write without an answer may never have been done; one that a majority had, was."""
    unknown = Operation("client 0", Kind.WRITE, 0.0, NEVER, 7)
    read = Operation("client 1", Kind.READ, 2.0, 2.5, INITIAL)
    assert list(judged([unknown, read], {})) == []
    (said,) = judged([unknown, read], {7: 1.0})
    assert said.startswith("after ")
