"""Image archives: what containerd is given to import."""

import io
import json
import tarfile
from hashlib import sha256
from pathlib import Path

from cluster.lab.images.archive import Entry, Image, with_parents, write_archive, write_layer

IMAGE = Image(
    name="docker.io/library/thing:1",
    entries=(
        Entry("data/db", owner=999),
        Entry("usr/bin/thing", content=b"#!"),
        Entry("bin/thing", link="/usr/bin/thing"),
    ),
    command=("thing",),
    environment={"B": "2", "A": "1"},
    volumes=("/data/db",),
)


def members(content: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {member.name: member for member in archive.getmembers()}


def layer(*entries: Entry) -> bytes:
    sink = io.BytesIO()
    write_layer(entries, sink)
    return sink.getvalue()


def test_parents_come_before_what_lies_in_them_and_once() -> None:
    entries = with_parents([Entry("a/b/c", content=b""), Entry("a/b/d", content=b"")])
    assert [entry.path for entry in entries] == ["a", "a/b", "a/b/c", "a/b/d"]


def test_a_parent_that_is_given_keeps_its_owner() -> None:
    entries = with_parents([Entry("data", owner=999), Entry("data/db")])
    assert [entry.owner for entry in entries] == [999, 0]


def test_a_layer_keeps_kinds_owners_and_modes() -> None:
    found = members(layer(*IMAGE.entries))
    assert found["data/db"].isdir()
    assert found["data/db"].uid == 999
    assert found["bin/thing"].linkname == "/usr/bin/thing"
    assert found["usr/bin/thing"].mode == 0o755


def test_equal_content_gives_equal_bytes() -> None:
    assert layer(*IMAGE.entries) == layer(*IMAGE.entries)


def test_an_archive_names_its_image_and_the_digest_of_its_layer(tmp_path: Path) -> None:
    target = tmp_path / "thing.tar"
    write_archive(IMAGE, target)
    with tarfile.open(target) as archive:
        parts = {name: archive.extractfile(name) for name in archive.getnames()}
        content = {name: part.read() for name, part in parts.items() if part}
    [manifest] = json.loads(content["manifest.json"])
    config = json.loads(content[manifest["Config"]])
    assert manifest["RepoTags"] == ["docker.io/library/thing:1"]
    assert config["rootfs"]["diff_ids"] == [f"sha256:{sha256(content['layer.tar']).hexdigest()}"]
    assert config["config"]["Env"] == ["A=1", "B=2"]
    assert config["config"]["Volumes"] == {"/data/db": {}}


def test_nothing_but_the_archive_is_left(tmp_path: Path) -> None:
    write_archive(IMAGE, tmp_path / "thing.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["thing.tar"]
