"""The table of panes, and what follows from it."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.run.capabilities import Capability
from tests.tui_trainer.test_layout import overlap
from tui_trainer.bindings import KEYS
from tui_trainer.layout import compute_layout
from tui_trainer.panes import PANES, TABS, PaneSpec, RunShape, leading_key, panes_for, tabs_for, why_not_shown
from tui_trainer.widgets.pane import Pane

CAPABILITIES = sorted({capability for pane in PANES for capability in pane.needs})
Missing = tuple[tuple[Capability, str], ...]
WHY = "the data are not where they were"

sizes = st.tuples(st.integers(60, 320), st.integers(16, 120))
missing = st.lists(st.sampled_from(CAPABILITIES), unique=True).map(lambda names: tuple((name, WHY) for name in names))


@pytest.mark.parametrize("pane", PANES, ids=lambda pane: pane.id)
def test_every_pane_has_a_widget(pane: PaneSpec) -> None:
    module, _, name = pane.factory.partition(":")
    assert issubclass(getattr(import_module(module), name), Pane)


def test_ids_are_unique_and_every_tab_has_panes_and_a_key() -> None:
    assert max(Counter(pane.id for pane in PANES).values()) == 1
    assert {pane.tab for pane in PANES} == {tab.key for tab in TABS}
    assert [key.action for key in KEYS if key.id.startswith("place.")] == [f"place({tab.key})" for tab in TABS]


def test_the_key_of_a_tab_stands_before_the_first_of_its_panes() -> None:
    assert [leading_key(pane.id) for pane in PANES] == ["1", "", "2", "", "3", "4", "5", "6", "", "", "", "7"]


@given(sizes, st.sampled_from([tab.key for tab in TABS]), missing)
def test_what_a_run_lacks_leaves_no_gap(
    size: tuple[int, int], tab: int, lacking: tuple[tuple[Capability, str], ...]
) -> None:
    shape = RunShape(inputs=30, missing=lacking)
    layout = compute_layout(*size, tab, shape)
    panes = {name: rect for name, rect in layout.rects.items() if name in {pane.id for pane in PANES}}
    assert set(panes) <= {pane.id for pane in panes_for(shape)}
    assert not any(overlap(one, other) for one, other in combinations(panes.values(), 2))
    assert min(rect.x for rect in panes.values()) == 1
    assert max(rect.x + rect.width for rect in panes.values()) == size[0] - 1
    assert max(rect.y + rect.height for rect in panes.values()) == size[1] - 2


def test_on_a_wide_screen_a_run_without_a_network_to_look_into_has_wide_charts() -> None:
    shape = RunShape(missing=(("weights", WHY), ("neurons", WHY)))
    rects = compute_layout(120, 40, 2, shape).rects
    assert {name for name in rects if name in {pane.id for pane in PANES}} == {
        "architecture",
        "dials",
        "loss",
        "accuracy",
    }
    assert rects["loss"].x + rects["loss"].width == 119


def test_a_tab_that_has_nothing_to_show_says_why_and_another_one_is_shown() -> None:
    shape = RunShape(missing=(("data", WHY),))
    assert why_not_shown(6, shape) == WHY
    assert why_not_shown(5, shape) is None
    assert [tab.key for tab in tabs_for(shape)] == [1, 2, 3, 4, 5]
    assert compute_layout(80, 24, 6, shape).tab == 1
