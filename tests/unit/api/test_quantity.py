"""Amounts are spelled as the API server spells them; the table was taken from its own code."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mongors.api.quantity import amount, canonical
from mongors.api.resources import Resources

SPELLED = {
    "0": "0",
    "00": "0",
    "0Gi": "0",
    "0.5": "500m",
    ".5": "500m",
    "1.": "1.",
    "1000m": "1",
    "1500m": "1500m",
    "1.5": "1500m",
    "1.500": "1.500",  # not canonical, yet kept: the API server's short cut takes it for canonical
    "2.125": "2.125",
    "007": "007",
    "12.345k": "12.345k",
    "1000k": "1M",
    "2048": "2048",
    "1E": "1E",
    "1e3": "1e3",
    "1E3": "1E3",
    "1e4": "10e3",
    "1e-3": "1e-3",
    "1000e3": "1e6",
    "1024Mi": "1Gi",
    "1536Mi": "1536Mi",
    "1000Ki": "1000Ki",
    "0.5Gi": "512Mi",
    "1.5Gi": "1536Mi",
    "1.5Ki": "1536",
    "0.5Ki": "512",
    "1.0005Ki": "1024512m",
    "100u": "1m",  # rounded up to what a list of resources can hold
    "1n": "1m",
    "0.0015": "2m",
    "16Ei": "9223372036854775807",
    "1048576Ki": "1Gi",
}


@pytest.mark.parametrize(("text", "spelled"), SPELLED.items())
def test_amount_is_spelled_as_the_api_server_does(text: str, spelled: str) -> None:
    assert canonical(text) == spelled


@pytest.mark.parametrize(
    "text", ["", ".", "-1", "- 1", "ten", "1Gii", "1 Gi", "1gi", "1K", "1e", "1e1000", "0x1", "١"]
)
def test_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        canonical(text)


TEXTS = st.builds(
    "{}{}{}".format,
    st.integers(0, 10**9),
    st.one_of(st.just(""), st.integers(0, 9999).map(".{}".format)),
    st.sampled_from(["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "e3", "E-2"]),
)


@given(TEXTS)
def test_spelling_is_stable_and_keeps_the_amount(text: str) -> None:
    spelled = canonical(text)

    assert canonical(spelled) == spelled
    assert 0 <= amount(spelled) - amount(text) < Fraction(1, 1000)


def test_amount_may_be_a_bare_whole_number() -> None:
    resources = Resources.model_validate({"requests": {"cpu": 2, "memory": "1024Mi"}})

    assert resources.requests == {"cpu": "2", "memory": "1Gi"}


@pytest.mark.parametrize("value", [True, None, 0.5, [], "-1", -1])
def test_amount_of_another_kind_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="must be an amount"):
        Resources.model_validate({"requests": {"cpu": value}})
