"""The operator over the simulated cluster: a pass that may be late, and may be cut off anywhere.

What must hold of every plan and of every action is checked here.
"""

from dataclasses import dataclass

from mongors.desired.desired import Desired
from mongors.errors import Failure
from mongors.observed.mongodb import voter_changes
from mongors.observed.observed import Observed
from mongors.planning.actions import Action, PermitEmptyStart, Reconfigure, StepDown, told
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan, plan
from mongors.planning.report import is_worth_writing, report
from property.cluster import Cluster
from property.looking import look


@dataclass
class Operator:
    """One operator process; it remembers nothing but the pass that it is in."""

    cluster: Cluster
    seen: tuple[Desired, Observed, Plan] | None = None

    def look(self) -> Plan:
        """Take a snapshot and plan."""
        desired, observed = self.cluster.desired, look(self.cluster)
        planned = plan(desired, observed)
        check_plan(desired, observed, planned)
        self.seen = desired, observed, planned
        return planned

    def act(self, crash_after: int | None = None) -> bool:
        """Carry the plan out, or a part of it; whether anything was written."""
        if self.seen is None:
            return False
        desired, observed, planned = self.seen
        self.seen = None
        before = self.cluster.writes
        outcomes: list[Outcome] = []
        actions: list[Action] = [*planned.upkeep, *([planned.step] if planned.step else [])]
        for done, action in enumerate(actions):
            if done == crash_after:
                return True
            if action is planned.step and any(each.failure for each in outcomes):
                break
            outcomes.append(self._try(action, observed))
        if crash_after is not None:
            return True
        after = report(desired, observed, planned, outcomes)
        if is_worth_writing(self.cluster.status, after):
            self.cluster.status = after
            return True
        return self.cluster.writes > before

    def one_pass(self) -> bool:
        """Look and act at once; whether anything was written.

        A change that is planned on the present picture takes no majority away.
        """
        mongods = self.cluster.mongods
        before = mongods.leads_majority
        self.look()
        wrote = self.act()
        assert mongods.leads_majority or mongods.primary is None or not before
        return wrote

    def _try(self, action: Action, observed: Observed) -> Outcome:
        assert told(action), "an action that cannot be told"
        if isinstance(action, PermitEmptyStart):
            self._check_gate(action)
        try:
            self.cluster.carry_out(action, observed)
        except Failure as failure:
            return Outcome(action, failure.message, was_refused=True)
        return Outcome(action)

    def _check_gate(self, action: PermitEmptyStart) -> None:
        """No member of the committed configuration is let in empty."""
        for ordinal, pod in self.cluster.pods.items():
            if pod.uid == action.uid and not self.cluster.mongod(ordinal).has_files:
                self.cluster.check_may_go(ordinal)


def check_plan(desired: Desired, observed: Observed, planned: Plan) -> None:
    """What holds of every plan, whatever the snapshot says."""
    if desired.spec.paused:
        assert not planned.upkeep
        assert planned.step is None
    step = planned.step
    if isinstance(step, Reconfigure):
        live = observed.leading_config
        assert live is not None
        assert observed.config_is_settled
        assert step.based_on == live.stamp
        assert voter_changes(live, step.config) <= 1
        assert abs(len(live.members) - len(step.config.members)) <= 1
        assert len({each.id for each in step.config.members}) == len(step.config.members)
        kept = {each.id: each.host for each in live.members}
        assert all(kept.get(each.id, each.host) == each.host for each in step.config.members)
        assert step.config.foreign == live.foreign
    if isinstance(step, StepDown):
        assert observed.primary is not None
        assert step.term == observed.primary.term
