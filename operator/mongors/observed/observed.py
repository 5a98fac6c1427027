"""The snapshot of one pass, and the questions that can be put to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from mongors.api.monitoring import CanaryStatus
from mongors.api.status import Status
from mongors.observed.kubernetes import Claim, Node, Pod, Raw, StatefulSet
from mongors.observed.mongodb import Answer, MemberView, ReplicaSetConfig, State
from mongors.observed.record import Record

ObjectKey = tuple[str, str]
"""Kind and name of an object in the set's namespace (or cluster-wide)."""


@dataclass(frozen=True)
class Observed:
    """What was seen of one set in one pass. Nothing in it changes, and nothing is filled in."""

    at: datetime
    objects: Mapping[ObjectKey, Raw] = field(default_factory=dict)
    """The set's own objects, as the API server has them."""
    taken: frozenset[ObjectKey] = frozenset()
    """Names that the set needs and that belong to somebody else."""
    leaving: frozenset[ObjectKey] = frozenset()
    """Names that an earlier set of this name still holds."""
    denied: frozenset[ObjectKey] = frozenset()
    """Objects that the operator is not allowed to look at: there or not, nobody knows."""
    pods: Mapping[int, Pod] = field(default_factory=dict)
    claims: Mapping[int, Claim] = field(default_factory=dict)
    statefulset: StatefulSet | None = None
    named: frozenset[str] = frozenset()
    """Pods whose names the headless Service's EndpointSlices hold."""
    answers: Mapping[int, Answer] = field(default_factory=dict)
    """What each mongod said, by ordinal; a pod that cannot be asked has no entry."""
    record: Record = field(default_factory=Record)
    status: Status = field(default_factory=Status)
    storage_class_exists: bool | None = None
    """None when it was not looked at, because nothing hangs on it."""
    volumes_can_grow: bool | None = None
    """Whether the claims' StorageClass says so; None when it was not looked at or not shown."""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    """The nodes of the pods, as far as the operator may look at nodes."""
    canary: CanaryStatus | None = None
    """What the canary has found; None where there is none."""

    @cached_property
    def primary(self) -> Answer | None:
        """The writable primary; of two that both claim it, the one of the higher term."""
        claiming = [answer for answer in self.answers.values() if answer.is_writable_primary]
        return max(claiming, key=lambda answer: answer.term, default=None)

    @cached_property
    def config(self) -> ReplicaSetConfig | None:
        """The primary's configuration; without a primary, the newest that any member holds."""
        if self.primary is not None and self.primary.config is not None:
            return self.primary.config
        held = [answer.config for answer in self.answers.values() if answer.config]
        return max(held, key=lambda config: config.stamp, default=None)

    @cached_property
    def leading_config(self) -> ReplicaSetConfig | None:
        """The primary's configuration: the only one that decisions about members rest on."""
        return self.primary.config if self.primary else None

    @property
    def was_initiated(self) -> bool:
        """Whether there ever was a replica set here; doubt is not a no (see `all_uninitiated`)."""
        return self.record.replica_set_id is not None or self.config is not None

    @cached_property
    def replica_set_ids(self) -> frozenset[str]:
        """The identities of the data that members hold."""
        return frozenset(
            answer.config.replica_set_id
            for answer in self.answers.values()
            if answer.config and answer.config.replica_set_id
        )

    def state(self, ordinal: int) -> State:
        """A member's state, in its own words."""
        answer = self.answers.get(ordinal)
        return answer.state if answer else State.UNREACHABLE

    @property
    def heard_all(self) -> bool:
        """Whether every member that was asked has answered."""
        return all(answer.answered for answer in self.answers.values())

    def view_of(self, host: str) -> MemberView | None:
        """How the primary sees the member at this host."""
        views = self.primary.views if self.primary else ()
        return next((view for view in views if view.host == host), None)

    def is_healthy(self, host: str) -> bool:
        """Whether the primary sees the member at this host up and serving."""
        view = self.view_of(host)
        return view is not None and view.healthy and view.state.serves

    def lag_seconds(self, host: str) -> float | None:
        """How far the member at this host is behind the newest member, as the primary sees it."""
        view = self.view_of(host)
        optimes = [
            each.optime_seconds
            for each in (self.primary.views if self.primary else ())
            if each.optime_seconds is not None
        ]
        if view is None or view.optime_seconds is None:
            return None
        return max(optimes) - view.optime_seconds

    def is_seen_by_all(self, host: str) -> bool:
        """Whether all members that serve see the member at this host up and serving, as itself."""
        views = (
            view
            for answer in self.answers.values()
            if answer.state.serves
            for view in answer.views
            if view.host == host
        )
        return all(view.healthy and view.state.serves for view in views)

    def is_seen_up(self, pod: Pod) -> bool:
        """Whether any member sees the mongod of this pod up, whatever the kubelet says of it."""
        views = (view for answer in self.answers.values() for view in answer.views)
        return any(view.healthy and view.host.partition(".")[0] == pod.name for view in views)

    def sync_source(self, ordinal: int) -> str | None:
        """The host from which a member copies now, in its own words."""
        answer = self.answers.get(ordinal)
        views = answer.views if answer else ()
        own = (view for view in views if answer and view.host == answer.host)
        return next((view.sync_source for view in own), None)

    def follows(self, ordinal: int) -> bool:
        """Whether a secondary copies from somebody, or has nothing to copy."""
        answer, primary = self.answers.get(ordinal), self.primary
        if answer is None or primary is None:
            return False
        has_all = (
            None not in {answer.applied, primary.applied} and answer.applied == primary.applied
        )
        return answer is primary or has_all or self.sync_source(ordinal) is not None

    @property
    def config_is_settled(self) -> bool:
        """Whether the live configuration is committed and every reachable member has it."""
        primary = self.primary
        if primary is None or primary.config is None or not primary.config_committed:
            return False
        return all(
            answer.config is None or answer.config.stamp == primary.config.stamp
            for answer in self.answers.values()
            if answer.state.serves and primary.config.member(answer.host or "") is not None
        )

    def node(self, pod: Pod) -> Node | None:
        """The node of a pod, if it has one and it can be seen."""
        return self.nodes.get(pod.node) if pod.node else None

    def may_run_unseen(self, pod: Pod) -> bool:
        """Whether a mongod may run in this pod, whatever its last report says."""
        node = self.node(pod)
        return pod.mongod_running or pod.deleting or (node is not None and not node.ready)

    @property
    def elected(self) -> Answer | None:
        """The member that says that it was elected, whether it takes writes yet or not."""
        said = (each for each in self.answers.values() if each.state is State.PRIMARY)
        return max(said, key=lambda answer: answer.term, default=None)

    @property
    def primary_seen_by_others(self) -> str | None:
        """The host that a serving member sees as a healthy primary, whether we reach it or not."""
        views = [view for answer in self.answers.values() for view in answer.views]
        seen = (view.host for view in views if view.healthy and view.state is State.PRIMARY)
        return next(seen, None)
