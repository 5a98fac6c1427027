"""A container image as a file: the `docker save` format, one layer, written by hand.

Layers are not compressed: they are read once, on the machine that wrote them.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a layer: a folder, a link, or a file from memory or from disk."""

    path: str
    mode: int = 0o755
    owner: int = 0
    content: bytes | Path | None = None
    link: str | None = None

    def header(self) -> tarfile.TarInfo:
        """Describe the entry to tar; times are zero, so equal content gives equal bytes."""
        info = tarfile.TarInfo(self.path.lstrip("/"))
        info.mode, info.uid, info.gid = self.mode, self.owner, self.owner
        if self.link is not None:
            info.type, info.linkname = tarfile.SYMTYPE, self.link
        elif self.content is None:
            info.type = tarfile.DIRTYPE
        elif isinstance(self.content, bytes):
            info.size = len(self.content)
        else:
            info.size = self.content.stat().st_size
        return info


@dataclass(frozen=True, slots=True)
class Image:
    """A name, what is in it, and how it runs by default."""

    name: str
    entries: tuple[Entry, ...]
    command: tuple[str, ...]
    """What a pod replaces by `args`."""
    entrypoint: tuple[str, ...] = ()
    """What stands before that, and a pod replaces by `command`."""
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()


def with_parents(entries: Iterable[Entry]) -> list[Entry]:
    """Put every missing parent folder before what lies in it."""
    found: dict[str, Entry] = {}
    for entry in entries:
        path = entry.path.lstrip("/")
        for parent in reversed(Path(path).parents[:-1] if path else []):
            found.setdefault(str(parent), Entry(str(parent)))
        found[path] = entry
    return list(found.values())


def write_layer(entries: Iterable[Entry], sink: IO[bytes]) -> None:
    """Write a layer's tar, entry by entry."""
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as layer:
        for entry in with_parents(entries):
            info = entry.header()
            if isinstance(entry.content, Path):
                with entry.content.open("rb") as source:
                    layer.addfile(info, source)
            else:
                layer.addfile(info, io.BytesIO(entry.content or b"") if info.isreg() else None)


def config_of(image: Image, layer_digest: str) -> dict[str, object]:
    """Return the image's configuration, as the image specification wants it."""
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Cmd": list(image.command),
            **({"Entrypoint": list(image.entrypoint)} if image.entrypoint else {}),
            "Env": [f"{name}={value}" for name, value in sorted(image.environment.items())],
            "Volumes": {path: {} for path in image.volumes},
            "WorkingDir": "/",
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
        "history": [{"created_by": "tests/cluster"}],
    }


def write_archive(image: Image, target: Path) -> None:
    """Write the image; the target appears only when it is complete."""
    layer = target.with_suffix(".layer")
    with layer.open("wb") as sink:
        write_layer(image.entries, sink)
    with layer.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    config = json.dumps(config_of(image, digest), sort_keys=True).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [image.name], "Layers": ["layer.tar"]}]
    parts = (
        Entry(config_name, 0o644, content=config),
        Entry("layer.tar", 0o644, content=layer),
        Entry("manifest.json", 0o644, content=json.dumps(manifest).encode()),
    )
    unfinished = target.with_suffix(".unfinished")
    with unfinished.open("wb") as sink:
        write_layer(parts, sink)
    layer.unlink()
    unfinished.rename(target)
