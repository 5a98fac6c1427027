"""The executor: every action with its precondition, every failure as an outcome."""

import base64
import re
from dataclasses import replace
from typing import Any

import pytest

from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.labels import Role
from mongors.desired.secrets import EXPORTER_PASSWORD, SecretKind
from mongors.errors import Denied, Failure, Refused, Rejected, Retry
from mongors.execute import KEYFILE_BYTES, Executor
from mongors.execute.objects import Objects
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.actions import (
    Action,
    Apply,
    Generate,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remake,
    Remove,
    ReplacePod,
    ShowRole,
    Step,
    StepDown,
    StepUp,
    Upkeep,
    WithdrawEmptyStart,
)
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from unit.builders import IDENTITY, NOW, config, only, running, wanted, without
from unit.edges.kube import Kube

SET = wanted(3)
SERVICE: dict[str, Any] = {
    "kind": "Service",
    "metadata": {"name": "a", "annotations": {labels.APPLIED: "1"}},
}
CORRECTION = Apply("Service", "a", SERVICE, "uid")


async def done(
    *actions: Upkeep,
    step: Step | None = None,
    kube: Kube | None = None,
    at: Observed | None = None,
    desired: Desired = SET,
) -> list[Outcome]:
    """The outcomes of a plan."""
    planned = Plan(upkeep=actions, step=step)
    return await Executor(kube or Kube()).execute(desired, at or running(desired), planned)


async def test_an_object_is_corrected_by_force_and_by_uid() -> None:
    """Rule 82: the uid in the manifest is a precondition."""
    kube = Kube()
    await done(CORRECTION, kube=kube)
    manifest = {"kind": "Service", "metadata": {**SERVICE["metadata"], "uid": "uid"}}
    assert kube.calls == [("apply", manifest, True)]


async def test_an_object_is_corrected_by_its_version_where_an_old_picture_could_do_harm() -> None:
    """Rules 36 and 82: a number of pods from before the last change is refused."""
    kube = Kube()
    await done(replace(CORRECTION, version="5"), kube=kube)
    (_, manifest, _) = only(kube.calls)
    assert manifest["metadata"]["uid"] == "uid"
    assert manifest["metadata"]["resourceVersion"] == "5"


async def test_an_object_is_made_without_force() -> None:
    """Rule 82: who made it meanwhile keeps it."""
    kube = Kube()
    await done(Apply("Service", "a", SERVICE, None), kube=kube)
    assert kube.calls == [("apply", SERVICE, False)]


async def test_what_is_kept_otherwise_than_applied_holds_nothing_up() -> None:
    """An admission webhook that changes it will do so again: that is for people to end."""
    kube = Kube()
    kube.alters = {"metadata": {"name": "a"}}
    step = Remake("mongo", "uid", "why")
    corrected, remade = await done(CORRECTION, step=step, kube=kube)
    assert corrected.was_altered
    assert corrected.is_final
    assert "admission webhook" in (corrected.failure or "")
    assert remade.failure is None


@pytest.mark.parametrize(
    ("kind", "namespace"), [("RoleBinding", "default"), ("ClusterRoleBinding", None)]
)
async def test_an_object_is_removed_by_its_uid(kind: str, namespace: str | None) -> None:
    """Rule 82."""
    kube = Kube()
    await done(Remove(kind, "a", "uid"), kube=kube)
    assert kube.calls == [("delete", kind, namespace, "a", "uid")]


async def test_an_empty_start_is_permitted_to_one_pod_alone() -> None:
    """Rules 34 and 82: the permission names the pod that it is for."""
    kube = Kube()
    await done(PermitEmptyStart("mongo-0", "uid", "why"), kube=kube)
    permission = {labels.EMPTY_START: "uid", labels.PERMITTED_AT: "2026-01-01T12:00:00Z"}
    assert kube.calls == [("label", "default", "mongo-0", "uid", {}, permission)]


async def test_a_permission_is_withdrawn_from_the_same_pod() -> None:
    kube = Kube()
    await done(WithdrawEmptyStart("mongo-0", "uid"), kube=kube)
    nothing = {labels.EMPTY_START: None, labels.PERMITTED_AT: None}
    assert kube.calls == [("label", "default", "mongo-0", "uid", {}, nothing)]


async def test_a_role_is_shown_by_what_differs() -> None:
    kube = Kube()
    shown = ShowRole("mongo-0", "uid", Role.PRIMARY, True, Role.OTHER, relabel=True, regate=True)
    await done(shown, replace(shown, regate=False), replace(shown, relabel=False), kube=kube)
    label: tuple[Any, ...] = ("label", "default", "mongo-0", "uid", {labels.ROLE: "primary"}, {})
    gate = ("condition", "default", "mongo-0", "uid", labels.IN_SERVICE, "True", "Serving")
    assert [call[: len(gate)] for call in kube.calls] == [label, gate, label, gate]
    assert kube.calls[1][-1] == NOW


async def test_a_member_out_of_service_is_shown_as_such() -> None:
    kube = Kube()
    shown = ShowRole("mongo-0", "uid", Role.OTHER, False, Role.OTHER, relabel=False, regate=True)
    await done(shown, kube=kube)
    assert kube.calls[0][5:8] == ("False", "NotServing", "the member is other")


class TestGeneratedSecrets:
    """Keys and passwords: random, in the form that mongod takes."""

    async def created(self, kind: SecretKind, **where: Any) -> tuple[dict[str, Any], ...]:
        """A Secret as it is created, and as it is applied at once behind it."""
        kube = Kube()
        where = {"at": Observed(at=NOW), **where}
        await done(Generate(kind, f"mongo-{kind}"), kube=kube, **where)
        (created, first), (applied, manifest, force) = kube.calls
        assert (created, applied, force) == ("create", "apply", True)
        assert manifest["metadata"].items() >= {"uid": "made", "resourceVersion": "7"}.items()
        return first, manifest

    async def made(self, kind: SecretKind, **where: Any) -> dict[str, Any]:
        return (await self.created(kind, **where))[1]

    @pytest.mark.parametrize("kind", SecretKind)
    async def test_are_whole_from_their_first_moment(self, kind: SecretKind) -> None:
        """An application, or a member, that starts in this moment reads it."""
        first, manifest = await self.created(kind)
        assert first["data"] == manifest["data"]

    async def test_are_created_without_what_may_have_to_go_again(self) -> None:
        """What is made otherwise than by an apply cannot be taken back by one."""
        desired = wanted(3, monitoring={"exporter": {"enabled": True}})
        first, manifest = await self.created(SecretKind.OPERATOR, desired=desired)
        assert set(manifest["data"]) - set(first["data"]) == {EXPORTER_PASSWORD}
        assert set(manifest["metadata"]) - set(first["metadata"]) >= {"annotations"}

    async def test_that_somebody_made_meanwhile_is_left_alone(self) -> None:
        """Rule 64: of two keys at once, some members would have the one and some the other."""
        kube = Kube(Refused("there is one already"))
        action = Generate(SecretKind.KEYFILE, "mongo-keyfile")
        assert only(await done(action, kube=kube, at=Observed(at=NOW))).was_refused
        assert kube.calls == []

    async def test_that_lacks_a_value_is_completed_by_uid_and_version(self) -> None:
        """Rule 82."""
        at = running(SET)
        key = ("Secret", "mongo-operator")
        raw = at.objects[key]
        half = {**raw, "data": {}, "metadata": {**raw["metadata"], "resourceVersion": "3"}}
        kube = Kube()
        at = replace(at, objects={**at.objects, key: half})
        await done(Generate(SecretKind.OPERATOR, "mongo-operator"), kube=kube, at=at)
        (_, manifest, _) = only(kube.calls)
        known = {"uid": raw["metadata"]["uid"], "resourceVersion": "3"}
        assert manifest["metadata"].items() >= known.items()

    async def test_key_is_what_mongod_takes(self) -> None:
        """Rule 66: 6 to 1024 characters of base64."""
        manifest = await self.made(SecretKind.KEYFILE)
        key = base64.b64decode(manifest["data"]["keyfile"]).decode()
        assert re.fullmatch("[A-Za-z0-9+/=]{6,1024}", key)
        assert len(key) == KEYFILE_BYTES * 4 // 3

    async def test_values_are_never_the_same(self) -> None:
        one, other = [await self.made(SecretKind.OPERATOR) for _ in range(2)]
        keys = ("clusterPassword", "usersPassword")
        values = [made["data"][key] for made in (one, other) for key in keys]
        assert len(set(values)) == 4

    async def test_passwords_need_no_quoting(self) -> None:
        manifest = await self.made(SecretKind.CONNECTION)
        password = base64.b64decode(manifest["data"]["password"]).decode()
        assert re.fullmatch("[A-Za-z0-9]{32}", password)

    async def test_key_carries_the_record(self) -> None:
        """Rule 2."""
        at = Observed(at=NOW, record=Record(IDENTITY, 7))
        manifest = await self.made(SecretKind.KEYFILE, at=at)
        assert manifest["metadata"]["annotations"][labels.REPLICA_SET_ID] == IDENTITY
        other = await self.made(SecretKind.OPERATOR, at=at)
        assert labels.REPLICA_SET_ID not in other["metadata"]["annotations"]


class TestReplacingAPod:
    """A pod is looked at once more, live, before it is deleted."""

    ACTION = ReplacePod("mongo-0", "uid", "why")

    def live(self, uid: str = "uid", **state: Any) -> dict[str, Any]:
        statuses = [{"name": "mongod", "state": state}]
        return {"metadata": {"uid": uid}, "status": {"containerStatuses": statuses}}

    async def test_that_still_does_not_run_deletes_it(self) -> None:
        kube = Kube()
        kube.pod = self.live(waiting={})
        await done(self.ACTION, kube=kube)
        assert kube.calls == [("delete", "Pod", "default", "mongo-0", "uid")]

    async def test_that_changed_meanwhile_is_refused(self) -> None:
        """Rule 82."""
        for pod in (None, self.live(uid="another"), self.live(running={})):
            kube = Kube()
            kube.pod = pod
            assert only(await done(self.ACTION, kube=kube)).was_refused
            assert kube.calls == []


class TestOutcomes:
    """How a failure is told, and what it stops."""

    @pytest.mark.parametrize(
        ("failure", "expected"),
        [
            (
                Denied("no right", "patch", "services"),
                Outcome(CORRECTION, "no right", missing_permission=("patch", "services")),
            ),
            (Rejected("bad object"), Outcome(CORRECTION, "bad object", is_final=True)),
            (Refused("too late"), Outcome(CORRECTION, "too late", was_refused=True)),
            (Retry("no answer"), Outcome(CORRECTION, "no answer")),
        ],
    )
    async def test_each_kind_of_failure_is_told_apart(
        self, failure: Failure, expected: Outcome
    ) -> None:
        assert await done(CORRECTION, kube=Kube(failure)) == [expected]

    async def test_upkeep_goes_on_past_a_failure_and_the_step_does_not(self) -> None:
        """Rule 21: what cannot be recorded is not done."""
        outcomes = await done(CORRECTION, CORRECTION, step=StepUp(0), kube=Kube(Retry("no")))
        assert [outcome.action for outcome in outcomes] == [CORRECTION, CORRECTION]

    @pytest.mark.parametrize(
        "step",
        [
            Initiate(7, config(range(3), version=1)),
            StepUp(7),
            StepDown(7, "mongo-7", 3, "why"),
            Reconfigure(7, (3, 5), config(range(2), version=6), "take x", "remove"),
            MakeUsers(7, "mark"),
        ],
    )
    async def test_a_member_without_an_address_is_not_asked(self, step: Step) -> None:
        assert only(await done(step=step)).was_refused

    @pytest.mark.parametrize(
        ("step", "secret"),
        [
            (StepUp(0), "mongo-keyfile"),
            (StepDown(0, "mongo-0", 3, "why"), "mongo-operator"),
            (MakeUsers(0, "mark"), "mongo-connection"),
        ],
    )
    async def test_nothing_is_asked_without_the_secret_to_log_in(
        self, step: Step, secret: str
    ) -> None:
        outcome = only(await done(step=step, at=without(running(SET), ("Secret", secret))))
        assert outcome.was_refused

    async def test_an_empty_plan_does_nothing(self) -> None:
        kube = Kube()
        assert await done(kube=kube) == []
        assert kube.calls == []


def test_every_action_is_hashable_and_comparable() -> None:
    one: Action = Apply("Service", "a", SERVICE, None)
    assert one == Apply("Service", "a", dict(SERVICE), None)
    assert hash(one) == hash(Apply("Service", "a", {}, None))


async def test_users_are_recorded_only_on_the_record_that_was_seen() -> None:
    """Rule 82: an operator that slept meanwhile must not undo what tells of a recovery."""
    observed, key = running(SET), ("Secret", "mongo-keyfile")
    secret = observed.objects[key]
    seen = {**secret, "metadata": {**secret["metadata"], "resourceVersion": "7"}}
    kube = Kube()
    observed = replace(observed, objects={**observed.objects, key: seen})
    await Objects(kube, SET, observed).record_users("mark")
    (_, manifest, _) = only(kube.calls)
    assert manifest["metadata"]["resourceVersion"] == "7"
    assert manifest["metadata"]["annotations"][labels.USERS_MADE] == "mark"
