"""The program in Keras, which says of each call what it does."""

from __future__ import annotations

from engine.export.numpy_program import is_matched, targets
from engine.export.program import Context, Program, constants, fill_in, rate_factor, rescaled, title_of
from engine.export.subject import Subject

ACTIVATIONS = {"identity": '"linear"', "step": "step", "leaky_relu": "leaky_relu"}
"""Those that Keras does not know by our name."""
FUNCTIONS = {
    "step": [
        "def step(z):",
        '    """Return 1 where z is above 0, else 0."""',
        "    return keras.ops.cast(z > 0, z.dtype)",
    ],
    "leaky_relu": [
        "def leaky_relu(z):",
        '    """Return z where it is above 0, else a small part of it."""',
        "    return keras.activations.leaky_relu(z, negative_slope=NEGATIVE_SLOPE)",
    ],
}
OPTIMIZERS = {
    "sgd": "SGD(learning_rate=RATE{})",
    "momentum": "SGD(learning_rate=RATE, momentum=MOMENTUM{})",
    "rmsprop": "RMSprop(learning_rate=RATE, rho=MOMENTUM, epsilon=EPSILON{})",
    "adam": "Adam(learning_rate=RATE, beta_1=BETA1, beta_2=BETA2, epsilon=EPSILON{})",
    "adamw": "AdamW(RATE, weight_decay=WEIGHT_DECAY, beta_1=BETA1, beta_2=BETA2, epsilon=EPSILON{})",
}
LOSSES = {"bce": "BinaryCrossentropy", "cce": "CategoricalCrossentropy"}
LOSSES |= {"mse": "MeanSquaredError", "mae": "MeanAbsoluteError"}


def keras_program(subject: Subject) -> Program:
    """Return the program in Keras."""
    trains = not subject.why_not_trained
    context = _network(subject) | (_training(subject) if trains else {})
    remarks = _remarks(subject) if trains else []
    return fill_in("keras.py.jinja", subject, title_of(subject, "Keras"), context, remarks)


def _network(subject: Subject) -> Context:
    names = [layer.activation for layer in subject.layers]
    lines = constants(subject, names, listed_sizes=False)
    if subject.training.dtype == "float64":
        lines.append('keras.config.set_floatx("float64")')
    return {
        "constants": lines,
        "inputs": subject.sizes[0],
        "functions": [FUNCTIONS[name] for name in dict.fromkeys(names) if name in FUNCTIONS],
        "dense": [] if subject.why_not_trained else _dense(subject),
        "layers": _layers(subject),
        "answers": rescaled(subject, "outputs"),
    }


def _layers(subject: Subject) -> list[dict[str, str]]:
    shared = subject.network.spec.network.dropout_mask != "example"
    layers = []
    for number, layer in enumerate(subject.layers):
        comment = "the exit" if number == len(subject.layers) - 1 else f"a hidden layer of {layer.units} neurons"
        code = f"dense({layer.units}, {ACTIVATIONS.get(layer.activation, _quoted(layer.activation))})"
        layers.append({"code": code, "comment": comment})
        if layer.dropout:
            shape = f", noise_shape=(1, {layer.units})" if shared else ""
            masks_text = "one mask for all rows of a batch" if shared else "each neuron drops out that often, by row"
            layers.append({"code": f"layers.Dropout({layer.dropout!r}{shape})", "comment": masks_text})
    return layers


def _quoted(text: str) -> str:
    return f'"{text}"'


def _dense(subject: Subject) -> list[str]:
    training, network = subject.training, subject.network.spec.network
    lines = [f"kernel_initializer={_initializer(network.initializer, network.initializer_scale)}"]
    if network.bias_initializer == "normal":
        lines.append("bias_initializer=keras.initializers.RandomNormal(stddev=1.0)")
    if training.l1 or training.l2:
        terms = [*(["l1=L1"] if training.l1 else []), *(["l2=L2 / 2"] if training.l2 else [])]
        lines.append(f"kernel_regularizer=keras.regularizers.L1L2({', '.join(terms)})")
    return lines


def _initializer(name: str, scale: float) -> str:
    if name == "zeros":
        return '"zeros"'
    if name == "normal":
        return f"keras.initializers.RandomNormal(stddev={scale!r})"
    if name == "glorot_uniform" and scale == 1:
        return '"glorot_uniform"'
    if name == "glorot_uniform":
        return f'keras.initializers.VarianceScaling({scale**2!r}, "fan_avg", "uniform")'
    variance = (2.0 if name == "he" else 1.0) * scale**2
    return f'keras.initializers.VarianceScaling({variance!r}, "fan_in", "untruncated_normal")'


def _training(subject: Subject) -> Context:
    training = subject.training
    clip = ", global_clipnorm=CLIP" if training.clip else ""
    smoothing = "label_smoothing=SMOOTHING" if training.label_smoothing else ""
    accuracy = "BinaryAccuracy" if subject.outputs == 1 else "CategoricalAccuracy"
    metric = f'keras.metrics.{accuracy}(name="accuracy")' if subject.classes else 'keras.metrics.R2Score(name="r2")'
    return {
        "targets": targets(subject),
        "start": _start(subject),
        "optimizer": f"keras.optimizers.{OPTIMIZERS[training.optimizer].format(clip)}",
        "loss": f"keras.losses.{LOSSES[training.loss]}({smoothing})",
        "metric": metric,
        "class_weights": bool(subject.learned and subject.learned.class_weights),
        "callbacks": _callbacks(subject),
    }


def _start(subject: Subject) -> list[str]:
    """Return the lines that put fixed weights and biases in place."""
    network = subject.network.spec.network
    if network.weights is None and network.biases is None:
        return []
    lines = ["for n, layer in enumerate([each for each in network.layers if isinstance(each, layers.Dense)], start=1):"]
    lines += ['    layer.kernel.assign(stored[f"start_W{n}"].T)'] if network.weights is not None else []
    return [*lines, *(['    layer.bias.assign(stored[f"start_b{n}"])'] if network.biases is not None else [])]


def _callbacks(subject: Subject) -> list[str]:
    training, lines = subject.training, list[str]()
    if factor := rate_factor(subject, "passed"):
        lines.append(f"keras.callbacks.LearningRateScheduler(lambda passed: RATE * ({factor}))")
    if subject.patience:
        options = f"min_delta={training.stopping.minimum_change!r}, "
        options += f"restore_best_weights={training.stopping.restore_best}"
        lines.append(f'keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, {options})')
    return lines


def _remarks(subject: Subject) -> list[str]:
    training, network = subject.training, subject.network.spec.network
    weighted = bool(subject.learned and subject.learned.class_weights)
    said = {
        "random numbers: from the run's seed, but Keras' own, so --train comes out a little otherwise": True,
        "dropout: a mask for each step, where the run has one for each epoch": subject.drops
        and network.dropout_mask == "epoch",
        "Adam: Keras adds epsilon before it corrects the averages, which matters where gradients are tiny": (
            training.optimizer in {"adam", "adamw"}
        ),
        "RMSProp: Keras adds epsilon below the root, which matters where gradients are tiny": (
            training.optimizer == "rmsprop"
        ),
        "losses told: with L1 and L2, which the run's are without": bool(training.l1 or training.l2),
        "validation loss: Keras does not weigh its classes, the run does": weighted and subject.validates,
        "loss: Keras keeps the probability 1e-7 away from 0 and 1, the run computes it from z": is_matched(subject),
    }
    return [remark for remark, holds in said.items() if holds]
