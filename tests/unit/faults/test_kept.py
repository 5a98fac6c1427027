"""What a broken soak leaves behind."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bson import ObjectId

from e2e.invariants import Config, Look, Member, Round
from faults.kept import keep
from faults.linear import Kind, Operation


def lines_of(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_all_that_was_done_and_seen_can_be_read_again(tmp_path: Path) -> None:
    written, lost = ObjectId(), ObjectId()
    writer: Any = SimpleNamespace(
        acknowledged=[written],
        failed=[],
        unknown=[lost],
        errors=["AutoReconnect('gone')"],
        unrepeated=[],
    )
    operation = Operation("client 1", Kind.WRITE, 1.0, 2.0, 7)
    registers: Any = SimpleNamespace(histories={"r-0": [operation]})
    config = Config(1, 2, "set", (Member(0, "mongo-0.mongo"),))
    look = Look("mongo-0", "PRIMARY", term=1, config=config)
    seen: Any = SimpleNamespace(rounds=[Round({"mongo-0": True}, {"data-mongo-0": "uid"}, [look])])
    first, second, error, register, round_ = lines_of(keep(tmp_path, writer, registers, seen))
    assert first == {"write": str(written), "fate": "acknowledged"}
    assert second == {"write": str(lost), "fate": "unknown"}
    assert error == {"error": "AutoReconnect('gone')"}
    assert (register["register"], register["value"], register["ended"]) == ("r-0", 7, 2.0)
    assert round_["round"] == 0
    assert round_["looks"][0]["config"]["members"][0]["host"] == "mongo-0.mongo"
