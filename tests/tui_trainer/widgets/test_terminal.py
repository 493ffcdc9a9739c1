from __future__ import annotations

from typing import Any

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.properties import examples
from tui_trainer.themes.inks import HEAT_BASE, HEAT_LEVELS, Ink
from tui_trainer.themes.palette import style_of
from tui_trainer.widgets.terminal import compact, sgr_of

WIDTH, HEIGHT = 20, 4

colors = st.sampled_from(["#5fd7af", "#121212", "#123456", "#ff8700", "#eeeeee", "#080808", "red", None])
styles = st.builds(
    Style,
    color=colors,
    bgcolor=colors,
    bold=st.sampled_from([True, False, None]),
    underline=st.sampled_from([True, None]),
    reverse=st.sampled_from([True, None]),
)
narrow = st.lists(st.tuples(st.sampled_from("ab █▀⠿"), st.none() | styles), min_size=WIDTH, max_size=WIDTH)
mixed = st.lists(st.tuples(st.sampled_from("ab█漢"), st.none() | styles), min_size=WIDTH, max_size=WIDTH)


def strip_of(cells: list[tuple[str, Style | None]]) -> Strip:
    """Return a strip exactly ``WIDTH`` cells wide."""
    strip = Strip([Segment(char, style) for char, style in cells])
    return strip.crop(0, WIDTH).extend_cell_length(WIDTH)


strips = st.lists(narrow.map(strip_of), min_size=HEIGHT, max_size=HEIGHT)
wide_strips = st.lists(mixed.map(strip_of), min_size=HEIGHT, max_size=HEIGHT)
spans = st.lists(
    st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.integers(1, WIDTH)), min_size=1, max_size=6
)


def console() -> Console:
    return Console(color_system="truecolor", force_terminal=True, legacy_windows=False)


def shown(*sequences: str) -> Any:
    """Return what a terminal shows after these bytes, cell by cell."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for sequence in sequences:
        stream.feed(sequence)
    return [[look_of(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def look_of(cell: Any) -> tuple[object, ...]:
    """Return what can be seen of a cell: of a blank that is not underlined, nothing but what lies behind it."""
    ink, paper = cell.fg.replace("default", "ink"), cell.bg.replace("default", "paper")
    if cell.reverse:
        ink, paper = paper, ink
    if cell.data == " " and not cell.underscore:
        return cell.data, paper
    return cell.data, ink, paper, cell.bold, cell.underscore


def layout(rows: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[row] for row in rows], Region(0, 0, WIDTH, HEIGHT))


def without_newlines(update: LayoutUpdate) -> str:
    """Textual's own bytes; its line feeds after the last column would scroll pyte, and it moves the cursor anyway."""
    return update.render_segments(console()).replace("\n", "")


@given(wide_strips)
def test_a_whole_screen_looks_as_textual_draws_it(rows: list[Strip]) -> None:
    ours = compact(layout(rows)).render_segments(console())
    assert shown(ours) == shown(without_newlines(layout(rows)))


@given(strips, strips, spans)
@settings(max_examples=examples(50))
def test_changed_spans_and_nothing_else_are_drawn(
    before: list[Strip], after: list[Strip], changed: list[tuple[int, int, int]]
) -> None:
    wanted = [(y, x, x + 1 + width) for y, x, width in sorted(changed) if x + 1 + width <= WIDTH]
    wanted = [span for index, span in enumerate(wanted) if span[0] not in {y for y, _, _ in wanted[:index]}]
    if not wanted:
        return
    chops = [{0: row} for row in after]
    update = ChopsUpdate(chops, wanted, [[WIDTH]] * HEIGHT)
    base = without_newlines(layout(before))
    merged = list(before)
    for y, start, end in wanted:
        merged[y] = Strip.join([before[y].crop(0, start), after[y].crop(start, end), before[y].crop(end, WIDTH)])
    ours = shown(base, compact(update).render_segments(console()))
    assert ours == shown(without_newlines(layout(merged)))


def test_several_widgets_in_a_row_are_cut_where_they_meet() -> None:
    left, right = Strip([Segment("abcdefghij")], 10), Strip([Segment("klmnopqrst")], 10)
    update = ChopsUpdate([{0: left, 10: right}], [(0, 8, 12)], [[10, 20]])
    assert compact(update).render_segments(console()) == "\x1b[1;9Hijkl"


def test_a_style_is_written_once_for_all_cells_that_have_it() -> None:
    style = Style(color="#5fd7af", bgcolor="#121212")
    update = layout([Strip([Segment("ab", style), Segment("cd", style)], 4)])
    assert compact(update).render_segments(console()) == "\x1b[1H\x1b[38;5;79;48;5;233mabcd\x1b[m"


def test_only_what_differs_is_written() -> None:
    one, other = Style(color="#5fd7af", bgcolor="#121212"), Style(color="#ff8700", bgcolor="#121212")
    update = layout([Strip([Segment("a", one), Segment("b", other)], 2)])
    assert compact(update).render_segments(console()).endswith("ma\x1b[38;5;208mb\x1b[m")


def test_every_ink_has_a_short_code() -> None:
    for ink in [*Ink, *range(HEAT_BASE, HEAT_BASE + HEAT_LEVELS**2)]:
        pen = sgr_of(style_of(ink), ColorSystem.TRUECOLOR)
        assert pen.foreground.startswith("38;5;")
        assert pen.background.startswith("48;5;")


@pytest.mark.parametrize("system", [ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR])
def test_terminals_of_fewer_colours_get_theirs(system: ColorSystem) -> None:
    pen = sgr_of(Style(color="#5fd7af"), system)
    assert pen.background == "49"
    assert pen.foreground.isdecimal() == (system == ColorSystem.STANDARD)


def test_what_is_no_update_of_the_screen_passes_untouched() -> None:
    assert compact("text") == "text"
    assert compact(None) is None
