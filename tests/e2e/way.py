"""An operator of our own, and a way between it and the API server that can be broken."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from e2e.leaks import leaks, secrets_in
from e2e.own import own_operator
from e2e.sets import ReplicaSet
from faults.proxy import Proxy
from faults.troubles import Seen, Trouble, calm


@dataclass(frozen=True, slots=True)
class Way:
    """A set, its operator's way to the API server, and what that operator writes."""

    replica_set: ReplicaSet
    proxy: Proxy
    log: Path

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @contextmanager
    def in_trouble(
        self, trouble: Trouble, *, cuts: bool = False, lingers: bool = False
    ) -> Iterator[list[Seen]]:
        """Break it, and mend it afterwards; tells the requests that arrived meanwhile.

        With `cuts` the connections that stand are broken first. With `lingers` what was never
        answered stays so: only who asks anew is answered.
        """
        arrived: list[Seen] = []
        began = time.monotonic()
        self.proxy.trouble = trouble
        if cuts:
            self.proxy.hang_up()
        try:
            yield arrived
            arrived += self.proxy.since(began)
        finally:
            self.proxy.trouble = calm
            if not lingers:
                self.proxy.hang_up()  # what was never answered is asked anew

    @contextmanager
    def refused(self) -> Iterator[None]:
        """Nobody listens at its end."""
        self.proxy.close()
        try:
            yield
        finally:
            self.proxy.open()


@contextmanager
def a_way(replica_set: ReplicaSet) -> Iterator[Way]:
    """Run an operator for the set's namespace; its log holds no secret in the end."""
    with Proxy() as proxy, tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        goes = {"KUBECONFIG": str(proxy.kubeconfig(Path(folder))), "MONGORS_LOG_FORMAT": "json"}
        with log.open("wb") as out, own_operator(replica_set.namespace, log=out, **goes):
            yield Way(replica_set, proxy, log)
        secrets = secrets_in(replica_set.all_of("secrets"))
        assert list(leaks({"the operator's log": log.read_text("utf-8")}, secrets)) == []
