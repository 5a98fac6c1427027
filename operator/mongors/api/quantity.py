"""Kubernetes quantities ("500m", "2Gi"), kept in the form in which the API server returns them.

The API server rewrites what it is given ("0.5" becomes "500m"), so a wish kept as the user spelled
it would differ from the live object for ever.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Annotated, Self

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mongors.api.rules import BROKEN, Rule

_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_BY_STEPS = ("", *_BINARY)
_DECIMAL_BY_EXPONENT = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_FINEST = -3
"""Ten to this is the finest step in a list of resources; anything finer is rounded up."""
_COARSEST = 18
_LARGEST_BINARY = 2**63 - 1
_KNOWN = 1024
"""Quantities that are remembered once they were read: the same few are compared in every pass."""

_FORM = re.compile(
    r"[+]?(?P<whole>[0-9]*)(?:[.](?P<part>[0-9]*))?"
    r"(?:(?P<binary>[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]{1,3})|(?P<decimal>[numkMGTPE]?))"
)

NOT_A_QUANTITY = (
    "must be an amount that is not negative, with or without a unit, such as 500m, 2, 512Mi or 10Gi"
)
MAX_LENGTH = 32


@dataclass(frozen=True, slots=True)
class _Parts:
    """A quantity taken apart: WHOLE.PART times two or ten to the power of the exponent."""

    whole: str
    part: str
    base: int
    exponent: int
    scientific: bool

    @classmethod
    def of(cls, text: str) -> Self:
        found = _FORM.fullmatch(text)
        if found is None or not (found["whole"] or found["part"]):
            raise ValueError(f"{text!r} is not a quantity")
        whole, part = found["whole"].lstrip("0") or "0", found["part"] or ""
        if found["binary"]:
            return cls(whole, part, 2, _BINARY[found["binary"]], scientific=False)
        if found["exponent"]:
            return cls(whole, part, 10, int(found["exponent"]), scientific=True)
        return cls(whole, part, 10, _DECIMAL[found["decimal"]], scientific=False)

    @property
    def value(self) -> Fraction:
        return Fraction(f"{self.whole}.{self.part or 0}") * Fraction(self.base) ** self.exponent

    @property
    def is_kept_as_spelled(self) -> bool:
        """Tell whether the API server takes the spelling for canonical; it errs on the kind side.

        Its short cut for small numbers keeps "1.500" and "2.125k", which are not canonical.
        """
        digits = self.whole + self.part
        if self.base == 2:
            short = 14 - len(self.whole) >= self.exponent * 3 // 10
            return short and not self.part and int(self.whole) % 8 != 0
        scale = self.exponent - len(self.part)
        short = len(digits) <= 18 and scale >= _FINEST
        return short and scale % 3 == 0 and digits[0] != "0" and not digits.endswith("000")


@lru_cache(maxsize=_KNOWN)
def amount(text: str) -> Fraction:
    """Return the exact number that a quantity stands for; raise ValueError when it is none."""
    return _Parts.of(text).value


def is_smaller(text: str | None, than: str) -> bool:
    """Tell whether a quantity is known and smaller than another."""
    return text is not None and amount(text) < amount(than)


@lru_cache(maxsize=_KNOWN)
def canonical(text: str) -> str:
    """Return the spelling in which the API server gives a quantity back."""
    parts = _Parts.of(text)
    if parts.is_kept_as_spelled:
        return text
    value = parts.value
    if parts.base == 2:
        value = min(value, Fraction(_LARGEST_BINARY))
        if value.denominator == 1 and value >= 1024:
            return _binary(value.numerator)
    return _decimal(value, scientific=parts.scientific)


def _binary(number: int) -> str:
    steps = 0
    while number % 1024 == 0:
        number, steps = number // 1024, steps + 1
    return f"{number}{_BINARY_BY_STEPS[steps]}"


def _decimal(value: Fraction, *, scientific: bool) -> str:
    mantissa, exponent = ceil(value / Fraction(10) ** _FINEST), _FINEST
    if mantissa == 0:
        return "0"
    while mantissa % 1000 == 0 and (scientific or exponent < _COARSEST):
        mantissa, exponent = mantissa // 1000, exponent + 3
    if scientific:
        return f"{mantissa}e{exponent}" if exponent else str(mantissa)
    return f"{mantissa}{_DECIMAL_BY_EXPONENT[exponent]}"


def _parse(value: object) -> str:
    """Accept what Kubernetes accepts: a quantity as text, or a bare whole number."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return canonical(str(value))
        except ValueError:
            pass  # told below, together with values of other kinds
    raise PydanticCustomError(BROKEN, "{says}", {"says": NOT_A_QUANTITY, "path": ""})


Quantity = Annotated[
    str,
    BeforeValidator(_parse),
    WithJsonSchema({"x-kubernetes-int-or-string": True, "maxLength": MAX_LENGTH}),
    Rule(
        cel="isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('0')) >= 0",
        message=NOT_A_QUANTITY,
    ),
]
"""A quantity in canonical form. On the wire it may also be a bare whole number."""
