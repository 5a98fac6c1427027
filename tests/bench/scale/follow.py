"""One collection of the API server, listed and watched in a thread; objects come as plain JSON."""

import contextlib
import json
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from kubernetes import client, config
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

Raw = dict[str, Any]
Told = Callable[[str, Raw], None]
"""Hears of each object: `ADDED`, `MODIFIED` or `DELETED`, and the object."""

RENEW_SECONDS = 600
AGAIN_SECONDS = 0.5


class Follow:
    """Tells of every object of a path from when it is entered until it is left.

    After a break it lists anew, so that some objects are told of twice; a deletion in between is
    missed.
    """

    def __init__(self, path: str, told: Told) -> None:
        config.load_kube_config()  # type: ignore[no-untyped-call]
        api = client.ApiClient()
        self._url = api.configuration.host + path
        self._pool: Any = api.rest_client.pool_manager
        self._told = told
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._open: HTTPResponse | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._open is not None:
            with contextlib.suppress(ValueError):  # it has ended by itself
                self._open.shutdown()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(HTTPError, OSError, ValueError, KeyError):
                self._watch(self._list())
            self._stop.wait(AGAIN_SECONDS)

    def _list(self) -> str:
        reply = self._pool.request("GET", f"{self._url}?resourceVersion=0", timeout=60)
        found = json.loads(reply.data)
        for each in found["items"]:
            self._told("ADDED", each)
        return str(found["metadata"]["resourceVersion"])

    def _watch(self, version: str) -> None:
        query = f"watch=1&resourceVersion={version}&timeoutSeconds={RENEW_SECONDS}"
        self._open = self._pool.request(
            "GET", f"{self._url}?{query}", preload_content=False, timeout=RENEW_SECONDS + 10
        )
        for line in self._open or ():
            event = json.loads(line)
            if event["type"] == "ERROR":
                return
            self._told(event["type"], event["object"])
