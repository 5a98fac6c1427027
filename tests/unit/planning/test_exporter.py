"""The exporter: of those that are members, and away when nobody wants it."""

from dataclasses import replace
from typing import Any

from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.actions import Apply, Remove
from mongors.planning.plan import plan
from mongors.planning.steps.exporter import keep_exporter
from unit.builders import IDENTITY, config, only, running, wanted, without

KEY = ("Deployment", "mongo-exporter")


def exporting(members: int = 3, **fields: Any) -> Desired:
    return wanted(members, monitoring={"exporter": {"enabled": True, **fields}})


def manifest_of(desired: Desired, observed: Observed) -> dict[str, Any]:
    said = only(keep_exporter(desired, observed))
    assert isinstance(said, Apply)
    return dict(said.manifest)


def containers_of(desired: Desired, observed: Observed) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = manifest_of(desired, observed)["spec"]["template"]["spec"][
        "containers"
    ]
    return listed


def with_live(observed: Observed, manifest: dict[str, Any], **metadata: Any) -> Observed:
    live = {**manifest, "metadata": {**manifest["metadata"], "uid": "uid-exporter", **metadata}}
    return replace(observed, objects={**observed.objects, KEY: live})


def test_nobody_who_does_not_ask_has_one() -> None:
    assert list(keep_exporter(wanted(3), running(wanted(3)))) == []


def test_every_member_is_asked_by_a_container_of_its_own() -> None:
    containers = containers_of(exporting(), running(exporting()))
    assert [each["name"] for each in containers] == ["mongo-0", "mongo-1", "mongo-2"]
    assert [each["ports"][0]["containerPort"] for each in containers] == [9216, 9217, 9218]
    uris = [each["env"][0]["value"] for each in containers]
    assert uris[1] == (
        "mongodb://mongo-1.mongo.default.svc.cluster.local:27017/?directConnection=true"
    )


def test_its_password_is_in_no_argument_and_in_no_manifest() -> None:
    (container, *_) = containers_of(exporting(), running(exporting()))
    assert container["args"] == [
        *("--web.listen-address=:9216", "--collector.diagnosticdata"),
        "--collector.replicasetstatus",
    ]
    password = container["env"][2]
    assert password["valueFrom"] == {
        "secretKeyRef": {"name": "mongo-operator", "key": "exporterPassword"}
    }


def test_members_services_and_the_budget_do_not_count_its_pod() -> None:
    marks = manifest_of(exporting(), running(exporting()))["spec"]["template"]["metadata"]
    assert not marks["labels"].items() & labels.common("mongo").items()
    assert labels.MANAGED_BY not in marks["labels"], "it is nothing that the operator watches"


def test_who_has_not_joined_is_not_looked_up() -> None:
    """A name that is asked too early is absent for a while, for the other members as well."""
    observed = running(exporting(3), config((0, 1)))
    assert [each["name"] for each in containers_of(exporting(3), observed)] == [
        "mongo-0", "mongo-1",
    ]  # fmt: skip


def test_it_waits_for_its_user_and_for_a_configuration() -> None:
    observed = running(exporting())
    unmade = replace(observed, record=Record(IDENTITY, 2))
    for unready in (unmade, without(observed, ("Secret", "mongo-operator"))):
        assert list(keep_exporter(exporting(), unready)) == []
    assert list(keep_exporter(exporting(), replace(observed, answers={}))) == []


def test_it_is_left_alone_while_it_is_as_wanted() -> None:
    observed = running(exporting())
    observed = with_live(observed, manifest_of(exporting(), observed))
    assert list(keep_exporter(exporting(), observed)) == []
    corrected = only(keep_exporter(exporting(image="mirror.test/exporter:1"), observed))
    assert isinstance(corrected, Apply)
    assert corrected.uid == "uid-exporter"


def test_another_password_starts_it_anew() -> None:
    observed = running(exporting())
    before = manifest_of(exporting(), observed)
    secret = ("Secret", "mongo-operator")
    raw = observed.objects[secret]
    changed = {**raw, "data": {**raw["data"], "usersPassword": "b3RoZXI="}}
    after = manifest_of(
        exporting(), replace(observed, objects={**observed.objects, secret: changed})
    )
    assert before["spec"]["template"]["metadata"] != after["spec"]["template"]["metadata"]


def test_it_goes_when_nobody_asks_for_it_any_more() -> None:
    observed = running(wanted(3))
    live = with_live(observed, manifest_of(exporting(), running(exporting())))
    assert only(keep_exporter(wanted(3), live)) == Remove(
        "Deployment", "mongo-exporter", "uid-exporter"
    )
    leaving = with_live(
        observed, manifest_of(exporting(), observed), deletionTimestamp="2026-01-01T00:00:00Z"
    )
    assert list(keep_exporter(wanted(3), leaving)) == []


def test_no_member_is_restarted_for_it() -> None:
    assert exporting().template == wanted(3).template
    settled = plan(wanted(3), running(wanted(3)))
    assert settled.is_empty
    assert plan(exporting(), running(wanted(3))).upkeep[-1] == only(
        keep_exporter(exporting(), running(wanted(3)))
    )
