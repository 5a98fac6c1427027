"""The logs: one object per line, readable lines for people, and no passwords in either."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from mongors import logs
from mongors.settings import LogFormat, LogLevel, Settings


@pytest.fixture(autouse=True)
def _undisturbed() -> Iterator[None]:
    """Leave the logging of the test run as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def written(formatter: logging.Formatter, message: str, *args: object, **more: Any) -> str:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    logger = logging.getLogger("mongors.test")
    logger.addHandler(handler)
    logger.error(message, *args, **more)
    logger.removeHandler(handler)
    return output.getvalue()


def test_json_has_the_agreed_keys_and_what_the_record_carries() -> None:
    extra = {"namespace": "default", "set": "mongo", "pod": "mongo-0"}
    line = json.loads(written(logs.LinesOfJson(), "Restarted %s", "pod", extra=extra))
    assert list(line) == ["ts", "level", "logger", "msg", "namespace", "name", "pod"]
    assert line["msg"] == "Restarted pod"
    assert (line["namespace"], line["name"], line["level"]) == ("default", "mongo", "error")


def test_json_keeps_a_traceback_in_one_line() -> None:
    text = written(logs.LinesOfJson(), "Failed", exc_info=ValueError("why"))
    assert text.count("\n") == 1
    assert "ValueError: why" in json.loads(text)["error"]


def test_people_get_the_set_before_the_message_and_fields_behind_it() -> None:
    extra = {"namespace": "default", "set": "mongo", "pod": "mongo-0"}
    line = written(logs.HumanFormatter(), "Restarted pod", extra=extra)
    assert line.endswith("ERROR   default/mongo Restarted pod pod=mongo-0\n")


def test_a_message_cannot_forge_another_line() -> None:
    assert written(logs.HumanFormatter(), "a\nb\x1b[31m").count("\n") == 1


@pytest.mark.parametrize("formatter", [logs.LinesOfJson(), logs.HumanFormatter()])
def test_a_password_in_a_connection_string_never_gets_out(formatter: logging.Formatter) -> None:
    uri = "mongodb+srv://app:hunter2@mongo-0.mongo/app"
    assert "hunter2" not in written(formatter, "Connected to %s", uri, exc_info=OSError(uri))


def test_configure_chooses_the_format_and_quietens_the_libraries() -> None:
    logs.configure(Settings(log_format=LogFormat.AUTO, log_level=LogLevel.INFO))
    assert isinstance(logging.getLogger().handlers[0].formatter, logs.LinesOfJson)
    assert not logging.getLogger("kopf.objects").isEnabledFor(logging.INFO)
    logs.configure(Settings(log_format=LogFormat.HUMAN, log_level=LogLevel.DEBUG))
    assert isinstance(logging.getLogger().handlers[0].formatter, logs.HumanFormatter)
    assert logging.getLogger("mongors").isEnabledFor(logging.DEBUG)
