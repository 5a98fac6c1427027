"""One rule, two judges: CEL for the API server, a predicate for this program, one message for both.

A rule is attached to a field by `Annotated[..., Rule(...)]` or to a model by its `RULES`. A rule
that compares with the old object has no predicate: only the API server sees both.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

BROKEN = "rule_broken"
"""The error type by which a broken rule is told from the checks that pydantic does itself."""

VALIDATIONS = "x-kubernetes-validations"


def broken(message: str, path: str = "") -> PydanticCustomError:
    """Return the error that stands for a broken rule; the path leads on from the ruled value."""
    return PydanticCustomError(BROKEN, "{says}", {"says": message, "path": path})


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on a value, with a message that says what to do when it does not hold."""

    cel: str
    message: str
    holds: Callable[[Any], bool] | None = None
    path: str = ""  # the field below the ruled object that the message is about, such as ".size"

    def allows(self, value: object) -> bool:
        """Tell whether the value obeys, as far as that can be seen without the old object."""
        return self.holds is None or self.holds(value)

    def check(self, value: object) -> object:
        """Return the value, or raise what pydantic collects."""
        if not self.allows(value):
            raise self.error()
        return value

    def error(self) -> PydanticCustomError:
        """Return the error that stands for this rule being broken."""
        return broken(self.message, self.path)

    def to_wire(self) -> dict[str, str]:
        """Return the rule as an entry of x-kubernetes-validations."""
        wire = {"rule": self.cel, "message": self.message}
        if self.path:
            wire["fieldPath"] = self.path
        return wire

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return with_rules(handler(core), (self,))


def with_rules(schema: JsonSchemaValue, rules: tuple[Rule, ...]) -> JsonSchemaValue:
    """Return the schema with the rules after those that it already has."""
    added = [*schema.get(VALIDATIONS, ()), *(rule.to_wire() for rule in rules)]
    return {**schema, VALIDATIONS: added} if added else schema


def matching(pattern: str, message: str) -> Rule:
    """Make the rule that a text matches a pattern, which both Python and RE2 understand."""
    compiled = re.compile(pattern)
    return Rule(
        cel=f"self.matches('^{pattern}$')",
        message=message,
        holds=lambda text: compiled.fullmatch(text) is not None,
    )


def at_least(least: int, message: str) -> Rule:
    """Make the rule that a whole number is not below a bound."""
    return Rule(cel=f"self >= {least}", message=message, holds=lambda number: number >= least)


def at_most(most: int, message: str) -> Rule:
    """Make the rule that a whole number is not above a bound."""
    return Rule(cel=f"self <= {most}", message=message, holds=lambda number: number <= most)


def unchanging(message: str) -> Rule:
    """Make the rule that a field which always has a value keeps the one it was made with."""
    return Rule(cel="self == oldSelf", message=message)


def matching_keys(pattern: str, message: str) -> Rule:
    """Make the rule that every key of a map matches a pattern."""
    compiled = re.compile(pattern)
    return Rule(
        cel=f"self.all(key, key.matches('^{pattern}$'))",
        message=message,
        holds=lambda values: all(compiled.fullmatch(key) is not None for key in values),
    )
