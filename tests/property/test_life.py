"""A set lives through scaling, crashes, lost volumes and late or cut-off passes, and stays safe.

When the faults stop, it becomes what its resource asks for, and then nothing more is written.
"""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from property.cluster import Cluster
from property.operator import Operator
from property.rest import come_to_rest

ordinals = st.integers(0, 6)
luck = st.integers(0, 6)


class Life(RuleBasedStateMachine):
    """Rules are what may happen; what may not is asserted where it would."""

    @initialize(members=st.integers(1, 5), old=st.booleans(), born=st.booleans())
    def begin(self, members: int, old: bool, born: bool) -> None:
        self.cluster = Cluster(version=(4, 4, 29) if old else (6, 0, 5))
        self.cluster.edit(members=members)
        self.operator = Operator(self.cluster)
        self.lost_volumes = False
        if born:
            self.operator_works(10)

    @rule(luck=luck, times=st.integers(1, 4))
    def time_passes(self, luck: int, times: int) -> None:
        for _ in range(times):
            self.cluster.tick(luck)

    @rule(times=st.integers(1, 6), in_a_hurry=st.booleans())
    def operator_works(self, times: int, in_a_hurry: bool = False) -> None:
        for _ in range(times):
            self.operator.one_pass()
            if not in_a_hurry:
                self.cluster.tick()
        self.cluster.tick()

    @rule()
    def operator_looks(self) -> None:
        self.operator.look()

    @rule()
    def operator_acts_on_what_it_saw(self) -> None:
        self.operator.act()

    @rule(after=st.integers(0, 6))
    def operator_dies_in_a_pass(self, after: int) -> None:
        self.operator.look()
        self.operator.act(crash_after=after)

    @rule(members=st.integers(1, 7), times=st.integers(0, 6))
    def user_scales(self, members: int, times: int) -> None:
        self.cluster.edit(members=members)
        self.operator_works(times)

    @rule(color=st.sampled_from(["red", "green", "blue"]))
    def user_changes_the_pods(self, color: str) -> None:
        self.cluster.edit(podLabels={"color": color})

    @rule(paused=st.booleans())
    def user_pauses_or_resumes(self, paused: bool) -> None:
        self.cluster.edit(paused=paused)

    @rule(with_secrets=st.booleans())
    def user_makes_the_resource_anew(self, with_secrets: bool) -> None:
        self.operator.seen = None
        self.cluster.recreate(with_secrets=with_secrets or self.lost_volumes)

    @rule(kind=st.sampled_from(["Service", "StatefulSet", "PodDisruptionBudget"]))
    def somebody_deletes_an_object(self, kind: str) -> None:
        self.cluster.objects.pop((kind, "mongo"), None)

    @rule(ordinal=ordinals)
    def mongod_crashes(self, ordinal: int) -> None:
        if ordinal in self.cluster.pods:
            self.cluster.mongod(ordinal).stop()

    @rule(ordinal=ordinals)
    def mongod_crashes_and_stays_down(self, ordinal: int) -> None:
        self.mongod_crashes(ordinal)
        self.cluster.crashed.add(ordinal)

    @rule(ordinal=ordinals)
    def pod_is_drained(self, ordinal: int) -> None:
        if ordinal in self.cluster.pods:
            self.cluster.delete_pod(ordinal)

    @rule(ordinal=ordinals)
    def volume_is_lost(self, ordinal: int) -> None:
        """Not in the moment between the birth and its record: a set with no trace left is new."""
        if ordinal in self.cluster.pods and self.cluster.is_recorded:
            self.cluster.lose_volume(ordinal)
            self.lost_volumes = True

    @rule(ordinal=ordinals)
    def member_falls_silent_to_the_operator(self, ordinal: int) -> None:
        self.cluster.silent.add(ordinal)

    @rule(ordinal=ordinals)
    def scheduler_finds_no_node(self, ordinal: int) -> None:
        self.cluster.unschedulable.add(ordinal)

    @rule(ordinal=ordinals)
    def member_falls_behind(self, ordinal: int) -> None:
        if ordinal in self.cluster.claims:
            self.cluster.mongod(ordinal).slow = True

    @rule()
    def faults_end(self) -> None:
        self.cluster.heal()

    @precondition(lambda self: not self.lost_volumes)
    @rule()
    def set_comes_to_rest(self) -> None:
        """Once the faults end, reality becomes what is wanted, and nothing is written any more."""
        self.cluster.heal()
        self.cluster.edit(paused=False)
        come_to_rest(self.operator)


TestLife = Life.TestCase
