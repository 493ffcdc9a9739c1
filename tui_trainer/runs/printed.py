"""What a tutorial prints of the recipe that a run was begun with."""

from __future__ import annotations

from engine.errors import InputError
from engine.spec import Spec, override
from presets.loader import names, read
from tui_trainer.view_models.exam_scores import Printed

MEASURED = "exam.accuracy"


def printed_accuracy(spec: Spec) -> Printed | None:
    """Return the accuracy of an exam that is printed for a recipe; None where that is no preset's, or was changed."""
    try:
        if spec.name not in names():
            return None
        preset = read(spec.name)
        same_seed = override(preset.spec, {"training.seed": spec.training.seed})
        if same_seed != spec:
            return None
        for claim in preset.claims:
            for figure in claim.figures:
                if figure.of == MEASURED and isinstance(figure.published, str) and not figure.set:
                    return Printed(float(figure.published), claim.where)
    except (InputError, ValueError):  # another preset of that name, or a text that is not a number
        pass
    return None
