"""The part of the spec that says how much CPU and memory a member gets."""

from typing import Annotated, ClassVar

from pydantic import Field

from mongors.api.base import ApiModel
from mongors.api.quantity import Quantity, amount
from mongors.api.rules import Rule

SMALLEST_MEMORY = "256Mi"
"""Below this mongod is killed while it starts or joins: its cache alone takes up to 256 MB, the
smallest that it knows, and connections and index builds come on top."""

KNOWN_RESOURCES = ("cpu", "memory", "ephemeral-storage")

ResourceName = Annotated[str, Field(max_length=253)]


def _is_known(name: str) -> bool:
    return name in KNOWN_RESOURCES or name.startswith("hugepages-") or "/" in name


KNOWN = Rule(
    cel=(
        f"self.all(name, name in {list(KNOWN_RESOURCES)} || name.startsWith('hugepages-') "
        "|| name.contains('/'))"
    ),
    message=(
        "unknown resource: use cpu, memory, ephemeral-storage, hugepages-SIZE, or the full name "
        "of an extended resource such as example.com/device"
    ),
    holds=lambda amounts: all(_is_known(name) for name in amounts),
)
ENOUGH_MEMORY = Rule(
    cel=(
        "!('memory' in self) || !isQuantity(string(self['memory'])) "
        f"|| quantity(string(self['memory'])).compareTo(quantity('{SMALLEST_MEMORY}')) >= 0"
    ),
    message=(
        f"the memory limit must be at least {SMALLEST_MEMORY}: mongod's smallest cache and its "
        "connections do not fit into less, and the member would be killed again and again"
    ),
    holds=lambda limits: (
        "memory" not in limits or amount(limits["memory"]) >= amount(SMALLEST_MEMORY)
    ),
)


def _within_limits(resources: "ComputeResources") -> bool:
    return all(
        amount(request) <= amount(resources.limits[name])
        for name, request in resources.requests.items()
        if name in resources.limits
    )


WITHIN_LIMITS = Rule(
    cel=(
        "!has(self.requests) || !has(self.limits) || self.requests.all(name, "
        "!(name in self.limits) || !isQuantity(string(self.requests[name])) "
        "|| !isQuantity(string(self.limits[name])) "
        "|| quantity(string(self.requests[name]))"
        ".compareTo(quantity(string(self.limits[name]))) <= 0)"
    ),
    message="a request exceeds its limit: lower the request or raise the limit",
    holds=_within_limits,
)


class ComputeResources(ApiModel):
    """What every container of a kind asks of its node, and what it may take at most."""

    RULES: ClassVar[tuple[Rule, ...]] = (WITHIN_LIMITS,)

    requests: Annotated[dict[ResourceName, Quantity], Field(max_length=16), KNOWN] = Field(
        default_factory=dict,
        description="What the scheduler sets aside for each member, such as cpu: 500m.",
    )
    limits: Annotated[dict[ResourceName, Quantity], Field(max_length=16), KNOWN] = Field(
        default_factory=dict, description="What may be taken at most for each member."
    )


class Resources(ComputeResources):
    """What every mongod asks of its node, and what it may take at most."""

    limits: Annotated[dict[ResourceName, Quantity], Field(max_length=16), KNOWN, ENOUGH_MEMORY] = (
        Field(
            default_factory=dict,
            description=(
                "What each member may take at most. mongod sizes its cache by the memory limit, "
                f"which must be at least {SMALLEST_MEMORY}."
            ),
        )
    )
