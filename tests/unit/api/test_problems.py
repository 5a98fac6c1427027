"""Problems are sentences for the author of a spec: where, what, and what to do."""

from typing import Any

import pytest

from e2e.bad_inputs import GOOD
from mongors.api.spec import InvalidSpec, MongoReplicaSet


def problems(**spec: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidSpec) as refused:
        MongoReplicaSet.parse(GOOD | {"spec": GOOD["spec"] | spec})
    return refused.value.problems


def test_every_problem_is_told_at_once() -> None:
    told = problems(members=0, version="latest", paused="yes")

    assert [problem.partition(":")[0] for problem in told] == [
        "spec.members",
        "spec.version",
        "spec.paused",
    ]


def test_name_and_spec_are_both_told() -> None:
    with pytest.raises(InvalidSpec) as refused:
        MongoReplicaSet.parse({"metadata": {"name": "a.b"}, "spec": {"members": 3}})

    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "metadata.name",
        "spec.version",
        "spec.storage",
    ]


def test_place_in_a_list_is_told_by_its_number() -> None:
    (told,) = problems(imagePullSecrets=[{"name": "one"}, {}])

    assert told == "spec.imagePullSecrets[1].name: is required: add it"


def test_key_of_a_map_is_part_of_the_place() -> None:
    (told,) = problems(podLabels={"role": "a b"})

    assert told.startswith("spec.podLabels.role: a label value has")


def test_overlong_key_of_a_map_is_told_at_the_key() -> None:
    (told,) = problems(podLabels={"k" * 400: "x"})

    assert told == f"spec.podLabels.{'k' * 400}: must have at most 317 characters"


def test_rule_about_one_field_of_an_object_names_that_field() -> None:
    (told,) = problems(storage={"size": "2Gi", "class": {"provisioner": "x"}})

    assert told.startswith("spec.storage.className: class needs className")


def test_stray_field_gets_a_hint_when_one_is_near() -> None:
    assert problems(deletionPolice="Retain") == (
        "spec.deletionPolice: is not a field of this resource; did you mean deletionPolicy?",
    )
    assert problems(zebra=1) == ("spec.zebra: is not a field of this resource; remove it",)


def test_problem_of_an_unforeseen_kind_is_still_told() -> None:
    with pytest.raises(InvalidSpec) as refused:
        MongoReplicaSet.parse(
            GOOD | {"metadata": {"name": "mongo", "deletionTimestamp": "yesterday"}}
        )

    assert refused.value.problems[0].startswith("metadata.deletionTimestamp: input should be")


def test_no_problem_speaks_of_the_validator() -> None:
    told = " ".join(problems(members=[], storage=7, tolerations={}, version=None, affinity=[]))

    for jargon in ("Input", "pydantic", "type=", "instance", "dictionary", "validation"):
        assert jargon not in told


def test_error_reads_as_one_line() -> None:
    with pytest.raises(InvalidSpec) as refused:
        MongoReplicaSet.parse({"metadata": {"name": "mongo"}, "spec": {}})

    assert str(refused.value) == (
        "spec.version: is required: add it; spec.storage: is required: add it"
    )
