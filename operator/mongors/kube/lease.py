"""One active operator at a time, by a Lease: taken, renewed, and given back at exit.

The rules are those of client-go. Another's Lease counts as expired when it has not *changed* for
its duration on our own clock, so clocks that differ do no harm. The holder gives up before that
moment, counted from when its last successful renewal was *sent*. Safety does not rest on this:
two active operators would be noisy, not harmful.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from mongors.errors import Failure, Refused
from mongors.kube.failures import failure_of, is_absence
from mongors.kube.kinds import KINDS
from mongors.kube.request import Request
from mongors.kube.terms import OF_A_POD, LeaseTerms
from mongors.kube.transport import Transport

logger = logging.getLogger(__name__)

_BETWEEN_LOOKS_AT_PODS = 10.0

_RELEASED_SECONDS = 1
"""The duration of a Lease that was given back: the next one need not wait."""


class LeaseLost(Exception):  # noqa: N818 - news, not a bug
    """Somebody else may be active by now."""


class Lease:
    """Runs work for as long as this process holds the Lease."""

    def __init__(
        self, transport: Transport, terms: LeaseTerms, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._transport = transport
        self._terms = terms
        self._clock = clock
        self._lease: dict[str, Any] | None = None
        self._seen_at = 0.0
        self._renewed_at = 0.0
        self._told = ""
        self._asks_again_at = 0.0
        self.is_held = False

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Wait for the Lease, then do the work; give the Lease back however the work ends.

        Raises `LeaseLost` at once, with the work still running, if the Lease cannot be kept: the
        process has to end then, without tidying up.
        """
        await self._acquire()
        logger.info("Became the active operator", extra={"identity": self._terms.identity})
        working = asyncio.ensure_future(work())
        keeping = asyncio.create_task(self._keep(), name="lease keeper")
        try:
            await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                self.is_held = False
                keeping.result()
            working.result()
        except asyncio.CancelledError:
            working.cancel()
            await asyncio.wait({working})
            raise
        finally:
            keeping.cancel()
            await self._release()

    async def _acquire(self) -> None:
        while True:
            if await self._attempt():
                self.is_held = True
                return
            await asyncio.sleep(self._terms.retry_every)

    async def _attempt(self) -> bool:
        try:
            await self._look()
            if self._lease and not (self._is_free() or await self._is_without_pod()):
                return False
            await self._write(self._terms.identity, self._terms.duration)
        except Refused:
            return False  # another one was faster
        except Failure as failure:
            level = logging.DEBUG if failure.message == self._told else logging.WARNING
            logger.log(level, "Failed to ask for the lease: %s", failure.message)
            self._told = failure.message
            return False
        return True

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._renewed_at + self._terms.renew_every - self._clock())
            while not await self._renew():
                if self._clock() - self._renewed_at > self._terms.renew_within:
                    raise LeaseLost("it could not be renewed in time")
                await asyncio.sleep(min(1.0, self._terms.retry_every))

    async def _renew(self) -> bool:
        remaining = self._renewed_at + self._terms.renew_within - self._clock()
        try:
            async with asyncio.timeout(max(0.0, remaining)):
                await self._write(self._terms.identity, self._terms.duration)
        except TimeoutError:
            raise LeaseLost("it could not be renewed in time") from None
        except Refused:
            await self._look_after_conflict()
            return False
        except Failure as failure:
            logger.warning("Failed to renew the lease: %s", failure.message)
            return False
        return True

    async def _look_after_conflict(self) -> None:
        try:
            await self._look()
        except Failure:
            return
        if self._lease is not None and _holder(self._lease) != self._terms.identity:
            raise LeaseLost(f"it is held by {_holder(self._lease) or 'nobody'}")

    async def _release(self) -> None:
        if not self.is_held:
            return
        self.is_held = False
        try:
            await self._give_back()
        except Failure as failure:
            logger.warning("Failed to give the lease back: %s", failure.message)
        else:
            logger.info("Gave the lease back", extra={"identity": self._terms.identity})

    async def _give_back(self) -> None:
        try:
            await self._write("", _RELEASED_SECONDS)
        except Refused:  # a renewal that was cut short did arrive
            await self._look()
            if self._lease is not None and _holder(self._lease) == self._terms.identity:
                await self._write("", _RELEASED_SECONDS)

    def _is_free(self) -> bool:
        spec = (self._lease or {}).get("spec") or {}
        if spec.get("holderIdentity") in (None, "", self._terms.identity):
            return True
        patience = float(spec.get("leaseDurationSeconds") or self._terms.duration)
        return self._clock() - self._seen_at > patience

    async def _is_without_pod(self) -> bool:
        """Whether the holder was a pod that is certainly gone: nobody has to wait for that one.

        One that could not give its Lease back, at an uninstallation or on a lost node, perhaps.
        """
        holder = _holder(self._lease or {})
        if not holder.startswith(OF_A_POD) or self._clock() < self._asks_again_at:
            return False
        self._asks_again_at = self._clock() + _BETWEEN_LOOKS_AT_PODS
        pod = Request("get", KINDS["Pod"], self._terms.namespace, holder.removeprefix(OF_A_POD))
        return is_absence(await self._transport.send(pod))

    async def _look(self) -> None:
        request = self._request("get")
        answer = await self._transport.send(request)
        if is_absence(answer):
            self._lease = None
            return
        if not answer.succeeded:
            raise failure_of(request, answer)
        lease = answer.json()
        if self._lease is None or _version(lease) != _version(self._lease):
            self._seen_at = self._clock()
        self._lease = lease

    async def _write(self, holder: str, duration: float) -> None:
        """Write the Lease over the very version that was seen last."""
        sent_at = self._clock()
        request = self._request("update" if self._lease else "create", self._body(holder, duration))
        answer = await self._transport.send(request)
        if not answer.succeeded:
            raise failure_of(request, answer)
        self._lease = answer.json()
        self._renewed_at = sent_at
        self._seen_at = self._clock()

    def _body(self, holder: str, duration: float) -> dict[str, Any]:
        before = self._lease or {}
        spec = dict(before.get("spec") or {})
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # for people; nothing reads it
        if spec.get("holderIdentity") != holder:
            spec["acquireTime"] = now
            spec["leaseTransitions"] = int(spec.get("leaseTransitions") or 0) + bool(holder)
        spec |= {
            "holderIdentity": holder,
            "leaseDurationSeconds": round(duration),
            "renewTime": now,
        }
        metadata = {"name": self._terms.name, "namespace": self._terms.namespace}
        if before:
            metadata["resourceVersion"] = _version(before)
        kind = KINDS["Lease"]
        return {
            "apiVersion": kind.api_version,
            "kind": kind.name,
            "metadata": metadata,
            "spec": spec,
        }

    def _request(self, verb: str, body: dict[str, Any] | None = None) -> Request:
        return Request(verb, KINDS["Lease"], self._terms.namespace, self._terms.name, body=body)


def _holder(lease: dict[str, Any]) -> str:
    return str((lease.get("spec") or {}).get("holderIdentity") or "")


def _version(lease: dict[str, Any]) -> str:
    return str(lease["metadata"]["resourceVersion"])
