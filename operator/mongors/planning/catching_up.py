"""Who has caught up: what a vote, a handover and the next restart wait for."""

from mongors.observed.observed import Observed

CAUGHT_UP_SECONDS = 10.0
"""A member has caught up when it is no further behind than this, and its own delay."""


def has_caught_up(observed: Observed, host: str) -> bool:
    """Whether the member at this host serves and is hardly behind, as the primary sees it."""
    lag, config = observed.lag_seconds(host), observed.leading_config
    member = config.member(host) if config else None
    if lag is None or member is None or not observed.is_healthy(host):
        return False
    return lag <= CAUGHT_UP_SECONDS + member.delay_seconds


def falling_behind(observed: Observed) -> list[str]:
    """The hosts of members that have less than half of the primary's oplog left (rule 44).

    One that the oplog does not reach back to can never catch up: it has to copy all data anew.
    """
    primary, config = observed.primary, observed.leading_config
    reach = primary.oplog_seconds if primary else None
    if config is None or reach is None:
        return []
    return [
        each.host
        for each in config.members
        if (lag := observed.lag_seconds(each.host)) is not None
        and lag - each.delay_seconds > max(CAUGHT_UP_SECONDS, reach / 2)
    ]
