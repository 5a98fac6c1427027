"""The commands of the how-to pages: whole lines that a shell can read, and nothing to fill in."""

import re
import shlex
import subprocess

import pytest

from docs.markdown import DOCS, Block, Page, commands, pages

HOW_TO = [page for page in pages() if page.path.parent.name == "how-to"]
SHELLS = [(page, block) for page in pages() for block in page.blocks if block.language == "sh"]

each_how_to = pytest.mark.parametrize("page", HOW_TO, ids=[page.path.stem for page in HOW_TO])


def test_a_command_may_go_on_in_the_next_line() -> None:
    page = Page(DOCS / "how-to/drain.md")
    (drain,) = [each for each in commands(page) if each.startswith("kubectl drain")]
    assert shlex.split(drain)[-1] == "--pod-selector=app.kubernetes.io/instance=mongo"


@each_how_to
def test_console_has_commands_alone(page: Page) -> None:
    """What is run by the end-to-end tests shows no output, which would be another one each time."""
    for block in page.blocks:
        if block.language == "console":
            lines = block.text.replace("\\\n", " ").splitlines()
            assert [line for line in lines if not line.startswith("$ ")] == []


@each_how_to
def test_command_that_is_run_has_nothing_to_fill_in(page: Page) -> None:
    for command in commands(page):
        plain = re.sub(r"\$\{?[A-Z]+\}?|NODE=|MEMBER=|ID=|custom-columns=\S+", "", command)
        assert not re.search(r"\b[A-Z]{4,}\b", plain.replace("SECONDARY", "")), command
        assert command.split()[0].partition("=")[0] in {"kubectl", "NODE", "MEMBER", "ID"}


@pytest.mark.parametrize("page", [page for page in HOW_TO if list(commands(page))], ids=str)
def test_page_is_a_script_that_bash_can_read(page: Page) -> None:
    script = "\n".join(commands(page))
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


@pytest.mark.parametrize(("page", "block"), SHELLS, ids=[str(page) for page, _ in SHELLS])
def test_block_of_shell_can_be_read_by_bash(page: Page, block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, text=True, check=False)
    assert done.returncode == 0, block.text


def test_every_language_is_one_that_somebody_checks() -> None:
    old = {"cli.md", "reliability.md", "runbooks.md", "metrics.md", "performance.md"}
    with_answers = {"approval.md"}
    others = [page for page in pages() if page.path.name not in old | with_answers]
    languages = {block.language for page in others for block in page.blocks}
    assert languages <= {"console", "sh", "yaml"}
