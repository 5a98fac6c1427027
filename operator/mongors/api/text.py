"""Kinds of text that Kubernetes and MongoDB restrict, each with its rule and its limit."""

from typing import Annotated

from pydantic import Field

from mongors.api.rules import matching

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = f"{_LABEL}([.]{_LABEL})*"
_QUALIFIED = "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_LABEL_VALUE = "([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?"
_REGISTRY = "[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?/"
_PART = "[a-z0-9]+([._-]+[a-z0-9]+)*"

DnsLabel = Annotated[
    str,
    Field(max_length=63),
    matching(
        _LABEL,
        "must be one DNS label: lower-case letters, digits and '-', with a letter or digit at "
        "both ends",
    ),
]
ObjectName = Annotated[
    str,
    Field(max_length=253),
    matching(
        _SUBDOMAIN,
        "must be the name of an object: lower-case letters, digits, '-' and '.', with a letter or "
        "digit at both ends",
    ),
]
OptionalObjectName = Annotated[
    str,
    Field(max_length=253),
    matching(
        f"({_SUBDOMAIN})?",
        "must be the name of an object (lower-case letters, digits, '-' and '.') or empty",
    ),
]
RoleName = Annotated[
    str,
    Field(max_length=253),
    matching("[^/%]*[^/%.][^/%]*", "must be the name of a ClusterRole, without '/' and '%'"),
]
ReplicaSetName = Annotated[
    str,
    Field(max_length=64),
    matching(
        "[A-Za-z0-9_-]+",
        "use letters, digits, '-' and '_' only: the name becomes part of connection strings",
    ),
]
DomainName = Annotated[
    str,
    # The longest host name, NAME-NN.NAME.NAMESPACE.svc., takes 173 of the 253 that DNS has.
    Field(max_length=80),
    matching(
        _SUBDOMAIN,
        "must be a DNS domain such as cluster.local, in lower case, without a dot at either end",
    ),
]
ImageReference = Annotated[
    str,
    Field(max_length=512),
    matching(
        f"({_REGISTRY})?{_PART}(/{_PART})*(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?"
        "(@sha256:[a-f0-9]{64})?",
        "must be an image reference such as registry.example.com/team/mongo:6.0.5, with no spaces "
        "or other characters",
    ),
]
LabelKey = Annotated[str, Field(max_length=317)]
LabelValue = Annotated[
    str,
    Field(max_length=63),
    matching(
        _LABEL_VALUE,
        "a label value has letters, digits, '-', '_' and '.', with a letter or digit at both ends",
    ),
]
AnnotationValue = Annotated[str, Field(max_length=8192)]

QUALIFIED_NAME = _QUALIFIED
"""The pattern of the keys of labels and annotations."""
