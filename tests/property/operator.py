"""The operator over the simulated cluster: a pass that may be late, and may be cut off anywhere."""

from dataclasses import dataclass

from mongors.desired.desired import Desired
from mongors.errors import Failure, NotNow, Refused, Rejected
from mongors.observed.observed import Observed
from mongors.planning.actions import Action, GrowClaim, told
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan, plan
from mongors.planning.report import is_worth_writing, report
from property.checks import check_plan
from property.cluster import Cluster
from property.controllers import tick
from property.looking import look
from property.outside import Outside


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
        outside = Outside(self.cluster, desired, observed)
        outcomes: list[Outcome] = []
        actions: list[Action] = [*planned.upkeep, *([planned.step] if planned.step else [])]
        for done, action in enumerate(actions):
            if done == crash_after:
                return True
            if action is planned.step and any(map(_hinders, outcomes)):
                break
            outcomes.append(_try(outside, action))
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
        before, voters = mongods.leads_majority, mongods.committed
        self.look()
        wrote = self.act()
        small = voters is not None and len(voters.counting) <= 2
        assert mongods.leads_majority or mongods.primary is None or small or not before
        return wrote

    def work(self, passes: int = 12) -> None:
        """Some passes, with time between them."""
        for _ in range(passes):
            self.one_pass()
            tick(self.cluster)


def _try(outside: Outside, action: Action) -> Outcome:
    assert told(action), "an action that cannot be told"
    try:
        outside.do(action)
    except (Refused, NotNow) as failure:
        return Outcome(action, failure.message, was_refused=True)
    except Rejected as failure:
        return Outcome(action, failure.message, is_final=True)
    except Failure as failure:
        return Outcome(action, failure.message)
    return Outcome(action)


def _hinders(outcome: Outcome) -> bool:
    return outcome.failure is not None and not isinstance(outcome.action, GrowClaim)
