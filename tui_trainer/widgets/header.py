"""The first line: run, network, state, and how far it has come."""

from __future__ import annotations

from tui_trainer.formatting import per_second
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.header import network_line, place_line, seeds_line, state_of, time_left
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid

BAR = 16


class Header(Canvas):
    """One line: what runs on the left, how far it has come on the right."""

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(id=id, period=period)
        self.model = model

    def paint(self, grid: Grid) -> None:
        """Draw the line; what there is no room for is left out, the least important first."""
        right = self._progress()
        identity = self._identity()
        while len(right) > 1 and _width(right) + _width(identity[:1]) > grid.width - 4:
            right.pop()
        x = grid.width - 1 - _width(right)
        while identity and 1 + _width(identity) + 2 > x:
            identity.pop()
        _put_words(grid, 1, identity)
        _put_words(grid, x, right)

    def _identity(self) -> StyledLine:
        model = self.model
        words: StyledLine = [(model.title, Ink.BRIGHT)]
        if model.read_only:
            words.append(("read only", Ink.MUTED))
        if model.run.is_known:
            words += [(network_line(model.run), Ink.TEXT), (seeds_line(model.run), Ink.MUTED)]
        return words

    def _progress(self) -> StyledLine:
        state = state_of(self.model)
        words: StyledLine = [(f"{state.sign} {state.word}", state.ink)]
        frame = self.model.run.frame
        if not self.model.has_frame:
            return words
        place, visiting = place_line(self.model, frame), self.model.visiting
        if visiting is not None:
            return [(f"{state.sign} {place}", state.ink), (_bar(visiting / max(1, frame.epochs)), Ink.ACCENT)]
        share = frame.epoch / frame.epochs if frame.epochs else None
        # Of a steady width, so that what stands before it stays where it is.
        moving = self.model.link == "live" and frame.state == "running" and not self.model.silence
        speed, left = (f"{per_second(frame.epochs_per_second):>5}", f"{time_left(frame):>9}") if moving else ("", "")
        bar = "" if share is None else _bar(share)
        going = f"{f'loss {frame.convergence}':<12}" if moving and frame.convergence else ""
        words += [(place, Ink.TEXT), (bar, Ink.ACCENT), (speed, Ink.MUTED), (left, Ink.MUTED), (going, Ink.TEXT)]
        return [(text, ink) for text, ink in words if text]


def _bar(share: float) -> str:
    halves = round(min(1.0, max(0.0, share)) * BAR * 2)
    return ("━" * (halves // 2) + "╸" * (halves % 2)).ljust(BAR, "─")


def _width(words: StyledLine) -> int:
    return sum(len(text) for text, _ in words) + 2 * max(0, len(words) - 1)


def _put_words(grid: Grid, x: int, words: StyledLine) -> None:
    for text, ink in words:
        end = grid.put(x, 0, text, ink)
        if text.endswith("─"):  # the part of the bar that is still to come
            rest = len(text) - len(text.rstrip("─"))
            grid.paint(end - rest, 0, rest, Ink.FAINT)
        x = end + 2
