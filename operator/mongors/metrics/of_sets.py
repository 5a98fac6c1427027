"""The metrics of sets and members, described. Pure data."""

from mongors.metrics.metric import MEMBER, SET, Kind, Metric

INFO = Metric(
    "mongors_replicaset_info",
    Kind.GAUGE,
    "Always 1; the labels tell which version the members run.",
    (*SET, "version", "feature_compatibility_version"),
)
WANTED = Metric(
    "mongors_replicaset_members_wanted",
    Kind.GAUGE,
    "Members that the set is to have.",
    SET,
)
MEMBERS = Metric(
    "mongors_replicaset_members",
    Kind.GAUGE,
    "Members that exist.",
    SET,
)
READY = Metric(
    "mongors_replicaset_members_ready",
    Kind.GAUGE,
    "Members that are in service.",
    SET,
)
VOTERS = Metric(
    "mongors_replicaset_voting_members",
    Kind.GAUGE,
    "Voters in the live configuration, while a member shows it.",
    SET,
)
HAS_PRIMARY = Metric(
    "mongors_replicaset_has_primary",
    Kind.GAUGE,
    "1 when a primary is known to take writes, 0 when there is none or nobody can tell.",
    SET,
)
PAUSED = Metric(
    "mongors_replicaset_paused",
    Kind.GAUGE,
    "1 when the set is paused: the operator reports, and changes nothing.",
    SET,
)
CONDITION = Metric(
    "mongors_replicaset_condition",
    Kind.GAUGE,
    "1 for the status that a condition of the set has, 0 for the other two.",
    (*SET, "type", "status"),
)
ELECTIONS = Metric(
    "mongors_replicaset_elections_total",
    Kind.COUNTER,
    "Elections that the set has had in its life: the term of its configuration.",
    SET,
)
HANDOVERS = Metric(
    "mongors_replicaset_handovers_total",
    Kind.COUNTER,
    "Changes of the primary that this operator began, since it started.",
    SET,
)
OPLOG_WINDOW = Metric(
    "mongors_replicaset_oplog_window_seconds",
    Kind.GAUGE,
    "How far back a full oplog of the primary reaches; asked only while a member is behind.",
    SET,
)
FAILURES = Metric(
    "mongors_replicaset_failed_passes",
    Kind.GAUGE,
    "Passes over the set that have failed in a row; 0 after one that has not.",
    SET,
)
STATE = Metric(
    "mongors_member_state",
    Kind.GAUGE,
    "Always 1; the label tells the state that the member was last seen in.",
    (*MEMBER, "state"),
)
LAG = Metric(
    "mongors_member_replication_lag_seconds",
    Kind.GAUGE,
    "How far the member is behind the newest one; in the steps of the status until looked at.",
    MEMBER,
)
DELAY = Metric(
    "mongors_member_delay_seconds",
    Kind.GAUGE,
    "How far the member stays behind on purpose; 0 for all but delayed members.",
    MEMBER,
)

CANARY_WRITES = Metric(
    "mongors_canary_write_duration_seconds",
    Kind.HISTOGRAM,
    "How long the writes of a canary took, from the first attempt to the acknowledgement by a"
    " majority: long ones are gaps in which nothing could be written.",
    SET,
    (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0),
)
CANARY_FAILURES = Metric(
    "mongors_canary_failures_total",
    Kind.COUNTER,
    "Attempts of a canary that were not acknowledged; each is tried again at once.",
    SET,
)
OF_CANARIES = (CANARY_WRITES, CANARY_FAILURES)

OF_SETS = (
    INFO,
    WANTED,
    MEMBERS,
    READY,
    VOTERS,
    HAS_PRIMARY,
    PAUSED,
    CONDITION,
    ELECTIONS,
    HANDOVERS,
    OPLOG_WINDOW,
    FAILURES,
)
OF_MEMBERS = (STATE, LAG, DELAY)
