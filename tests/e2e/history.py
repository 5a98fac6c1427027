"""What really happened in a set: from its oplog, and from looking at every member all the time."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from bson import Timestamp
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from pymongo import DESCENDING, MongoClient
from urllib3.exceptions import HTTPError

from e2e.api import shared_client
from e2e.invariants import ALWAYS, Config, Invariant, Round, configs
from e2e.leaks import leaks_of, secrets_in
from e2e.looking import is_running, look_at, primary_of
from e2e.sets import Raw, ReplicaSet, eventually

LOOK_SECONDS = 0.3
_QUICK: Raw = {"connectTimeoutMS": 500, "serverSelectionTimeoutMS": 500, "socketTimeoutMS": 1000}
_TOLD = ["new primary", "Reconfig set"]


class Watched:
    """Looks at a set from now on until it is left, and judges what it saw.

    `elections` and `reconfigs` are read from the primary's oplog when it is left, and whatever may
    be read is searched for `leaks`; `violations` are these and those of the invariants, each once.
    """

    def __init__(
        self,
        replica_set: ReplicaSet,
        *,
        also: tuple[Invariant, ...] = (),
        without: tuple[Invariant, ...] = (),
    ) -> None:
        self._set = replica_set
        self._core = client.CoreV1Api(shared_client())
        self._key = replica_set.secret("keyfile")["keyfile"]
        self._invariants = [each for each in (*ALWAYS, *also) if each not in without]
        self._clients: dict[str, MongoClient[Raw]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.rounds: list[Round] = []
        self.elections = 0
        self.reconfigs: list[int] = []
        self.leaks: list[str] = []

    def __enter__(self) -> Self:
        self._secrets = secrets_in(self._set.all_of("secrets"))
        self._since = last_of_oplog(self._set)
        self._thread.start()
        eventually(lambda: self.rounds, 10, "the set is looked at")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(30)
        for each in self._clients.values():
            each.close()
        if kind is None:
            entries = told_since(self._set, self._since)
            self.elections = sum(each["o"]["msg"] == "new primary" for each in entries)
            self.reconfigs = [each["o"]["version"] for each in entries if "version" in each["o"]]
            self.leaks = leaks_of(self._set, self._secrets)

    @property
    def violations(self) -> list[str]:
        """What should never have been seen; once it is left, also every secret that shows."""
        found = (said for each in self._invariants for said in each(self.rounds))
        return list(dict.fromkeys([*found, *self.leaks]))

    @property
    def configs(self) -> list[Config]:
        """The configurations that were seen, in order."""
        return configs(self.rounds)

    @property
    def primaries(self) -> list[str]:
        """The members that were seen writable, in order of their terms."""
        terms = {look.term: look.pod for one in self.rounds for look in one.looks if look.term}
        return [terms[term] for term in sorted(terms)]

    def _watch(self) -> None:
        with ThreadPoolExecutor(max_workers=10) as pool:
            is_last = False
            while not is_last:  # one more look when it is left: at the end of the story
                is_last = self._stop.wait(LOOK_SECONDS)
                with suppress(ApiException, HTTPError):  # no answer: nothing was seen
                    self.rounds.append(self._round(pool))

    def _round(self, pool: ThreadPoolExecutor) -> Round:
        pods = {each["metadata"]["name"]: each for each in self._listed("pod")}
        claims = self._listed("persistent_volume_claim")
        there = [(name, ip) for name, pod in pods.items() if (ip := pod["status"].get("podIP"))]
        for _, ip in there:
            if ip not in self._clients:
                self._clients[ip] = self._connect(ip)
        return Round(
            running={name: is_running(pod) for name, pod in pods.items()},
            claims={each["metadata"]["name"]: each["metadata"]["uid"] for each in claims},
            looks=tuple(pool.map(lambda each: look_at(each[0], self._clients[each[1]]), there)),
        )

    def _listed(self, kind: str) -> list[Raw]:
        reply: Any = getattr(self._core, f"list_namespaced_{kind}")(
            self._set.namespace,
            label_selector=f"app.kubernetes.io/instance={self._set.name}",
            _preload_content=False,
            _request_timeout=5,
        )
        items: list[Raw] = json.loads(reply.data)["items"]
        return items

    def _connect(self, ip: str) -> MongoClient[Raw]:
        return MongoClient(
            ip, 27017, username="__system", password=self._key, authSource="local",
            authMechanism="SCRAM-SHA-256", directConnection=True, **_QUICK,
        )  # fmt: skip


def last_of_oplog(replica_set: ReplicaSet) -> Timestamp:
    """Where the primary's oplog ends now."""
    with primary_of(replica_set) as mongod:
        last = mongod.local["oplog.rs"].find_one(sort=[("$natural", DESCENDING)])
    assert last is not None
    stamp: Timestamp = last["ts"]
    return stamp


def told_since(replica_set: ReplicaSet, since: Timestamp) -> list[Raw]:
    """The elections and reconfigs that the primary's oplog holds after a moment."""
    asked = {"ts": {"$gt": since}, "op": "n", "o.msg": {"$in": _TOLD}}
    with primary_of(replica_set) as mongod:
        return list(mongod.local["oplog.rs"].find(asked))
