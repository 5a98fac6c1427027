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
