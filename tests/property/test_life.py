"""A set lives through all that people, machines and networks do to it, and stays safe.

When the faults stop, it becomes what its resource asks for, and then nothing more is written.
"""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mongors.desired import labels
from property.approvals import approve_next
from property.cluster import Cluster
from property.controllers import tick
from property.faults import Faults
from property.kubelet import BROKEN_CONFIGURATION, BROKEN_IMAGE
from property.operator import Operator
from property.person import Person
from property.rest import come_to_rest
from unit.builders import host

ordinals = st.integers(0, 6)
luck = st.integers(0, 6)
options = st.lists(
    st.fixed_dictionaries(
        {"member": ordinals},
        optional={"priority": st.sampled_from([0.0, 1.0, 2.0]), "votes": st.just(1)},
    )
    | st.builds(lambda member: {"member": member, "hidden": True}, st.integers(1, 6)),
    max_size=2,
    unique_by=lambda each: each["member"],
)


REQUESTS = (
    labels.RECOVER,
    labels.BEGIN_ANEW,
    labels.RESYNC,
    labels.SWITCH_TO,
    labels.APPROVED,
)


class Life(RuleBasedStateMachine):
    """Rules are what may happen; what may not is asserted where it would."""

    @initialize(members=st.integers(1, 5), old=st.booleans(), born=st.booleans())
    def begin(self, members: int, old: bool, born: bool) -> None:
        self.cluster = Cluster(version=(4, 4, 29) if old else (6, 0, 5))
        self.cluster.edit(members=members)
        self.faults = Faults(self.cluster)
        self.person = Person(self.cluster)
        self.operators = [Operator(self.cluster), Operator(self.cluster)]
        if born:
            self.operator_works(16)

    @rule(luck=luck, times=st.integers(1, 4))
    def time_passes(self, luck: int, times: int) -> None:
        for _ in range(times):
            tick(self.cluster, luck)

    @rule(times=st.integers(1, 6), in_a_hurry=st.booleans())
    def operator_works(self, times: int, in_a_hurry: bool = False) -> None:
        for _ in range(times):
            self.operators[0].one_pass()
            if not in_a_hurry:
                tick(self.cluster)
        tick(self.cluster)

    @rule(which=st.integers(0, 1))
    def operator_looks(self, which: int) -> None:
        self.operators[which].look()

    @rule(which=st.integers(0, 1))
    def operator_acts_on_what_it_saw(self, which: int) -> None:
        self.operators[which].act()

    @rule(after=st.integers(0, 6))
    def operator_dies_in_a_pass(self, after: int) -> None:
        self.operators[0].look()
        self.operators[0].act(crash_after=after)

    @rule(members=st.integers(1, 7), times=st.integers(0, 6))
    def user_scales(self, members: int, times: int) -> None:
        self.cluster.edit(members=members)
        self.operator_works(times)

    @rule(color=st.sampled_from(["red", "green", BROKEN_IMAGE, BROKEN_CONFIGURATION]))
    def user_changes_the_pods(self, color: str) -> None:
        self.cluster.edit(podLabels={"color": color})

    @rule(options=options)
    def user_changes_options(self, options: list[dict[str, object]]) -> None:
        self.cluster.edit(memberOptions=options)

    @rule(seconds=st.integers(10, 12), timeout=st.sampled_from([600000, 300000]))
    def user_changes_settings(self, seconds: int, timeout: int) -> None:
        self.cluster.edit(
            settings={"heartbeatTimeoutSecs": seconds},
            configuration={"setParameter": {"cursorTimeoutMillis": timeout}},
        )

    @rule(text=st.sampled_from(["once", "again"]))
    def user_asks_for_a_restart(self, text: str) -> None:
        self.cluster.annotate(labels.RESTART, text)

    @rule(ordinal=ordinals, cut_off=st.none() | st.integers(0, 7), times=st.integers(0, 4))
    def user_asks_for_a_primary(self, ordinal: int, cut_off: int | None, times: int) -> None:
        self.cluster.cut_off = cut_off
        self.cluster.annotate(labels.SWITCH_TO, f"mongo-{ordinal}@{self.cluster.uids}")
        self.operator_works(times)

    @rule(ordinal=ordinals)
    def user_asks_for_a_resync(self, ordinal: int) -> None:
        if (newest := self.cluster.mongods.committed) is not None:
            entry = newest.config.member(host(ordinal))
            self.cluster.annotate(labels.RESYNC, f"mongo-{ordinal}/{entry.id if entry else 9}")

    @rule(size=st.sampled_from(["2Gi", "3Gi", "4Gi"]))
    def user_wants_larger_volumes(self, size: str) -> None:
        now = self.cluster.resource["spec"]["storage"]["size"]
        self.cluster.edit(storage={"size": max(now, size)})

    @rule(paused=st.booleans())
    def user_pauses_or_resumes(self, paused: bool) -> None:
        self.cluster.edit(paused=paused)

    @rule(approval=st.sampled_from(["Manual", "Manual", "Automatic"]))
    def user_wants_to_be_asked_or_not(self, approval: str) -> None:
        self.cluster.edit(approval=approval)

    @rule(times=st.integers(0, 6))
    def user_approves_what_waits(self, times: int) -> None:
        approve_next(self.cluster)
        self.operator_works(times)

    @rule(text=st.sampled_from(["yes", "restart-00000000", "remove-00000000@2"]))
    def user_approves_something_else(self, text: str) -> None:
        self.cluster.annotate(labels.APPROVED, text)

    @rule(which=st.integers(0, 1), times=st.integers(0, 6))
    def user_does_what_is_told(self, which: int, times: int) -> None:
        """Even if the fault would have ended by itself."""
        self.person.follow(self.operators[which])
        self.operator_works(times)

    @rule(version=st.integers(1, 9), ordinal=ordinals)
    def user_confirms_something_else(self, version: int, ordinal: int) -> None:
        token = f"identity-1/mongo-{ordinal}/{version}"
        self.cluster.annotate(labels.RECOVER, token)

    @rule(key=st.sampled_from(REQUESTS))
    def user_takes_a_request_back(self, key: str) -> None:
        self.cluster.annotate(key, None)

    @rule(with_secrets=st.booleans())
    def user_makes_the_resource_anew(self, with_secrets: bool) -> None:
        """The Secrets may only be gone while the volumes alone tell the story."""
        for each in self.operators:
            each.seen = None
        is_told_by_them = self.faults.lost_data or self.cluster.mongods.forced > 0
        self.cluster.recreate(with_secrets=with_secrets or is_told_by_them)

    @rule(kind=st.sampled_from(["Service", "StatefulSet", "PodDisruptionBudget"]))
    def somebody_deletes_an_object(self, kind: str) -> None:
        self.cluster.objects.pop((kind, "mongo"), None)

    @rule(ordinal=ordinals, kind=st.sampled_from(Faults.KINDS))
    def something_fails(self, ordinal: int, kind: str) -> None:
        self.faults.strike(kind, ordinal)

    @rule(one=ordinals, other=ordinals, both_ways=st.booleans())
    def connection_breaks(self, one: int, other: int, both_ways: bool) -> None:
        self.faults.part(one, other, both_ways=both_ways)

    @rule(ordinals=st.sets(ordinals, min_size=2, max_size=5))
    def most_volumes_are_lost(self, ordinals: set[int]) -> None:
        for each in ordinals:
            self.faults.strike("volume_lost", each)

    @rule()
    def faults_end(self) -> None:
        self.cluster.heal()

    @rule()
    def set_comes_to_rest(self) -> None:
        """Once the faults end, reality becomes what is wanted, and nothing is written any more."""
        self.cluster.heal()
        self.cluster.edit(paused=False, podLabels={"color": "green"})
        self.person.tidy()
        self.person.see_to(self.operators[0])
        come_to_rest(self.operators[0])


TestLife = Life.TestCase
