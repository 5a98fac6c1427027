"""A manifest that cannot be followed is refused at the door, in words that say what to do."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from e2e.bad_inputs import ALL, GOOD, REMOVED, WITHIN_SPEC, BadInput, Manifest, edited

from .conftest import Kubectl
from .rest import operator_at_rest

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("crd_installed")]

KIND = "mongoreplicaset.mongors.io"
STANDING = "standing"


class Sets:
    """The sets of one namespace, as the API server keeps them."""

    def __init__(self, kubectl: Kubectl, namespace: str) -> None:
        self._kubectl = kubectl
        self._namespace = f"--namespace={namespace}"
        self.created: set[str] = set()

    def create(self, manifest: Manifest) -> str:
        """Create a set and return what the API server has against it."""
        refusal = self._send("create", manifest)
        if not refusal:
            self.created.add(manifest["metadata"]["name"])
        return refusal

    def replace(self, manifest: Manifest) -> str:
        """Replace a set and return what the API server has against it."""
        return self._send("replace", manifest)

    def scale(self, name: str, members: int) -> str:
        """Scale a set and return what the API server has against it."""
        done = self._kubectl("scale", f"{KIND}/{name}", f"--replicas={members}", self._namespace)
        return done.stderr if done.returncode else ""

    def standing(self) -> dict[str, Manifest]:
        """Return the sets that there are, by name."""
        shown = self._kubectl("get", KIND, "--output=json", self._namespace)
        assert shown.returncode == 0, shown.stderr
        return {each["metadata"]["name"]: each for each in json.loads(shown.stdout)["items"]}

    def report(self, name: str, status: dict[str, Any]) -> None:
        """Write a status as the operator would."""
        patch = f"--patch={json.dumps({'status': status})}"
        how = ("--subresource=status", "--type=merge", patch)
        done = self._kubectl("patch", KIND, name, *how, self._namespace)
        assert done.returncode == 0, done.stderr

    def _send(self, verb: str, manifest: Manifest) -> str:
        done = self._kubectl(verb, "--filename=-", self._namespace, stdin=json.dumps(manifest))
        return done.stderr if done.returncode else ""


@pytest.fixture(scope="module")
def sets(kubectl: Kubectl, namespace: str) -> Iterator[Sets]:
    """The sets of a fresh namespace; in the end only those that were accepted may exist."""
    with operator_at_rest(kubectl):
        sets = Sets(kubectl, namespace)
        yield sets
        assert set(sets.standing()) == sets.created


@pytest.fixture(scope="module")
def standing(sets: Sets) -> Iterator[None]:
    """A set to try every bad update on; in the end it must be as it was."""
    assert sets.create(named(STANDING)) == ""
    before = sets.standing()[STANDING]
    yield
    assert sets.standing()[STANDING] == before


def named(name: str, **spec: Any) -> Manifest:
    manifest = edited(GOOD, "metadata.name", name)
    manifest["spec"] |= spec
    return manifest


@pytest.mark.parametrize("bad", ALL, ids=[bad.id for bad in ALL])
def test_bad_manifest_is_refused_when_created(sets: Sets, bad: BadInput) -> None:
    manifest = edited(GOOD, bad.field, bad.value)

    refusal = sets.create(manifest)

    assert refusal != ""
    assert bad.says in refusal


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("bad", WITHIN_SPEC, ids=[bad.id for bad in WITHIN_SPEC])
def test_bad_manifest_is_refused_when_updated(sets: Sets, bad: BadInput) -> None:
    refusal = sets.replace(edited(named(STANDING), bad.field, bad.value))

    assert refusal != ""
    assert bad.says in refusal


FIXED = (
    BadInput("B17", "spec.replicaSetName", "rs1", "replicaSetName cannot be changed"),
    BadInput("B34", "spec.storage.size", "1Gi", "size cannot shrink"),
    BadInput("B34", "spec.storage.size", "2047Mi", "size cannot shrink"),
    BadInput("B35", "spec.storage.className", "slow", "className cannot be changed"),
    BadInput("B35", "spec.storage.className", "", "className cannot be changed"),
    BadInput("B35", "spec.storage.className", REMOVED, "className cannot be changed"),
    BadInput("B35", "spec.storage.claimName", "files", "claimName cannot be changed"),
    BadInput("B100", "spec.clusterDomain", "example.test", "clusterDomain cannot be changed"),
    BadInput("B23", "spec.version", "8.0.4", "a major version cannot be skipped"),
    BadInput("B24", "spec.version", "5.0.4", "the major version cannot be lowered"),
)


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("bad", FIXED, ids=[bad.id for bad in FIXED])
def test_what_was_fixed_at_birth_cannot_be_changed(sets: Sets, bad: BadInput) -> None:
    refusal = sets.replace(edited(named(STANDING), bad.field, bad.value))

    assert bad.says in refusal


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize(("members", "says"), [(0, "at least 1 member"), (51, "at most 50")])
def test_scale_is_refused_beyond_the_bounds(sets: Sets, members: int, says: str) -> None:
    assert says in sets.scale(STANDING, members)


def test_class_name_cannot_be_added_later(sets: Sets) -> None:
    without = edited(named("classless"), "spec.storage.className", REMOVED)
    assert sets.create(without) == ""

    refusal = sets.replace(edited(without, "spec.storage.className", "fast"))

    assert "className cannot be changed" in refusal


def test_size_may_grow(sets: Sets) -> None:
    manifest = named("growing")
    assert sets.create(manifest) == ""

    assert sets.replace(edited(manifest, "spec.storage.size", "4Gi")) == ""
    assert "size cannot shrink" in sets.replace(edited(manifest, "spec.storage.size", "3Gi"))


def test_size_may_be_spelled_another_way(sets: Sets) -> None:
    manifest = named("respelled")
    assert sets.create(manifest) == ""

    assert sets.replace(edited(manifest, "spec.storage.size", "2048Mi")) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [("4.4.29", "6.0.5"), ("4.4.29", "8.0.4"), ("5.0.4", "7.0.15"), ("6.0.5", "8.0.4")],
)
def test_major_version_cannot_be_skipped(sets: Sets, old: str, new: str) -> None:
    name = f"skip-{old}-{new}".replace(".", "-")
    assert sets.create(named(name, version=old)) == ""

    assert "a major version cannot be skipped" in sets.replace(named(name, version=new))


def test_version_goes_up_one_major_at_a_time(sets: Sets) -> None:
    ladder = ("4.4.2", "5.0.4", "5.0.31", "6.0.27", "6.0.5", "7.0.15", "8.0.4")
    assert sets.create(named("ladder", version=ladder[0])) == ""

    refusals = [sets.replace(named("ladder", version=version)) for version in ladder[1:]]

    assert refusals == [""] * len(refusals)


@pytest.mark.parametrize(
    ("fcv", "refused"),
    [("6.0", True), ("5.0", False), (None, True)],
    ids=["raised", "not raised yet", "unknown"],
)
def test_major_version_goes_back_only_before_the_fcv_was_raised(
    sets: Sets, fcv: str | None, refused: bool
) -> None:
    name = f"back-{str(fcv).replace('.', '-').lower()}"
    assert sets.create(named(name, version="6.0.5")) == ""
    sets.report(name, {"featureCompatibilityVersion": fcv})

    refusal = sets.replace(named(name, version="5.0.4"))

    assert ("the major version cannot be lowered" in refusal) == refused


def test_refused_manifest_can_be_put_right(sets: Sets) -> None:
    bad = named("recovered", members=0)
    assert sets.create(bad) != ""

    assert sets.create(edited(bad, "spec.members", 1)) == ""


def test_several_mistakes_are_told_at_once(sets: Sets) -> None:
    bad = deepcopy(GOOD)
    bad["spec"] |= {"members": 0, "version": "latest", "image": "no image"}

    refusal = sets.create(bad)

    assert "at least 1 member" in refusal
    assert "must name one exact release" in refusal
    assert "must be an image reference" in refusal
