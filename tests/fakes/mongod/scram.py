"""The server's side of SCRAM-SHA-256 (RFC 7677), one conversation per login."""

import base64
import functools
import hashlib
import hmac
import secrets
from collections.abc import Callable

ROUNDS = 15000
"""MongoDB's own default; it is what makes a login cost its client 5 ms."""

_SALT = secrets.token_bytes(28)

Keys = tuple[bytes, bytes]
"""What a server stores of a password: StoredKey and ServerKey."""


class LoginRefused(Exception):  # noqa: N818 - an answer, not an error
    """The proof does not fit the password, or there is no such user."""


@functools.lru_cache(maxsize=100_000)
def keys_of(password: str) -> Keys:
    """Derive what a server stores; as dear as it is for the client, so done once a password."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), _SALT, ROUNDS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return hashlib.sha256(client_key).digest(), server_key


class Conversation:
    """From the client's first message to its proof."""

    def __init__(self, first: bytes, password_of: Callable[[str], str | None]) -> None:
        bare = first.decode().split(",", 2)[2]
        fields = _fields(bare)
        self.user = fields["n"].replace("=2C", ",").replace("=3D", "=")
        self._nonce = fields["r"] + secrets.token_urlsafe(18)
        salt = base64.b64encode(_SALT).decode()
        self.challenge = f"r={self._nonce},s={salt},i={ROUNDS}".encode()
        self._signed = f"{bare},{self.challenge.decode()}"
        self._password_of = password_of

    def verify(self, message: bytes) -> bytes:
        """Check the client's proof and prove in return that the server knows the password."""
        text = message.decode()
        fields = _fields(text)
        password = self._password_of(self.user)
        if password is None or fields["r"] != self._nonce:
            raise LoginRefused(self.user)
        stored, server_key = keys_of(password)
        signed = f"{self._signed},{text[: text.rindex(',p=')]}".encode()
        signature = hmac.digest(stored, signed, "sha256")
        proof = base64.b64decode(fields["p"])
        client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        if not hmac.compare_digest(hashlib.sha256(client_key).digest(), stored):
            raise LoginRefused(self.user)
        return b"v=" + base64.b64encode(hmac.digest(server_key, signed, "sha256"))


def _fields(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(","))
