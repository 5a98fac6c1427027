"""The record: what cannot be seen again, kept in two places."""

import pytest

from mongors.api.status import Status
from mongors.desired import labels
from mongors.observed.record import Record, recorded

FULL = Record("identity", 7, "mark")


def test_it_is_read_back_as_it_was_written() -> None:
    assert recorded(FULL.annotations(), Status()) == FULL
    assert Record().annotations() == {}


def test_status_alone_is_enough_for_what_protects_the_data() -> None:
    """Rule 2: the Secret may have been lost."""
    status = Status(replica_set_id="identity", highest_member_id=7)
    assert recorded({}, status) == Record("identity", 7)


def test_the_secret_goes_before_the_status() -> None:
    """Rule 2: a resource restored from a backup brings an old status."""
    assert recorded(FULL.annotations(), Status(replica_set_id="old")).replica_set_id == "identity"


@pytest.mark.parametrize(("secret", "status"), [("3", 9), ("9", 3)])
def test_the_higher_id_counts(secret: str, status: int) -> None:
    """Rule 21."""
    annotations = {labels.HIGHEST_MEMBER_ID: secret}
    assert recorded(annotations, Status(highest_member_id=status)).highest_member_id == 9


def test_an_id_that_is_no_number_is_passed_over() -> None:
    annotations = {labels.HIGHEST_MEMBER_ID: "many"}
    assert recorded(annotations, Status()).highest_member_id is None
