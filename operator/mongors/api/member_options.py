"""What a single member may have of its own: priority, vote, hiding, delay, tags."""

from typing import Annotated, ClassVar

from pydantic import Field

from mongors.api.base import ApiModel
from mongors.api.counts import MOST_MEMBERS
from mongors.api.rules import Rule, at_least, at_most, matching_keys

HIGHEST_PRIORITY = 1000
LONGEST_DELAY_SECONDS = 366 * 86_400
"""The server accepts no longer delay."""

_HIDDEN = "(has(self.hidden) && self.hidden)"
_DELAYED = "(has(self.delaySeconds) && self.delaySeconds > 0)"
_NO_PRIORITY = "(!has(self.priority) || self.priority == 0.0)"

TagKey = Annotated[str, Field(min_length=1, max_length=63)]
TagValue = Annotated[str, Field(max_length=256)]
Tags = Annotated[
    dict[TagKey, TagValue],
    Field(max_length=32),
    matching_keys("[A-Za-z0-9_-]+", "the key of a tag has letters, digits, '-' and '_' only"),
]


class MemberOption(ApiModel):
    """What one member has of its own."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel=f"!has(self.votes) || self.votes != 0 || {_NO_PRIORITY}",
            message=(
                "a member without a vote cannot become primary: leave its priority out or set it "
                "to 0, or give it votes: 1"
            ),
            holds=lambda option: option.votes != 0 or not option.priority,
            path=".priority",
        ),
        Rule(
            cel=f"!({_HIDDEN} || {_DELAYED}) || {_NO_PRIORITY}",
            message=(
                "a hidden or delayed member cannot become primary: leave its priority out or set "
                "it to 0, or make it neither hidden nor delayed"
            ),
            holds=lambda option: not (option.hidden or option.delay_seconds) or not option.priority,
            path=".priority",
        ),
    )

    member: Annotated[
        int,
        Field(strict=True),
        at_least(0, "member is the number at the end of a pod's name: 0 or more"),
        at_most(MOST_MEMBERS - 1, f"member is at most {MOST_MEMBERS - 1}: no set has more"),
    ] = Field(
        description=(
            "Number of the member, as at the end of its pod's name. Of a member that the set does "
            "not have, the options are kept and have no effect."
        )
    )
    priority: (
        Annotated[
            float,
            Field(strict=True),
            Rule(
                cel=f"self >= 0.0 && self <= {HIGHEST_PRIORITY}.0",
                message=(
                    f"priority must be from 0 (never primary) to {HIGHEST_PRIORITY}; members with "
                    "a higher one are preferred as primary"
                ),
                holds=lambda priority: 0 <= priority <= HIGHEST_PRIORITY,
            ),
        ]
        | None
    ) = Field(
        default=None,
        description=(
            "Preference as primary, 0 (never) to 1000; above 0 it gives the member a vote. Left "
            "out: 1 for a voter, 0 for a member that is hidden, delayed or has no vote."
        ),
    )
    votes: (
        Annotated[
            int,
            Field(strict=True),
            Rule(
                cel="self == 0 || self == 1",
                message="votes must be 0 or 1: MongoDB knows no other number",
                holds=lambda votes: votes in {0, 1},
            ),
        ]
        | None
    ) = Field(
        default=None,
        description=(
            "Votes in elections, 0 or 1. Left out: members vote so that up to 7 and an odd number "
            "do; a delayed member does not."
        ),
    )
    hidden: bool = Field(
        default=False,
        strict=True,
        description="Whether applications do not see the member. It is never primary then.",
    )
    delay_seconds: Annotated[
        int,
        Field(strict=True),
        at_least(0, "delaySeconds must be 0 (no delay) or more"),
        at_most(
            LONGEST_DELAY_SECONDS,
            f"delaySeconds must be at most {LONGEST_DELAY_SECONDS}, 366 days: MongoDB allows no "
            "more",
        ),
    ] = Field(
        default=0,
        description=(
            "Seconds that the member stays behind the primary on purpose. It is never primary then."
        ),
    )
    tags: Tags = Field(
        default_factory=dict,
        description="Tags by which read preferences and write concerns name the member.",
    )

    @property
    def demands_vote(self) -> bool:
        """Whether it must vote: that is written, or a priority is, which needs a vote."""
        return bool(self.priority) if self.votes is None else self.votes == 1

    @property
    def refuses_vote(self) -> bool:
        """Whether it must not vote: that is written, or it is delayed and no vote is written."""
        return self.votes == 0 or (self.votes is None and self.delay_seconds > 0)

    @property
    def may_be_primary(self) -> bool:
        """Whether it could become primary, once it has a vote."""
        barred = self.hidden or self.delay_seconds > 0 or self.votes == 0
        return not barred and (self.priority is None or self.priority > 0)
