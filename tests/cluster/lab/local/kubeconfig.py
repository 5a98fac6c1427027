"""Kubeconfig files with everything inside, so that they work wherever they are copied."""

import base64
import json
from pathlib import Path

from .plan import API_URL


def write_kubeconfig(pki: Path, who: str, target: Path, server: str = API_URL) -> None:
    """Write the kubeconfig of one identity, readable by its owner only."""
    files = {name: (pki / name).read_bytes() for name in ("ca.crt", f"{who}.crt", f"{who}.key")}
    content = kubeconfig(server, *files.values())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    target.write_text(json.dumps(content, indent=1))


def kubeconfig(server: str, authority: bytes, certificate: bytes, key: bytes) -> dict[str, object]:
    """Return a kubeconfig of one cluster, one user and one context."""
    cluster = {"server": server, "certificate-authority-data": _text(authority)}
    user = {"client-certificate-data": _text(certificate), "client-key-data": _text(key)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "mongors",
        "clusters": [{"name": "mongors", "cluster": cluster}],
        "users": [{"name": "mongors", "user": user}],
        "contexts": [{"name": "mongors", "context": {"cluster": "mongors", "user": "mongors"}}],
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
