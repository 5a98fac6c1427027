"""Taking secrets out of what is to be given away. Pure.

Twice: by place, for every value of a Secret and every field whose name speaks of one; and by
content, for every value that is known to be secret, in each form in which it may have been written.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

MASK = "***"

_SHORTEST = 6
"""Characters of a value that is looked for in texts: a shorter one would hit common words."""

_NAMES = re.compile(
    r"(^|[._-])pass$|pass(word|wd|phrase)|secret$|token|credential|private.?key|keyfile|pwd",
    re.IGNORECASE,
)
"""Names of fields whose text is a secret."""

_HARMLESS_NAMES = re.compile(
    r"secretname$|keyfilepath$|automountserviceaccounttoken$|secretref", re.IGNORECASE
)
"""Names that only say where a secret is."""

_OPEN_KEYS = frozenset(
    {
        *("type", "provider", "host", "port", "username", "database"),
        *("clusterUsername", "usersUsername", "held"),
    }
)
"""Keys of the set's Secrets whose values everybody knows; without them no text could be read."""

_URL_SAFE = str.maketrans("+/", "-_")

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_IN_TEXTS = (
    re.compile(r"(?P<kept>mongodb(?:\+srv)?://[^\s:/@\"']*:)[^\s@\"']+(?=@)"),
    re.compile(r"(?P<kept>\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
    re.compile(
        r"(?P<kept>(?:password|passwd|pwd|token)[\"']?\s*[=:]\s*[\"']?)[^\s\"',&]{3,}",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<kept>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)", re.DOTALL),
    re.compile(r"(?P<kept>)\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+"),
)
"""What is a secret wherever it stands: logins in addresses, tokens, private keys."""


@dataclass(frozen=True, slots=True)
class Mask:
    """What hides a number of known secrets, and whatever looks like one."""

    known: tuple[str, ...] = ()
    """Every form of every secret, the longest first."""

    @classmethod
    def of(cls, secrets: Iterable[str]) -> "Mask":
        """Make the mask for these secrets."""
        return cls(tuple(sorted(forms(secrets), key=len, reverse=True)))

    def text(self, text: str) -> str:
        """The text without any of the secrets, and without what looks like one."""
        for each in self.known:
            text = text.replace(each, MASK)
        for pattern in _IN_TEXTS:
            text = pattern.sub(lambda found: found["kept"] + MASK, text)
        return text

    def of_object(self, value: Any) -> Any:
        """An object of the API, or a part of one, without what is secret in it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.of_object(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        if value.get("kind") == "Secret" and "metadata" in value:
            value = _without_values(value)
        is_named = is_secret_name(str(value.get("name", "")))
        return {
            key: MASK
            if _is_secret_field(str(key), each) or (key == "value" and is_named and each)
            else self.of_object(each)
            for key, each in value.items()
        }


def forms(secrets: Iterable[str]) -> frozenset[str]:
    """Every form in which a secret may have been written: plain, escaped, quoted, in base64."""
    found = set[str]()
    for each in secrets:
        for text in {each, *each.split()}:
            if len(text) >= _SHORTEST:
                found |= {text, quote(text, safe=""), json.dumps(text)[1:-1], *_in_base64(text)}
    return frozenset(found)


def _in_base64(text: str) -> Iterator[str]:
    """The characters that stand for a text in base64, wherever in a longer one it begins."""
    raw = text.encode()
    for before in range(3):
        code = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        whole = code[-(-before * 8 // 6) :]
        certain = whole[:-1] if (before + len(raw)) % 3 else whole
        yield certain
        yield certain.translate(_URL_SAFE)


def secrets_in(secret: Mapping[str, Any]) -> frozenset[str]:
    """The values of a Secret, in base64 and as text; names and places are not among them."""
    found = set[str]()
    for key, value in (secret.get("data") or {}).items():
        if key in _OPEN_KEYS:
            continue
        found.add(str(value))
        try:
            found.add(base64.b64decode(value or "").decode())
        except ValueError:
            continue
    return frozenset(each for each in found if each)


def _without_values(secret: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(secret)
    for part in ("data", "stringData"):
        if kept.get(part):
            kept[part] = dict.fromkeys(kept[part], MASK)
    metadata = dict(kept.get("metadata") or {})
    annotations = dict(metadata.get("annotations") or {})
    if _LAST_APPLIED in annotations:
        metadata["annotations"] = {**annotations, _LAST_APPLIED: MASK}
    return {**kept, "metadata": metadata}


def is_secret_name(name: str) -> bool:
    """Whether a name speaks of a secret, and not only of the place of one."""
    return bool(_NAMES.search(name)) and not _HARMLESS_NAMES.search(name)


def _is_secret_field(key: str, value: Any) -> bool:
    return isinstance(value, str) and bool(value) and is_secret_name(key)
