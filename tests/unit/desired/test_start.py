"""The start gate, run for real: who waits, who starts, and what is discarded (rule 34)."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mongors.desired.start import NO_DATA, PREPARE, START
from unit.desired.gate import Pod


@pytest.fixture
def pod() -> Iterator[Pod]:
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    made = Pod(root)
    yield made
    for each in made.begun:
        with suppress(ProcessLookupError):
            os.killpg(each.pid, 9)
        each.communicate()
    shutil.rmtree(root)


class TestPrepare:
    """The init container: the key, and the gate."""

    def test_copies_the_key_with_the_mode_that_mongod_demands(self, pod: Pod) -> None:
        """Rule 66; and again, when a pod's containers are all made anew."""
        pod.fill()
        for _ in range(2):
            assert pod.ended(PREPARE)[0] == 0
            copied = pod.path("/run/mongors/keyfile")
            assert (copied.read_text(), copied.stat().st_mode & 0o777) == ("key", 0o400)

    def test_lets_a_member_with_data_pass_at_once(self, pod: Pod) -> None:
        pod.fill()
        before = pod.files
        status, said = pod.ended(PREPARE)
        assert (status, said) == (0, "The data directory holds data: mongod may start.\n")
        assert pod.files == before
        assert not pod.permitted

    @pytest.mark.parametrize(
        "permission",
        ["", 'mongors.io/empty-start="other"\n', 'not.mongors.io/empty-start="uid"\n'],
    )
    def test_holds_an_empty_member_without_a_permission_of_its_own(
        self, pod: Pod, permission: str
    ) -> None:
        """Rule 34: that of a predecessor, or a text like it, is none."""
        pod.permit(permission)
        begun = pod.waits()
        with pytest.raises(subprocess.TimeoutExpired):
            begun.wait(timeout=0.3)
        assert not pod.permitted

    def test_lets_it_pass_when_it_is_permitted(self, pod: Pod) -> None:
        begun = pod.waits()
        pod.permit()
        assert begun.wait(timeout=5) == 0
        assert pod.permitted

    @pytest.mark.parametrize("others", [(), ("mongo-0", "mongo-10", "mongo-11")])
    def test_holds_those_alone_that_are_named(self, pod: Pod, others: tuple[str, ...]) -> None:
        pod.hold(*others)
        pod.fill()
        assert pod.ended(PREPARE)[0] == 0

    def test_holds_a_member_whose_data_are_given_up(self, pod: Pod) -> None:
        """Rule 29: and nothing of it is touched before that is permitted."""
        pod.hold("mongo-0", "mongo-1")
        pod.fill()
        before = pod.files
        begun = pod.waits()
        with pytest.raises(subprocess.TimeoutExpired):
            begun.wait(timeout=0.3)
        assert pod.files == before

    def test_discards_its_data_when_that_is_permitted(self, pod: Pod) -> None:
        """Rule 41: files of rolled-back writes may be the only copy there is."""
        pod.hold("mongo-1")
        pod.fill()
        begun = pod.waits()
        pod.permit()
        assert begun.wait(timeout=5) == 0
        assert pod.files == {"rollback/lost.bson"}
        assert pod.permitted

    def test_lets_it_pass_with_its_data_when_it_is_held_no_more(self, pod: Pod) -> None:
        pod.hold("mongo-1")
        pod.fill()
        before = pod.files
        begun = pod.waits()
        pod.hold("mongo-0")
        assert begun.wait(timeout=5) == 0
        assert pod.files == before
        assert not pod.permitted

    def test_discards_nothing_that_comes_back_beside_a_permission(self, pod: Pod) -> None:
        """A volume that is restored at the last moment is no empty one."""
        script = PREPARE.replace("until may_start_empty", "until fill && may_start_empty")
        fill = "fill() { touch /data/db/WiredTiger; }\n"
        pod.permit()
        assert pod.ended(fill + script)[0] == 0
        assert pod.files == {"WiredTiger"}
        assert not pod.permitted


class TestStart:
    """The container of mongod: the gate once more."""

    def test_begins_over_data(self, pod: Pod) -> None:
        pod.fill()
        assert pod.ended(START) == (0, "mongod --port=1\n")

    def test_does_not_begin_over_a_directory_that_was_emptied(self, pod: Pod) -> None:
        """Rule 34: the pod's containers start again without passing the first gate."""
        status, said = pod.ended(START)
        assert status == NO_DATA == 77
        assert "was not permitted" in said

    @pytest.mark.parametrize(("free", "is_told"), [(0, True), (131071, True), (131072, False)])
    def test_tells_of_a_full_volume_where_the_kubelet_looks(
        self, pod: Pod, free: int, is_told: bool
    ) -> None:
        """mongod ends with a backtrace that leaves no room for why it did."""
        pod.fill()
        disk = f"df() {{ echo Filesystem; echo /dev/sdb 700000 1 {free} 99% /data/db; }}\n"
        assert pod.ended(disk + START) == (0, "mongod --port=1\n")
        told = pod.path("/dev/termination-log")
        assert told.exists() == is_told
        if is_told:
            assert "its volume is full" in told.read_text()

    @pytest.mark.parametrize("broken", ["df() { return 1; }\n", "df() { echo; echo a b c d; }\n"])
    def test_begins_also_where_room_cannot_be_told(self, pod: Pod, broken: str) -> None:
        pod.fill()
        status, said = pod.ended(broken + START)
        assert status == 0
        assert said.endswith("mongod --port=1\n")
        assert not pod.path("/dev/termination-log").exists()

    def test_uses_a_permission_once(self, pod: Pod) -> None:
        """Rule 34: emptied later, the directory is not one that may be begun with."""
        pod.permit()
        assert pod.ended(PREPARE)[0] == 0
        assert pod.ended(START)[0] == 0
        until = time.monotonic() + 5
        while pod.permitted and time.monotonic() < until:
            time.sleep(0.02)
        assert not pod.permitted
        pod.path("/data/db/WiredTiger").unlink()
        assert pod.ended(START)[0] == NO_DATA

    def test_keeps_no_permission_beside_data(self, pod: Pod) -> None:
        pod.path("/run/mongors/empty-start").touch()
        pod.fill()
        assert pod.ended(START)[0] == 0
        assert not pod.permitted

    def test_tries_again_where_mongod_ended_before_it_had_data(self, pod: Pod) -> None:
        """An option that mongod does not know is told by mongod, again and again."""
        pod.mongod("echo bad option; exit 2")
        pod.path("/run/mongors/empty-start").touch()
        for _ in range(2):
            begun = pod.start(START)
            assert begun.stdout is not None
            assert begun.stdout.readline() == "bad option\n"
            assert begun.wait(timeout=5) == 2
        assert pod.permitted
