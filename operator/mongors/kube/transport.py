"""One request to the API server: bounded in number and in time.

Raw JSON in and out. The typed half of the client library is never imported: it costs a second
and a half of start-up, and server-side apply wants exactly the fields that we wrote.
"""

import asyncio
import time
from types import TracebackType
from typing import Any, Self

import aiohttp
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration

from mongors import __version__
from mongors.door import passing
from mongors.errors import Retry
from mongors.kube.failures import quiet_seconds
from mongors.kube.request import Answer, Answered, Request, timed, unheard

USER_AGENT = f"mongors/{__version__}"
TIMEOUT_SECONDS = 30.0
CONNECT_SECONDS = 5.0
LONGEST_QUIET_SECONDS = 60.0
"""For how long the API server is left alone at most, whatever it asks for."""

AT_ONCE = 32
"""Requests under way at most: a burst of passes must not become a burst on the API server."""


class Transport:
    """Sends requests with the login of `configuration`."""

    def __init__(
        self,
        configuration: Configuration,
        timeout: float = TIMEOUT_SECONDS,
        on_answer: Answered = unheard,
    ) -> None:
        configuration.retries = None  # the queue retries, with one backoff for all reasons
        self._client: Any = ApiClient(configuration)
        self._client.user_agent = USER_AGENT
        self._timeout = timeout
        self._on_answer = on_answer
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._quiet_until = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.close()

    async def send(self, request: Request) -> Answer:
        """Send one request and read its answer; an answer that does not come is `Retry`.

        An API server that has too much to do asks to be left alone for some seconds; that is meant
        for all requests, and so all wait.
        """
        await self._keep_quiet()
        try:
            async with self._slots, asyncio.timeout(self._timeout):
                with passing(str(request)):
                    named = request.resource.lstrip(".")  # a group as such is its name
                    asked = self._exchange(request)
                    answer = await timed(self._on_answer, request.verb, named, asked)
        except TimeoutError as error:
            raise Retry(f"{request}: no answer within {self._timeout:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(f"{request}: {type(error).__name__}: {error}") from error
        self._note_quiet(quiet_seconds(answer))
        return answer

    async def _keep_quiet(self) -> None:
        left = self._quiet_until - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)

    def _note_quiet(self, seconds: float) -> None:
        seconds = min(seconds, LONGEST_QUIET_SECONDS)
        self._quiet_until = max(self._quiet_until, time.monotonic() + seconds)

    async def _exchange(self, request: Request) -> Answer:
        prepared = await self._client.param_serialize(
            request.method,
            request.path,
            query_params=list(request.query.items()),
            header_params={"Accept": "application/json", "Content-Type": request.content_type},
            body=request.body,
            auth_settings=["BearerToken"],
        )
        limits = aiohttp.ClientTimeout(total=self._timeout, sock_connect=CONNECT_SECONDS)
        response = await self._client.call_api(*prepared, _request_timeout=limits)
        content = await response.read()
        return Answer(response.status, content, response.headers.get("Retry-After"))
