"""What a pod's texts say: its mongod's last error, and the parameters that it started with."""

import json
from typing import Any

import pytest

from mongors.desired import labels
from mongors.desired.configuration import mongod_conf
from mongors.observed.words import last_words, parameters_in


def line(severity: str, message: str, **attributes: Any) -> str:
    """A line of mongod's log."""
    return json.dumps({"s": severity, "c": "STORAGE", "msg": message, "attr": attributes})


def said(*lines: str, code: int = 100) -> str:
    """What is told of a container that ended with these lines."""
    return last_words({"exitCode": code, "message": "\n".join(lines), "reason": "Error"})


class TestLastWords:
    """Why a container ended, in mongod's own words."""

    def test_are_its_first_serious_line(self) -> None:
        """What follows it is the way down."""
        lines = [
            line("I", "starting"),
            line("E", "Location", error="DBPathInUse: the lock is held"),
            line("F", "Fatal assertion"),
            line("I", "Now exiting"),
        ]
        assert said(*lines) == "exit code 100: Location: DBPathInUse: the lock is held"

    def test_may_come_in_a_document(self) -> None:
        """Rule 52: by these words people see that it is the version."""
        error = {"code": 2, "codeName": "Bad", "errmsg": "UPGRADE PROBLEM: wrong version"}
        told = said(line("F", "Unable to start", error=error), code=62)
        assert told == "exit code 62: Unable to start: UPGRADE PROBLEM: wrong version"

    def test_are_the_last_line_when_none_is_serious(self) -> None:
        assert said(line("I", "one"), line("I", "two"), "") == "exit code 100: two"

    def test_may_be_plain_text(self) -> None:
        lines = ["Error parsing option: bad value", "try 'mongod --help' for more information"]
        assert said(*lines, code=2) == "exit code 2: Error parsing option: bad value"

    def test_are_not_a_trace(self) -> None:
        assert said("frame 0xdead error", "the end") == "exit code 100: the end"

    @pytest.mark.parametrize("text", ["[1, 2]", "3", '"text"', "null", '{"attr": 5}', "{"])
    def test_may_be_anything(self, text: str) -> None:
        """Rule 78: a program that writes nonsense must not stop the operator."""
        assert said(text).startswith("exit code 100")

    @pytest.mark.parametrize("message", [None, "", "\n \n"])
    def test_may_be_none(self, message: str | None) -> None:
        ended = {"exitCode": 137, "message": message, "reason": "Error"}
        assert last_words(ended) == "exit code 137: Error"
        assert last_words({"exitCode": 1}) == "exit code 1"

    def test_of_who_ran_out_of_memory_are_not_its_own(self) -> None:
        """The kernel ends it between two lines; the last of them is about something else."""
        ended = {"exitCode": 137, "message": "Slow query", "reason": "OOMKilled"}
        assert "out of memory" in last_words(ended)
        assert "resources.limits.memory" in last_words(ended)
        assert "Slow query" not in last_words(ended)

    def test_are_not_its_backtrace(self) -> None:
        frame = json.dumps({"s": "I", "msg": "Frame", "attr": {"frame": {"a": "55D0"}}})
        assert said(frame, frame) == "exit code 100: Error"
        assert said("no room", frame) == "exit code 100: no room"

    def test_are_cut_short(self) -> None:
        assert len(said("x" * 5000)) < 400


class TestParameters:
    """The server parameters in the configuration that a pod carries."""

    def test_are_those_that_were_written(self) -> None:
        tree = {"setParameter": {"a": 1, "b": True, "c": {"d": 2}}, "net": {"maxConns": 5}}
        carried = {labels.CONFIGURATION: mongod_conf(tree)}
        assert parameters_in(carried) == {"a": 1, "b": True, "c": {"d": 2}}

    @pytest.mark.parametrize("text", [None, "", "{}", "no json", "[]", "5", '{"net": {}}'])
    def test_are_none_where_nothing_can_be_read(self, text: str | None) -> None:
        carried = {} if text is None else {labels.CONFIGURATION: text}
        assert parameters_in(carried) == {}
