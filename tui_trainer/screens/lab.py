"""One lab: dials to turn, and what comes out of them as plots, tables and words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from presets import labs
from presets.labs.contract import Lab
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.formatting import within
from tui_trainer.glossary import next_vocabulary
from tui_trainer.layout import Rect, last_lines
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.screens.picker import PickerScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import Notice
from tui_trainer.view_models.keyed import KeyedModel
from tui_trainer.view_models.lab import LabModel, computed
from tui_trainer.view_models.lab_layout import LEFT, NAMES, PaneName, lab_rects
from tui_trainer.view_models.lab_text import all_tables, all_words
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.lab import LabDialsPane, LabTablesPane, LabTextPane, LinesPane
from tui_trainer.widgets.lab_plots import LabPlotsPane
from tui_trainer.widgets.lines import ClickLine, KeyLine, NoticeLine
from tui_trainer.widgets.pane import TitledPane

TABLES_ABOUT: Final = (
    "The tables of this lab, with the numbers behind the plots; the last one has the figures that "
    "`tui-trainer lab NAME --json` prints, by the cases of the tutorials."
)
TEXT_ABOUT: Final = (
    "What there is to see with the dials as they stand, the formulas behind it, the lab's card, and what the tutorials "
    "print beside what comes out with the dials as they stand at first."
)


class LabTitle(ClickLine):
    """The name of the lab and what it is about; the panes that are out of sight, with the keys that lead there."""

    def __init__(self, model: LabModel, hidden: Callable[[], Sequence[tuple[str, str]]], *, id: str) -> None:
        super().__init__(id=id)
        self._model = model
        self._hidden = hidden

    def paint(self, grid: Grid) -> None:
        """Draw the line."""
        lab, hidden = self._model.lab, self._hidden()
        x = grid.put(1, 0, "Lab ", Ink.MUTED)
        x = grid.put(x, 0, lab.name, Ink.BRIGHT) + 2
        end = grid.width - sum(len(title) + 4 for _, title in hidden)
        title = "computing…" if self._model.is_stale and not self._model.problem else self._model.words(lab.title)
        grid.put(x, 0, within(title, max(0, end - x - 1)), Ink.MUTED)
        self._spans = []
        x = max(end, x)
        for name, title in hidden:
            start = x
            x = grid.put(x, 0, f"{NAMES.index(name) + 1} ", Ink.KEY)
            x = grid.put(x, 0, title, Ink.TEXT)
            self._spans.append((start, x, f"screen.place('{name}')"))
            x += 2


class LabScreen(KeyedScreen[None]):
    """One lab over whatever is below; one goes back there.

    Args:
        model: The table of keys and the words.
        name: The lab's name.

    Raises:
        InputError: There is no lab of that name.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("lab")
    OWNER: ClassVar[Owner] = "lab"

    def __init__(self, model: KeyedModel, name: str) -> None:
        super().__init__(model)
        self.lab = LabModel(labs.lab(name), vocabulary=model.vocabulary)
        self._tab: PaneName = "plots"
        self._full: PaneName | None = None
        self._at_work: Lab | None = None
        self._notice = Notice("")

    def compose(self) -> ComposeResult:
        """Make the lines and the panes."""
        yield LabTitle(self.lab, self._hidden, id="title")
        yield LabDialsPane(self.lab, id="dials")
        yield LabPlotsPane(self.lab, id="plots")
        yield LabTablesPane("Tables", "3", partial(all_tables, self.lab), TABLES_ABOUT, id="tables")
        yield LabTextPane("What to see", "4", partial(all_words, self.lab), TEXT_ABOUT, id="text")
        yield NoticeLine(self._what_to_say, id="notice")
        yield KeyLine(self.keys_now, id="keys")

    async def on_mount(self) -> None:
        """Place everything, and compute with the dials as they stand."""
        self.query_one(LabDialsPane).focus()
        await self.lay_out()
        self.recompute()

    async def lay_out(self) -> None:
        """Place the lines, and the panes between them."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        first = 2 if screen.height >= 20 else 1
        body = screen.rows(first, screen.height - 2).columns(1, screen.width - 1)
        lines = {"title": screen.rows(0, 1), **last_lines(screen)}
        result = self.lab.result
        plots = 1 if result is None else len(result.plots)
        dials = self.query_one(LabDialsPane).rows_wanted(LEFT)
        self.place(lines | lab_rects(body, tab=self._tab, full=self._full, dial_rows=dials, plots=plots))
        self.invalidate()

    @property
    def explained(self) -> TitledPane:
        """What the help explains: the pane that has the focus, else the plots."""
        return self.focused_pane or self.query_one(LabPlotsPane)

    def say(self, text: str, ink: Ink = Ink.MUTED) -> None:
        """Say something in the line above the keys; what the dashboard says stays as it is."""
        self._notice = Notice(text, ink)
        self.query_one(NoticeLine).invalidate(immediate=True)

    def recompute(self) -> None:
        """Compute with the dials as they stand now, in a thread; while this lab is at work, afterwards."""
        self.invalidate()
        if self._at_work is not self.lab.lab:
            self._at_work = self.lab.lab
            self.run_worker(self._compute(self.lab.lab), name="lab", group="lab")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action == "reset":
            return not self.lab.is_at_first
        if action == "full":
            is_full = self._full is not None
            return not is_full and self._focused_name is not None if parameters[0] else is_full
        if action == "place":
            return self._focused_name != parameters[0] and self._has(str(parameters[0]))
        if action == "next_lab":
            return self._neighbour(int(str(parameters[0]))) is not None
        return super().check_action(action, parameters)

    def on_lab_dials_pane_turned(self) -> None:
        """Follow a dial."""
        self.say("")
        self.recompute()

    def on_pane_input_invalid(self, message: TitledPane.InputInvalid) -> None:
        """Say what the field takes."""
        self.say(message.complaint, Ink.WARNING)

    def on_pane_choice_requested(self, message: TitledPane.ChoiceRequested) -> None:
        """Ask the user for one of some names."""
        self.app.push_screen(PickerScreen(message.title, message.names, message.chosen), message.take)

    async def action_place(self, name: PaneName) -> None:
        """Show a pane, and give it the focus."""
        if name != "dials":
            self._tab = name
        self._full = name if self._full is not None else None
        await self.lay_out()
        self.set_focus(self.query_one(f"#{name}"), scroll_visible=False)  # at once: keys may have been typed ahead

    async def action_full(self, on: bool) -> None:
        """Give the focused pane the whole screen, or show all panes again."""
        self._full = self._focused_name if on else None
        await self.lay_out()
        self.invalidate_keys()

    def action_reset(self) -> None:
        """Turn all dials back."""
        self.lab.reset()
        self.say("")
        self.recompute()

    def action_next_lab(self, step: int) -> None:
        """Show the lab before or after."""
        name = self._neighbour(step)
        if name is None:
            return
        self.lab.open(labs.lab(name))
        self.query_one(LabPlotsPane).to_first()
        for pane in self.query(LinesPane):
            pane.to_top()
        self.say("")
        self.recompute()

    def action_words(self) -> None:
        """Change the words."""
        self.model.vocabulary = next_vocabulary(self.model.vocabulary)
        self.lab.vocabulary = self.model.vocabulary
        self.invalidate()

    def action_back(self) -> None:
        """Go back to where one came from."""
        self.dismiss(None)

    async def _compute(self, lab: Lab) -> None:
        """Compute until what came out last is of the dials as they stand, or another lab is shown."""
        model = self.lab
        try:
            while model.lab is lab and model.is_stale:
                settings = model.settings
                model.adopt(lab, settings, await asyncio.to_thread(computed, lab, settings))
                if self.is_open:
                    await self.lay_out()
        finally:
            if self._at_work is lab:
                self._at_work = None

    def on_descendant_focus(self) -> None:
        """Show the keys of what has the focus now; on a narrow screen that pane is the one beside the dials."""
        name = self._focused_name
        if name is not None and name != "dials":
            self._tab = name
        super().on_descendant_focus()

    @property
    def _focused_name(self) -> PaneName | None:
        pane = self.focused_pane
        return next((name for name in NAMES if pane is not None and pane.id == name), None)

    def _has(self, name: str) -> bool:
        """Return whether this lab has something for a pane."""
        result = self.lab.result
        return {"dials": bool(self.lab.lab.dials), "plots": result is None or bool(result.plots)}.get(name, True)

    def _hidden(self) -> list[tuple[PaneName, str]]:
        """Return the panes that are out of sight, with their titles."""
        panes = [(name, self.query_one(f"#{name}", TitledPane)) for name in NAMES]
        return [(name, pane.title()) for name, pane in panes if not pane.display]

    def _neighbour(self, step: int) -> str | None:
        names = labs.names()
        place = names.index(self.lab.lab.name) + step
        return names[place] if 0 <= place < len(names) else None

    def _what_to_say(self) -> Notice:
        """Return the notice; where nothing was said and the words are out of sight, what there is to see first."""
        if self._notice.text:
            return self._notice
        if self.lab.problem:
            return Notice(self.lab.problem, Ink.WARNING)
        notes = self.lab.result.notes if self.lab.result and not self.query_one(LabTextPane).display else ()
        return Notice(within(self.lab.words(notes[0]), max(0, self.size.width - 2)) if notes else "")
