"""Every use of a private part of Textual and Rich, and every way round a fault of theirs; nowhere else is there one.

Each stands here with its reason, and the version that was looked at is ``CHECKED_WITH``. Before the upper bound of
``textual`` in ``pyproject.toml`` moves, go through this module from top to bottom; ``tests/architecture`` holds both
to each other, and finds private parts that other modules use.
"""

from __future__ import annotations

import os
import selectors
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from math import inf
from time import monotonic
from typing import IO, Any, Final, TypeVar

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual import constants, events, on
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Size
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen
from textual.strip import SGR_STYLES, Strip
from textual.visual import Visual
from textual.widget import Widget
from textual.widgets import Input, OptionList

CHECKED_WITH: Final = "8.2"
"""The release of Textual that all this was read and tried with."""

Result = TypeVar("Result")

Piece = tuple[int, int, Strip]
"""Column, row, and what is to stand there."""


# What is written to the terminal. ``widgets.terminal`` writes the same cells in fewer bytes; for that it must see what
# the compositor is about to write, which Textual gives to ``App._display`` alone, in classes of a private module.


class RewritingApp(App[Result]):
    """An app that may put another update in the place of each one before it is written to the terminal."""

    _drawn_last: Screen[Any] | None = None

    def rewritten(self, update: RenderableType | None, picture: PictureOfScreen | None) -> Any:  # noqa: ARG002
        """Return what is to be written in place of an update.

        Args:
            update: What is to be written.
            picture: What the terminal is known to show; None where nothing is.
        """
        return update

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if renderable is None or self._batch_count or not self._running:  # nothing is written then
            return
        picture, last = None, self._drawn_last
        if isinstance(screen, OverStillPicture) and last is not None and last in {screen, screen.behind}:
            picture = screen.picture_shown  # else the screen behind has never been on the terminal
        self._drawn_last = screen
        super()._display(screen, self.rewritten(renderable, picture))


class PiecesUpdate(CompositorUpdate):
    """An update made of pieces of rows; subclasses turn them into what the terminal gets."""

    def render_segments(self, console: Console) -> str:
        """Return the bytes for the terminal, as text."""
        raise NotImplementedError


def pieces_of(update: RenderableType | None) -> Iterator[Piece] | None:
    """Return what an update writes, in reading order; None for a kind of update that is not known here."""
    if isinstance(update, ChopsUpdate):
        return _changed_pieces(update)
    if isinstance(update, LayoutUpdate):
        return _all_pieces(update)
    return None


def _changed_pieces(update: ChopsUpdate) -> Iterator[Piece]:
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < x2 and end > x1:
                start = max(x, x1)
                yield start, y, strip.crop(start - x, min(end, x2) - x)


def _all_pieces(update: LayoutUpdate) -> Iterator[Piece]:
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield x, y, strip
            x += strip.cell_length


def color_system_of(console: Console) -> ColorSystem:
    """Return the colours a console has; Rich's public property gives a name in place of the member."""
    return console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001


def attribute_codes(style: Style) -> frozenset[str]:
    """Return the codes of a style's attributes (bold, underlined, …), read as ``Strip.render_ansi`` reads them."""
    bits = style._attributes & style._set_attributes  # noqa: SLF001
    return frozenset(code for bit, code in enumerate(SGR_STYLES) if bits & (1 << bit))


# When the screen is drawn.


def refresh_at_next_tick(widget: Widget) -> None:
    """Let the screen draw at its next tick what a widget has marked as changed.

    Textual asks the screen for it once the widget is idle: what one key changes in several panes was then sent in two
    pieces, the second one up to two ticks of the screen's clock later.
    """
    widget._check_refresh()  # noqa: SLF001


class StillUnderDialogs(Screen[Result]):
    """A screen whose picture stands still while a dialog is above it.

    Textual answers a change under a dialog by sending the whole screen again, and marks it as changed while doing so:
    sixty times a second for as long as the dialog is open.
    """

    def _compositor_refresh(self) -> None:
        if self.app.screen is self:
            super()._compositor_refresh()


class PictureOfScreen(Visual):
    """The lines of a screen as they stood at one moment."""

    def __init__(self, lines: Sequence[Strip]) -> None:
        self._lines = [Strip(_without_links(line), line.cell_length) for line in lines]
        self._covered: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)

    def pieces_not_shown(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """Yield the pieces that are not to be seen on a terminal that showed this, and was written over by these."""
        for x, y, strip in pieces:
            end = x + strip.cell_length
            is_whole = all(right <= x or end <= left for left, right in self._covered[y])
            if not (is_whole and y < len(self._lines) and self._lines[y].crop(x, end) == strip):
                self._covered[y].append((x, end))
                yield x, y, strip

    def render_strips(self, width: int, height: int | None, style: Any, options: Any) -> list[Strip]:  # noqa: ARG002
        """Return the lines."""
        return self._lines

    def get_optimal_width(self, rules: Any, container_width: int) -> int:  # noqa: ARG002
        """Return the room there is."""
        return container_width

    def get_height(self, rules: Any, width: int) -> int:  # noqa: ARG002
        """Return how many lines there are."""
        return len(self._lines)


def _without_links(line: Strip) -> list[Segment]:
    return [Segment(text, style and style.clear_meta_and_links(), control) for text, style, control in line]


OPENING: Final = 0.3
"""Seconds within which a dialog is drawn several times until it is open."""


class OverStillPicture(Screen[Result]):
    """A dialog behind which the screen below stands as it was when the dialog was opened.

    Textual draws that screen anew, every cell of it, each time it draws the dialog, and sends it to the terminal: three
    times until the dialog is open.
    """

    _size_at_first: Size | None = None
    _picture: PictureOfScreen | None = None
    behind: Screen[Any] | None = None
    """The screen in the picture, once there is one."""
    _drawn_at_first: float = inf

    @property
    def picture_shown(self) -> PictureOfScreen | None:
        """What the terminal shows behind the dialog while that opens; later it may have lost it."""
        is_opening = monotonic() < self._drawn_at_first + OPENING and self.app.size == self._size_at_first
        return self._picture if is_opening else None

    def render(self) -> Any:
        """Return what is behind the dialog; where the terminal has another size by now, as Textual does."""
        behind = super().render()
        self._size_at_first = self._size_at_first or self.app.size
        if not isinstance(behind, BackgroundScreen) or self.app.size != self._size_at_first:
            return behind
        if self._picture is None:
            self._drawn_at_first = monotonic()
            behind.screen._refresh_layout()  # noqa: SLF001 - a widget may just have been hidden from it
            self._picture = PictureOfScreen(behind.screen._compositor.render_strips(self.app.size))  # noqa: SLF001
            self.behind = behind.screen
        return self._picture

    @on(events.Unmount)
    def _let_go_of_picture(self) -> None:
        """Forget the picture: a task may hold the dialog for a while after it has gone."""
        self._picture = self.behind = None


class KeptToTheTerminal(Screen[Result]):
    """A screen that keeps the size of the terminal where resizes come faster than it can deal with them."""

    @on(events.Resize)
    def _keep_to_the_terminal(self, event: events.Resize) -> None:
        """Refuse a size that is no longer the terminal's, and draw everything where the size is still the same.

        A layout tells its screen its size once more, and of two sizes that wait Textual takes the one that came last:
        that of a layout, though the terminal has another size by now. A terminal that has its old size again may have
        lost what it showed while it was smaller; Textual sends it only what has changed.
        """
        size = self.app.size
        if event.size != size:
            event.prevent_default()
            self.post_message(events.Resize(size, size))
        elif size == self.size:
            self.refresh()


# What is heard of the terminal.


ESCAPE_DELAY_NEARBY: Final = 0.025
"""Seconds within which the rest of a key that begins as escape does is there, where no network lies between."""


class KeySelector(selectors.SelectSelector):
    """Waits for keys, and only for so long as an escape may have to once something has been read.

    Textual's driver waits 0.1 seconds each time, and looks only then whether the time of an escape is over.
    """

    _has_read = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready."""
        events = super().select(constants.ESCAPE_DELAY if self._has_read else timeout)
        self._has_read = bool(events)
        return events


def hear_escape_sooner() -> None:
    """Take an escape for one after 25 ms, and not after 100 or 200; a user's own ``ESCDELAY`` wins.

    Textual waits for what may come after it whenever a key begins with that byte, as arrows do.
    """
    if "ESCDELAY" not in os.environ:
        constants.ESCAPE_DELAY = ESCAPE_DELAY_NEARBY  # type: ignore[misc]
    from textual.drivers import linux_driver  # here: the app imports it when it starts, and not before

    setattr(linux_driver, "selectors", _SelectorsOfDriver)  # noqa: B010 - its own name for the module, which it does not export


class _SelectorsOfDriver:
    """What Textual's driver takes of the module ``selectors``."""

    EVENT_READ = selectors.EVENT_READ
    SelectorKey = selectors.SelectorKey
    SelectSelector = KeySelector


def come_back_once() -> None:
    """Have a screen that goes on after a stop begin anew with its terminal, and only where it has not left it.

    Textual begins anew whenever it is told to go on, also where nothing but ctrl+z's signal would have had it end what
    it did before: after ``kill -STOP`` two threads take the keys, and what goes on while it leaves never ends.
    """
    from textual.drivers.linux_driver import LinuxDriver  # here: the app imports it when it starts, and not before

    class Returning(LinuxDriver):
        def _sigcont_application(self, *_: object) -> None:
            """Take the terminal again: whoever had it meanwhile may have left it in other modes."""
            if not self._auto_restart:
                return
            if not self._must_signal_resume:  # it was not stopped by ctrl+z, which has it leave the terminal first
                keys = self._key_thread
                if self._app._exit or keys is None or not keys.is_alive():  # noqa: SLF001 - which is this room's to do
                    return
                self.exit_event.set()  # here, as to leave would throw away the keys that were typed meanwhile
                keys.join()
                self.suspend_application_mode()
                self.exit_event.clear()
                self._must_signal_resume = True
            self.resume_application_mode()

    setattr(LinuxDriver, "_sigcont_application", Returning._sigcont_application)  # noqa: B010, SLF001 - as a method of theirs


def tolerate_lost_terminal() -> None:
    """Drop what is written to a terminal that is gone, so that the screen can end.

    Textual's thread that writes dies of the first write that fails; its queue fills up, and who puts another text into
    it, or the word to stop, waits for ever.
    """
    from textual.drivers import linux_driver  # here: the app imports it when it starts, and not before
    from textual.drivers._writer_thread import WriterThread

    class TolerantWriter(WriterThread):
        def __init__(self, file: IO[str]) -> None:
            super().__init__(_TolerantFile(file))  # type: ignore[arg-type]  # of which it asks no more than that

    setattr(linux_driver, "WriterThread", TolerantWriter)  # noqa: B010 - which mypy does not take for exported


class _TolerantFile:
    """A terminal's file that drops what is written to it once a write has failed."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._is_gone = False

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> None:
        self._unless_gone(self._file.write, text)

    def flush(self) -> None:
        self._unless_gone(self._file.flush)

    def _unless_gone(self, action: Callable[..., object], *arguments: str) -> None:
        if not self._is_gone:
            try:
                action(*arguments)
            except OSError:
                self._is_gone = True


# What stays in memory.


def release_drawn_lines(widgets: Sequence[Widget]) -> None:
    """Let widgets that have been unmounted, or are about to be, let go of the lines as they were last drawn.

    Textual keeps some hundred widgets that are no more in a cache of its own, and for a while those that a task has
    begun; what a widget drew goes with ``refresh``.
    """
    for widget in widgets:
        widget.refresh()
        if widget.show_vertical_scrollbar:
            widget.vertical_scrollbar.refresh()
        if isinstance(widget, OptionList):
            widget.clear_options()


def release_field(field: Input) -> None:
    """Take back what would keep a text field, and what it drew, in memory for as long as its screen lives.

    A field subscribes to a signal of its screen when it is mounted, and never takes that back.
    """
    field.screen.text_selection_started_signal.unsubscribe(field)
    field.refresh()


# Who has the keys.


def focus_at_once(field: Input) -> None:
    """Let a field that has just been mounted have the keys at once, what is typed ahead in place of its text.

    ``Widget.focus``, and the selection that comes with it, would wait for what stands in the queues, typed keys among
    them.
    """
    field.select_all()
    field.screen.set_focus(field, scroll_visible=False)


class OrderedInput(Input):
    """A text field that acts on keys in the order in which they were typed.

    Textual runs what a key is bound to once the key has bubbled up to the app, while a field takes a character at once:
    of keys that come together, as over a slow line, characters would overtake backspace and enter.
    """

    async def on_key(self, event: events.Key) -> None:
        """Run what the key is bound to here."""
        node, bindings = self.screen._binding_chain[0]  # noqa: SLF001
        if event.is_printable or node is not self:
            return
        for binding in bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return


class TypingAheadApp(App[Result]):
    """An app that lets what was typed ahead go into the field that was opened meanwhile."""

    async def on_event(self, event: events.Event) -> None:
        """Give a character that reached the app to the text field that has the focus by now.

        A field takes every character for itself; one that arrives here was sent to whatever had the keys before. Over a
        slow line several keys come at once.
        """
        typed = event.character if isinstance(event, events.Key) and event.is_forwarded and event.is_printable else None
        if typed is not None and isinstance(field := self.focused, Input):
            field.replace(typed, *field.selection)
        else:
            await super().on_event(event)
