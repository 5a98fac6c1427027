"""Users: the operator's two and the application's one, made once and mended when they fail."""

import hmac
from collections.abc import Iterator, Sequence

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.desired.secrets import (
    ACCOUNTS,
    Account,
    SecretKind,
    secret_name,
    wanted_of_optional,
)
from mongors.observed.observed import Observed
from mongors.planning.actions import MakeUsers
from mongors.planning.recorded import record_of
from mongors.planning.steps.objects import secret_values
from mongors.planning.waits import Wait


def make_users(desired: Desired, observed: Observed) -> Iterator[MakeUsers | Wait]:
    """Make the users when this data has none for these Secrets, or when a login is refused.

    Only a member can make them, so without the key the users stay as they are.
    """
    primary = observed.primary
    key = secret_values(observed, SecretKind.KEYFILE, desired.names.keyfile)
    if primary is None or key is None:
        return
    mark = users_mark(desired, observed)
    if mark is None:
        yield Wait(Reason.PROGRESSING, "waiting for the Secrets of the users")
    elif observed.record.users_made != mark or primary.login_refused:
        yield MakeUsers(primary.ordinal, mark)


def users_mark(
    desired: Desired, observed: Observed, optional: Sequence[Account] | None = None
) -> str | None:
    """Which data holds users with which passwords; None while a Secret is missing.

    With these of the optional users; with those that are wanted, unless it is said. Each of those
    stands in it by its name: their passwords come from the same value.

    The passwords stand in it as a digest keyed with the members' key: it shows that one of them
    changed, and nothing else.
    """
    values = {
        kind: secret_values(observed, kind, secret_name(desired.names, kind)) for kind in SecretKind
    }
    if None in values.values():
        return None
    digest = hmac.new((values[SecretKind.KEYFILE] or {})["keyfile"].encode(), digestmod="sha256")
    wanted = wanted_of_optional(desired.spec.monitoring) if optional is None else optional
    for account in ACCOUNTS:
        digest.update((values[account.secret] or {})[account.key].encode() + b"\n")
    for account in wanted:
        password = account.password(values[account.secret] or {})
        digest.update(f"{account.user} {password}\n".encode())
    return f"{record_of(desired, observed).replica_set_id}/{digest.hexdigest()[:16]}"
