"""Who lets disruptive plans run, as the spec says; and what the status says of such plans."""

from enum import StrEnum

from pydantic import Field

from mongors.api.base import WireModel


class Approval(StrEnum):
    """Who lets disruptive plans run."""

    AUTOMATIC = "Automatic"
    MANUAL = "Manual"


class WaitingPlan(WireModel):
    """A disruptive plan that waits for approval."""

    id: str = Field(
        description=(
            "What to approve: the value for the annotation mongors.io/approved. It stays the same "
            "for as long as the same is wished for."
        )
    )
    plan: str = Field(description="What would be done, in words.")


class SpentApproval(WireModel):
    """An approval that lets nothing run any more."""

    approved: str = Field(description="Value of the annotation mongors.io/approved.")
    void: bool = Field(
        description=(
            "Whether it fitted no plan when it was looked at; otherwise its plan was carried out."
        )
    )
