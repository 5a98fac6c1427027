"""Kubernetes quantities ("500m", "2Gi"), kept in the form in which the API server returns them.

The API server rewrites what it is given ("0.5" becomes "500m"), so a wish kept as the user spelled
it would differ from the live object for ever.
"""

import re
from fractions import Fraction
from math import ceil
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mongors.api.rules import BROKEN, Rule

_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_BY_STEPS = ("", *_BINARY)
_DECIMAL_BY_EXPONENT = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_SMALLEST = -9
"""Ten to this is the finest step a quantity can have; anything finer is rounded up."""

_FORM = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+))"
    r"(?:(?P<binary>[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]{1,3})|(?P<decimal>[numkMGTPE]?))"
)

NOT_A_QUANTITY = (
    "must be an amount that is not negative, with or without a unit, such as 500m, 2, 512Mi or 10Gi"
)
MAX_LENGTH = 32


def amount(text: str) -> Fraction:
    """Return the exact number that a quantity stands for; raise ValueError when it is none."""
    parts = _FORM.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is not a quantity")
    number = Fraction(parts["number"].removesuffix("."))
    if parts["binary"]:
        return number * (1 << _BINARY[parts["binary"]])
    exponent = int(parts["exponent"]) if parts["exponent"] else _DECIMAL[parts["decimal"] or ""]
    return number * Fraction(10) ** exponent


def canonical(text: str) -> str:
    """Return the spelling that the API server gives to a quantity."""
    exact = amount(text)
    if text.endswith("i") and exact.denominator == 1 and abs(exact) >= 1024:
        return _binary(exact.numerator)
    return _decimal(exact, scientific=re.search(r"[eE][+-]?[0-9]", text) is not None)


def _binary(number: int) -> str:
    steps = 0
    while number % 1024 == 0 and steps < len(_BINARY):
        number, steps = number // 1024, steps + 1
    return f"{number}{_BINARY_BY_STEPS[steps]}"


def _decimal(exact: Fraction, *, scientific: bool) -> str:
    scaled = abs(exact) * Fraction(10) ** -_SMALLEST
    mantissa, exponent = ceil(scaled), _SMALLEST
    if mantissa == 0:
        return "0"
    while mantissa % 1000 == 0 and exponent < max(_DECIMAL_BY_EXPONENT):
        mantissa, exponent = mantissa // 1000, exponent + 3
    sign = "-" if exact < 0 else ""
    if scientific:
        return f"{sign}{mantissa}e{exponent}" if exponent else f"{sign}{mantissa}"
    return f"{sign}{mantissa}{_DECIMAL_BY_EXPONENT[exponent]}"


def _parse(value: object) -> str:
    """Accept what Kubernetes accepts: a quantity as text, or a bare whole number."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            text = canonical(str(value))
        except ValueError:
            text = "-"
        if not text.startswith("-"):
            return text
    raise PydanticCustomError(BROKEN, "{says}", {"says": NOT_A_QUANTITY, "path": ""})


Quantity = Annotated[
    str,
    BeforeValidator(_parse),
    WithJsonSchema({"x-kubernetes-int-or-string": True, "maxLength": MAX_LENGTH}),
    Rule(
        cel="isQuantity(string(self)) && quantity(string(self)).sign() >= 0",
        message=NOT_A_QUANTITY,
    ),
]
"""A quantity in canonical form. On the wire it may also be a bare whole number."""
