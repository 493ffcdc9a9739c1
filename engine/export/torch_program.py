"""The program in PyTorch."""

from __future__ import annotations

from engine.export.numpy_program import is_matched, score, targets
from engine.export.program import Context, Program, constants, fill_in, rate_factor, rescaled, title_of
from engine.export.subject import Subject

LAYERS = {
    "identity": "nn.Identity()",
    "step": "Step()",
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(NEGATIVE_SLOPE)",
    "softmax": "nn.Softmax(dim=1)",
}
STEP = [
    "class Step(nn.Module):",
    '    """1 where z is above 0, else 0."""',
    "",
    "    def forward(self, z):",
    "        return (z > 0).to(z.dtype)",
]
SHARED_DROPOUT = [
    "class SharedDropout(nn.Dropout):",
    '    """Dropout with one mask for all rows of a batch."""',
    "",
    "    def forward(self, a):",
    "        return a * super().forward(torch.ones_like(a[:1]))",
]
OPTIMIZERS = {
    "sgd": "torch.optim.SGD(network.parameters(), lr=RATE)",
    "momentum": "torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM)",
    "rmsprop": "torch.optim.RMSprop(network.parameters(), lr=RATE, alpha=MOMENTUM, eps=EPSILON)",
    "adam": "torch.optim.Adam(network.parameters(), lr=RATE, betas=(BETA1, BETA2), eps=EPSILON)",
    "adamw": (
        "torch.optim.AdamW(network.parameters(), lr=RATE, betas=(BETA1, BETA2), eps=EPSILON, weight_decay=WEIGHT_DECAY)"
    ),
}
LOSSES = {
    "bce": 'nn.functional.binary_cross_entropy(exit(z).clamp(1e-7, 1 - 1e-7), y, reduction="none").mean(dim=1)',
    "mse": 'nn.functional.mse_loss(exit(z), y, reduction="none").mean(dim=1)',
    "mae": 'nn.functional.l1_loss(exit(z), y, reduction="none").mean(dim=1)',
}
FROM_LOGITS = {
    "bce": 'nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none").mean(dim=1)',
    "cce": 'nn.functional.cross_entropy(z, y, reduction="none")',
}
"""Matched losses, of z itself: stable however sure the network is."""
STANDARD_DEVIATIONS = {"xavier": "(1 / layer.in_features) ** 0.5", "lecun": "(1 / layer.in_features) ** 0.5"}
STANDARD_DEVIATIONS |= {"he": "(2 / layer.in_features) ** 0.5", "normal": "1.0"}


def torch_program(subject: Subject) -> Program:
    """Return the program in PyTorch."""
    trains = not subject.why_not_trained
    context = _network(subject) | (_training(subject) if trains else {})
    return fill_in(
        "torch.py.jinja", subject, title_of(subject, "PyTorch"), context, _remarks(subject) if trains else []
    )


def _network(subject: Subject) -> Context:
    names = [layer.activation for layer in subject.layers]
    shares = subject.drops and subject.network.spec.network.dropout_mask != "example"
    modules = [*([STEP] if "step" in names else []), *([SHARED_DROPOUT] if shares else [])]
    layers = []
    for number, layer in enumerate(subject.layers):
        layers.append(f"nn.Linear({subject.sizes[number]}, {layer.units})")
        if number < len(subject.layers) - 1:
            layers.append(LAYERS[layer.activation])
        if layer.dropout:
            layers.append(f"{'SharedDropout' if shares else 'nn.Dropout'}({layer.dropout!r})")
    lines = constants(subject, names, listed_sizes=False)
    if subject.training.dtype == "float64":
        lines.append("torch.set_default_dtype(torch.float64)")
    stable = is_matched(subject)
    return {
        "constants": lines,
        "modules": modules,
        "layers": layers,
        "exit": LAYERS[subject.exit],
        "why_apart": "the loss is computed from what comes before it" if stable else "the last activation",
        "answers": rescaled(subject, "outputs"),
    }


def _training(subject: Subject) -> Context:
    training = subject.training
    terms = ["L1 * sum(layer.weight.abs().sum() for layer in linear)"] if training.l1 else []
    terms += ["L2 / 2 * sum((layer.weight**2).sum() for layer in linear)"] if training.l2 else []
    fixed = subject.network.spec.network
    return {
        "targets": targets(subject),
        "loss": _loss(subject),
        "penalty": " + ".join(terms),
        "numbered": fixed.weights is not None or fixed.biases is not None,
        "initial": _initial(subject),
        "optimizer": OPTIMIZERS[training.optimizer],
        "schedule": rate_factor(subject, "passed"),
        "score": score(subject),
    }


def _loss(subject: Subject) -> list[str]:
    training, weighted = subject.training, bool(subject.learned and subject.learned.class_weights)
    lines = []
    if weighted:
        classes = "(y[:, 0] >= 0.5).long()" if subject.outputs == 1 else "y.argmax(dim=1)"
        lines.append(f"weights = torch.from_numpy(CLASS_WEIGHTS)[{classes}]")
    if training.label_smoothing:
        lines.append(f"y = y * (1 - SMOOTHING) + SMOOTHING / {subject.outputs if training.loss == 'cce' else 2}")
    loss = (FROM_LOGITS if is_matched(subject) else LOSSES)[training.loss]
    return [*lines, f"return {loss}{' * weights' if weighted else ''}"]


def _initial(subject: Subject) -> list[str]:
    network = subject.network.spec.network
    scale = network.initializer_scale
    if network.weights is not None:
        weights = 'layer.weight.data = torch.from_numpy(stored[f"start_W{n}"])'
    elif network.initializer == "glorot_uniform":
        weights = f"nn.init.xavier_uniform_(layer.weight{'' if scale == 1 else f', gain={scale!r}'})"
    elif network.initializer == "zeros":
        weights = "nn.init.zeros_(layer.weight)"
    else:
        spread = STANDARD_DEVIATIONS[network.initializer] + ("" if scale == 1 else f" * {scale!r}")
        weights = f"nn.init.normal_(layer.weight, std={spread})"
    if network.biases is not None:
        return [weights, 'layer.bias.data = torch.from_numpy(stored[f"start_b{n}"])']
    return [weights, f"nn.init.{'normal' if network.bias_initializer == 'normal' else 'zeros'}_(layer.bias)"]


def _remarks(subject: Subject) -> list[str]:
    training = subject.training
    remarks = ["random numbers: from the run's seed, but PyTorch's own, so --train comes out a little otherwise"]
    if subject.drops and subject.network.spec.network.dropout_mask == "epoch":
        remarks.append("dropout: a mask for each step, where the run has one for each epoch")
    if training.optimizer == "momentum" and training.schedule.kind != "constant":
        remarks.append("momentum: PyTorch's velocity is times the rate of now, the run's of when it was added")
    return remarks
