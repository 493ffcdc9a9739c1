"""The one table of panes: which key leads to each, where it stands, what it needs of a run and asks the worker for.

Layout, tabs, the keys that lead to panes, and what the dashboard mounts all follow from here. To add a pane, write its
widget and add a line to ``PANES`` (and one to ``TABS`` for a key of its own); data that no other pane shows is a view
of the engine's. The table imports no widget, so that everything may import the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from engine.protocol.queries import View
    from engine.run.capabilities import Capability

Slot = Literal["left", "centre", "right", "main", "side"]
"""Where a pane stands, one above the other: in one of the dashboard's three columns, or in one of the two of a tab that
takes the whole screen."""

LESSON: Final = "lesson"
"""The id of the card of a lesson, which stands beside all other panes where there is room."""

PaneOwner = (
    Literal["architecture", "dials", "charts", "heatmap", "neurons", "boundary"]
    | Literal["sample", "ranges", "parts", "lesson"]
)
"""Panes that have keys of their own, both charts the same ones; the table of keys has them under these names."""

Tab = int
"""The digit that leads to a tab."""


@dataclass(frozen=True)
class RunShape:
    """What the layout has to know of a run; the defaults are for a screen that has not met it yet.

    Attributes:
        layers: Dense layers of the network.
        inputs: Columns of the data.
        pictures: Whether a row of the data is a picture.
        missing: What the run cannot do, and why not.
        lesson: Whether a lesson is at hand.
    """

    layers: int = 3
    inputs: int = 1
    pictures: bool = False
    missing: tuple[tuple[Capability, str], ...] = ()
    lesson: bool = False

    def why_not(self, needs: Iterable[Capability]) -> str | None:
        """Return why the run lacks one of the capabilities, None where it has them all."""
        missing = dict(self.missing)
        return next((missing[capability] for capability in sorted(needs) if capability in missing), None)


@dataclass(frozen=True)
class TabSpec:
    """Panes that are shown together where not all have room.

    Attributes:
        key: The digit that leads here.
        title: Its name, or what the glossary has it under.
        help: One line for the help and the palette.
        stack_from: Rows from which on its panes stand one above the other, not side by side.
    """

    key: Tab
    title: str
    help: str
    stack_from: int = 1000


Rows = Callable[[int, RunShape], int]
"""The rows that a pane takes of a column of so many, where others stand below it."""


@dataclass(frozen=True)
class PaneSpec:
    """A pane.

    Attributes:
        id: The widget's id, and the owner of its keys unless the widget names another one.
        title: Its title before anything is known of the run, or what the glossary has it under.
        tab: The key of its tab.
        slot: Where it stands.
        factory: ``module:class`` of the widget, imported when it is made.
        views: What frames must answer while it is in sight; the widget may know better, see ``Pane.queries``.
        needs: What the run must be able to do.
        rows: See ``Rows``; None for an equal share.
        for_pictures: Whether it shows nothing but pictures.
        for_lessons: Whether it shows nothing but lessons.
    """

    id: str
    title: str
    tab: Tab
    slot: Slot
    factory: str
    views: tuple[View, ...] = ()
    needs: frozenset[Capability] = frozenset()
    rows: Rows | None = None
    for_pictures: bool = False
    for_lessons: bool = False

    @property
    def key(self) -> str:
        """The key that leads here, where it is the first pane of its tab; else nothing."""
        return leading_key(self.id)

    def suits(self, shape: RunShape) -> bool:
        """Return whether the run has what this pane shows."""
        if (self.for_pictures and not shape.pictures) or (self.for_lessons and not shape.lesson):
            return False
        return shape.why_not(self.needs) is None


TABS: Final[tuple[TabSpec, ...]] = (
    TabSpec(1, "Network", "Architecture, then dials"),
    TabSpec(2, "Curves", "Loss, then accuracy", stack_from=26),
    TabSpec(3, "weights", "Weights"),
    TabSpec(4, "neurons", "Neurons at work"),
    TabSpec(5, "boundary", "Boundary: the answers over two columns"),
    TabSpec(6, "Data", "Data: rows, ranges, parts, pictures"),
    TabSpec(7, "Lesson", "Lesson: its card, beside the panes where there is room"),
)

RANGES_HEAD: Final = 3
"""Rows above the ranges of the data's columns."""

_WIDGETS: Final = "tui_trainer.widgets"

PANES: Final[tuple[PaneSpec, ...]] = (
    PaneSpec(
        "architecture",
        "Architecture",
        tab=1,
        slot="left",
        factory=f"{_WIDGETS}.architecture:ArchitecturePane",
        needs=frozenset({"recipe"}),
        rows=lambda height, shape: min(2 * shape.layers + 5, max(8, height - 16)),
    ),
    PaneSpec(
        "dials",
        "hyperparameters",
        tab=1,
        slot="left",
        factory=f"{_WIDGETS}.dials:DialsPane",
        needs=frozenset({"recipe"}),
    ),
    PaneSpec(
        "loss",
        "loss",
        tab=2,
        slot="centre",
        factory=f"{_WIDGETS}.chart:LossPane",
        rows=lambda height, _: height * 5 // 9,
    ),
    PaneSpec(
        "accuracy",
        "accuracy",
        tab=2,
        slot="centre",
        factory=f"{_WIDGETS}.chart:AccuracyPane",
        needs=frozenset({"score"}),
    ),
    PaneSpec(
        "heatmap",
        "weights",
        tab=3,
        slot="right",
        factory=f"{_WIDGETS}.heatmap:HeatmapPane",
        views=("weights",),
        needs=frozenset({"weights"}),
        rows=lambda height, _: height * 3 // 5,
    ),
    PaneSpec(
        "neurons",
        "neurons",
        tab=4,
        slot="right",
        factory=f"{_WIDGETS}.neurons:NeuronsPane",
        views=("neurons", "coadaptation"),
        needs=frozenset({"neurons"}),
    ),
    PaneSpec(
        "boundary",
        "boundary",
        tab=5,
        slot="main",
        factory=f"{_WIDGETS}.boundary:BoundaryPane",
        views=("boundary",),
        needs=frozenset({"boundary"}),
    ),
    PaneSpec(
        "sample",
        "Rows",
        tab=6,
        slot="main",
        factory=f"{_WIDGETS}.data:SamplePane",
        views=("data",),
        needs=frozenset({"data"}),
        rows=lambda height, shape: max(height * 4 // 7, height - shape.inputs - RANGES_HEAD),
    ),
    PaneSpec("ranges", "Columns", tab=6, slot="main", factory=f"{_WIDGETS}.data:RangesPane", needs=frozenset({"data"})),
    PaneSpec(
        "parts",
        "Parts",
        tab=6,
        slot="side",
        factory=f"{_WIDGETS}.data:PartsPane",
        needs=frozenset({"data"}),
        rows=lambda height, _: max(height * 4 // 9, height - 19),
    ),
    PaneSpec(
        "picture",
        "Picture",
        tab=6,
        slot="side",
        factory=f"{_WIDGETS}.data:PicturePane",
        needs=frozenset({"data"}),
        for_pictures=True,
    ),
    PaneSpec(LESSON, "Lesson", tab=7, slot="main", factory=f"{_WIDGETS}.lesson:LessonPane", for_lessons=True),
)


def panes_for(shape: RunShape, tab: Tab | None = None) -> list[PaneSpec]:
    """Return the panes that suit a run, of one tab or of all."""
    return [pane for pane in PANES if pane.suits(shape) and tab in {None, pane.tab}]


def tabs_for(shape: RunShape) -> list[TabSpec]:
    """Return the tabs that have something to show of a run."""
    kept = {pane.tab for pane in panes_for(shape)}
    return [tab for tab in TABS if tab.key in kept]


def why_not_shown(tab: Tab, shape: RunShape) -> str | None:
    """Return why a tab has nothing to show of a run, None where it has something."""
    if panes_for(shape, tab):
        return None
    return next((why for pane in PANES if pane.tab == tab and (why := shape.why_not(pane.needs))), "nothing to show")


def tab_of(pane_id: str) -> Tab | None:
    """Return the tab in which a pane stands, None where there is no such pane."""
    return next((pane.tab for pane in PANES if pane.id == pane_id), None)


def leading_key(pane_id: str) -> str:
    """Return the key that leads to a pane, where it is the first one of its tab; else nothing."""
    return next((str(tab.key) for tab in TABS if next(p.id for p in PANES if p.tab == tab.key) == pane_id), "")


def views_of(pane_id: str | None) -> tuple[View, ...]:
    """Return what frames must answer while a pane is in sight."""
    return next((pane.views for pane in PANES if pane.id == pane_id), ())
