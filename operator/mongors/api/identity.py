"""What the resource is called: group and kind, and the rules for the name of one object."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from mongors.api.base import WireModel
from mongors.api.rules import Rule, matching

GROUP = "mongors.io"
API_VERSION = "v1alpha1"
KIND = "MongoReplicaSet"
PLURAL = "mongoreplicasets"

MOST_NAME_CHARACTERS = 50
"""Pods, Services and revision labels append to the name, and labels end at 63 characters."""

_NAME_PATTERN = "[a-z]([-a-z0-9]*[a-z0-9])?"

# Kubernetes lets no schema restrict metadata, so in the definition these stand on the whole object.
NAME_LENGTH = Rule(
    cel=f"size(self.metadata.name) <= {MOST_NAME_CHARACTERS}",
    message=(
        f"metadata.name must have at most {MOST_NAME_CHARACTERS} characters: pods and Services "
        "append to it"
    ),
    holds=lambda name: len(name) <= MOST_NAME_CHARACTERS,
)
NAME_FORM = Rule(
    cel=f"self.metadata.name.matches('^{_NAME_PATTERN}$')",
    message=(
        "metadata.name must be one DNS label that starts with a letter (lower-case letters, digits "
        "and '-', no dots): Services and host names are made of it"
    ),
    holds=matching(_NAME_PATTERN, "").allows,
)


class Metadata(WireModel):
    """The few facts about the object itself that matter here."""

    name: Annotated[str, NAME_LENGTH, NAME_FORM]
    namespace: str = "default"
    uid: str = ""
    generation: int = 0
    annotations: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
