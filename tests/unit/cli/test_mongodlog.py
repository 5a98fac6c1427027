"""mongod's log made readable, members in order of time."""

import json
from typing import Any

from mongors.cli.layout import Style, text_of
from mongors.cli.mongodlog import entries, in_order, pretty


def said(second: int, **fields: Any) -> str:
    moment = {"$date": f"2026-01-01T08:00:{second:02}.250+00:00"}
    base = {"t": moment, "s": "I", "c": "REPL", "id": 1, "ctx": "main", "msg": "something"}
    return json.dumps({**base, **fields})


def test_a_line_is_shown_with_its_time_severity_and_attributes() -> None:
    raw = said(1, s="W", msg="Slow query", attr={"ms": 120, "ns": "app.x", "q": {"a": 1}})
    (entry,) = entries("mongo-1", [raw])
    line = pretty(entry, widest=9)
    assert text_of([line]) == (
        '08:00:01.250 mongo-1   W REPL     Slow query  ms=120 ns=app.x q={"a":1}'
    )
    assert line[2].style is Style.UNSURE


def test_a_text_with_blanks_is_quoted_and_a_long_one_cut() -> None:
    (entry,) = entries("m", [said(1, attr={"error": "no such file", "long": "x" * 500})])
    text = text_of([pretty(entry)])
    assert 'error="no such file"' in text
    assert text.endswith("x…")
    assert len(text) < 300


def test_all_is_in_order_of_time_and_what_tells_none_stays_behind_its_predecessor() -> None:
    first = entries("a", [said(1, msg="a1"), said(4, msg="a4"), said(3, msg="a3, of a thread")])
    second = entries("b", [said(2, msg="b2"), "no JSON at all", said(5, msg="b5")])
    told = [each.message for each in in_order([*first, *second])]
    assert told == ["a1", "b2", "no JSON at all", "a3, of a thread", "a4", "b5"]


def test_what_is_not_mongods_own_is_kept_as_it_is() -> None:
    odd = ["{", '{"t": 1}', "[1]", '{"t": {"$date": "2026-01-01T08:00:00.000Z"}}', ""]
    shown = [text_of([pretty(each)]) for each in entries("m", odd)]
    assert len(shown) == 4
    assert shown[0].endswith("{")
    assert shown[3].startswith("08:00:00.000")
