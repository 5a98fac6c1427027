"""The plan of one pass: what to do, or what to wait for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning import safety
from mongors.planning.actions import Step, Upkeep
from mongors.planning.disruptions import Held, held_steps, is_held
from mongors.planning.steps import (
    anew,
    awaiting,
    birth,
    election,
    exporter,
    gate,
    growth,
    handover,
    leaderless,
    membership,
    objects,
    parameters,
    pods,
    preference,
    recovery,
    reseed,
    resync,
    roles,
    roll,
    sources,
    switchover,
    users,
)
from mongors.planning.waits import Wait

UPKEEP = (
    objects.keep_objects,
    objects.remove_bindings,
    exporter.keep_exporter,
    gate.keep_gates,
    pods.replace_stuck_pods,
    growth.grow_claims,
    roles.show_roles,
    sources.leave_stopping_pods,
    switchover.refuse_switchover,
    recovery.refuse_recovery,
    resync.refuse_resync,
    anew.refuse_beginning,
)
"""What disturbs nobody; all of it goes in every pass."""

STEPS = (
    objects.hold_for_conflicts,
    objects.hold_for_key,
    birth.refuse_foreign_data,
    birth.initiate,
    election.elect_first_primary,
    switchover.switch_over,
    recovery.recover,
    anew.stop_copies,
    election.elect_again,
    leaderless.await_primary,
    handover.leave_deleted_pod,
    users.make_users,
    parameters.keep_write_concern,
    recovery.stop_given_up,
    reseed.release_empty_members,
    membership.remove_members,
    membership.add_members,
    preference.make_way,
    membership.settle_options,
    membership.settle_votes,
    handover.leave_cordoned_node,
    parameters.set_parameters,
    resync.resync_member,
    roll.restart_members,
    awaiting.await_members,
    growth.remake_statefulset,
)
"""The life of a set, read from top to bottom: the first step with something to say decides.

What disrupts has to be approved where the spec says so (see `disruptions`); until then it is passed
over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one pass will do."""

    upkeep: tuple[Upkeep, ...] = ()
    step: Step | None = None
    waits: tuple[Wait, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do and nothing to wait for."""
        return not (self.upkeep or self.step or self.waits)

    @property
    def waits_for_people(self) -> bool:
        """Whether nothing moves until somebody acts."""
        return self.step is None and any(wait.stalls for wait in self.waits)

    @property
    def wait(self) -> Wait | None:
        """What nothing is done for: the first wait that is not harmless, or else the first."""
        if self.step is not None:
            return None
        return min(self.waits, key=lambda wait: wait.is_harmless, default=None)

    def sentence(self) -> str | None:
        """The plan in one sentence."""
        if self.step is not None:
            return str(self.step)
        if self.wait is not None:
            return self.wait.message
        return f"{self.upkeep[0]}" if self.upkeep else None


def plan(desired: Desired, observed: Observed) -> Plan:
    """Work out what to do now. Pure: the same snapshot always gives the same plan."""
    if desired.spec.paused:
        return Plan(waits=(Wait(Reason.PAUSED, "paused: nothing is changed until it is resumed"),))
    said = tuple(chain.from_iterable(step(desired, observed) for step in UPKEEP))
    upkeep = tuple(each for each in said if not isinstance(each, Wait))
    waits = tuple(each for each in said if isinstance(each, Wait))
    held = held_steps(desired, observed)
    unapproved = tuple(dict.fromkeys(held.values()))
    for each in _first(desired, observed, held):
        if isinstance(each, Wait):
            waits = (*waits, each)
        else:
            refusal = safety.refusal(each, observed)
            if refusal is None:
                gentle = tuple(sources.prepare(each, desired, observed))
                return Plan((*upkeep, *gentle), step=each, waits=(*waits, *unapproved))
            waits = (*waits, refusal)
    return Plan(upkeep=upkeep, waits=(*waits, *unapproved))


def _first(desired: Desired, observed: Observed, held: Held) -> Iterator[Step | Wait]:
    for step in STEPS:
        said = tuple(step(desired, observed))
        if said and not is_held(held, step, said):
            yield from said
            return
