"""Labs with their dials turned, against formulas of books, other libraries, and numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax
from scipy.stats import binom

from presets import labs
from presets.labs.contract import LabResult
from tests.properties import examples


def computed(name: str, **turned: object) -> LabResult:
    lab = labs.lab(name)
    return lab.compute(lab.with_settings(turned))


def figures(name: str, **turned: object) -> dict[str, Any]:
    return dict(computed(name, **turned).values)


def values(name: str, case: str, **turned: object) -> dict[str, Any]:
    found: dict[str, Any] = figures(name, **turned)[case]
    return found


def table(result: LabResult, title: str) -> list[tuple[Any, ...]]:
    (found,) = [each for each in result.tables if each.title.startswith(title)]
    return list(found.rows)


@settings(max_examples=examples(30))
@given(rate=st.floats(0.001, 1.5), start=st.floats(-5, 5), steps=st.integers(0, 30))
def test_a_descent_multiplies_by_one_less_twice_the_rate(rate: float, start: float, steps: int) -> None:
    found = values("descent", "descent", rate=rate, start=start, steps=steps)
    expected = [start * (1 - 2 * rate) ** step for step in range(steps + 1)]
    np.testing.assert_allclose(found["w"], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["loss"], np.square(expected) + 0.5, rtol=1e-9)


def test_the_sign_of_the_slope_at_the_start_is_marked() -> None:
    for start, row in ((2.0, 0), (-2.0, 1), (0.0, 2)):
        marks = [cells[-1] for cells in table(computed("descent", start=start), "What the sign")]
        assert [bool(mark) for mark in marks] == [index == row for index in range(3)]


def test_a_rate_beyond_one_diverges_only_without_the_clip() -> None:
    clipped = values("learning-rate", "A07_lr_scenarios", rates=[1.5], steps=10)["1.5"]
    free = values("learning-rate", "A07_lr_scenarios", rates=[1.5], steps=10, clip=0)["1.5"]
    assert abs(clipped["w"]) == 5
    assert free["w"] == pytest.approx(2.5 * (-2) ** 10)
    assert values("learning-rate", "learning-rate", rates=[1.5, 1, 0.9, 0.5, 0.3, 0.01]) == {
        "1.5": "diverges",
        "1": "bounces for ever",
        "0.9": "swings, and settles",
        "0.5": "there in one step",
        "0.3": "steady",
        "0.01": "slow",
    }


def test_a_loop_over_a_square_breaks_off_where_it_diverges() -> None:
    found = values("learning-rate", "B08_learning_rate_demo", x2_rates=[5], x2_start=1)["5"]
    step = found["diverged_at_step"]
    assert abs(found["x"]) > 1e10 > 9.0 ** (step - 1)


def test_brute_force_of_a_small_network_by_hand() -> None:
    found = figures("brute-force", units="2,3,1", rows=10, directions=1, dials=3, settings=7)
    assert found["R01_param_counts"] == {"room1": 9, "room2": 4, "total": 13}
    assert found["R02_brute_force_passes"] == {"passes": 130}
    assert found["A14_combos"] == {"combos": 343.0, "n_params": 3}
    assert found["brute-force"]["multiplications_forward"] == 10 * (2 * 3 + 3)


@settings(max_examples=examples(30))
@given(scores=st.lists(st.floats(-700, 700), min_size=2, max_size=12), z=st.floats(-30, 30))
def test_activations_are_those_of_scipy(scores: list[float], z: float) -> None:
    result = figures("activations", scores=scores, z=z)
    np.testing.assert_allclose(np.array(result["B03_softmax"]["probs"], float), softmax(scores), rtol=1e-9, atol=1e-300)
    assert result["activations"]["value"] == pytest.approx(expit(z), rel=1e-12)
    assert result["activations"]["slope"] == pytest.approx(expit(z) * expit(-z), rel=1e-6, abs=1e-15)


@pytest.mark.parametrize("function", ["sigmoid", "tanh", "relu", "leaky_relu", "identity"])
def test_the_slope_of_an_activation_is_the_one_that_is_measured(function: str) -> None:
    for z in (-1.3, 0.4, 2.2):
        found = values("activations", "activations", function=function, z=z)
        assert found["measured_slope"] == pytest.approx(found["slope"], rel=1e-8)


@settings(max_examples=examples(30))
@given(pairs=st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(0, 1)), min_size=1, max_size=8))
def test_losses_of_samples_are_means_over_them(pairs: list[tuple[float, int]]) -> None:
    answers, truths = [p for p, _ in pairs], [y for _, y in pairs]
    result = computed("losses", answers=answers, truths=truths)
    assert result.values["A03_mse5"]["mse"] == pytest.approx(np.mean([(y - p) ** 2 for p, y in pairs]))
    mean = table(result, "Samples")[-1]
    assert mean[-1] == pytest.approx(np.mean([-math.log(p if y else 1 - p) for p, y in pairs]))


def test_losses_of_lists_of_two_lengths_take_what_has_a_partner_and_say_so() -> None:
    result = computed("losses", truths="1,0", answers="0.5,0.5,0.9")
    assert result.values["A03_mse5"]["mse"] == pytest.approx(0.25)
    assert any("left out" in note for note in result.notes)


def test_layers_without_an_activation_collapse_and_others_do_not() -> None:
    found = values("linear-collapse", "linear-collapse", hidden=6, width=9, seed=7)
    assert found["largest_difference"] < 1e-12
    assert found["unexplained_by_any_line"] < 1e-20
    bent = values("linear-collapse", "linear-collapse", hidden=6, width=9, seed=7, activation="relu")
    assert bent["largest_difference"] > 0.01
    assert 0 < bent["unexplained_by_any_line"] < 1


def test_two_neurons_in_a_row_by_hand() -> None:
    """3(2·1 − 1·2 + 0.5) − 2 = −0.5, and 6·1 − 3·2 − 0.5 = −0.5."""
    rows = table(computed("linear-collapse"), "Two neurons")
    assert [row[-1] for row in rows] == pytest.approx([0.5, -0.5, -0.5])
    assert rows[-1][1] == "6·x₁ + -3·x₂ + -0.5".replace("-", "−")


def test_adam_moves_by_its_rate_at_first_whatever_the_slope() -> None:
    for start in (0.01, 1, 100):
        path = values("optimizers", "B09_adam_vs_gd", start=start, adam_rate=0.25, steps=1)["adam_all"]
        assert path[0] - path[1] == pytest.approx(0.25, rel=1e-4)


def test_the_averages_of_adam_by_hand() -> None:
    """At x = 10 the gradient is 20: m = 2, v = 0.4, corrected 20 and 400."""
    t, x, g, m, v, m_hat, v_hat, step = table(computed("optimizers"), "Adam's two")[0]
    assert (t, x, g) == (1, 10, 20)
    assert (m, v, m_hat, v_hat, step) == pytest.approx((2, 0.4, 20, 400, -0.5))


def test_momentum_against_its_recurrence() -> None:
    x, velocity = 10.0, 0.0
    for _ in range(7):
        velocity = 0.8 * velocity - 0.05 * 2 * x
        x += velocity
    assert values("optimizers", "optimizers", steps=7, rate=0.05, momentum=0.8)["momentum"] == pytest.approx(x)


@pytest.mark.parametrize("z", [-500.0, -90.0, -30.0, 0.5, 30.0, 90.0, 500.0])
def test_a_loss_from_z_is_exact_where_the_formulas_are_not(z: float) -> None:
    found = values("overflow", "overflow", z=z, dtype="float64")
    assert found["from_z_y1"] == pytest.approx(float(np.logaddexp(0, -z)), rel=1e-12)
    assert found["from_z_y0"] == pytest.approx(float(np.logaddexp(0, z)), rel=1e-12)


def test_half_precision_overflows_from_eleven_on() -> None:
    assert values("overflow", "R13_Z_minus500", z=-12, dtype="float16")["exp"] == "inf"
    assert values("overflow", "R13_Z_minus500", z=-11, dtype="float16")["exp"] != "inf"


@pytest.mark.parametrize(("p", "n", "single"), [(0.5, 1075, 150), (0.25, 538, 75), (0.125, 359, 50)])
def test_a_product_of_powers_of_two_ends_where_the_format_does(p: float, n: int, single: int) -> None:
    """2⁻¹⁰⁷⁴ is the smallest float64, 2⁻¹⁴⁹ the smallest float32; half of either rounds to 0."""
    found = values("likelihood", "W08_likelihood_underflow", p=p)
    assert found == {"first_n_zero": n, "first_n_zero_float32": single}


def test_a_product_that_rounding_holds_up_never_is_zero() -> None:
    """From the smallest number on, a factor above one half rounds back to it."""
    found = values("likelihood", "W08_likelihood_underflow", p=0.9)
    assert found == {"first_n_zero": None, "first_n_zero_float32": None}


def test_the_logarithm_of_a_likelihood_is_the_loss_times_n() -> None:
    found = values("likelihood", "likelihood", truths="1,0", answers="0.8,0.3")
    assert found["likelihood"] == pytest.approx(0.8 * 0.7)
    assert found["log_likelihood"] == pytest.approx(math.log(0.56))
    assert found["loss"] == pytest.approx(-math.log(0.56) / 2)


@pytest.mark.parametrize(
    ("activation", "factor"), [("sigmoid", 0.25 * 0.5), ("tanh", 0.5), ("relu", 0.0), ("identity", 0.5)]
)
def test_a_gradient_is_multiplied_by_weight_and_slope_at_each_layer(activation: str, factor: float) -> None:
    found = values("vanishing-gradient", "B10_vanishing", activation=activation, weight=0.5, layers=4)["layers"]
    assert found == pytest.approx([factor**n for n in range(1, 5)])


def test_a_signal_of_relu_layers_keeps_its_size_at_he_s_scale_only() -> None:
    bands = values("initialization", "B11_init_comparison", scales="0.05,0.5", width=64, layers=8, seeds=40)["bands"]
    assert bands["he"]["theory_rms"] == pytest.approx(1)
    assert 0.2 < bands["he"]["p50"] < 2
    for scale in (0.05, 0.5):
        assert bands[f"{scale:g}"]["theory_rms"] == pytest.approx((scale * math.sqrt(32)) ** 8)
        assert bands[f"{scale:g}"]["p50"] / bands["he"]["p50"] == pytest.approx((scale / math.sqrt(2 / 64)) ** 8)


@settings(max_examples=examples(20))
@given(units=st.integers(3, 64), rate=st.floats(1e-6, 0.95))
def test_how_many_neurons_are_out_is_binomial(units: int, rate: float) -> None:
    result = computed("dropout", units=units, rate=rate)
    (counts,) = result.plots[0].curves
    np.testing.assert_allclose(counts.y, binom.pmf(np.arange(units + 1), units, rate), rtol=1e-9, atol=1e-15)
    heads = result.values["R10_dropout_heads"]
    assert heads["r20_p_exactly3"] == pytest.approx(binom.pmf(3, units, 0.2))


def test_dropout_scales_what_stays_by_what_is_missing() -> None:
    found = values("dropout", "B12_dropout", activations="1,2,3,4", rate=0.5, seed=3)
    kept = [a * mask * 2 for a, mask in zip((1, 2, 3, 4), found["mask"], strict=True)]
    assert found["dropped"] == kept
    assert found["mask"] == [int(u > 0.5) for u in found["uniform"]]


def test_a_slope_by_both_sides_is_the_derivative_of_the_formula() -> None:
    """L = ln(1 + e^−z₂) with z₂ = (x·w₁ + b₁)·w₂ + b₂, so ∂L/∂w₁ = (p − 1)·w₂·x."""
    turned = {"x": 2.0, "w1": 0.4, "b1": 0.1, "w2": -1.2, "b2": 0.3, "h": 1e-5, "parameter": "w1"}
    z2 = (2.0 * 0.4 + 0.1) * -1.2 + 0.3
    found = values("wiggle", "wiggle", **turned)
    slope = (expit(z2) - 1) * -1.2 * 2.0
    assert found["chain"] == pytest.approx(slope, rel=1e-12)
    assert found["central"] == pytest.approx(slope, rel=1e-8)
    assert found["one_sided"] == pytest.approx(slope, rel=1e-4)


def test_the_blog_s_three_measured_slopes_come_of_three_digits() -> None:
    printed = {"w2": -0.16, "b2": -0.20, "w1": -0.15}
    for name, slope in printed.items():
        assert round(values("wiggle", "wiggle", parameter=name)["on_paper"], 6) == slope
        assert abs(values("wiggle", "wiggle", parameter=name, digits=8)["on_paper"] - slope) > 0.004


@pytest.mark.parametrize("left_out", ["none", "H0", "V2"])
def test_any_five_lines_are_told_apart_and_all_six_never(left_out: str) -> None:
    result = computed("separability", without=left_out, epochs=500)
    assert result.values["separability"]["separated"] is (left_out != "none")
    says = {row[0]: row[3] for row in table(result, "What the neuron says")}
    if left_out != "none":
        assert [name for name, word in says.items() if word == "wrong"] == [left_out]


def test_the_spirals_come_apart_where_the_radius_is_repaired() -> None:
    published = figures("spirals", turns=1, offset=1)
    assert published["B14_spiral_geometry"]["overlap_fraction"] == pytest.approx(0.5)
    repaired = figures("spirals", radius="repaired", noise=0)
    assert repaired["B14_spiral_geometry"]["bayes_accuracy_noise_free_limit"] == 1
    assert repaired["spirals"]["nearest_other_class"] > 10 * published["spirals"]["nearest_other_class"]


def test_shapes_follow_the_layers() -> None:
    found = values("shapes", "W09_shapes", units="5,4,3", rows=7, side=10)
    assert {key: found[key] for key in ("W1", "W2", "A2", "pixels")} == {
        "W1": "(4, 5)",
        "W2": "(3, 4)",
        "A2": "(3, 7)",
        "pixels": 100,
    }


def test_a_loan_by_rules_and_by_the_neuron() -> None:
    found = figures("loan-rules", income=20_000, credit=650, years=1, debt=0)
    assert found["loan-rules"]["rules"] == "no: rule 2"
    assert found["B01_loan"]["z"] == pytest.approx(0.2 + 6.5 + 0.1 - 3)
    assert figures("loan-rules", credit=590)["loan-rules"]["rules"] == "no: rule 1"


def test_three_ways_through_a_layer_agree() -> None:
    found = values("vectorized", "vectorized", inputs=5, units=4, rows=6)
    assert found["multiplications"] == 120
    assert found["largest_difference"] < 1e-12


def notes(name: str, **turned: object) -> str:
    return " ".join(computed(name, **turned).notes)


def test_what_is_told_of_a_tutorial_s_figure_is_told_only_where_it_holds() -> None:
    assert "0.1153 after 20 steps" in notes("learning-rate")
    assert "1.08 after 2 steps" in notes("learning-rate", x2_rates="0.2,0.8", x2_start=3, x2_steps=2)  # 3 · 0.6²
    assert "side to side" not in notes("learning-rate", x2_rates="0.1,0.2")
    assert "0.8808" in notes("activations")
    assert "0.89" not in notes("activations", z=1)
    assert "$35,590" in notes("losses")
    assert "$36,000" not in notes("losses", prices="1,2", guesses="1,3")
    assert "mends the lower side only" in notes("overflow")
    assert "still below 1" in notes("overflow", clip=10)
    assert "seed 7" in notes("initialization", seed=7, seeds=2, width=8)
    assert "−0.15 as agreements" in notes("wiggle")
    assert "agreements" not in notes("wiggle", h=0.2)
    assert "66 to 68" not in notes("spirals", turns=3)


def test_the_loss_on_paper_is_told_where_rounding_p_moves_it() -> None:
    assert "L = 0.221 is −ln of the rounded p, 0.802; the loss itself is 0.220417" in notes("wiggle")
    assert "rounded p" not in notes("wiggle", digits=10)


def test_ways_to_begin_end_as_they_are_said_to() -> None:
    after = {row[0]: row[2] for row in table(computed("initialization"), "Ways to begin")}
    assert after["zeros"] == 0
    assert after["small"] < 1e-10 < after["unscaled"]
    assert 0.2 < after["He"] < 3
    assert after["Xavier"] == pytest.approx(after["He"] * 2**-5, rel=1e-9)  # ten layers, each 1/√2 of He's
    kept = {row[0]: row[2] for row in table(computed("initialization", activation="identity"), "Ways to begin")}
    assert all(0.2 < kept[name] < 3 for name in ("Xavier", "LeCun", "Glorot"))


def test_only_the_first_three_rates_have_a_plot_of_their_own() -> None:
    titles = [plot.title for plot in computed("learning-rate", rates=".1,.2,.3,.4,.5").plots]
    assert [title for title in titles if title.startswith("η")] == [
        "η = 0.1: steady",
        "η = 0.2: steady",
        "η = 0.3: steady",
    ]
