"""What a person can do, for each reason why something is not as it should be. Pure."""

from mongors.api.conditions import Condition, ConditionStatus, ConditionType, Reason

_WAYS_OUT = {
    Reason.SPEC_INVALID: "correct the spec; the set runs on as it was meanwhile",
    Reason.NAME_CONFLICT: "remove or rename that object, or give the set another name",
    Reason.KEY_FILE_MISSING: "restore the keyFile Secret from a backup",
    Reason.KEY_FILE_CHANGED: "put the former content of the keyFile Secret back",
    Reason.FOREIGN_DATA: "give the member its own volume, or an empty one",
    Reason.STORAGE_CLASS_MISSING: "make the StorageClass, or describe it under storage.class",
    Reason.PERMISSION_MISSING: "grant the operator that right: the chart has all that it needs",
    Reason.VOLUME_LOST: "give the members their volumes back; the plan says how to do without",
    Reason.MAJORITY_LOST: "bring members back; if they are gone for good: kubectl mongors recover",
    Reason.MAJORITY_AT_RISK: "bring the missing member back, or spread the members wider",
    Reason.ROLL_STOPPED: "correct the spec, or take the change back; the pod is made anew then",
    Reason.SWITCHOVER_REFUSED: "follow the message, or ask for another member",
    Reason.EXPORTER_REFUSED: "the message names what is in the way; or set monitoring.exporter off",
    Reason.GROWTH_REFUSED: "let the StorageClass grow volumes (allowVolumeExpansion), if it can",
    Reason.RECOVERY_REFUSED: "follow the message; kubectl mongors recover shows what fits now",
    Reason.RESYNC_REFUSED: "follow the message; it is done as soon as it is safe",
    Reason.BEGIN_REFUSED: "remove the annotation mongors.io/begin-anew",
    Reason.NODE_LOST: "bring the node back; delete its Node object only if the machine is off",
    Reason.FALLING_BEHIND: "find what slows the member down, or enlarge the oplog",
    Reason.SINGLE_MEMBER: "set spec.members to 3 to bear the loss of a member",
    Reason.TWO_MEMBERS: "set spec.members to 3 to bear the loss of a member",
    Reason.PODS_PENDING: "make room for the pod, or change what it asks for",
    Reason.WAITING_FOR_APPROVAL: "kubectl mongors approve shows what waits, and lets it run",
    Reason.PAUSED: "kubectl mongors resume",
    Reason.UNKNOWN_MEMBERS: "nothing has to be done; members that are not ours are left alone",
    Reason.API_REFUSED: "the message has the API server's own words; mend what it names",
    Reason.INTERNAL_ERROR: "kubectl mongors report makes a file that helps to find the fault",
}

_GOOD_WHEN_FALSE = (ConditionType.STALLED, ConditionType.DATA_LOSS_POSSIBLE)


def way_out(reason: Reason) -> str | None:
    """What to do; None where waiting is all there is to do."""
    return _WAYS_OUT.get(reason)


def is_as_it_should_be(condition: Condition) -> bool:
    """Whether a condition needs nobody's attention; being at work is no trouble."""
    if condition.type is ConditionType.RECONCILING:
        return True
    is_true = condition.status is ConditionStatus.TRUE
    return is_true is not (condition.type in _GOOD_WHEN_FALSE)
