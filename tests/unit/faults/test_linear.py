"""The checker of histories: every planted violation is found, and nothing else is."""

import random

import pytest

from faults.linear import NEVER, Kind, Operation, violation


def op(
    kind: str, value: int | None, began: float, ended: float, expected: int | None = None
) -> Operation:
    return Operation("a", Kind(kind), began, ended, value, expected)


@pytest.mark.parametrize(
    "history",
    [
        [],
        [op("read", None, 0, 1)],
        [op("write", 1, 0, 1), op("read", 1, 2, 3)],
        [op("write", 1, 0, 3), op("read", None, 1, 2)],
        [op("write", 1, 0, 3), op("read", 1, 1, 2)],
        [op("write", 1, 0, 1), op("swap", 2, 2, 3, 1), op("miss", 3, 4, 5, 1), op("read", 2, 6, 7)],
        [op("write", 1, 0, NEVER), op("read", 1, 5, 6)],
        [op("write", 1, 0, NEVER), op("read", None, 5, 6)],
        [op("swap", 1, 0, NEVER), op("read", None, 2, 3), op("read", 1, 4, 5)],
        [op("write", 1, 0, 9), op("write", 2, 0, 9), op("read", 1, 1, 2), op("read", 2, 3, 4)],
    ],
)
def test_what_one_register_can_do_is_no_violation(history: list[Operation]) -> None:
    assert violation(history) is None


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([op("write", 1, 0, 1), op("read", None, 2, 3)], id="a lost write"),
        pytest.param(
            [op("write", 1, 0, 1), op("write", 2, 2, 3), op("read", 1, 4, 5)], id="a stale read"
        ),
        pytest.param([op("read", 7, 0, 1)], id="a value that nobody wrote"),
        pytest.param(
            [op("write", 1, 0, 9), op("read", 1, 1, 2), op("read", None, 3, 4)], id="a read undone"
        ),
        pytest.param(
            [op("write", 1, 0, 1), op("swap", 2, 2, 3, 1), op("swap", 3, 4, 5, 1)],
            id="two swaps of one value",
        ),
        pytest.param([op("write", 1, 0, 1), op("miss", 2, 2, 3, 1)], id="a miss of what was there"),
        pytest.param(
            [op("write", 1, 5, NEVER), op("read", 1, 0, 1)], id="a read before the write began"
        ),
        pytest.param(
            [op("swap", 1, 0, NEVER), op("read", 1, 2, 3), op("read", None, 4, 5)],
            id="an unknown swap that was seen, and is gone",
        ),
    ],
)
def test_a_planted_violation_is_found(history: list[Operation]) -> None:
    said = violation(history)
    assert said is not None
    assert "none of these can be next" in said


def played(seed: int, clients: int = 4, each: int = 60) -> list[Operation]:
    """A history of a real register: every operation takes effect once, between its ends."""
    rng, value, history = random.Random(seed), None, []
    free = dict.fromkeys((f"client {at}" for at in range(clients)), 0.0)
    for number in range(clients * each):
        client = min(free, key=lambda name: free[name])
        at = max(free[client], number * 1.0) + rng.random()
        ended = at + rng.random() * clients
        kind = rng.choice([Kind.READ, Kind.SWAP, Kind.SWAP])
        if kind is Kind.READ:
            history.append(Operation(client, kind, number - 1.0, ended, value))
        elif rng.random() < 0.3:
            history.append(Operation(client, Kind.MISS, number - 1.0, ended, number, -1))
        else:
            lost = NEVER if rng.random() < 0.05 else ended
            history.append(Operation(client, kind, number - 1.0, lost, number, value))
            value = number
        free[client] = ended
    return history


@pytest.mark.parametrize("seed", range(10))
def test_long_histories_of_a_register_are_explained(seed: int) -> None:
    assert violation(played(seed)) is None


@pytest.mark.parametrize("seed", range(10))
def test_one_lost_swap_in_a_long_history_is_found(seed: int) -> None:
    history = played(seed)
    swaps = [at for at, each in enumerate(history) if each.kind is Kind.SWAP and each.is_known]
    lost = history[swaps[len(swaps) // 2]]
    without = [each for each in history if each is not lost]
    last = max(each.ended for each in history if each.is_known)
    stale = Operation("late", Kind.READ, last + 1, last + 2, lost.value)
    assert violation([*history, stale]) is not None
    assert violation(without) is not None, "what followed it found a value that nobody wrote"
