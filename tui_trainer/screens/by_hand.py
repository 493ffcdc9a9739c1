"""By hand: one sample of the run that is shown, step by step through its network and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from engine.errors import InputError, sanitize
from engine.numerics.wiggle import Check, check
from engine.protocol.queries import ByHandQuery
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.formatting import count
from tui_trainer.glossary import translated
from tui_trainer.layout import Rect, last_lines
from tui_trainer.runs.by_hand import SampleFeed
from tui_trainer.runs.connection import RunConnection, Updated
from tui_trainer.runs.steering import RunSteering
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.screens.picker import PickerScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import ByHandModel, changeable
from tui_trainer.view_models.by_hand_layers import moved
from tui_trainer.view_models.by_hand_names import quantity_name, step_title
from tui_trainer.view_models.by_hand_numbers import number, parse_number
from tui_trainer.view_models.by_hand_sample import Quantity
from tui_trainer.view_models.by_hand_source import ID, place_text
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.header import notice_of
from tui_trainer.view_models.typed_row import OWN_ANSWER, can_type, parse_values, query_of, raw_columns, text_of
from tui_trainer.widgets.by_hand import ByHandPane
from tui_trainer.widgets.header import Header
from tui_trainer.widgets.lines import KeyLine, NoticeLine
from tui_trainer.widgets.pane import Pane

KINDS: Final = {"weight": "weight", "bias": "bias", "x": "input", "delta": "error"}
"""What is said before the name of what can be changed, so that typing finds it."""


class ByHandScreen(KeyedScreen[None]):
    """One sample of the run that is shown; more methods, because each key has an action of its own.

    Args:
        connection: Leads to the run's worker.
        period: Seconds between two redraws while it trains.
        weight: (layer, neuron, input) of a weight to begin with, and to wiggle; the bias is the input after the last.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("by_hand")
    OWNER: ClassVar[Owner] = "by_hand"
    model: DashboardModel

    def __init__(self, connection: RunConnection, period: float, weight: tuple[int, int, int] | None = None) -> None:
        super().__init__(connection.model)
        self.by_hand = ByHandModel()
        self._steering = RunSteering(connection, self.say)
        self._period = period
        self._weight = weight
        self.feed = SampleFeed(connection, self.by_hand)

    def compose(self) -> ComposeResult:
        """Make the lines and the pane."""
        model, period = self.model, self._period
        yield Header(model, id="header", period=period)
        yield ByHandPane(model, self.by_hand, lambda: self.feed.is_live, id=ID, period=period)
        yield NoticeLine(lambda: _notice(model), id="notice", period=period)
        yield KeyLine(self.keys_now, id="keys", period=period, words=lambda hint: translated(hint, model.vocabulary))

    async def on_mount(self) -> None:
        """Place everything, and ask for the sample."""
        self.pane.focus()
        await self.lay_out()
        await self.feed.look_at(self.feed.query)

    async def lay_out(self) -> None:
        """Place the lines, and the pane between them."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        first = 2 if screen.height >= 20 else 1
        self.place(
            {
                "header": screen.rows(0, 1),
                ID: screen.rows(first, screen.height - 2).columns(1, screen.width - 1),
                **last_lines(screen),
            }
        )

    @property
    def pane(self) -> ByHandPane:
        """The pane."""
        return self.query_one(ByHandPane)

    async def on_updated(self, message: Updated) -> None:
        """Take in what the worker has answered."""
        if refused := await self.feed.take():
            self.say(refused, Ink.WARNING)
        if self._weight is not None and self.by_hand.workings is not None:
            self.by_hand.stand_on(*self._weight)
            self._weight = None
        self.invalidate(immediate=message.immediate)

    async def on_link_changed(self) -> None:
        """Draw how the link is."""
        self.invalidate()

    def on_pane_input_invalid(self, message: Pane.InputInvalid) -> None:
        """Say what the field takes."""
        self.say(message.complaint, Ink.WARNING)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in _AVAILABLE:
            return _AVAILABLE[action](self, *parameters)
        return super().check_action(action, parameters)

    # Steps and the cursor

    def action_go(self, by: int) -> None:
        """Go to another step."""
        self.by_hand.go(by)
        self.pane.show_step()

    def action_neuron(self, by: int) -> None:
        """Stand on another neuron of the step's layer."""
        layer = self.by_hand.step.layer
        self.by_hand.point_at(layer, self.by_hand.path.unit(layer) + by)
        self.pane.show_step()

    def action_product(self, by: int) -> None:
        """Stand on another product of the step: the next larger or smaller one."""
        self.by_hand.point_at(*moved(self.by_hand, by))
        self.pane.show_step()

    def action_scroll(self, step: int) -> None:
        """Scroll the text."""
        self.pane.scroll_lines(step * 5)

    # Which sample

    async def action_row(self, by: int) -> None:
        """Look at the row after this one, or before it."""
        sample = self.by_hand.known.sample
        await self.feed.look_at_row((sample.row + by) % sample.rows)  # from a typed one, −1, to the ends of the part

    async def action_part(self) -> None:
        """Look at the other part's first row."""
        is_train = self.feed.query.part == "train"
        await self.feed.look_at(ByHandQuery(part="validation" if is_train else "train"))

    async def action_pick(self, pick: str) -> None:
        """Look at the row that is wrong by most, the least sure one, or one of the latest batch; then at the next."""
        await self.feed.pick(pick)

    async def action_type_row(self) -> None:
        """Ask which row to look at."""
        sample = self.by_hand.known.sample

        def take(text: str) -> None:
            if not text.strip().isdecimal() or int(text) >= sample.rows:
                raise InputError(f"expected a row from 0 to {sample.rows - 1}")
            self.run_worker(self.feed.look_at_row(int(text)), name="row")

        await self.pane.ask(f"row, 0 … {count(sample.rows - 1)}:", str(sample.row), take)

    async def action_type_inputs(self) -> None:
        """Ask for the values of a row of one's own, then for its truth."""
        columns = raw_columns(self.model.run)
        sample = self.by_hand.workings.sample if self.by_hand.workings else None

        def take(text: str) -> None:
            values = parse_values(text, columns)
            self.run_worker(self._ask_truth(values), name="truth")

        inputs = "input" if columns == 1 else f"{columns} inputs"
        await self.pane.ask(f"{inputs}:", text_of(sample, columns), take, is_long=columns > 1)

    def action_mask(self) -> None:
        """Put the mask on that the sample had in the latest batch, or take it off."""
        self.feed.masked = not self.feed.masked
        self._show_latest()

    def action_follow(self) -> None:
        """Follow the training, or stand."""
        self.feed.follows = not self.feed.follows
        place = place_text(self.model, self.by_hand.known.sample)
        self.say("follows the training" if self.feed.follows else f"stands at {place}")
        self._show_latest()

    # Your turn

    def action_change(self) -> None:
        """Ask what to change, then what to."""
        quantities = changeable(self.by_hand)
        names = [
            f"{KINDS[each.kind]} {quantity_name(self.by_hand, each)}   {number(self.by_hand.known.value(each))}"
            for each in quantities
        ]

        def taken(place: int | None) -> None:
            if place is not None:
                self.run_worker(self._ask_value(quantities[place]), name="change")

        under = self.by_hand.parameter
        self.app.push_screen(PickerScreen("Change what?", names, quantities.index(under)), taken)

    async def action_guess(self) -> None:
        """Ask for a guess of the number under the cursor."""

        def take(text: str) -> None:
            self.by_hand.take_guess(text)
            self.say("")

        await self.pane.ask(f"{step_title(self.by_hand, self.by_hand.step)} =", "", take)

    def action_see(self) -> None:
        """Show the number without a guess."""
        self.by_hand.reveal()
        self.pane.show_step()

    def action_quiz(self) -> None:
        """Hide this number and all that follow, to be guessed; or show all of them."""
        self.by_hand.quiz()
        self.pane.show_step()

    def action_undo(self) -> None:
        """Take back what was changed."""
        self.by_hand.forget_changes()
        self._show_latest()

    # Wiggles

    def action_wiggle(self) -> None:
        """Measure the slope of the parameter under the cursor, or no longer."""
        self.by_hand.wiggles = not self.by_hand.wiggles
        self.pane.show_step()

    def action_wiggle_all(self) -> None:
        """Measure the slope of every parameter, in a thread, and say how far that has come."""
        self.feed.follows = False
        self.run_worker(self._check_all(), name="check", group="check", exclusive=True)

    # The run

    async def action_steer(self, command: str) -> None:
        """Pause, go on, do a step or an epoch."""
        await self._steering.steer(command)

    async def action_travel(self, direction: int) -> None:
        """Look at the checkpoint before or after."""
        await self._steering.travel(direction)

    async def action_back(self) -> None:
        """Go back to the dashboard; nothing here is asked for any more."""
        self.say("")
        await self.feed.close()
        self.dismiss(None)

    def _show_latest(self) -> None:
        self.feed.show_latest()
        self.pane.show_step()

    async def _ask_value(self, quantity: Quantity) -> None:
        def take(text: str) -> None:
            self.by_hand.change(quantity, parse_number(text))
            self.say("what follows from it is hidden: guess it, or see it")

        value = number(self.by_hand.known.value(quantity)).replace("−", "-")
        await self.pane.ask(f"{quantity_name(self.by_hand, quantity)} =", value, take)

    async def _ask_truth(self, values: tuple[float, ...]) -> None:
        """Ask what the answer to a row should be: a class, or values."""
        classes, outputs = self.model.run.welcome.classes, self.model.run.spec.network.layers[-1].units

        def chosen(place: int | None) -> None:
            if place is not None:
                look(None if place == len(classes) else (float(place),))

        def look(truth: tuple[float, ...] | None) -> None:
            self.say("")
            self.run_worker(self.feed.look_at(query_of(values, truth)), name="row")

        if classes:
            names = [*(sanitize(name, 40) for name in classes), OWN_ANSWER]
            self.app.push_screen(PickerScreen("The truth?", names, len(classes)), chosen)
        else:
            await self.pane.ask("truth:", "", lambda text: look(parse_values(text, outputs) if text.strip() else None))

    async def _check_all(self) -> None:
        workings = self.by_hand.known
        sample = workings.now
        checks = check(sample.layers, sample.x, sample.y, sample.head, sample.masks_on)
        while (progress := await asyncio.to_thread(_next, checks)) is not None:
            if self.by_hand.workings is not workings:
                return  # of other numbers than those that are shown now
            self.by_hand.check = progress
            self.pane.invalidate(immediate=True)


def _notice(model: DashboardModel) -> Notice:
    """Return the line above the keys; of a checkpoint without what only the dashboard can do with it."""
    notice = notice_of(model)
    if not notice.stands or model.visiting is None:
        return notice
    back, forward = model.glyph("by_hand.past"), model.glyph("by_hand.future")
    return Notice(f"{back} {forward} walk through the checkpoints", stands=True)


def _next(checks: Iterator[Check]) -> Check | None:
    return next(checks, None)


def _has_sample(screen: ByHandScreen) -> bool:
    return screen.by_hand.workings is not None


def _can_go(screen: ByHandScreen, by: int) -> bool:
    return _has_sample(screen) and 0 <= screen.by_hand.number + by < len(screen.by_hand.known.steps)


def _can_move(screen: ByHandScreen, by: int) -> bool:
    if not _has_sample(screen) or screen.by_hand.step.kind == "loss":
        return False
    layer = screen.by_hand.step.layer
    return 0 <= screen.by_hand.path.unit(layer) + by < screen.by_hand.path.widths[layer + 1]


def _can_list(screen: ByHandScreen, by: int) -> bool:
    if not _has_sample(screen):
        return False
    column, unit = moved(screen.by_hand, by)
    return unit != screen.by_hand.path.unit(column)


def _has_slopes(screen: ByHandScreen) -> bool:
    """Return whether slopes can be measured: what is to be guessed is not measured before."""
    return _has_sample(screen) and bool(screen.by_hand.known.base.backward) and not screen.by_hand.veil.is_down


def _can_pick(model: DashboardModel, pick: str) -> bool:
    if pick == "batch":
        return model.visiting is None and bool(model.run.frame.epoch or model.run.frame.step)
    return bool(model.run.welcome.classes)


_AVAILABLE: Final[dict[str, Callable[..., bool]]] = {
    "go": _can_go,
    "neuron": _can_move,
    "product": _can_list,
    "scroll": lambda screen, step: screen.pane.can_scroll(step),
    "row": lambda screen, _: _has_sample(screen) and screen.by_hand.known.sample.rows > 1,
    "part": lambda screen: _has_sample(screen) and screen.model.run.welcome.rows[1] > 0,
    "pick": lambda screen, pick: _has_sample(screen) and _can_pick(screen.model, pick),
    "type_row": lambda screen: _has_sample(screen) and screen.by_hand.known.sample.rows > 1,
    "type_inputs": lambda screen: screen.model.has_frame and can_type(screen.model.run),
    "mask": lambda screen: _has_sample(screen) and screen.by_hand.known.sample.masks is not None,
    "follow": lambda screen: _has_sample(screen) and screen.model.in_training,
    "change": lambda screen: _has_sample(screen) and not screen.by_hand.hides,
    "guess": lambda screen: _has_sample(screen) and screen.by_hand.hides,
    "see": lambda screen: _has_sample(screen) and screen.by_hand.hides,
    "quiz": _has_sample,
    "undo": lambda screen: _has_sample(screen) and bool(screen.by_hand.known.changes),
    "wiggle": _has_slopes,
    "wiggle_all": _has_slopes,
    "steer": lambda screen, command: screen._steering.can_steer(command),  # noqa: SLF001 (its own table)
    "travel": lambda screen, direction: screen._steering.can_travel(direction),  # noqa: SLF001
}
