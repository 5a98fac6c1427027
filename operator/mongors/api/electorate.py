"""The options of all members together: each member once, and a primary can be elected."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mongors.api.counts import MOST_MEMBERS
from mongors.api.member_options import MemberOption
from mongors.api.rules import Rule, broken

MAX_VOTERS = 7
"""The server accepts no more voters in one configuration."""


def _once_each(options: tuple[MemberOption, ...]) -> tuple[MemberOption, ...]:
    """Say what the API server says of itself, since the list is a map by member."""
    seen: set[int] = set()
    for at, option in enumerate(options):
        if option.member in seen:
            raise broken(
                f"member {option.member} has options already: join the two entries",
                f"[{at}].member",
            )
        seen.add(option.member)
    return options


_DEMANDS = "(has(each.votes) ? each.votes == 1 : (has(each.priority) && each.priority > 0.0))"
_MAY_BE_PRIMARY = (
    "!(has(each.votes) && each.votes == 0) && !(has(each.hidden) && each.hidden) "
    "&& !(has(each.delaySeconds) && each.delaySeconds > 0) "
    "&& (!has(each.priority) || each.priority > 0.0)"
)
_EXISTS = "each.member < self.members"

MemberOptions = Annotated[
    tuple[MemberOption, ...],
    Field(
        max_length=MOST_MEMBERS,
        description="What single members have of their own, such as a priority or a delay.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["member"],
        },
    ),
    Rule(
        cel=f"self.filter(each, {_DEMANDS}).size() <= {MAX_VOTERS}",
        message=(
            f"at most {MAX_VOTERS} members can vote: write votes: 1 or a priority above 0 for at "
            f"most {MAX_VOTERS} members"
        ),
        holds=lambda options: sum(each.demands_vote for each in options) <= MAX_VOTERS,
    ),
    AfterValidator(_once_each),
]


def leaves_one_electable(members: int, options: Sequence[MemberOption]) -> bool:
    """Tell whether a member that may become primary has a vote, or can still be given one."""
    present = [each for each in options if each.member < members]
    if any(each.demands_vote and each.may_be_primary for each in present):
        return True
    votes_left = sum(each.demands_vote for each in present) < MAX_VOTERS
    return votes_left and (len(present) < members or any(each.may_be_primary for each in present))


def _electable(spec: Any) -> bool:
    return leaves_one_electable(spec.members, spec.member_options)


ELECTABLE = Rule(
    cel=(
        "!has(self.memberOptions) "
        f"|| self.memberOptions.exists(each, {_EXISTS} && {_DEMANDS} && {_MAY_BE_PRIMARY}) "
        f"|| (self.memberOptions.filter(each, {_EXISTS} && {_DEMANDS}).size() < {MAX_VOTERS} "
        f"&& (self.memberOptions.filter(each, {_EXISTS}).size() < self.members "
        f"|| self.memberOptions.exists(each, {_EXISTS} && {_MAY_BE_PRIMARY})))"
    ),
    message=(
        "at least one member must be able to become primary: leave one with a vote, a priority "
        "above 0, not hidden and not delayed"
    ),
    holds=_electable,
    path=".memberOptions",
)
