"""The screen of `plan`: what would be done, in order, and what would come of it. Pure."""

from collections.abc import Iterator, Sequence

from mongors.api.conditions import ConditionStatus, ConditionType
from mongors.cli.foreseeing import Forecast
from mongors.cli.layout import EMPTY, Column, Line, Span, Style, line, paragraph, table
from mongors.cli.seen import Seen
from mongors.desired.names import PORT
from mongors.observed.mongodb import MemberConfig, ReplicaSetConfig


def plan_screen(
    seen: Seen, forecast: Forecast, differences: Sequence[str], width: int
) -> list[Line]:
    """Steps in order, the configuration before and after, votes, and what is refused."""
    lines = [*_title(seen, forecast, width)]
    if differences:
        lines += [EMPTY, line("WHAT DIFFERS IN THE SPEC", Style.QUIET)]
        lines += [each for text in differences for each in paragraph(text, width, first="  ")]
    suffix = f".{seen.names.domain}:{PORT}"
    parts = (
        _steps(forecast, suffix, width),
        _waits(forecast, suffix, width),
        _approved(forecast, suffix, width),
        _config(forecast, width),
    )
    for part in parts:
        told = list(part)
        lines += [EMPTY, *told] if told else []
    lines += [EMPTY, *_end(forecast, width)]
    for each in seen.missed:
        lines += [EMPTY, *paragraph(f"Note: {each}", width, Style.UNSURE)]
    return lines


def _title(seen: Seen, forecast: Forecast, width: int) -> list[Line]:
    number = len(forecast.actions)
    counted = "nothing" if number == 0 else f"{number} step{'s' * (number > 1)}"
    if seen.desired is not None and seen.desired.spec.paused:
        counted = "nothing, because the set is paused"
    said = f"{seen.names.name} in {seen.names.namespace}: the operator would do {counted}"
    return paragraph(f"{said}. Nothing was changed.", width, Style.TITLE)


def _steps(forecast: Forecast, suffix: str, width: int) -> Iterator[Line]:
    if not forecast.steps:
        return
    yield line("STEPS, IF EVERYTHING COMES UP AS IT SHOULD", Style.QUIET)
    yield from _numbered(forecast.steps, suffix, width)


def _approved(forecast: Forecast, suffix: str, width: int) -> Iterator[Line]:
    if forecast.steps_once_approved:
        yield line("STEPS, ONCE THAT IS APPROVED", Style.QUIET)
        yield from _numbered(forecast.steps_once_approved, suffix, width)


def _numbered(steps: Sequence[str], suffix: str, width: int) -> Iterator[Line]:
    for number, each in enumerate(steps, 1):
        said = each.replace(suffix, "")
        yield from paragraph(said, width, first=f"{number:>4}. ", rest=" " * 6)


def _waits(forecast: Forecast, suffix: str, width: int) -> Iterator[Line]:
    if not forecast.waits:
        return
    yield line("WHAT IS WAITED FOR OR REFUSED", Style.QUIET)
    for each in forecast.waits:
        style = Style.BAD if each.stalls else Style.UNSURE
        said = f"{each.reason.value}: {each.message.replace(suffix, '')}"
        yield from paragraph(said, width, style, first="  - ", rest="    ")


def _config(forecast: Forecast, width: int) -> Iterator[Line]:
    before, after = forecast.before.config, forecast.after.config
    if before is None and after is None:
        return
    columns = (
        Column("MEMBER", shrinks=True),
        Column(f"NOW ({_version(before)})"),
        Column(f"THEN ({_version(after)})"),
    )
    rows = [
        [Span(host.partition(".")[0]), Span(now), Span("the same" if now == then else then)]
        for host in _hosts(before, after)
        for now, then in ((_entry(before, host), _entry(after, host)),)
    ]
    yield from table(columns, rows, width)
    yield line(f"Votes now: {_votes(before)}; then: {_votes(after)}.")


def _hosts(*configs: ReplicaSetConfig | None) -> list[str]:
    hosts = (member.host for config in configs if config for member in config.members)
    return list(dict.fromkeys(hosts))


def _entry(config: ReplicaSetConfig | None, host: str) -> str:
    member = config.member(host) if config else None
    return "-" if member is None else described(member)


def described(member: MemberConfig) -> str:
    """An entry of the configuration in short: _id 2, 1 vote, priority 1."""
    votes = "1 vote" if member.votes else "no vote"
    parts = [f"_id {member.id}", votes, f"priority {member.priority:g}"]
    parts += ["hidden"] * member.hidden
    parts += [f"{member.delay_seconds}s late"] if member.delay_seconds else []
    return ", ".join(parts)


def _version(config: ReplicaSetConfig | None) -> str:
    return f"version {config.version}" if config else "none"


def _votes(config: ReplicaSetConfig | None) -> str:
    if config is None:
        return "none"
    return f"{len(config.voters)}, {config.majority} are a majority"


def _end(forecast: Forecast, width: int) -> list[Line]:
    if forecast.is_settled:
        said = "Then nothing is left to do." if forecast.steps else "Nothing is left to do."
        told = [each for each in forecast.status.conditions if _is_risk(each.type, each.status)]
        lines = paragraph(said, width, Style.GOOD)
        for each in told:
            lines += paragraph(f"But {each.message}.", width, Style.UNSURE)
        return lines
    said = "What follows cannot be foreseen from here: it hangs on what is waited for."
    return paragraph(said, width, Style.UNSURE)


def _is_risk(kind: ConditionType, status: ConditionStatus) -> bool:
    return kind is ConditionType.FAULT_TOLERANT and status is ConditionStatus.FALSE
