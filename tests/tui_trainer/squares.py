"""A lab of powers of whole numbers: every kind of dial, curve, axis and cell, and texts that stay as they are."""

from __future__ import annotations

import numpy as np

from presets.labs.contract import Curve, Lab, LabDial, LabResult, Mark, Plot, Settings, Table, curve

DIALS = (
    LabDial(key="n", label="how many", kind="integer", default=4, low=1, high=9, help="How many squares."),
    LabDial(key="who", label="who", kind="choice", default="one", choices=("one", "two"), help="Nobody."),
    LabDial(key="on", label="switch", kind="switch", default=False, help="Nothing."),
    LabDial(key="list", label="numbers", kind="list", default=(1.0, 2.0), help="Nothing."),
)


def plot_of(title: str, *curves: Curve, log_y: bool = False) -> Plot:
    mark = Mark(curves[0].x[-1], curves[0].y[-1], "the last")
    return Plot(title=title, x_label="step", y_label=title, curves=curves, marks=(mark,), log_y=log_y)


def compute(settings: Settings) -> LabResult:
    n = settings.integer("n")
    x = np.arange(n + 1.0)
    rows = tuple((int(step), int(step) ** 2, float(step) ** 0.5, "odd" if step % 2 else "even") for step in x)
    return LabResult(
        values={"squares": {"last": n**2, "all": (x**2).tolist()}},
        tables=(Table("Squares", ("n", "square", "root", "it is"), rows),),
        plots=(
            plot_of("Growth", curve("n²", x, x**2), curve("n", x, x, "dashed")),
            plot_of("Roots", curve("√n", x, x**0.5, "both")),
            plot_of("Growth, log", curve("n²", x, x**2), curve("points", x, x**2, "dots"), log_y=True),
        ),
        notes=(f"the last one is {n**2}",),
        formulas=("f(n) = n²",),
    )


SQUARES = Lab(name="squares", title="Squares of whole numbers", dials=DIALS, compute=compute)
