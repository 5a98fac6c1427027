"""The process: light at start, plain where nobody sees colours, and helpful to shells."""

import subprocess
import sys
from importlib import import_module

import pytest

from mongors.cli import __main__ as entry
from mongors.cli import output
from mongors.cli.completing import offered
from mongors.cli.layout import Column, Span, Style, facts, line, table, text_of
from mongors.cli.place import Place

HEAVY = ("rich", "yaml", "pydantic", "kubernetes", "aiohttp", "pymongo", "kopf")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from mongors.cli.app import program\n"
        "try:\n    program(['--help'])\n"
        "except SystemExit:\n    pass\n"
        f"print([each for each in {HEAVY} if each in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert ended.stdout.splitlines()[-1] == "[]"


def test_a_missing_extra_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 1
    assert "pip install 'mongors[cli]'" in capsys.readouterr().err


def test_commands_and_options_are_completed() -> None:
    assert {each.value for each in offered([], "re")} == {
        *("restart", "resume", "resync", "recover", "report")
    }
    assert "--watch" in {each.value for each in offered(["status"], "--w")}


def test_completion_never_fails() -> None:
    assert offered(["status", "--kubeconfig", "/nowhere"], "m") == []


def test_text_is_plain_where_it_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.show([line("said", Style.BAD)])
    assert capsys.readouterr().out == "said\n"


def test_colours_are_for_terminals_and_who_wants_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not output.wants_colours()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert output.wants_colours()
    output.show([line("said", Style.BAD), line("more")])
    said = capsys.readouterr().out
    assert "\x1b[1;31msaid" in said
    assert "more" in said


def test_a_wide_table_is_cut_where_it_may_be() -> None:
    columns = (Column("NAME", shrinks=True), Column("AGE", right=True))
    lines = table(columns, [[Span("n" * 100), Span("4h")]], 40)
    assert [len(each) for each in text_of(lines).splitlines()] == [40, 40]
    assert "…" in text_of(lines)


def test_facts_are_broken_under_their_labels() -> None:
    text = text_of(facts([("plan", "word " * 30)], 60))
    assert all(each.startswith("             word") for each in text.splitlines()[1:])


def test_inner_options_go_before_outer_ones() -> None:
    outer = Place("a", "b", "c", direct=True)
    assert Place("x").over(outer) == Place("x", "b", "c", direct=True)


@pytest.mark.parametrize("module", ["connect", "logs", "recover"])
def test_every_command_is_where_the_program_looks_for_it(module: str) -> None:
    assert hasattr(import_module(f"mongors.cli.commands.{module}"), module)
