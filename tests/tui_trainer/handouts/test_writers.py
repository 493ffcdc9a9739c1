"""Documents as text, Markdown and HTML: read back by parsers that are not ours."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from engine.errors import InputError, sanitize
from presets.labs.contract import Curve, Plot, Table
from tests.tui_trainer.handouts.drawings import parsed
from tui_trainer.handouts import html, markdown, text
from tui_trainer.handouts.document import Document, Formula, Heading, Paragraph, Picture
from tui_trainer.handouts.files import save

NASTY = "<b>bold</b> & *stars* _under_ `code` | pipe \\ [link](x) #1 \x1b[2J ~~x~~ $a$ 1. - + &amp; ![i](j)"
PLOT = Plot(title="Loss < 1", x_label="epoch", y_label="loss & more", curves=(Curve("a & b", (1.0, 2.0), (3.0, 4.0)),))


def document(content: str) -> Document:
    table = Table(content, (content, "number"), ((content, 1.5), ("−", -2), (None, True)))
    blocks = (Heading(content), Heading(content, 3), Paragraph(content), Formula((content, "z = 1")), table, PLOT)
    return Document(content, blocks)


class Page(HTMLParser):
    """What a page says by tag, and which tags it has."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.said: dict[str, list[str]] = {}
        self.tags: set[str] = set()
        self._open: list[str] = []
        self.links: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for key, value in attrs if key in {"href", "src"}]
        if tag != "meta":
            self._open.append(tag)
            self.said.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.said[self._open[-1]][-1] += data


@given(content=st.text(min_size=1, max_size=60) | st.just(NASTY))
def test_html_says_what_the_document_says_and_nothing_in_it_is_markup(content: str) -> None:
    page, harmless = Page(html.written(document(content))), sanitize(content, 2000)
    for tag in ("title", "h1", "h2", "h3", "p", "caption"):
        assert harmless in page.said[tag] or not harmless
    assert page.said["pre"] == [f"{harmless}\nz = 1"]
    assert page.said["td"] == [harmless, "1.5", "−", "−2", "–", "on"]
    assert page.tags <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "pre", "table", "caption", "thead"),
        *("tbody", "tr", "th", "td", "figure", "svg", "text", "line", "polyline", "path", "circle"),
    }
    assert page.links == []


@given(content=st.text(min_size=1, max_size=60) | st.just(NASTY))
def test_markdown_says_what_the_document_says_and_nothing_in_it_is_markup(content: str) -> None:
    source = markdown.written(Document(content, (Heading(content), Paragraph(content), Formula((content,)))))
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    harmless = " ".join(sanitize(content, 2000).split())
    inline = [token for token in tokens if token.type == "inline"]
    assert [token.type for token in tokens if token.type == "fence"] == ["fence"]
    for token in inline:
        children = token.children or []
        assert {child.type for child in children} <= {"text", "text_special"}
        assert "".join(child.content for child in children).strip() == harmless
    assert len(inline) == (3 if harmless else 2)  # a heading may be empty


def test_a_table_in_markdown_has_its_cells_whatever_stands_in_them() -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown.written(document(NASTY)))
    cells = [
        "".join(child.content for child in tokens[place + 1].children or [])
        for place, token in enumerate(tokens)
        if token.type == "td_open"
    ]
    assert cells == [sanitize(NASTY), "1.5", "−", "−2", "–", "on"]
    assert any(token.type == "html_block" and token.content.startswith("<svg") for token in tokens)


def test_text_has_columns_and_no_controls() -> None:
    written = text.written(document(NASTY))
    assert "\x1b" not in written
    table = Table("", ("name", "value"), (("a", 1.0), ("long", 12.25)))
    assert text.written(Document("T", (table,))).splitlines()[3:] == ["  name  value", "  a         1", "  long  12.25"]


def test_a_picture_stands_as_it_is_in_both() -> None:
    picture = Picture("A drawing", '<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    for written in (html.written, markdown.written):
        assert picture.svg in written(Document("T", (picture,)))


def test_svg_inside_is_well_formed_and_has_no_blank_lines() -> None:
    (drawing,) = re.findall(r"<svg.*?</svg>", html.written(document(NASTY)), re.DOTALL)
    assert parsed(drawing).tag.endswith("svg")
    assert "\n\n" not in drawing


def test_a_file_is_written_as_its_ending_says(tmp_path: Path) -> None:
    save(document("x"), tmp_path / "a.md")
    save(document("x"), tmp_path / "a.HTML")
    assert (tmp_path / "a.md").read_text().startswith("# x")
    assert (tmp_path / "a.HTML").read_text().startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match=r"ends in \.md or \.html \(got .*a\.pdf\)"):
        save(document("x"), tmp_path / "a.pdf")
    with pytest.raises(InputError, match="cannot be written"):
        save(document("x"), tmp_path / "no" / "a.md")
