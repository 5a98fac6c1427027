"""How log records are written: JSON for machines, one readable line for people.

A record's `namespace` and `set` (given by `extra`) become the keys `namespace` and `name`. What
looks like the password of a connection string never gets out, whoever wrote it into a message.
"""

import logging
import re
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from mongors.settings import LogFormat, Settings

_PASSWORD = re.compile(r"(mongodb(?:\+srv)?://[^:/@\s]*:)[^@\s]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CHATTER = ("kopf", "aiohttp", "asyncio", "pymongo", "kubernetes")


def configure(settings: Settings) -> None:
    """Send every record to standard error, in the format and from the level that is set."""
    human = settings.log_format is LogFormat.HUMAN or (
        settings.log_format is LogFormat.AUTO and sys.stderr.isatty()
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(HumanFormatter() if human else LinesOfJson())
    level = getattr(logging, settings.log_level.name)
    logging.basicConfig(handlers=[output], level=level, force=True)
    for name in _CHATTER:
        logging.getLogger(name).setLevel(max(level + 10, logging.INFO))
    sys.excepthook = _log_the_end


def _log_the_end(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Write the exception that ends the process like any other record."""
    logging.getLogger("mongors").critical("Stopped by an error", exc_info=(kind, error, trace))


class LinesOfJson(JsonFormatter):
    """One JSON object per record: ts, level, logger, msg, then whatever the record carries."""

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Fill in the object that is written for one record."""
        log_data["ts"] = _time(record).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        log_data["msg"] = _redacted(record.getMessage())
        log_data.update(_extra(record))
        if record.exc_info:
            log_data["error"] = _redacted(logging.Formatter().formatException(record.exc_info))


class HumanFormatter(logging.Formatter):
    """Time, level, set, message, and the other fields as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line, and a traceback below it."""
        fields = _extra(record)
        about = "/".join(str(fields.pop(key)) for key in ("namespace", "name") if key in fields)
        words = [
            _time(record).astimezone().strftime("%H:%M:%S"),
            f"{record.levelname:<7}",
            about,
            record.getMessage(),
            *(f"{key}={value}" for key, value in fields.items()),
        ]
        line = _CONTROL.sub(" ", " ".join(word for word in words if word))
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return _redacted(line)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    """Pick what the caller attached; what kopf attaches for itself is dropped."""
    reserved = {*RESERVED_ATTRS, "message", "k8s_ref", "k8s_skip", "settings"}
    fields = {key: value for key, value in vars(record).items() if key not in reserved}
    renamed = {"name" if key == "set" else key: value for key, value in fields.items()}
    first = {key: renamed.pop(key) for key in ("namespace", "name") if key in renamed}
    return first | renamed


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _redacted(text: str) -> str:
    return _PASSWORD.sub(r"\1***@", text)
