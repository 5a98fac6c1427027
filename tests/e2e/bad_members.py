"""Wrong options of members, wrong settings of the set."""

from e2e.wrong import OUR_UNKNOWN, OUR_WHOLE, UNKNOWN, WHOLE, BadInput, several

_ELECTABLE = "at least one member must be able to become primary"
_NEVER_PRIMARY = "a hidden or delayed member cannot become primary"
_FIRST_HIDDEN = [{"member": member, "hidden": True} for member in range(3)]

MEMBER_OPTIONS = (
    BadInput("members", "spec.memberOptions", [{}], "member: Required", "is required"),
    BadInput("members", "spec.memberOptions", [{"member": -1}], "0 or more"),
    BadInput("members", "spec.memberOptions", [{"member": 50}], "at most 49"),
    BadInput("members", "spec.memberOptions", [{"member": "0"}], WHOLE, OUR_WHOLE),
    BadInput(
        "members",
        "spec.memberOptions",
        [{"member": 1, "priority": 2}, {"member": 1, "hidden": True}],
        "Duplicate value",
        "memberOptions[1].member: member 1 has options already",
    ),
    BadInput(
        "members", "spec.memberOptions", [{"member": 1, "slaveDelay": 5}], UNKNOWN, OUR_UNKNOWN
    ),
    *several(
        "B42",
        "spec.memberOptions",
        ([{"member": 1, "priority": -0.5}], [{"member": 1, "priority": 1000.5}]),
        "priority must be from 0",
    ),
    BadInput(
        "B42",
        "spec.memberOptions",
        [{"member": 1, "priority": "2"}],
        "must be of type number",
        "must be a number",
    ),
    *several(
        "B43",
        "spec.memberOptions",
        ([{"member": 1, "votes": 2}], [{"member": 1, "votes": -1}]),
        "votes must be 0 or 1",
    ),
    BadInput(
        "B44",
        "spec.memberOptions",
        [{"member": 1, "votes": 0, "priority": 1}],
        "a member without a vote cannot become primary",
    ),
    BadInput(
        "B43",
        "spec.memberOptions",
        [{"member": member, "votes": 1} for member in range(8)],
        "at most 7 members can vote",
    ),
    BadInput(
        "B43",
        "spec.memberOptions",
        [{"member": member, "priority": 2} for member in range(8)],
        "at most 7 members can vote",
    ),
    BadInput(
        "B45", "spec.memberOptions", [{"member": 1, "hidden": True, "priority": 1}], _NEVER_PRIMARY
    ),
    BadInput(
        "B46",
        "spec.memberOptions",
        [{"member": 1, "delaySeconds": 60, "priority": 0.5}],
        _NEVER_PRIMARY,
    ),
    BadInput("B46", "spec.memberOptions", [{"member": 1, "delaySeconds": -1}], "delaySeconds must"),
    BadInput(
        "B46", "spec.memberOptions", [{"member": 1, "delaySeconds": 31622401}], "at most 31622400"
    ),
    BadInput("B47", "spec.memberOptions", _FIRST_HIDDEN, _ELECTABLE),
    BadInput(
        "B47",
        "spec.memberOptions",
        [{"member": 0, "priority": 0}, {"member": 1, "votes": 0}, {"member": 2, "delaySeconds": 1}],
        _ELECTABLE,
    ),
    BadInput("B47", "spec.memberOptions", [*_FIRST_HIDDEN, {"member": 3}], _ELECTABLE),
    *several(
        "B49",
        "spec.memberOptions",
        (
            [{"member": 1, "tags": {"$voter": "x"}}],
            [{"member": 1, "tags": {"a.b": "x"}}],
        ),
        "the key of a tag has letters",
    ),
    BadInput(
        "B49",
        "spec.memberOptions",
        [{"member": 1, "tags": {"rack": 1}}],
        "must be of type string",
        "must be text",
    ),
    BadInput(
        "B49",
        "spec.memberOptions",
        [{"member": 1, "tags": {"rack": "r" * 257}}],
        "Too long",
        "at most 256 characters",
    ),
)

SETTINGS = (
    BadInput("B83", "spec.settings.electionTimeoutMillis", 999, "at least 1000"),
    BadInput("B83", "spec.settings.electionTimeoutMillis", 600001, "at most 600000"),
    BadInput(
        "B83",
        "spec.settings.electionTimeoutMillis",
        5999,
        "at least 3 times heartbeatIntervalMillis",
    ),
    BadInput(
        "B83",
        "spec.settings",
        {"heartbeatIntervalMillis": 3334},
        "at least 3 times heartbeatIntervalMillis",
    ),
    BadInput("B83", "spec.settings.heartbeatIntervalMillis", 99, "at least 100"),
    BadInput("B83", "spec.settings.heartbeatIntervalMillis", 60001, "at most 60000"),
    BadInput("B83", "spec.settings.heartbeatTimeoutSecs", 0, "at least 1"),
    BadInput("B83", "spec.settings.heartbeatTimeoutSecs", 301, "at most 300"),
    BadInput("B83", "spec.settings.catchUpTimeoutMillis", -2, "must be -1 (as long as"),
    BadInput("B83", "spec.settings.catchUpTimeoutMillis", 3600001, "at most 3600000"),
    BadInput("B83", "spec.settings.chainingAllowed", "no", "must be of type boolean", "true"),
    BadInput("B83", "spec.settings.getLastErrorModes", {}, UNKNOWN, OUR_UNKNOWN),
    BadInput("B83", "spec.settings", [], "must be of type object", "must be a map"),
    BadInput(
        "write concern", "spec.defaultWriteConcern", "w1", "supported values", "must be one of"
    ),
)
