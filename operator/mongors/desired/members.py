"""The members that a set should have, with their votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mongors.api.electorate import MAX_VOTERS
from mongors.api.member_options import MemberOption
from mongors.desired.names import Names

__all__ = ["MAX_VOTERS", "WantedMember", "voters_of", "wanted_members"]


@dataclass(frozen=True, slots=True)
class WantedMember:
    """One member as it should stand in the configuration."""

    ordinal: int
    host: str
    votes: int
    priority: float
    hidden: bool = False
    delay_seconds: int = 0
    """Seconds that it stays behind the primary on purpose."""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)


def voters_of(members: int) -> int:
    """How many of so many members vote: an odd number up to seven, and two of two.

    A fourth vote raises the majority without bearing one more loss, so of an even number above
    two one does not vote.
    """
    if members <= 2:
        return members
    return min(MAX_VOTERS, members - 1 + members % 2)


def wanted_members(
    names: Names, members: int, options: Sequence[MemberOption] = ()
) -> tuple[WantedMember, ...]:
    """Members 0 to n-1, as their options say; who has no vote has no priority either."""
    written = {option.member: option for option in options}
    each = [written.get(ordinal, MemberOption(member=ordinal)) for ordinal in range(members)]
    voters = _voters(each)
    return tuple(_wanted(names, option, option.member in voters) for option in each)


def _voters(each: Sequence[MemberOption]) -> set[int]:
    """Those that must vote, and of the rest as many as make the number odd.

    The rest get their votes in ordinal order, first those that may become primary: a vote that
    elects nobody must not leave a member without priority that could stand.
    """
    voters = {option.member for option in each if option.demands_vote}
    open_to_a_vote = sorted(
        (option for option in each if not (option.demands_vote or option.refuses_vote)),
        key=lambda option: (not option.may_be_primary, option.member),
    )
    has_candidate = any(option.demands_vote and option.may_be_primary for option in each)
    missing = voters_of(len(voters) + len(open_to_a_vote)) - len(voters)
    given = max(missing, 0 if has_candidate else 1)
    given = min(given, MAX_VOTERS - len(voters))
    return voters | {option.member for option in open_to_a_vote[:given]}


def _wanted(names: Names, option: MemberOption, votes: bool) -> WantedMember:
    default = float(option.may_be_primary)
    return WantedMember(
        ordinal=option.member,
        host=names.host(option.member),
        votes=int(votes),
        priority=(default if option.priority is None else option.priority) if votes else 0.0,
        hidden=option.hidden,
        delay_seconds=option.delay_seconds,
        tags=option.tags,
    )
