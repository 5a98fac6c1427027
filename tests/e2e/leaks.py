"""I7: what a Secret holds is to be read in that Secret alone. `leaks` is pure, the rest looks."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from e2e.sets import Kubectl, Raw, ReplicaSet

PIECE = 16  # characters: whoever knows so many in a row of a longer secret was told too much
SHORTEST = 8  # characters: what is shorter may be a word that stands anywhere
SECRET_KEYS = ("password", "key", "token")
OPERATOR = ("--namespace=mongors", "--selector=app.kubernetes.io/name=mongors")
MEMBERS = "--selector=app.kubernetes.io/instance"
_WHATEVER_RUNS = ("--ignore-errors", "--max-log-requests=50")
KINDS = (
    "secrets", "mongoreplicasets", "statefulsets", "controllerrevisions", "deployments",
    "replicasets", "pods", "services", "endpointslices", "serviceaccounts", "roles",
    "rolebindings", "poddisruptionbudgets", "persistentvolumeclaims", "configmaps", "leases",
    "events",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Secret:
    """A password or a key, and where it belongs; it is not shown."""

    name: str
    value: str = field(repr=False)


def leaks(texts: Mapping[str, str], secrets: Iterable[Secret]) -> Iterator[str]:
    """I7: the places where a secret or a piece of one is to be read; it is not repeated."""
    for secret in secrets:
        pieces = _pieces(secret.value)
        for place, text in texts.items():
            if any(piece in text for piece in pieces):
                yield f"{secret.name} is to be read in {place}"


def _pieces(value: str) -> set[str]:
    """What gives a secret away: each piece of it as it is, escaped for JSON or a URI, in base64."""
    forms = {
        value,
        json.dumps(value)[1:-1],
        quote(value, safe=""),
        base64.b64encode(value.encode()).decode(),
    }
    return {
        form[start : start + PIECE]
        for form in forms
        for start in range(0, max(len(form) - PIECE, 0) + 1, PIECE // 2)
    }


def secrets_in(objects: Iterable[Raw]) -> set[Secret]:
    """The passwords, keys and tokens in those of the objects that are Secrets."""
    found = {
        Secret(f"{each['metadata']['name']}/{key}", _decoded(data))
        for each in objects
        if each["kind"] == "Secret"
        for key, data in (each.get("data") or {}).items()
        if any(word in key.lower() for word in SECRET_KEYS)
    }
    return {each for each in found if len(each.value) >= SHORTEST}


def _decoded(data: str) -> str:
    return base64.b64decode(data).decode(errors="replace").strip()


def shown_in(objects: Iterable[Raw]) -> dict[str, str]:
    """The objects that are no Secrets, as anybody may read them."""
    return {
        f"{each['kind']} {each['metadata']['name']}": json.dumps(each)
        for each in objects
        if each["kind"] != "Secret"
    }


def objects_in(kubectl: Kubectl, namespace: str) -> list[Raw]:
    """Every object in a namespace: a set's own, and what others say of them."""
    done = kubectl("-n", namespace, "get", ",".join(KINDS), "-o", "json")
    assert done.returncode == 0, done.stderr
    found: list[Raw] = json.loads(done.stdout)["items"]
    return found


def logs_about(kubectl: Kubectl, namespace: str) -> dict[str, str]:
    """What the installed operator has logged since the namespace is there, and the set's pods."""
    made = kubectl("get", "namespace", namespace, "-o", "jsonpath={.metadata.creationTimestamp}")
    asked = {
        "the operator's log": (*OPERATOR, "--tail=-1", f"--since-time={made.stdout}"),
        "the members' logs": (f"--namespace={namespace}", MEMBERS, "--tail=300"),
    }
    return {
        place: str(kubectl("logs", *words, "--all-containers", *_WHATEVER_RUNS).stdout)
        for place, words in asked.items()
    }


def processes(name: str = "mongod", proc: Path = Path("/proc")) -> dict[str, str]:
    """What all processes of this name on this machine were started with."""
    found: dict[str, str] = {}
    for process in proc.glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() != name:
                continue
            words = [(process / file).read_text("utf-8", "replace") for file in _STARTED_WITH]
        except OSError:  # it has ended
            continue
        found[f"process {process.name}"] = "\0".join(words)
    return found


_STARTED_WITH = ("cmdline", "environ")


def leaks_of(replica_set: ReplicaSet, before: Iterable[Secret] = ()) -> list[str]:
    """All leaks of the secrets that a namespace has now, or had before."""
    objects = objects_in(replica_set.kubectl, replica_set.namespace)
    secrets = secrets_in(objects) | set(before)
    assert secrets, "there is nothing to search for"
    texts = shown_in(objects) | logs_about(replica_set.kubectl, replica_set.namespace)
    for program in ("mongod", "mongodb_exporter"):
        texts |= processes(program)
    return sorted(leaks(texts, secrets))
