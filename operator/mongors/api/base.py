"""What all wire models share: frozen, camelCase on the wire, rules for pydantic and CEL alike."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mongors.api.rules import Rule, with_rules


def rfc3339(at: datetime) -> str:
    """A moment as Kubernetes writes it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class WireModel(BaseModel):
    """A value as the API server carries it; keys that we do not know are ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )

    def to_wire(self) -> dict[str, Any]:
        """Return the value as the API server takes it, without what is not known."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ApiModel(WireModel):
    """A part of the spec: what users write, with unknown keys forbidden and rules checked."""

    model_config = ConfigDict(extra="forbid")

    RULES: ClassVar[tuple[Rule, ...]] = ()

    @model_validator(mode="after")
    def _obey(self) -> Self:
        for rule in self.RULES:
            rule.check(self)
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core))
        schema.update(with_rules(schema, cls.RULES))
        return schema
