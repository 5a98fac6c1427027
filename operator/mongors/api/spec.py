"""The custom resource: what users wish for, and the object that carries the wish."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError

from mongors.api.access import ImagePullPolicy, LocalObjectReference, Rbac
from mongors.api.approval import Approval
from mongors.api.base import ApiModel
from mongors.api.configuration import Configuration
from mongors.api.counts import GraceSeconds, MemberCount
from mongors.api.electorate import ELECTABLE, MemberOptions
from mongors.api.identity import API_VERSION, GROUP, KIND, Metadata
from mongors.api.member_options import MemberOption
from mongors.api.monitoring import Monitoring
from mongors.api.problems import InvalidSpec, sentences
from mongors.api.resources import Resources
from mongors.api.rules import Rule, unchanging
from mongors.api.scheduling import (
    KubernetesObject,
    NodeSelector,
    PodAnnotations,
    PodLabels,
    Toleration,
)
from mongors.api.settings import DefaultWriteConcern, OwnWriteConcern, Settings
from mongors.api.status import Status
from mongors.api.storage import DeletionPolicy, Storage, StorageClassTemplate
from mongors.api.text import DomainName, ImageReference, OptionalObjectName, ReplicaSetName
from mongors.api.version import NOT_LOWERED, Version

__all__ = [
    "Approval",
    "DefaultWriteConcern",
    "DeletionPolicy",
    "ImagePullPolicy",
    "InvalidSpec",
    "LocalObjectReference",
    "MemberOption",
    "Metadata",
    "MongoReplicaSet",
    "MongoReplicaSetSpec",
    "Rbac",
    "Resources",
    "Settings",
    "Storage",
    "StorageClassTemplate",
    "Toleration",
]


class MongoReplicaSetSpec(ApiModel):
    """The replica set that is wanted."""

    RULES: ClassVar[tuple[Rule, ...]] = (ELECTABLE,)

    members: MemberCount = Field(
        default=3,
        description=(
            "Number of members that hold data, 1 to 50. Up to 7 of them vote; of an even number "
            "above 2 one does not, and members beyond the voters have priority 0."
        ),
    )
    version: Version = Field(
        description=(
            'Exact MongoDB version in quotes, such as "6.0.5". Supported majors: 4.4, 5.0, 6.0, '
            "7.0, 8.0. An upgrade takes one major at a time."
        )
    )
    image: ImageReference | None = Field(
        default=None,
        description=(
            "Image of the members. Left out: mongo:VERSION. It must contain the server of the "
            "version named in version."
        ),
    )
    image_pull_policy: ImagePullPolicy = Field(
        default=ImagePullPolicy.IF_NOT_PRESENT,
        description="When the image is fetched: Always, IfNotPresent or Never.",
    )
    image_pull_secrets: tuple[LocalObjectReference, ...] = Field(
        default=(),
        max_length=16,
        description="Secrets with the credentials of the image's registry.",
    )
    replica_set_name: Annotated[
        ReplicaSetName,
        unchanging(
            "replicaSetName cannot be changed: the members' data carries it. Make a new set with "
            "the new name and move the data into it"
        ),
    ] = Field(
        default="rs0",
        description=(
            "Name of the replica set in MongoDB, as in connection strings (replicaSet=rs0). "
            "Cannot be changed."
        ),
    )
    storage: Storage = Field(description="The volume that every member gets.")
    resources: Resources | None = Field(
        default=None, description="CPU and memory of every member, as in Kubernetes."
    )
    node_selector: NodeSelector = Field(
        default_factory=dict,
        description="Labels that a node must have to run a member.",
    )
    tolerations: tuple[Toleration, ...] = Field(
        default=(), max_length=32, description="Taints of nodes that the members put up with."
    )
    affinity: KubernetesObject | None = Field(
        default=None,
        description=(
            "Affinity of the pods, as in Kubernetes (nodeAffinity, podAffinity, "
            "podAntiAffinity). Left out: members prefer different hosts and zones."
        ),
    )
    topology_spread_constraints: tuple[KubernetesObject, ...] = Field(
        default=(),
        max_length=16,
        description="How the pods are spread over zones and hosts, as in Kubernetes.",
    )
    priority_class_name: OptionalObjectName | None = Field(
        default=None, description="PriorityClass of the pods."
    )
    pod_labels: PodLabels = Field(
        default_factory=dict,
        description="Labels added to the pods and to their claims; the operator's own are refused.",
    )
    pod_annotations: PodAnnotations = Field(
        default_factory=dict,
        description="Annotations added to the pods; those under mongors.io/ are refused.",
    )
    termination_grace_period_seconds: GraceSeconds = Field(
        default=60,
        description="Seconds that a member has to hand over and stop before it is killed; from 30.",
    )
    rbac: Rbac | None = Field(
        default=None,
        description=(
            "Rights of the pods in the Kubernetes API. Left out: none, which is all that a set "
            "needs."
        ),
    )
    configuration: Configuration = Field(default_factory=dict)
    member_options: MemberOptions = ()
    settings: Settings = Field(
        default=Settings(), description="How the members watch each other and elect a primary."
    )
    default_write_concern: OwnWriteConcern = DefaultWriteConcern.MAJORITY
    cluster_domain: Annotated[
        DomainName,
        unchanging(
            "clusterDomain cannot be changed: the members know each other by names that end in it. "
            "Make a new set and move the data into it"
        ),
    ] = Field(
        default="cluster.local",
        description="DNS domain of the Kubernetes cluster. Cannot be changed.",
    )
    deletion_policy: DeletionPolicy = Field(
        default=DeletionPolicy.RETAIN,
        description=(
            "What becomes of the claims and keys when this resource is deleted: Retain keeps "
            "them, so that a set of the same name finds its data again; Delete removes them."
        ),
    )
    approval: Approval = Field(
        default=Approval.AUTOMATIC,
        description=(
            "Who lets disruptive plans run: Automatic (they run at once) or Manual (restarts, "
            "removals of members and copies of data anew wait in status.plan until they are "
            "approved by the annotation mongors.io/approved, or kubectl mongors approve)."
        ),
    )
    monitoring: Monitoring = Field(default=Monitoring(), description="What is measured of the set.")
    paused: bool = Field(
        default=False,
        strict=True,
        description="Whether the operator only looks and reports, and changes nothing.",
    )

    @property
    def mongod_image(self) -> str:
        """Return the image to run: the one named, or the official one of the version."""
        return self.image or f"mongo:{self.version}"


class MongoReplicaSet(ApiModel):
    """A MongoDB replica set, kept as described: correct, authenticated and highly available."""

    RULES: ClassVar[tuple[Rule, ...]] = (NOT_LOWERED,)

    api_version: str = f"{GROUP}/{API_VERSION}"
    kind: str = KIND
    metadata: Metadata
    spec: MongoReplicaSetSpec
    status: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Return the object, or raise InvalidSpec with everything that is wrong with it."""
        return cls._parsed(raw)

    @classmethod
    def stored(cls, raw: Mapping[str, Any]) -> Self:
        """The same of an object as the API server keeps it; fields that are not known are ignored.

        It keeps none but those of its definition. Where that is of a later release than this
        operator, in the middle of an upgrade, every object has the defaults of its new fields.
        """
        return cls._parsed(raw, "ignore")

    @classmethod
    def _parsed(cls, raw: Mapping[str, Any], extra: Literal["ignore"] | None = None) -> Self:
        try:
            return cls.model_validate(dict(raw), extra=extra)
        except ValidationError as error:
            raise InvalidSpec(sentences(error, MongoReplicaSetSpec)) from error

    @property
    def reported(self) -> Status:
        """Return the status that was last written, without what cannot be understood."""
        return Status.read(self.status)
