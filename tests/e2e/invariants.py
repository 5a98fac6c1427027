"""What must hold of a set at every moment, judged from looks at it. Pure: no cluster is needed.

The numbers are those of the reliability rules: I2 one primary and one identity, I3 configurations
go forward, I4 one vote at a time, I5 one member down at a time, I6 no claim disappears.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SERVING = ("PRIMARY", "SECONDARY")
SILENT = "SILENT"
BUSY = "BUSY"
"""It is reached, and has not answered in time: on a loaded machine nothing is known by that."""
UNHEARD = (SILENT, BUSY)
BUSY_ROUNDS = 2
FORCED_TERM = -1


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a configuration; one that is newly added does not count yet."""

    id: int
    host: str
    votes: int = 1
    newly_added: bool = False

    @property
    def pod(self) -> str:
        return self.host.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Config:
    """A replica-set configuration as one member stores it."""

    term: int
    version: int
    set_id: str
    members: tuple[Member, ...]

    @property
    def stamp(self) -> tuple[int, int]:
        return self.term, self.version

    @property
    def counting(self) -> frozenset[int]:
        """The `_id`s whose votes count now."""
        return frozenset(each.id for each in self.members if each.votes and not each.newly_added)


@dataclass(frozen=True, slots=True)
class Look:
    """What one member said; its term while it is writable, its last write in oplog order."""

    pod: str
    state: str
    term: int | None = None
    config: Config | None = None
    written: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One look at everything: the objects first, the members after them."""

    running: Mapping[str, bool] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    looks: Sequence[Look] = ()

    @property
    def newest(self) -> Config | None:
        """The newest configuration that any member has."""
        configs = [look.config for look in self.looks if look.config]
        return max(configs, key=lambda each: each.stamp, default=None)

    def state(self, pod: str) -> str:
        """The state of a member; one that was not asked is silent."""
        return next((look.state for look in self.looks if look.pod == pod), SILENT)


Rounds = Sequence[Round]


def configs(rounds: Rounds) -> list[Config]:
    """Every configuration that was seen, in order of term and version."""
    seen = {each.config.stamp: each.config for one in rounds for each in one.looks if each.config}
    return [seen[stamp] for stamp in sorted(seen)]


def one_primary(rounds: Rounds) -> Iterator[str]:
    """I2: in one term one member alone is writable."""
    elected: dict[int, str] = {}
    for one in rounds:
        for look in one.looks:
            if look.term is not None and elected.setdefault(look.term, look.pod) != look.pod:
                yield f"two primaries in term {look.term}: {elected[look.term]} and {look.pod}"


def one_identity(rounds: Rounds) -> Iterator[str]:
    """I2: all members are of one replica set."""
    found = {config.set_id for config in configs(rounds)}
    if len(found) > 1:
        yield f"two replica sets: {', '.join(sorted(found))}"


def configs_go_forward(rounds: Rounds) -> Iterator[str]:
    """I3: no member's configuration is ever replaced by an older one, and none is forced."""
    last: dict[str, tuple[int, int]] = {}
    for one in rounds:
        for look in one.looks:
            if look.config is None:
                continue
            stamp = look.config.stamp
            if stamp[0] == FORCED_TERM:
                yield f"{look.pod} has a forced configuration: version {stamp[1]}"
            elif stamp < last.get(look.pod, stamp):
                yield f"{look.pod} went back from configuration {last[look.pod]} to {stamp}"
            last[look.pod] = stamp


def one_vote_at_a_time(rounds: Rounds) -> Iterator[str]:
    """I4: from version to version one vote changes at most; versions not seen count as steps."""
    for before, after in pairwise(configs(rounds)):
        changed = before.counting ^ after.counting
        if len(changed) > max(after.version - before.version, 0):
            yield (
                f"votes of {sorted(changed)} changed between configurations "
                f"{before.stamp} and {after.stamp}"
            )


def votes_only_of_those_who_have_synced(rounds: Rounds) -> Iterator[str]:
    """A member whose vote begins to count serves already; that nobody heard it is no excuse."""
    known: frozenset[int] | None = None
    for at, one in enumerate(rounds[:-1]):
        config = one.newest
        if config is None:
            continue
        for member in config.members:
            if known is None or member.id in known or member.id not in config.counting:
                continue
            state = _heard(rounds, at, member.pod)
            if state not in SERVING:
                yield f"the vote of {member.pod} (member {member.id}) counts while it is {state}"
        known = config.counting | (known or frozenset())


def _heard(rounds: Rounds, at: int, pod: str) -> str:
    """The first word of a member after a round; if it goes before, or says none, its last one."""
    for one in rounds[at + 1 :]:
        if one.state(pod) not in UNHEARD:
            return one.state(pod)
        if one.running and not one.running.get(pod):
            break
    said = (one.state(pod) for one in rounds[at::-1])
    return next((state for state in said if state not in UNHEARD), SILENT)


def majority_serves(rounds: Rounds) -> Iterator[str]:
    """Of those whose votes count a majority serves: never fewer in two rounds running.

    Who is too busy to say is not held to be gone, for two rounds running at most.
    """
    was_short, busy = False, Counter[str]()
    for one in rounds:
        config = one.newest
        if config is None:
            continue
        pods = {each.pod for each in config.members if each.id in config.counting}
        busy = Counter({pod: busy[pod] + 1 for pod in pods if _is_busy(one, pod)})
        serving = sum(one.state(pod) in SERVING or 0 < busy[pod] <= BUSY_ROUNDS for pod in pods)
        is_short = serving <= len(pods) // 2
        if is_short and was_short:
            yield f"{serving} of {len(pods)} voters served under configuration {config.stamp}"
        was_short = is_short


def _is_busy(one: Round, pod: str) -> bool:
    return one.state(pod) == BUSY and one.running.get(pod, False)


def one_down_at_a_time(rounds: Rounds) -> Iterator[str]:
    """I5: of the pods of voters that ran, never two are going or not running at once."""
    ran: set[str] = set()
    for one in rounds:
        ran |= {pod for pod, runs in one.running.items() if runs}
        config = one.newest
        voters = {each.pod for each in config.members if each.votes} if config else set()
        down = {pod for pod in ran & voters if not one.running.get(pod)}
        if len(down) > 1:
            yield f"down at the same time: {', '.join(sorted(down))}"


def claims_stay(rounds: Rounds) -> Iterator[str]:
    """I6: no claim disappears, and none is replaced by another of its name."""
    for before, after in pairwise(rounds):
        for name, uid in before.claims.items():
            if after.claims.get(name) != uid:
                yield f"claim {name} is gone"


Invariant = Callable[[Rounds], Iterator[str]]

ALWAYS: tuple[Invariant, ...] = (
    one_primary,
    one_identity,
    configs_go_forward,
    one_vote_at_a_time,
    votes_only_of_those_who_have_synced,
    majority_serves,
    claims_stay,
)
"""What holds in every test that does not break it on purpose."""
