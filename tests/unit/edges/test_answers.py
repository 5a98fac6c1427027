"""Who is waited for while a pass looks at the members."""

import asyncio

import pytest

from mongors.mongo import answers
from mongors.mongo.answers import all_answers
from mongors.observed.mongodb import Answer, State


async def says(ordinal: int, state: State) -> Answer:
    """A member that answers at once."""
    return Answer(ordinal, state)


async def hangs(ended: asyncio.Event) -> Answer:
    """A mongod that takes the connection and never answers."""
    try:
        await asyncio.Event().wait()
    finally:
        ended.set()
    raise AssertionError


async def after(turns: int, ordinal: int, state: State) -> Answer:
    """A member that needs a few turns of the loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return Answer(ordinal, state)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "GOING_SECONDS", 0)


async def test_one_that_goes_is_not_waited_for_once_another_is_primary() -> None:
    ended = asyncio.Event()
    asked = {0: says(0, State.PRIMARY), 1: says(1, State.SECONDARY), 2: hangs(ended)}
    found = await all_answers(asked, going={2})
    assert {at: answer.state for at, answer in found.items()} == {
        0: State.PRIMARY,
        1: State.SECONDARY,
        2: State.UNREACHABLE,
    }
    assert not found[2].answered
    await ended.wait()  # nothing of it stays behind


async def test_one_that_goes_is_waited_for_while_nobody_else_is_primary() -> None:
    """It may be the primary that has to hand over before it stops."""
    others = {each: says(each, State.SECONDARY) for each in range(2)}
    found = await all_answers({**others, 2: after(50, 2, State.PRIMARY)}, going={2})
    assert found[2].state is State.PRIMARY


async def test_one_that_stays_is_waited_for_always() -> None:
    staying = {0: says(0, State.PRIMARY), 1: after(50, 1, State.SECONDARY)}
    found = await all_answers({**staying, 2: after(1, 2, State.SECONDARY)}, going={2})
    assert found[1].state is State.SECONDARY
    assert found[2].state is State.SECONDARY


async def test_what_goes_wrong_with_one_leaves_nobody_asked() -> None:
    async def fails() -> Answer:
        raise ValueError

    ended = asyncio.Event()
    with pytest.raises(ValueError):  # noqa: PT011 - it has no words
        await all_answers({0: after(2, 0, State.PRIMARY), 1: fails(), 2: hangs(ended)}, going={2})
    await ended.wait()
