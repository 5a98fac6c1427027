"""The screen of `status`: one look at one set. Pure."""

from collections.abc import Iterator

from mongors.api.conditions import Condition, ConditionType
from mongors.api.monitoring import CanaryStatus
from mongors.cli.durations import age, told
from mongors.cli.happenings import Happening
from mongors.cli.layout import EMPTY, Column, Line, Span, Style, facts, line, paragraph, table
from mongors.cli.members import Member
from mongors.cli.view import View
from mongors.cli.ways_out import way_out
from mongors.observed.mongodb import State

EVENTS = 5

_STATES = {
    State.PRIMARY: Style.GOOD,
    State.SECONDARY: Style.GOOD,
    State.STARTUP2: Style.UNSURE,
    State.RECOVERING: Style.UNSURE,
    State.UNKNOWN: Style.UNSURE,
}


def status_screen(view: View, width: int) -> list[Line]:
    """Everything about a set at a glance, the most important first."""
    lines = [*_title(view, width), EMPTY, *facts(_facts(view), width)]
    for part in (_replication(view, width), _places(view, width), list(_troubles(view, width))):
        lines += [EMPTY, *part] if part else []
    if view.seen.happenings:
        lines += [EMPTY, line("LAST EVENTS", Style.QUIET), *_events(view, width)]
    for each in view.seen.missed:
        lines += [EMPTY, *paragraph(f"Note: {each}", width, Style.UNSURE)]
    return lines


def _title(view: View, width: int) -> list[Line]:
    names, style = view.seen.names, Style.GOOD if view.is_ready else Style.BAD
    said = f"{names.name} in {names.namespace} is {view.health}"
    return paragraph(said, width, style)


def _facts(view: View) -> Iterator[tuple[str, str | Span]]:
    status, config = view.seen.status, view.config
    yield "primary", _primary(view)
    version = status.version or (view.seen.desired.spec.version if view.seen.desired else "-")
    fcv = status.feature_compatibility_version
    yield "version", version + (f", FCV {fcv}" if fcv else "")
    name = view.seen.desired.spec.replica_set_name if view.seen.desired else ""
    identity = status.replica_set_id
    yield "set", ", ".join(filter(None, (name, f"replicaSetId {identity}" if identity else "")))
    number = config.version if config else status.config_version
    term = config.term if config else status.config_term
    if number is not None:
        yield "config", f"version {number}, term {term}{_committed(view)}"
    if view.voters is not None:
        yield "votes", _votes(view, view.voters)
    if view.seen.further.oplog_seconds is not None:
        yield "oplog", f"reaches back {told(view.seen.further.oplog_seconds)}"
    if (canary := view.seen.status.canary) is not None:
        yield "canary", canary_said(canary)
    yield (
        "operator",
        Span(view.short(view.work), Style.PLAIN if view.seen.status.plan is None else Style.TITLE),
    )


def canary_said(canary: CanaryStatus) -> str:
    """What the canary has found, in one line."""
    if not canary.gaps or canary.longest_gap_millis is None or canary.last_gap_millis is None:
        failed = f", {canary.failures} attempts failed" if canary.failures else ""
        return f"no gap since {canary.since}{failed}"
    longest, last = canary.longest_gap_millis / 1000, canary.last_gap_millis / 1000
    said = f"{canary.gaps} gaps since {canary.since}, the longest {longest:.1f} s"
    return f"{said}, the last {last:.1f} s at {canary.last_gap_at}"


def _primary(view: View) -> Span:
    if view.primary is None:
        return Span("none: nothing can be written", Style.BAD)
    since = view.primary_since
    ago = f", for {told((view.seen.at - since).total_seconds())}" if since else ""
    return Span(view.primary + ago, Style.TITLE)


def _committed(view: View) -> str:
    observed = view.seen.observed
    if observed is None or observed.primary is None:
        return ""
    return ", on all members" if observed.config_is_settled else ", not on all members yet"


def _votes(view: View, voters: int) -> Span:
    needed, have = voters // 2 + 1, view.voters_serving
    style = Style.BAD if have < needed else Style.UNSURE if have < voters else Style.PLAIN
    return Span(f"{have} of {voters} voters are in service, {needed} are needed", style)


def _replication(view: View, width: int) -> list[Line]:
    columns = (
        Column("MEMBER", shrinks=True),
        Column("STATE"),
        Column("LAG", right=True),
        Column("COPIES FROM", shrinks=True),
        Column("CONFIG"),
        Column("VOTE", right=True),
        Column("PRIORITY", right=True),
    )
    return table(columns, [_member(each) for each in view.members], width)


def _member(each: Member) -> list[Span]:
    state = State(each.state) if each.state in set(State) else State.UNKNOWN
    return [
        Span(each.name),
        Span(each.state, _STATES.get(state, Style.BAD)),
        Span(_or_dash(None if each.lag_seconds is None else told(each.lag_seconds))),
        Span(_or_dash(each.copies_from)),
        Span(_or_dash(each.config)),
        Span(_or_dash(each.votes)),
        Span(_priority(each)),
    ]


def _priority(each: Member) -> str:
    marks = [f"{each.priority:g}"] if each.priority is not None else ["-"]
    marks += ["hidden"] * each.hidden
    marks += [f"{told(each.delay_seconds)} late"] if each.delay_seconds else []
    return " ".join(marks)


def _places(view: View, width: int) -> list[Line]:
    if view.seen.observed is None:
        return []
    columns = (
        Column("MEMBER", shrinks=True),
        Column("NODE", shrinks=True),
        Column("ZONE", shrinks=True),
        Column("CLAIM", shrinks=True),
        Column("SIZE", right=True),
        Column("RESTARTS", right=True),
        Column("AGE", right=True),
    )
    return table(columns, [_place(each) for each in view.members], width)


def _place(each: Member) -> list[Span]:
    age_told = None if each.age_seconds is None else told(each.age_seconds).partition(" ")[0]
    return [
        Span(each.name),
        Span(_or_dash(each.node)),
        Span(_or_dash(each.zone)),
        Span(_or_dash(each.claim)),
        Span(_or_dash(each.size)),
        Span(_or_dash(each.restarts), Style.UNSURE if each.restarts else Style.PLAIN),
        Span(_or_dash(age_told)),
    ]


def _troubles(view: View, width: int) -> Iterator[Line]:
    """Each sentence once: several conditions say the same of one trouble, and the plan as well."""
    told_already = {view.seen.status.plan}
    for each in view.troubles:
        if each.message not in told_already:
            yield from _trouble(each, view.short(each.message), width)
        elif each.type is ConditionType.STALLED:
            yield from _trouble(each, "see what the operator waits for", width)
        told_already.add(each.message)


def _trouble(condition: Condition, message: str, width: int) -> Iterator[Line]:
    name = f"{condition.type.value}={condition.status.value}"
    said = f"{name} ({condition.reason.value}): {message}"
    yield from paragraph(said, width, Style.BAD, first="! ", rest="  ")
    if (way := way_out(condition.reason)) is not None:
        yield from _way(way, width)


def _way(way: str, width: int) -> list[Line]:
    return paragraph(f"What to do: {way}.", width, first="  ")


def _events(view: View, width: int) -> Iterator[Line]:
    for each in view.latest(EVENTS):
        yield from event_lines(each, age(each.at, view.seen.at), width)


def event_lines(each: Happening, when: str, width: int) -> list[Line]:
    """One Event: when, what, about whom, in words."""
    times = f" ({each.count} times)" if each.count > 1 else ""
    about = "" if each.kind == "MongoReplicaSet" else f"{each.name}: "
    style = Style.UNSURE if each.is_warning else Style.PLAIN
    said = f"{each.reason}: {about}{each.note}{times}"
    return paragraph(said, width, style, first=f"{when:>5}  ", rest=" " * 7)


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)
