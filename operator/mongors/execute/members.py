"""The commands to the members of one set."""

import logging
from contextlib import AbstractAsyncContextManager
from typing import assert_never

from mongors.desired.desired import Desired
from mongors.desired.names import PORT
from mongors.desired.secrets import (
    ACCOUNTS,
    CLUSTER_USER,
    OPTIONAL,
    Account,
    SecretKind,
    decoded,
    secret_name,
    wanted_of_optional,
)
from mongors.errors import Failure, Refused
from mongors.mongo import commands, copying
from mongors.mongo.ask import greet
from mongors.mongo.session import Login, Session, session, system_login
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    CopyFrom,
    Evict,
    Force,
    Initiate,
    Reconfigure,
    SetParameters,
    SetWriteConcern,
    StepDown,
    StepUp,
    SwitchOver,
)
from mongors.planning.steps.objects import secret_values

logger = logging.getLogger(__name__)

OLD_WORDS_BEFORE = (5, 0, 0)
"""Before this version a member's delay had another name."""

PATIENCE_SECONDS = 10
"""How much longer than one heartbeat time-out a command to the set may take."""

Command = Initiate | StepUp | Reconfigure | StepDown | SetParameters | SetWriteConcern | Force
"""What is said to one member; the other actions talk to several."""


class Members:
    """The members of one set, as they were seen in one pass."""

    def __init__(self, desired: Desired, observed: Observed) -> None:
        self._desired = desired
        self._observed = observed

    async def do(self, action: Command | SwitchOver | CopyFrom) -> None:
        """Carry one command out: births and recoveries as a member, all else as a limited user."""
        if isinstance(action, SwitchOver):
            await self._switch_over(action)
            return
        if isinstance(action, CopyFrom):
            await self._copy_from(action)
            return
        as_member = isinstance(action, Initiate | StepUp | Force)
        log_in = self._as_system if as_member else self._as_operator
        async with log_in(action.ordinal) as mongod:
            await self._command(mongod, action)

    async def check_role(self, action: Evict) -> None:
        """Ask the member once more: no primary is restarted unless it was planned so (rule 63)."""
        hello = await greet(self._address(action.ordinal), PORT)
        if hello is None and not action.may_be_silent:
            raise Refused(f"{action.pod} does not answer; looking again")
        if hello and hello.get("secondary") and action.may_be_silent:
            raise Refused(f"{action.pod} serves by now")
        if hello and hello.get("isWritablePrimary") and not action.may_be_primary:
            raise Refused(f"{action.pod} is primary by now")

    async def make_users(self, ordinal: int) -> None:
        """Make the users, give known ones their passwords, drop who is not wanted any more."""
        wanted = (*ACCOUNTS, *wanted_of_optional(self._desired.spec.monitoring))
        users = [commands.User(each.user, self._password(each), each.roles) for each in wanted]
        async with self._as_system(ordinal) as mongod:
            await commands.make_users(mongod, users)
            if self._observed.record.users_made is not None:
                for past in (each for each in OPTIONAL if each not in wanted):
                    await commands.drop_user(mongod, past.user)

    async def _command(self, mongod: Session, action: Command) -> None:
        match action:
            case Initiate():
                old = self._uses_old_words(action.ordinal)
                await commands.initiate(mongod, action.config, old_words=old)
            case StepUp():
                await commands.stand_if_leaderless(mongod)
            case Reconfigure():
                old = self._uses_old_words(action.ordinal)
                await commands.reconfigure(mongod, action.based_on, action.config, old_words=old)
            case StepDown():
                await commands.step_down(mongod)
            case SetParameters():
                await commands.set_parameters(mongod, action.values)
            case SetWriteConcern():
                await commands.set_write_concern(mongod)
            case Force():
                old = self._uses_old_words(action.ordinal)
                await commands.force(mongod, action.based_on, action.config, old_words=old)
            case _:
                assert_never(action)

    async def _switch_over(self, action: SwitchOver) -> None:
        """Hand over to one member while the others do not stand; that ends whatever happens.

        That member may have stepped down itself a moment ago, and may stand again. It is given time
        to have what a majority had when this began: mongod steps down for whoever has all, and of
        the others nobody stands. Who copies from it is woken then. Should this be cut off, the
        freeze ends by itself, and the next pass asks the member that is wanted to stand.
        """
        log_in, others = self._as_operator, action.others
        async with log_in(action.ordinal) as primary, log_in(action.target) as target:
            had = await commands.committed(primary)
            await commands.freeze(target, 0)
            try:
                for other in others:
                    await self._freeze(other, commands.FREEZE_SECONDS)
                await commands.await_write(target, had)
                await commands.step_down(primary)
                await commands.step_up(target)
            finally:
                for other in others:
                    await self._thaw(other)
            await copying.wake(target)

    async def _copy_from(self, action: CopyFrom) -> None:
        """Whatever comes of it, nothing is lost but a moment: the step behind it is done anyway."""
        primary = self._observed.primary
        if primary is None:
            raise Refused("there is no primary")
        log_in = self._as_operator
        try:
            async with log_in(action.ordinal) as mongod, log_in(primary.ordinal) as leader:
                await copying.copy_from(mongod, leader, action.source)
        except Failure as failure:
            raise Refused(failure.message) from None

    async def _freeze(self, ordinal: int, seconds: int) -> None:
        async with self._as_operator(ordinal) as mongod:
            await commands.freeze(mongod, seconds)

    async def _thaw(self, ordinal: int) -> None:
        try:
            await self._freeze(ordinal, 0)
        except Failure as failure:
            seconds = commands.FREEZE_SECONDS
            logger.info("The freeze ends in %d s by itself: %s", seconds, failure.message)

    def _uses_old_words(self, ordinal: int) -> bool:
        answer = self._observed.answers.get(ordinal)
        return answer is not None and (answer.version or OLD_WORDS_BEFORE) < OLD_WORDS_BEFORE

    def _as_system(self, ordinal: int) -> AbstractAsyncContextManager[Session]:
        name = self._desired.names.keyfile
        values = secret_values(self._observed, SecretKind.KEYFILE, name) or {}
        key = decoded(values, "keyfile")
        if key is None:
            raise Refused("the keyFile Secret is not there")
        return session(self._address(ordinal), PORT, system_login(key))

    def _as_operator(self, ordinal: int) -> AbstractAsyncContextManager[Session]:
        account = next(each for each in ACCOUNTS if each.user == CLUSTER_USER)
        login = Login(CLUSTER_USER, self._password(account))
        heartbeat = self._desired.spec.settings.heartbeat_timeout_secs
        patience_ms = (heartbeat + PATIENCE_SECONDS) * 1000
        return session(self._address(ordinal), PORT, login, patience_ms=patience_ms)

    def _address(self, ordinal: int) -> str:
        pod = self._observed.pods.get(ordinal)
        if pod is None or pod.ip is None:
            raise Refused(f"member {ordinal} has no address now")
        return pod.ip

    def _password(self, account: Account) -> str:
        name = secret_name(self._desired.names, account.secret)
        values = secret_values(self._observed, account.secret, name) or {}
        password = account.password(values)
        if password is None:
            raise Refused(f"Secret {name} is not there")
        return password
