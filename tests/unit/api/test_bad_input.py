"""The operator refuses what the API server should have refused, in the same words."""

import pytest

from e2e.bad_inputs import ALL, GOOD, BadInput, edited
from mongors.api.spec import InvalidSpec, MongoReplicaSet


@pytest.mark.parametrize("bad", ALL, ids=[bad.id for bad in ALL])
def test_bad_manifest_is_refused_with_the_field_named(bad: BadInput) -> None:
    manifest = edited(GOOD, bad.field, bad.value)

    with pytest.raises(InvalidSpec) as refused:
        MongoReplicaSet.parse(manifest)

    (problem,) = refused.value.problems
    path, _, sentence = problem.partition(": ")
    assert path.startswith(bad.field)
    assert bad.expected_of_us in f"{path}: {sentence}"


def test_good_manifest_is_accepted() -> None:
    assert MongoReplicaSet.parse(GOOD).spec.members == 3
