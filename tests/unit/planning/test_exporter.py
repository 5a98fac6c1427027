"""The exporter: of those that are members, away when nobody wants it, and never in the way."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import ConditionStatus, ConditionType, Reason
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import EXPORTER, SecretKind, encoded
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.actions import Apply, Initiate, MakeUsers, Remove
from mongors.planning.conditions import conditions_of
from mongors.planning.outcome import Outcome
from mongors.planning.plan import plan
from mongors.planning.steps.exporter import keep_exporter
from mongors.planning.steps.objects import keep_objects
from mongors.planning.steps.users import users_mark
from mongors.planning.waits import Wait
from unit.builders import IDENTITY, config, objects_of, only, running, unborn, wanted

KEY = ("Deployment", "mongo-exporter")
SECRET = ("Secret", "mongo-operator")


def exporting(members: int = 3, **fields: Any) -> Desired:
    return wanted(members, monitoring={"exporter": {"enabled": True, **fields}})


def ready(desired: Desired, *members: int) -> Observed:
    """A set whose exporter can log in, with these in its configuration."""
    observed = running(desired, config(members) if members else None)
    record = replace(observed.record, users_made=users_mark(desired, observed))
    objects = objects_of(desired, len(observed.pods), record)
    return replace(observed, record=record, objects=objects)


def manifest_of(desired: Desired, observed: Observed) -> dict[str, Any]:
    said = only(keep_exporter(desired, observed))
    assert isinstance(said, Apply)
    return dict(said.manifest)


def containers_of(desired: Desired, observed: Observed) -> list[dict[str, Any]]:
    pod = manifest_of(desired, observed)["spec"]["template"]["spec"]
    listed: list[dict[str, Any]] = pod["containers"]
    return listed


def names_of(desired: Desired, observed: Observed) -> list[str]:
    return [each["name"] for each in containers_of(desired, observed)]


def with_live(observed: Observed, manifest: dict[str, Any], **metadata: Any) -> Observed:
    live = {**manifest, "metadata": {**manifest["metadata"], "uid": "uid-exporter", **metadata}}
    return replace(observed, objects={**observed.objects, KEY: live})


def test_nobody_who_does_not_ask_has_one() -> None:
    assert list(keep_exporter(wanted(3), running(wanted(3)))) == []


def test_every_member_is_asked_by_a_container_of_its_own() -> None:
    containers = containers_of(exporting(), ready(exporting()))
    assert [each["name"] for each in containers] == ["mongo-0", "mongo-1", "mongo-2"]
    ports = [(each["ports"][0]["name"], each["ports"][0]["containerPort"]) for each in containers]
    assert ports == [("metrics-0", 9216), ("metrics-1", 9217), ("metrics-2", 9218)]
    uris = [each["env"][0]["value"] for each in containers]
    assert uris[1] == (
        "mongodb://mongo-1.mongo.default.svc.cluster.local:27017/?directConnection=true"
    )


def test_its_password_is_in_no_argument_and_in_no_manifest() -> None:
    observed = ready(exporting())
    (container, *_) = containers_of(exporting(), observed)
    assert container["args"] == [
        *("--web.listen-address=:9216", "--collector.diagnosticdata"),
        "--collector.replicasetstatus",
    ]
    assert container["env"][2]["valueFrom"] == {
        "secretKeyRef": {"name": "mongo-operator", "key": "exporterPassword"}
    }
    password = str(EXPORTER.password(observed.objects[SECRET]["data"]))
    assert password not in str(manifest_of(exporting(), observed))


def test_it_may_run_where_members_may() -> None:
    desired = wanted(
        3,
        monitoring={"exporter": {"enabled": True}},
        tolerations=[{"key": "db", "operator": "Exists"}],
        imagePullSecrets=[{"name": "registry"}],
        nodeSelector={"disk": "fast"},
    )
    pod = manifest_of(desired, ready(desired))["spec"]["template"]["spec"]
    assert pod["tolerations"] == [{"key": "db", "operator": "Exists"}]
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["nodeSelector"] == {"disk": "fast"}


def test_members_services_and_the_budget_do_not_count_its_pod() -> None:
    marks = manifest_of(exporting(), ready(exporting()))["spec"]["template"]["metadata"]
    assert not marks["labels"].items() & labels.common("mongo").items()
    assert labels.MANAGED_BY not in marks["labels"], "it is nothing that the operator watches"


def test_who_has_not_joined_is_not_looked_up_and_who_leaves_for_a_while_stays() -> None:
    """A name that is asked too early is absent for a while, for the other members as well."""
    desired = exporting(3)
    assert names_of(desired, ready(desired, 0, 1)) == ["mongo-0", "mongo-1"]
    whole = with_live(ready(desired, 0, 1), manifest_of(desired, ready(desired)))
    assert list(keep_exporter(desired, whole)) == [], "mongo-2 comes back under another _id"
    smaller = exporting(2)
    shrunk = with_live(ready(smaller, 0, 1), manifest_of(desired, ready(desired)))
    assert names_of(smaller, shrunk) == ["mongo-0", "mongo-1"]


def test_it_begins_only_once_its_user_has_its_password() -> None:
    """Who starts before that keeps the old one, or none, for ever."""
    observed = ready(exporting())
    unmade = replace(observed, record=Record(IDENTITY, 2))
    others = replace(observed, record=replace(observed.record, users_made=f"{IDENTITY}/older"))
    secret = observed.objects[SECRET]
    data = {key: value for key, value in secret["data"].items() if key != "exporterPassword"}
    unwritten = {**observed.objects, SECRET: {**secret, "data": data}}
    for unready in (unmade, others, replace(observed, objects=unwritten)):
        assert list(keep_exporter(exporting(), unready)) == []
    assert list(keep_exporter(exporting(), replace(observed, answers={}))) == []


def test_it_is_left_alone_while_it_is_as_wanted() -> None:
    observed = ready(exporting())
    observed = with_live(observed, manifest_of(exporting(), observed))
    assert list(keep_exporter(exporting(), observed)) == []
    corrected = only(keep_exporter(exporting(image="mirror.test/exporter:1"), observed))
    assert isinstance(corrected, Apply)
    assert corrected.uid == "uid-exporter"


def test_another_password_starts_it_anew() -> None:
    observed = ready(exporting())
    before = manifest_of(exporting(), observed)
    raw = observed.objects[SECRET]
    changed = {**raw, "data": {**raw["data"], "exporterPassword": encoded("another")}}
    other = replace(observed, objects={**observed.objects, SECRET: changed})
    after = manifest_of(exporting(), other)
    assert before["spec"]["template"]["metadata"] != after["spec"]["template"]["metadata"]


def test_it_goes_when_nobody_asks_for_it_any_more() -> None:
    observed = running(wanted(3))
    live = with_live(observed, manifest_of(exporting(), ready(exporting())))
    assert only(keep_exporter(wanted(3), live)) == Remove(*KEY, "uid-exporter")
    leaving = with_live(live, dict(live.objects[KEY]), deletionTimestamp="2026-01-01T00:00:00Z")
    assert list(keep_exporter(wanted(3), leaving)) == []


def test_no_member_is_restarted_for_it() -> None:
    assert exporting().template == wanted(3).template
    planned = plan(exporting(), ready(exporting()))
    assert (planned.step, [str(each) for each in planned.upkeep]) == (
        None, ["create Deployment mongo-exporter"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "outcome",
    [{"is_final": True}, {"missing_permission": ("patch", "deployments")}, {}],
    ids=["refused", "not permitted", "failed"],
)
def test_a_set_is_as_ready_without_it(outcome: dict[str, Any]) -> None:
    observed = ready(exporting())
    planned = plan(exporting(), observed)
    failed = [Outcome(each, "no", **outcome) for each in planned.upkeep]
    assert [each.is_aside for each in failed] == [True], "no step waits for it"
    said = {each.type: each for each in conditions_of(exporting(), observed, planned, failed)}
    assert said[ConditionType.READY].status is ConditionStatus.TRUE


@pytest.mark.parametrize("place", ["taken", "denied"])
def test_a_name_that_cannot_be_had_is_said_and_holds_nothing_up(place: str) -> None:
    blocked: dict[str, Any] = {place: frozenset({KEY})}
    observed = replace(ready(exporting()), **blocked)
    wait = only(keep_exporter(exporting(), observed))
    assert isinstance(wait, Wait)
    assert (wait.reason, wait.is_harmless, wait.stalls) == (Reason.EXPORTER_REFUSED, True, True)
    newborn = replace(unborn(exporting()), **blocked)
    assert isinstance(plan(exporting(), newborn).step, Initiate)
    bare = replace(newborn, objects={}, pods={}, answers={}, statefulset=None)
    assert not [each for each in keep_objects(exporting(), bare) if isinstance(each, Wait)]


def test_the_users_come_before_it() -> None:
    """In one pass the Secret gets its password, in another the user, and then it starts."""
    first = plan(exporting(), running(wanted(3)))
    assert isinstance(first.step, MakeUsers)
    written = [each for each in first.upkeep if isinstance(each, Apply)]
    assert [each.name for each in written] == ["mongo-operator"]
    assert SecretKind.OPERATOR.value in written[0].name
