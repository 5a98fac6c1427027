"""Numbers of the spec that have bounds, each bound with its reason."""

from typing import Annotated

from pydantic import Field

from mongors.api.rules import Rule

MOST_MEMBERS = 50
"""mongod accepts no larger configuration."""

SHORTEST_GRACE_SECONDS = 30
"""A primary needs this long to hand over and flush; killed earlier, it has to recover."""

LONGEST_GRACE_SECONDS = 86_400
"""A day: beyond it the drain of a node would seem to hang for ever."""

MemberCount = Annotated[
    int,
    Field(strict=True),
    Rule(
        cel="self >= 1",
        message="a set has at least 1 member; to rest the operator use paused: true, not 0 members",
        holds=lambda members: members >= 1,
    ),
    Rule(
        cel=f"self <= {MOST_MEMBERS}",
        message=f"a set has at most {MOST_MEMBERS} members: MongoDB allows no more",
        holds=lambda members: members <= MOST_MEMBERS,
    ),
]
GraceSeconds = Annotated[
    int,
    Field(strict=True),
    Rule(
        cel=f"self >= {SHORTEST_GRACE_SECONDS}",
        message=(
            f"terminationGracePeriodSeconds must be at least {SHORTEST_GRACE_SECONDS}: a member "
            "needs that long to hand over and to close its files"
        ),
        holds=lambda seconds: seconds >= SHORTEST_GRACE_SECONDS,
    ),
    Rule(
        cel=f"self <= {LONGEST_GRACE_SECONDS}",
        message=(
            f"terminationGracePeriodSeconds must be at most {LONGEST_GRACE_SECONDS}, a day: a "
            "stuck member would hold up the drain of its node for that long"
        ),
        holds=lambda seconds: seconds <= LONGEST_GRACE_SECONDS,
    ),
]
