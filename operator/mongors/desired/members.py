"""The members that a set should have, with their votes."""

from dataclasses import dataclass

from mongors.desired.names import Names

MAX_VOTERS = 7
"""The server accepts no more voters in one configuration."""


@dataclass(frozen=True, slots=True)
class WantedMember:
    """One member as it should stand in the configuration."""

    ordinal: int
    host: str
    votes: int
    priority: float


def voters_of(members: int) -> int:
    """How many of so many members vote: an odd number up to seven, and two of two.

    A fourth vote raises the majority without bearing one more loss, so of an even number above
    two one does not vote.
    """
    if members <= 2:
        return members
    return min(MAX_VOTERS, members - 1 + members % 2)


def wanted_members(names: Names, members: int) -> tuple[WantedMember, ...]:
    """Members 0 to n-1; the lowest ordinals vote, the rest have neither vote nor priority."""
    voters = voters_of(members)
    return tuple(
        WantedMember(
            ordinal=ordinal,
            host=names.host(ordinal),
            votes=int(ordinal < voters),
            priority=float(ordinal < voters),
        )
        for ordinal in range(members)
    )
