"""Why a condition has its status, and what events tell: closed lists, each word explained."""

from enum import StrEnum
from typing import Self


class Explained(StrEnum):
    """A word of the API together with one sentence that says what it means."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


class Reason(Explained):
    """Why a condition has its status. Words written by another version read as Unknown."""

    ALL_MEMBERS_HEALTHY = "AllMembersHealthy", "Every wanted member is in service."
    MEMBERS_NOT_READY = "MembersNotReady", "At least one wanted member is not in service yet."
    PROGRESSING = "Progressing", "The operator is changing the set towards what is wanted."
    SETTLED = "Settled", "The set is as wanted; there is nothing left to do."
    WAITING_FOR_PODS = "WaitingForPods", "Pods are being scheduled or started."
    WAITING_FOR_ANSWERS = "WaitingForAnswers", "A member has to answer before the next step."
    WAITING_FOR_NAMES = "WaitingForNames", "The host names of the members are not published yet."
    WAITING_FOR_ELECTION = "WaitingForElection", "The members are electing a primary."
    WAITING_FOR_SYNC = "WaitingForSync", "A member is copying the data or catching up."
    INITIATING = "Initiating", "The replica set is being initiated."
    NO_PRIMARY = "NoPrimary", "No member is primary, so nothing can be written."
    PRIMARY_ELECTED = "PrimaryElected", "A primary is elected and accepts writes."
    MAJORITY_REACHABLE = (
        "MajorityReachable",
        "A majority of the voters is in service, with voters to spare.",
    )
    MAJORITY_AT_RISK = (
        "MajorityAtRisk",
        "A majority of the voters is in service, but the loss of one more would end it.",
    )
    MAJORITY_LOST = "MajorityLost", "Fewer than a majority of the voters is in service."
    MEMBER_UNREACHABLE = "MemberUnreachable", "At least one member does not answer."
    CONFIGURATION_MATCHES = (
        "ConfigurationMatches",
        "The live replica-set configuration is the wanted one.",
    )
    CONFIGURATION_DIFFERS = (
        "ConfigurationDiffers",
        "The live replica-set configuration is not the wanted one yet.",
    )
    TEMPLATE_CURRENT = "TemplateCurrent", "Every pod runs the current template."
    TEMPLATE_OUTDATED = "TemplateOutdated", "At least one pod still runs an older template."
    TOLERATES_ANY_LOSS = (
        "ToleratesAnyLoss",
        "Any one member, host or zone can be lost and a majority stays.",
    )
    SINGLE_MEMBER = "SingleMember", "The set has one member: while it is away, so is the set."
    TWO_MEMBERS = "TwoMembers", "The set has two voters: the loss of either one stops all writes."
    VERSION_DIFFERS = "VersionDiffers", "A member runs another version than the spec names."
    SPEC_ACCEPTED = "SpecAccepted", "The spec can be followed."
    SPEC_INVALID = "SpecInvalid", "The spec cannot be followed; the set keeps running as it was."
    NAME_CONFLICT = (
        "NameConflict",
        "An object that the set needs exists already and belongs to somebody else.",
    )
    KEY_FILE_MISSING = (
        "KeyFileMissing",
        "The Secret with the keyFile is gone although members were made with it.",
    )
    FOREIGN_DATA = (
        "ForeignData",
        "A volume holds the data of another replica set; nothing was changed on it.",
    )
    SCALE_REFUSED = (
        "ScaleRefused",
        "The wanted number of members cannot be reached safely from here.",
    )
    PAUSED = "Paused", "The set is paused: the operator looks and reports, and changes nothing."
    STORAGE_CLASS_MISSING = "StorageClassMissing", "The named StorageClass does not exist."
    PODS_PENDING = "PodsPending", "At least one pod cannot start, for the trouble that is named."
    PERMISSION_MISSING = "PermissionMissing", "The operator lacks a right in the Kubernetes API."
    INTERNAL_ERROR = "InternalError", "The operator failed in a way that is a fault of its own."
    API_REFUSED = "ApiRefused", "The API server refused what the operator asked for."
    VOLUME_LOST = "VolumeLost", "The volume of a member is gone or was replaced by an empty one."
    SWITCHOVER_REFUSED = (
        "SwitchoverRefused",
        "The member that was asked for cannot become primary now; the primary stays.",
    )
    ROLLING = "Rolling", "The members are restarted one by one."
    ROLL_STOPPED = (
        "RollStopped",
        "A restarted member did not come back into service; no other one is touched.",
    )
    EXPORTER_REFUSED = (
        "ExporterRefused",
        "The exporter of mongod's own metrics cannot be made; the set itself goes on without it.",
    )
    GROWING = "Growing", "The members' volumes are growing to the wanted size."
    GROWTH_REFUSED = "GrowthRefused", "A volume cannot grow; nothing was changed on it."
    KEY_FILE_CHANGED = (
        "KeyFileChanged",
        "The Secret with the keyFile holds another key than the members run with.",
    )
    RECOVERY_REFUSED = (
        "RecoveryRefused",
        "The recovery that was asked for is not safe or not needed; nothing was changed.",
    )
    RECOVERING = "Recovering", "The set is being recovered in the way that was confirmed."
    BEGIN_REFUSED = (
        "BeginRefused",
        "A fresh start was asked for, but it is not confirmed or not needed.",
    )
    RESYNC_REFUSED = (
        "ResyncRefused",
        "The member that was asked for cannot copy the data anew now without danger to the set.",
    )
    WAITING_FOR_APPROVAL = (
        "WaitingForApproval",
        "A disruptive plan waits until a person approves it; the message has the command.",
    )
    NODE_LOST = "NodeLost", "The node of a member is gone or does not answer."
    FALLING_BEHIND = (
        "FallingBehind",
        "A member may soon be too far behind to catch up from the oplog of the others.",
    )
    UNKNOWN_MEMBERS = (
        "UnknownMembers",
        "The live configuration has members that do not belong to this set.",
    )
    FORCED = (
        "Forced",
        "A configuration was forced without a majority, so acknowledged writes may be lost.",
    )
    PERHAPS_FORCED = (
        "PerhapsForced",
        "A confirmed recovery was perhaps forced before its survivor lost its data as well.",
    )
    EVICTION_REFUSED = (
        "EvictionRefused",
        "The disruption budget does not allow a pod to be removed now.",
    )
    UNKNOWN = "Unknown", "Nothing certain can be said now."

    @classmethod
    def _missing_(cls, value: object) -> "Reason":
        return cls.UNKNOWN


class EventReason(Explained):
    """What an event tells."""

    OBJECT_CREATED = "ObjectCreated", "An object of the set was created."
    OBJECT_UPDATED = "ObjectUpdated", "An object of the set was brought back to what is wanted."
    OBJECT_REMOVED = "ObjectRemoved", "An object that the set does not need any more was removed."
    POD_REPLACED = "PodReplaced", "A pod in which no mongod could run was made anew."
    SECRET_GENERATED = "SecretGenerated", "A Secret with fresh credentials was made."
    INITIATED = "Initiated", "The replica set was initiated."
    PRIMARY_ELECTED = "PrimaryElected", "A member became primary."
    USERS_CREATED = "UsersCreated", "The users of the operator and the application were made."
    MEMBER_ADDED = "MemberAdded", "A member was added to the configuration."
    MEMBER_REMOVED = "MemberRemoved", "A member was taken out of the configuration."
    VOTE_GIVEN = "VoteGiven", "A member was given its vote."
    VOTE_TAKEN = "VoteTaken", "A member lost its vote."
    STEPPED_DOWN = "SteppedDown", "The primary was asked to step down."
    ROLE_CHANGED = "RoleChanged", "A member changed between primary and secondary."
    EMPTY_START_PERMITTED = (
        "EmptyStartPermitted",
        "A member was permitted to start without data.",
    )
    POD_EVICTED = "PodEvicted", "A pod was evicted, to start again from the current template."
    SWITCHED_OVER = "SwitchedOver", "The primary handed over to the member that is named."
    MEMBER_CHANGED = "MemberChanged", "Options of members or settings of the set were changed."
    PARAMETERS_SET = "ParametersSet", "Server parameters were set on a running member."
    DEFAULT_WRITE_CONCERN_SET = (
        "DefaultWriteConcernSet",
        "The default write concern of the set was raised to majority.",
    )
    VOLUME_GROWN = "VolumeGrowing", "A member's claim was given a larger size."
    STATEFUL_SET_REMADE = (
        "StatefulSetRemade",
        "The StatefulSet was made anew around its pods, which kept running.",
    )
    FORCED = "Forced", "A configuration was forced without a majority, as confirmed."
    BEGUN_ANEW = "BegunAnew", "The set was begun anew, without its old data, as confirmed."
    RECOVERY_PREPARED = (
        "RecoveryPrepared",
        "A member whose data are given up was stopped, as confirmed.",
    )
    APPROVAL_NEEDED = "ApprovalNeeded", "A disruptive plan waits until a person approves it."
    APPROVAL_VOID = (
        "ApprovalVoid",
        "An approval fits no plan; it lets nothing run, now or later.",
    )
    READY = "Ready", "The set became ready."
    WAITING = "Waiting", "The next step has to wait, and for what."
    NOT_READY = "NotReady", "The set is no longer ready."
    FALLING_BEHIND = "FallingBehind", "A member may soon be too far behind to catch up."
    REFUSED = "Refused", "Nothing moves until somebody acts; the note says why, and what to do."
    SPEC_INVALID = "SpecInvalid", "The spec cannot be followed."
    NAME_CONFLICT = "NameConflict", "An object of that name belongs to somebody else."
    FOREIGN_DATA = "ForeignData", "A volume holds the data of another replica set."
    KEY_FILE_MISSING = "KeyFileMissing", "The Secret with the keyFile is gone."
    FAILED = "Failed", "A step was turned down: it is not allowed, or the operator lacks a right."
