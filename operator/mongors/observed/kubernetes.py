"""Narrow frozen views of the Kubernetes objects that decisions rest on."""

from mongors.observed.objects import (
    Claim,
    Node,
    Raw,
    StatefulSet,
    claim_of,
    named_endpoints,
    node_of,
    statefulset_of,
)
from mongors.observed.pods import MONGOD, PREPARE, Pod, moment, pod_of, runs_mongod

__all__ = [
    "MONGOD",
    "PREPARE",
    "Claim",
    "Node",
    "Pod",
    "Raw",
    "StatefulSet",
    "claim_of",
    "moment",
    "named_endpoints",
    "node_of",
    "pod_of",
    "runs_mongod",
    "statefulset_of",
]
