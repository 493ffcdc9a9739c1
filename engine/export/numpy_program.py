"""The program in plain NumPy: forward, backward and update written out, as a textbook has them."""

from __future__ import annotations

from engine.export.program import Context, Program, constants, fill_in, rate_factor, rescaled, title_of
from engine.export.subject import Subject

BODIES = {
    "identity": ["return z"],
    "step": ["return (z > 0).astype(z.dtype)"],
    "sigmoid": ["return np.exp(-np.logaddexp(0, -z))  # 1 / (1 + exp(-z)), without overflow"],
    "tanh": ["return np.tanh(z)"],
    "relu": ["return np.maximum(z, 0)"],
    "leaky_relu": ["return np.where(z > 0, z, NEGATIVE_SLOPE * z)"],
    "softmax": [
        "powers = np.exp(z - z.max(axis=1, keepdims=True))  # shifted, so that nothing overflows",
        "return powers / powers.sum(axis=1, keepdims=True)",
    ],
}
"""The lines of f(z), z (N, units)."""
SLOPES = {
    "identity": "np.ones_like(a)",
    "sigmoid": "a * (1 - a)",
    "tanh": "1 - a**2",
    "relu": "(a > 0).astype(a.dtype)",
    "leaky_relu": "np.where(a > 0, 1, NEGATIVE_SLOPE).astype(a.dtype)",
}
"""f′(z) of a = f(z)."""
LOSSES = {
    "bce": "-(y * np.log(q) + (1 - y) * np.log(1 - q)).mean(axis=1)",
    "cce": "-(y * np.log(q)).sum(axis=1)",
    "mse": "((p - y) ** 2).mean(axis=1)",
    "mae": "np.abs(p - y).mean(axis=1)",
}
"""Losses of rows, of outputs p and targets y (N, K); q is p kept away from 0 and 1."""
INITIAL = {
    "glorot_uniform": "stream.uniform(-1, 1, (units, inputs)) * np.sqrt(6 / (inputs + units))",
    "xavier": "stream.standard_normal((units, inputs)) * np.sqrt(1 / inputs)",
    "he": "stream.standard_normal((units, inputs)) * np.sqrt(2 / inputs)",
    "lecun": "stream.standard_normal((units, inputs)) * np.sqrt(1 / inputs)",
    "normal": "stream.standard_normal((units, inputs))",
    "zeros": "np.zeros((units, inputs))",
}
UPDATES = {
    "sgd": (0, ["for w, g in zip(parameters, gradient, *averages):", "    w -= rate * g"]),
    "momentum": (
        1,
        [
            "for w, g, velocity in zip(parameters, gradient, *averages):",
            "    velocity[...] = MOMENTUM * velocity - rate * g",
            "    w += velocity",
        ],
    ),
    "rmsprop": (
        1,
        [
            "for w, g, v in zip(parameters, gradient, *averages):",
            "    v[...] = MOMENTUM * v + (1 - MOMENTUM) * g**2",
            "    w -= rate * g / (np.sqrt(v) + EPSILON)",
        ],
    ),
    "adam": (
        2,
        [
            "for w, g, m, v in zip(parameters, gradient, *averages):",
            "    m[...] = BETA1 * m + (1 - BETA1) * g",
            "    v[...] = BETA2 * v + (1 - BETA2) * g**2",
            "    w -= rate * m / (1 - BETA1**t) / (np.sqrt(v / (1 - BETA2**t)) + EPSILON)",
        ],
    ),
}
UPDATES["adamw"] = (2, [*UPDATES["adam"][1][:1], "    w -= rate * WEIGHT_DECAY * w", *UPDATES["adam"][1][1:]])
"""By optimiser: how many averages of each parameter it keeps, and its lines."""
TITLES = {"sgd": "gradient descent", "momentum": "momentum", "rmsprop": "RMSProp", "adam": "Adam", "adamw": "AdamW"}


def numpy_program(subject: Subject) -> Program:
    """Return the program in NumPy."""
    title = title_of(subject, "plain NumPy")
    trains = not subject.why_not_trained
    context: Context = _network(subject) | (_training(subject) if trains else {})
    return fill_in("numpy.py.jinja", subject, title, context, _remarks(subject) if trains else [])


def _network(subject: Subject) -> Context:
    names = list(dict.fromkeys(layer.activation for layer in subject.layers))
    return {
        "constants": constants(subject, names),
        "activations": [{"name": name, "body": BODIES[name]} for name in names],
        "layers": [layer.activation for layer in subject.layers],
        "answers": rescaled(subject, "outputs[-1]"),
    }


def _training(subject: Subject) -> Context:
    training = subject.training
    learning: list[str] = [layer.activation for layer in subject.layers[:-1]]
    if not is_matched(subject):
        learning.append(subject.exit)
    averages, update = UPDATES[training.optimizer]
    l1, l2 = ("L1 * np.sign(W)" if training.l1 else ""), ("L2 * W" if training.l2 else "")
    return {
        "slopes": [{"name": name, "slope": SLOPES[name]} for name in dict.fromkeys(learning)],
        "targets": targets(subject),
        "loss": _loss(subject),
        "penalty": "".join(f" + {term}" for term in (l1, l2) if term),
        "initial": _initial(subject),
        "schedule": rate_factor(subject, "(epoch - 1)"),
        "optimizer": TITLES[training.optimizer],
        "averages": averages,
        "update": update,
        "streams": _streams(subject),
        "score": score(subject),
    }


def targets(subject: Subject) -> str:
    """Return the targets (N, K) of y, as an expression of NumPy."""
    dtype = f"np.{subject.training.dtype}"
    if subject.classes and subject.outputs > 1:
        return f"np.eye({subject.outputs}, dtype={dtype})[y]"
    column = f"y.reshape(-1, {subject.outputs})"
    if subject.network.preparation.target_scaler is not None:
        column = f'({column} - stored["target_offset"]) / stored["target_scale"]'
        return f"({column}).astype({dtype})"
    return f"{column}.astype({dtype})"


def score(subject: Subject) -> str:
    """Return accuracy or r² of outputs p and targets y (N, K), as an expression of NumPy."""
    if not subject.classes:
        return "(1 - ((p - y) ** 2).sum(axis=0) / ((y - y.mean(axis=0)) ** 2).sum(axis=0)).mean()"
    if subject.outputs == 1:
        return "((p >= 0.5) == (y >= 0.5)).mean()"
    return "(p.argmax(axis=1) == y.argmax(axis=1)).mean()"


def is_matched(subject: Subject) -> bool:
    """Return whether the slope of the loss by z is p − y."""
    return (subject.exit, subject.training.loss) in {("sigmoid", "bce"), ("softmax", "cce")}


def _loss(subject: Subject) -> list[str]:
    """Return the lines that make ``losses`` and ``delta`` of p and y, and return them."""
    training, weighted = subject.training, bool(subject.learned and subject.learned.class_weights)
    lines = []
    if weighted:
        classes = "(y[:, 0] >= 0.5).astype(int)" if subject.outputs == 1 else "y.argmax(axis=1)"
        lines.append(f"weights = CLASS_WEIGHTS[{classes}]")
    if training.label_smoothing:
        among = subject.outputs if training.loss == "cce" else 2
        lines.append(f"y = y * (1 - SMOOTHING) + SMOOTHING / {among}")
    if training.loss in {"bce", "cce"}:
        lines.append("q = np.clip(p, 1e-7, 1 - 1e-7)  # no logarithm of 0")
    lines.append(f"losses = {LOSSES[training.loss]}")
    if is_matched(subject):
        lines.append("delta = p - y  # the loss's slope by p times the exit's by z")
    else:
        slope = {
            "bce": "np.where(p == q, (q - y) / (q * (1 - q)), 0)",
            "mse": f"2 * (p - y) / {subject.outputs}",
            "mae": f"np.sign(p - y) / {subject.outputs}",
        }[training.loss]
        lines.append(f"delta = {slope} * SLOPES[LAYERS[-1]](p)")
    return [*lines, "return losses * weights, delta * weights[:, None]" if weighted else "return losses, delta"]


def _initial(subject: Subject) -> list[str]:
    spec, dtype = subject.network.spec, f"np.{subject.training.dtype}"
    fixed_weights, fixed_biases = spec.network.weights is not None, spec.network.biases is not None
    scaling = "" if spec.network.initializer_scale == 1 else f" * {spec.network.initializer_scale!r}"
    weights = 'stored[f"start_W{n}"]' if fixed_weights else f"{INITIAL[spec.network.initializer]}{scaling}"
    drawn = "stream.standard_normal(units)" if spec.network.bias_initializer == "normal" else "np.zeros(units)"
    biases = 'stored[f"start_b{n}"]' if fixed_biases else drawn
    stream = {
        "modern": "np.random.default_rng(np.random.SeedSequence(SEED).spawn(3)[0])",
        "legacy": "np.random.RandomState(SEED)",
        "legacy-shared": "np.random.RandomState(SEED)",
    }[subject.training.streams]
    return [
        *([f"stream = {stream}"] if "stream" in weights + biases else []),
        "parameters = []",
        "for n, (inputs, units) in enumerate(zip(SIZES, SIZES[1:]), start=1):",
        f"    W = {weights}",
        f"    b = {biases}",
        f"    parameters += [W.astype({dtype}), b.astype({dtype})]",
        "return parameters",
    ]


def _streams(subject: Subject) -> str:
    """Return the line that makes the streams of shuffling and dropout, which are the run's own; empty without any."""
    shuffles = subject.training.shuffle and subject.training.batch_size != "full"
    if shuffles and subject.drops:
        return "shuffle, dropout = (np.random.default_rng(seed) for seed in np.random.SeedSequence(SEED).spawn(3)[1:])"
    if shuffles:
        return "shuffle = np.random.default_rng(np.random.SeedSequence(SEED).spawn(3)[1])"
    return "dropout = np.random.default_rng(np.random.SeedSequence(SEED).spawn(3)[2])" if subject.drops else ""


def _remarks(subject: Subject) -> list[str]:
    remarks = []
    if subject.drops:
        remarks.append("dropout: the masks are drawn in another way, so --train comes out a little otherwise")
    if subject.training.streams == "legacy-shared":
        remarks.append(
            "the first weights: the run drew its data before them from the same stream, so others are drawn here"
        )
    return remarks
