"""From resources and figures to the page: what is told of sets, and of whom nothing is told."""

import pytest

from mongors.metrics.figures import Figures
from mongors.metrics.of_operator import OF_OPERATOR
from mongors.metrics.of_sets import OF_MEMBERS, OF_SETS
from mongors.metrics.snapshot import QueueView, SetView, Snapshot, samples
from mongors.metrics.text import page_of
from unit.builders import resource, running, wanted
from unit.metrics.pages import found, page, values, view

SET = wanted(3)


def test_a_set_at_rest_tells_its_members_and_its_primary() -> None:
    told = page(view())
    for name in ("members", "members_wanted", "members_ready", "voting_members"):
        assert found(told, f"mongors_replicaset_{name}") == {"mongo/default": 3}
    assert found(told, "mongors_replicaset_has_primary") == {"mongo/default": 1}
    assert found(told, "mongors_replicaset_paused") == {"mongo/default": 0}
    assert found(told, "mongors_member_state", state="PRIMARY") == {"mongo/default/mongo-0": 1}
    assert found(told, "mongors_replicaset_info", version="6.0.5")


def test_elections_are_the_term_of_the_configuration() -> None:
    assert found(page(view()), "mongors_replicaset_elections_total") == {"mongo/default": 3}


def test_a_forced_configuration_has_no_term_and_so_no_elections() -> None:
    forced = view()
    status = {**forced.resource["status"], "configTerm": -1}
    told = page(SetView({**forced.resource, "status": status}))
    assert found(told, "mongors_replicaset_elections_total") == {}


def test_a_set_without_a_primary_says_so() -> None:
    told = page(view(running(SET, primary=None)))
    assert found(told, "mongors_replicaset_has_primary") == {"mongo/default": 0}
    statuses = found(told, "mongors_replicaset_condition", type="PrimaryElected", name="mongo")
    assert statuses == {"default/False": 1, "default/True": 0, "default/Unknown": 0}


def test_every_condition_has_one_status_that_is_1() -> None:
    told = found(page(view()), "mongors_replicaset_condition", status="True", name="mongo")
    assert told["default/Ready"] == 1
    assert told["default/Stalled"] == 0
    assert sum(found(page(view()), "mongors_replicaset_condition").values()) == len(told)


def test_lag_is_the_exact_one_once_somebody_has_looked() -> None:
    behind = running(SET, lag={2: 47})
    name = "mongors_member_replication_lag_seconds"
    assert found(page(view(behind)), name, pod="mongo-2") == {"mongo/default": 30}
    exact = view(behind, Figures(lags={0: 0.0, 2: 47.0}))
    assert found(page(exact), name) == {"mongo/default/mongo-0": 0, "mongo/default/mongo-2": 47}


def test_a_delayed_member_tells_its_delay() -> None:
    plain = view()
    members = [{**each, "delaySeconds": 60} for each in plain.resource["status"]["memberStatus"]]
    status = {**plain.resource["status"], "memberStatus": members}
    told = found(
        page(SetView({**plain.resource, "status": status})), "mongors_member_delay_seconds"
    )
    assert set(told.values()) == {60}
    assert set(found(page(plain), "mongors_member_delay_seconds").values()) == {0}


def test_the_oplog_window_is_told_only_while_it_is_known() -> None:
    name = "mongors_replicaset_oplog_window_seconds"
    assert found(page(view()), name) == {}
    assert found(page(view(figures=Figures(oplog_seconds=7200.0))), name) == {"mongo/default": 7200}


def test_failures_and_handovers_are_counted_per_set() -> None:
    told = page(view(failures=4, figures=Figures(handovers=2)))
    assert found(told, "mongors_replicaset_failed_passes") == {"mongo/default": 4}
    assert found(told, "mongors_replicaset_handovers_total") == {"mongo/default": 2}


def test_a_paused_set_says_so() -> None:
    assert found(page(view(paused=True)), "mongors_replicaset_paused") == {"mongo/default": 1}


def test_nothing_is_told_of_a_set_that_is_being_deleted() -> None:
    deleted = view(metadata={"deletionTimestamp": "2026-01-01T08:00:00Z"})
    assert not [name for name, _ in values(page(deleted)) if "replicaset" in name]


def test_a_resource_that_nobody_has_looked_at_yet_is_told_without_a_primary() -> None:
    told = page(SetView(resource(5)))
    assert found(told, "mongors_replicaset_members_wanted") == {"mongo/default": 5}
    assert found(told, "mongors_replicaset_has_primary") == {"mongo/default": 0}


@pytest.mark.parametrize("status", [{"conditions": "what?"}, {"memberStatus": [{"name": 7}]}])
def test_a_status_that_makes_no_sense_does_no_harm(status: dict[str, object]) -> None:
    told = page(SetView({**resource(3), "status": status}), view(metadata={"name": "other"}))
    assert found(told, "mongors_replicaset_members_ready", name="other") == {"default": 3}


def test_what_is_odd_in_a_label_is_escaped() -> None:
    odd = 'a"b\\c\nd'
    told = page(SetView({**resource(3), "status": {"version": odd}}))
    assert found(told, "mongors_replicaset_info", version=odd)


def test_the_queue_and_the_lease_are_told_without_any_set() -> None:
    told = page_of(samples(Snapshot(True, QueueView(3, 1.5, 16, 16))))
    assert found(told, "mongors_leader") == {"": 1}
    assert found(told, "mongors_queue_depth") == {"": 3}
    assert found(told, "mongors_queue_oldest_wait_seconds") == {"": 1.5}
    assert found(told, "mongors_queue_running_passes") == {"": 16}
    assert found(told, "mongors_queue_workers") == {"": 16}


def test_the_same_snapshot_gives_the_same_page() -> None:
    taken = Snapshot(sets=(view(), view(metadata={"name": "other"})))
    assert page_of(samples(taken)) == page_of(samples(taken))


def test_every_metric_of_sets_is_told_with_its_labels() -> None:
    figures = Figures(lags={0: 0.0}, oplog_seconds=1.0)
    told = list(samples(Snapshot(sets=(view(figures=figures),))))
    of_sets = {each.metric for each in told} - set(OF_OPERATOR)
    assert of_sets == {*OF_SETS, *OF_MEMBERS}
    assert all(len(each.labels) == len(each.metric.labels) for each in told)
