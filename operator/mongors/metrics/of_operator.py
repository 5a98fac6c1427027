"""The metrics of the operator itself, described. Pure data."""

from mongors.metrics.metric import Kind, Metric

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SLOW = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)

BUILD = Metric(
    "mongors_build_info",
    Kind.GAUGE,
    "Always 1; the label tells the version of the operator.",
    ("version",),
)
LEADER = Metric(
    "mongors_leader",
    Kind.GAUGE,
    "1 when this process is the active operator, 0 while it stands by.",
)
DEPTH = Metric(
    "mongors_queue_depth",
    Kind.GAUGE,
    "Sets whose pass is due and has not begun.",
)
OLDEST_WAIT = Metric(
    "mongors_queue_oldest_wait_seconds",
    Kind.GAUGE,
    "For how long the most delayed of these sets has waited.",
)
RUNNING = Metric(
    "mongors_queue_running_passes",
    Kind.GAUGE,
    "Passes under way.",
)
WORKERS = Metric(
    "mongors_queue_workers",
    Kind.GAUGE,
    "Passes that may be at work at the same time; three times as many may wait for members.",
)
WAITS = Metric(
    "mongors_queue_wait_seconds",
    Kind.HISTOGRAM,
    "How long passes waited for their beginning, from the moment they were due.",
    (),
    _QUICK,
)
PASSES = Metric(
    "mongors_passes_total",
    Kind.COUNTER,
    "Passes that have ended.",
    ("outcome",),
)
PASS_TIMES = Metric(
    "mongors_pass_duration_seconds",
    Kind.HISTOGRAM,
    "How long passes took, checks of sets at rest included.",
    (),
    _QUICK,
)
ACTIONS = Metric(
    "mongors_actions_total",
    Kind.COUNTER,
    "Actions on Kubernetes objects and on members.",
    ("action", "outcome"),
)
GAPS = Metric(
    "mongors_handover_duration_seconds",
    Kind.HISTOGRAM,
    "From the pass that began a handover to the first that saw the new primary take writes:"
    " an upper bound of the time without writes.",
    (),
    (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 60.0),
)
UNREADY = Metric(
    "mongors_replicaset_unready_duration_seconds",
    Kind.HISTOGRAM,
    "For how long sets were not ready, each time that one became ready; births included.",
    (),
    _SLOW,
)
REQUESTS = Metric(
    "mongors_api_requests_total",
    Kind.COUNTER,
    "Requests to the API server.",
    ("verb", "resource", "code"),
)
REQUEST_TIMES = Metric(
    "mongors_api_request_duration_seconds",
    Kind.HISTOGRAM,
    "How long the API server took to answer; of a watch, to begin.",
    ("verb", "resource"),
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0),
)

OF_QUEUE = (DEPTH, OLDEST_WAIT, RUNNING, WORKERS, WAITS)
OF_WORK = (PASSES, PASS_TIMES, ACTIONS, GAPS, UNREADY)
OF_REQUESTS = (REQUESTS, REQUEST_TIMES)
OF_OPERATOR = (BUILD, LEADER, *OF_QUEUE, *OF_WORK, *OF_REQUESTS)
