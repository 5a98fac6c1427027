"""The only place that changes anything: one `match` over the actions of a plan."""

import base64
import logging
import secrets
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol, assert_never

from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.names import CLUSTER_WIDE, PORT
from mongors.desired.secrets import (
    ACCOUNTS,
    CLUSTER_USER,
    GENERATED,
    Account,
    SecretKind,
    decoded,
    encoded,
    secret_name,
)
from mongors.errors import Denied, Failure, Refused, Rejected
from mongors.mongo import commands
from mongors.mongo.session import MONGOD, Login, Session, session, system_login
from mongors.observed.kubernetes import runs_mongod
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Action,
    Apply,
    Generate,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remove,
    ReplacePod,
    ShowRole,
    StepDown,
    StepUp,
    WithdrawEmptyStart,
    told,
)
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.planning.steps.objects import record_of, secret_values

logger = logging.getLogger(__name__)

KEYFILE_BYTES = 567
"""756 base64 characters; mongod takes 6 to 1024."""

PASSWORD_BYTES = 24

_OTHER_KEY = (
    "the members run with another key or password than the set's Secrets hold now: put the former "
    "value back"
)


class Writer(Protocol):
    """What is needed of the Kubernetes API."""

    async def apply(self, manifest: Mapping[str, Any], *, force: bool) -> dict[str, Any]:
        """Apply server-side; a uid in the manifest is a precondition."""

    async def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return the object, or None when there is certainly none."""

    async def delete(self, kind: str, namespace: str | None, name: str, uid: str) -> None:
        """Delete this very object."""

    async def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object; Refused when there is one of this name."""

    async def label_pod(
        self,
        namespace: str,
        name: str,
        uid: str,
        labels: Mapping[str, str | None],
        annotations: Mapping[str, str | None],
    ) -> dict[str, Any]:
        """Set labels and annotations of this very pod."""

    async def set_pod_condition(  # noqa: PLR0913, PLR0917 - a condition has this many fields
        self,
        namespace: str,
        name: str,
        uid: str,
        type: str,  # noqa: A002
        status: str,
        reason: str,
        message: str,
        at: datetime,
    ) -> dict[str, Any]:
        """Set a condition of this very pod."""


class Executor:
    """Carries out plans."""

    def __init__(self, kube: Writer) -> None:
        self._kube = kube

    async def execute(self, desired: Desired, observed: Observed, plan: Plan) -> list[Outcome]:
        """All upkeep, each by itself; then the step, unless some upkeep failed."""
        outcomes = [await self._try(desired, observed, action) for action in plan.upkeep]
        if plan.step is not None and not any(outcome.failure for outcome in outcomes):
            outcomes.append(await self._try(desired, observed, plan.step))
        return outcomes

    async def _try(self, desired: Desired, observed: Observed, action: Action) -> Outcome:
        context = {"namespace": desired.names.namespace, "set": desired.names.name}
        try:
            await self._do(desired, observed, action)
        except Denied as failure:
            logger.warning("Not permitted: %s: %s", action, failure.message, extra=context)
            if failure.resource == MONGOD:
                return Outcome(action, f"{failure.message}; {_OTHER_KEY}", is_final=True)
            missing = (failure.verb, failure.resource)
            return Outcome(action, failure.message, missing_permission=missing)
        except Rejected as failure:
            logger.warning("Rejected: %s: %s", action, failure.message, extra=context)
            return Outcome(action, failure.message, is_final=True)
        except Refused as failure:
            logger.debug("Refused: %s: %s", action, failure.message, extra=context)
            return Outcome(action, failure.message, was_refused=True)
        except Failure as failure:
            logger.info("Failed: %s: %s", action, failure.message, extra=context)
            return Outcome(action, failure.message)
        logger.info("%s", told(action), extra=context)
        return Outcome(action)

    async def _do(self, desired: Desired, observed: Observed, action: Action) -> None:
        namespace = desired.names.namespace
        match action:
            case Apply():
                await self._apply(action)
            case Remove():
                where = None if action.kind in CLUSTER_WIDE else namespace
                await self._kube.delete(action.kind, where, action.name, action.uid)
            case Generate():
                await self._generate(desired, observed, action.secret)
            case PermitEmptyStart():
                permission = {labels.EMPTY_START: action.uid}
                await self._kube.label_pod(namespace, action.pod, action.uid, {}, permission)
            case WithdrawEmptyStart():
                withdrawn = {labels.EMPTY_START: None}
                await self._kube.label_pod(namespace, action.pod, action.uid, {}, withdrawn)
            case ReplacePod():
                await self._replace(namespace, action)
            case ShowRole():
                await self._show_role(namespace, observed.at, action)
            case MakeUsers():
                await self._make_users(desired, observed, action)
            case _:
                await self._command(desired, observed, action)

    async def _command(
        self,
        desired: Desired,
        observed: Observed,
        action: Initiate | StepUp | Reconfigure | StepDown,
    ) -> None:
        """Births are commanded as a member, all else as the operator's limited user."""
        as_member = isinstance(action, Initiate | StepUp)
        log_in = self._as_system if as_member else self._as_operator
        async with log_in(desired, observed, action.ordinal) as mongod:
            match action:
                case Initiate():
                    await commands.initiate(mongod, action.config)
                case StepUp():
                    await commands.step_up(mongod)
                case Reconfigure():
                    await commands.reconfigure(mongod, action.based_on, action.config)
                case StepDown():
                    await commands.step_down(mongod)
                case _:
                    assert_never(action)

    async def _apply(self, action: Apply) -> None:
        """Without force when the object is new: who made it meanwhile keeps it."""
        if action.uid is None:
            await self._kube.apply(action.manifest, force=False)
            return
        metadata = {**action.manifest["metadata"], "uid": action.uid}
        if action.version is not None:
            metadata["resourceVersion"] = action.version
        await self._kube.apply({**action.manifest, "metadata": metadata}, force=True)

    async def _replace(self, namespace: str, action: ReplacePod) -> None:
        """Look once more, live: a mongod that runs by now is left alone."""
        live = await self._kube.get("Pod", namespace, action.pod)
        if live is None or live["metadata"]["uid"] != action.uid or runs_mongod(live):
            raise Refused(f"{action.pod} changed meanwhile")
        await self._kube.delete("Pod", namespace, action.pod, action.uid)

    async def _generate(self, desired: Desired, observed: Observed, kind: SecretKind) -> None:
        size = KEYFILE_BYTES if kind is SecretKind.KEYFILE else PASSWORD_BYTES
        random = {key: encoded(_random_text(size)) for key in GENERATED[kind]}
        annotations = record_of(observed).annotations() if kind is SecretKind.KEYFILE else {}
        manifest = desired.secret(kind, random, annotations)
        live = observed.objects.get(("Secret", manifest["metadata"]["name"]))
        if live is None:
            live = await self._kube.create(_bare(manifest))
        known = {key: live["metadata"][key] for key in ("uid", "resourceVersion")}
        fenced = {**manifest, "metadata": {**manifest["metadata"], **known}}
        await self._kube.apply(fenced, force=True)

    async def _show_role(self, namespace: str, at: datetime, action: ShowRole) -> None:
        if action.relabel:
            await self._kube.label_pod(
                namespace, action.pod, action.uid, {labels.ROLE: action.role.value}, {}
            )
        if action.regate:
            await self._kube.set_pod_condition(
                namespace,
                action.pod,
                action.uid,
                labels.IN_SERVICE,
                str(action.in_service),
                "Serving" if action.in_service else "NotServing",
                f"the member is {action.role.value}",
                at,
            )

    async def _make_users(self, desired: Desired, observed: Observed, action: MakeUsers) -> None:
        """Make the users, then record it; a crash in between only makes them once more."""
        users = [
            commands.User(each.user, _password(desired, observed, each), each.roles)
            for each in ACCOUNTS
        ]
        async with self._as_system(desired, observed, action.ordinal) as mongod:
            await commands.make_users(mongod, users)
        annotations = {**record_of(observed).annotations(), labels.USERS_MADE: action.mark}
        values = secret_values(observed, SecretKind.KEYFILE, desired.names.keyfile) or {}
        manifest = desired.secret(SecretKind.KEYFILE, values, annotations)
        uid = observed.objects["Secret", desired.names.keyfile]["metadata"]["uid"]
        await self._apply(Apply("Secret", desired.names.keyfile, manifest, uid))

    def _as_system(
        self, desired: Desired, observed: Observed, ordinal: int
    ) -> AbstractAsyncContextManager[Session]:
        values = secret_values(observed, SecretKind.KEYFILE, desired.names.keyfile) or {}
        key = decoded(values, "keyfile")
        if key is None:
            raise Refused("the keyFile Secret is not there")
        return session(_address(observed, ordinal), PORT, system_login(key))

    def _as_operator(
        self, desired: Desired, observed: Observed, ordinal: int
    ) -> AbstractAsyncContextManager[Session]:
        account = next(each for each in ACCOUNTS if each.user == CLUSTER_USER)
        login = Login(CLUSTER_USER, _password(desired, observed, account))
        return session(_address(observed, ordinal), PORT, login, patience_ms=15000)


def _bare(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret's content and labels alone: what is applied later can be taken back later."""
    kept = ("name", "namespace", "labels")
    metadata = {key: manifest["metadata"][key] for key in kept}
    return {**manifest, "metadata": metadata}


def _random_text(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size), altchars=b"ab").decode().rstrip("=")


def _address(observed: Observed, ordinal: int) -> str:
    pod = observed.pods.get(ordinal)
    if pod is None or pod.ip is None:
        raise Refused(f"member {ordinal} has no address now")
    return pod.ip


def _password(desired: Desired, observed: Observed, account: Account) -> str:
    name = secret_name(desired.names, account.secret)
    values = secret_values(observed, account.secret, name) or {}
    password = decoded(values, account.key)
    if password is None:
        raise Refused(f"Secret {name} is not there")
    return password
