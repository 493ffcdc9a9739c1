from __future__ import annotations

from collections import Counter

import pytest
from textual import actions

from tui_trainer.app import TrainerApp
from tui_trainer.bindings import KEYS, Key, bindings_of, grouped
from tui_trainer.screens.by_hand import ByHandScreen
from tui_trainer.screens.compare import CompareScreen
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.exam import ExamScreen
from tui_trainer.screens.lab import LabScreen
from tui_trainer.screens.labs import LabsScreen
from tui_trainer.screens.learn import LearnScreen
from tui_trainer.screens.presets import PresetsScreen
from tui_trainer.screens.quiz import QuizScreen
from tui_trainer.screens.runs import RunsScreen
from tui_trainer.screens.setup import SetupScreen
from tui_trainer.screens.sweep import SweepScreen
from tui_trainer.screens.sweeps import SweepsScreen
from tui_trainer.screens.verdicts import VerdictsScreen
from tui_trainer.widgets.architecture import ArchitecturePane
from tui_trainer.widgets.boundary import BoundaryPane
from tui_trainer.widgets.chart import ChartPane
from tui_trainer.widgets.data import PartsPane, RangesPane, SamplePane
from tui_trainer.widgets.dials import DialsPane
from tui_trainer.widgets.heatmap import HeatmapPane
from tui_trainer.widgets.lab import LabDialsPane, LabTablesPane, LabTextPane
from tui_trainer.widgets.lab_plots import LabPlotsPane
from tui_trainer.widgets.lesson import LessonPane
from tui_trainer.widgets.neurons import NeuronsPane
from tui_trainer.widgets.value_field import ValueField

OWNERS = {
    "dashboard": DashboardScreen,
    "architecture": ArchitecturePane,
    "dials": DialsPane,
    "charts": ChartPane,
    "heatmap": HeatmapPane,
    "neurons": NeuronsPane,
    "runs": RunsScreen,
    "presets": PresetsScreen,
    "compare": CompareScreen,
    "exam": ExamScreen,
    "verdicts": VerdictsScreen,
    "by_hand": ByHandScreen,
    "setup": SetupScreen,
    "boundary": BoundaryPane,
    "sample": SamplePane,
    "ranges": RangesPane,
    "parts": PartsPane,
    "field": ValueField,
    "lesson": LessonPane,
    "learn": LearnScreen,
    "quiz": QuizScreen,
    "sweeps": SweepsScreen,
    "sweep": SweepScreen,
    "labs": LabsScreen,
    "lab": LabScreen,
    "lab_dials": LabDialsPane,
    "lab_plots": LabPlotsPane,
    "lab_tables": LabTablesPane,
    "lab_text": LabTextPane,
}


def test_ids_are_unique() -> None:
    assert max(Counter(key.id for key in KEYS).values()) == 1


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_every_key_leads_to_an_action_that_exists(key: Key) -> None:
    namespace, name, _ = actions.parse(key.action)
    target = TrainerApp if namespace == "app" else OWNERS[key.owner]
    assert callable(getattr(target, f"action_{name}", None))


@pytest.mark.parametrize("owner", OWNERS)
def test_a_key_has_one_meaning_in_one_place(owner: str) -> None:
    keys = Counter(name for key in KEYS if key.owner == owner for name in key.keys.split(","))
    # Pausing and going on share a key, as do full screen and back, a retry and resuming, a guess and a change: one is
    # possible at a time.
    # Of a lab, back is from the pane that has the whole screen, then from the lab.
    assert {name for name, times in keys.items() if times > 1} <= {"space", "f", "enter", "escape"}


def test_bindings_carry_the_ids_for_keymaps() -> None:
    assert {binding.id for binding in bindings_of("dashboard")} == {k.id for k in KEYS if k.owner == "dashboard"}


def test_neighbours_of_one_hint_are_shown_together() -> None:
    groups = {group[0].hint: [key.glyph for key in group] for group in grouped(KEYS)}
    assert groups["learning rate"] == ["[", "]"]
    assert groups["panes"] == ["1", "2", "3", "4", "5", "6", "7"]
