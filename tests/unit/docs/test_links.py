"""Every page can be reached, and every link within the documentation leads somewhere."""

from collections import Counter

import pytest
import yaml

from docs.markdown import DOCS, ROOT, Page, anchor, anchor_on_github, pages
from docs.pictures import DRAWN_LATER, on_page_markdown

PAGES = pages()
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page) for page in PAGES])


def is_external(link: str) -> bool:
    return link.startswith(("https://", "http://"))


@each_page
def test_internal_link_leads_to_a_page_and_an_anchor(page: Page) -> None:
    for link in page.links:
        if is_external(link) or f"{link}/".startswith(DRAWN_LATER):
            continue
        path, _, wanted = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.is_file(), link
        assert target.is_relative_to(DOCS), f"{link}: MkDocs knows nothing outside of docs/"
        if wanted:
            assert wanted in map(anchor, Page(target).headings), link


@each_page
def test_external_link_is_encrypted(page: Page) -> None:
    assert [link for link in page.links if link.startswith("http://")] == []


@each_page
def test_heading_has_one_anchor_wherever_it_is_read(page: Page) -> None:
    assert page.headings, "a page needs a title"
    for heading in page.headings:
        assert anchor(heading) == anchor_on_github(heading), heading
    assert [each for each, n in Counter(map(anchor, page.headings)).items() if n > 1] == []


def test_link_of_the_readme_leads_to_a_file() -> None:
    for link in Page(ROOT / "README.md").links:
        assert is_external(link) or (ROOT / link.partition("#")[0]).exists(), link


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = sorted(_listed(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))
    assert listed == sorted(str(page.path.relative_to(DOCS)) for page in PAGES)


def _listed(nav: object) -> list[str]:
    match nav:
        case str(path):
            return [path]
        case list(parts):
            return [each for part in parts for each in _listed(part)]
        case dict(parts):
            return [each for part in parts.values() for each in _listed(part)]
        case _:
            raise AssertionError(nav)


def test_a_picture_that_is_not_drawn_yet_is_left_out() -> None:
    class File:
        src_uri = "performance/there.svg"

    shown, later = "![a](performance/there.svg)\n", "![b](performance/later.svg)\n"
    text = f"{shown}{later}in [performance/](performance).\n"
    kept = on_page_markdown(text, files=[File()])
    assert kept == f"{shown}in `docs/performance/`.\n"
