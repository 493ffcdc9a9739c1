"""The program in scikit-learn, whose ``MLPClassifier`` and ``MLPRegressor`` have fewer choices than a recipe.

A network that they cannot be is a pipeline of layers, which answers as the run does; what is trained is then the
nearest that they can be, and that is said.
"""

from __future__ import annotations

from collections import Counter

from engine.export.numpy_program import BODIES
from engine.export.program import Context, Program, constants, fill_in, rescaled, title_of
from engine.export.subject import Subject

HIDDEN = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
"""Activations of hidden layers, as scikit-learn calls them; all layers have the same one."""


def sklearn_program(subject: Subject) -> Program:
    """Return the program in scikit-learn."""
    trains = not subject.why_not_trained
    context = _network(subject) | (_training(subject) if trains else {})
    remarks = _remarks(subject) if trains else []
    return fill_in("sklearn.py.jinja", subject, title_of(subject, "scikit-learn"), context, remarks)


def is_classifier(subject: Subject) -> bool:
    """Return whether the nearest network of scikit-learn's answers with probabilities."""
    return bool(subject.classes) and subject.exit != "identity"


def is_expressible(subject: Subject) -> bool:
    """Return whether a network of scikit-learn's can answer as this one does."""
    hidden = {layer.activation for layer in subject.layers[:-1]}
    if len(hidden) > 1 or not hidden <= HIDDEN.keys():
        return False
    if subject.exit == "sigmoid":
        return bool(subject.classes) and subject.outputs == 1
    return subject.exit in {"softmax", "identity"}


def _network(subject: Subject) -> Context:
    composed = not is_expressible(subject)
    names = list(dict.fromkeys(layer.activation for layer in subject.layers))
    lines = constants(subject, names if composed else [], listed_sizes=False, averages=False)
    return {
        "constants": lines,
        "composed": composed,
        "estimator": "MLPClassifier" if is_classifier(subject) else "MLPRegressor",
        "activations": [{"name": name, "body": BODIES[name]} for name in names],
        "pipeline": [f"layer({number}, {each.activation})" for number, each in enumerate(subject.layers, start=1)],
        "inputs": subject.sizes[0],
        "options": _options(subject),
        "answers": rescaled(subject, "outputs"),
        **_loading(subject),
    }


def _loading(subject: Subject) -> Context:
    """Return how weights get into a network of scikit-learn's, and answers out of it."""
    classes, numbers = len(subject.classes), f"range(1, {len(subject.layers) + 1})"
    load = [
        f'network.coefs_ = [stored[f"W{{n}}"].T for n in {numbers}]  # (in, out)',
        f'network.intercepts_ = [stored[f"b{{n}}"] for n in {numbers}]',
    ]
    outputs = "network.predict_proba(scale(X))" if is_classifier(subject) else "network.predict(scale(X))"
    if is_classifier(subject) and subject.outputs == 1:
        outputs += "[:, 1:]"
    if subject.exit == "softmax" and classes == 2:  # it has one output for two classes: the same by their difference
        load += [
            "network.coefs_[-1] = network.coefs_[-1][:, 1:] - network.coefs_[-1][:, :1]  # of two classes one output",
            "network.intercepts_[-1] = network.intercepts_[-1][1:] - network.intercepts_[-1][:1]",
        ]
    if not is_classifier(subject):
        outputs += f".reshape(-1, {subject.outputs})"
    target = "[0.0]" if subject.outputs == 1 else f"np.zeros((1, {subject.outputs}))"
    return {
        "first_target": f"[0], classes=range({classes})" if is_classifier(subject) else target,
        "load": load,
        "outputs_of": outputs,
    }


def _options(subject: Subject) -> list[str]:
    """Return the arguments of the estimator."""
    training = subject.training
    units = [layer.units for layer in subject.layers[:-1]]
    sizes = f"({units[0]},)" if len(units) == 1 else f"({', '.join(map(str, units))})"
    options = [f"hidden_layer_sizes={sizes}", f'activation="{_hidden(subject)}"']
    if subject.why_not_trained:
        return options
    shared = (1.0 if is_classifier(subject) else subject.outputs / 2) * subject.batch
    if training.optimizer in {"sgd", "momentum"}:
        rate = "RATE" if is_classifier(subject) or training.loss != "mse" else f"2 * RATE / {subject.outputs}"
        options += ['solver="sgd"', f"learning_rate_init={rate}"]
        options += [f"momentum={training.momentum if training.optimizer == 'momentum' else 0.0!r}"]
        options += ["nesterovs_momentum=False"]
    else:
        options += ["learning_rate_init=RATE"]
    if training.optimizer in {"adam", "adamw"}:
        options += [f"beta_1={training.beta1!r}", f"beta_2={training.beta2!r}", f"epsilon={training.epsilon!r}"]
    options += [f"alpha={training.l2 * shared!r}", "batch_size=BATCH", "max_iter=EPOCHS", f"shuffle={training.shuffle}"]
    options += ["random_state=SEED", "tol=0.0"]
    if subject.patience:
        return [*options, "early_stopping=True", "n_iter_no_change=PATIENCE"]
    return [*options, "n_iter_no_change=EPOCHS"]


def _hidden(subject: Subject) -> str:
    """Return the activation of all hidden layers: that of most, ReLU where scikit-learn does not know it."""
    counts = Counter(layer.activation for layer in subject.layers[:-1])
    return HIDDEN.get(counts.most_common(1)[0][0], "relu") if counts else "identity"


def _training(subject: Subject) -> Context:
    return {
        "train_target": _target(subject, 'data["y"][~held_out]'),
        "held_out_target": _target(subject, 'data["y"][held_out]'),
        "class_weights": bool(subject.learned and subject.learned.class_weights) and is_classifier(subject),
    }


def _target(subject: Subject, y: str) -> str:
    if is_classifier(subject):
        return y
    if subject.classes and subject.outputs > 1:
        return f"np.eye({subject.outputs})[{y}]"
    if subject.network.preparation.target_scaler is None:
        return f"{y}.astype(float)"
    if subject.outputs > 1:
        return f'({y} - stored["target_offset"]) / stored["target_scale"]'
    return f'({y}.ravel() - stored["target_offset"]) / stored["target_scale"]'


def _remarks(subject: Subject) -> list[str]:
    training, network = subject.training, subject.network.spec.network
    hidden = {layer.activation for layer in subject.layers[:-1]}
    classifier = is_classifier(subject)
    loss = "the log loss" if classifier else "half the squared error, summed over the outputs"
    exit_name = ("softmax" if len(subject.classes) > 2 else "sigmoid") if classifier else "identity"
    kept = {"sgd", "momentum", "adam"}
    weighted = bool(subject.learned and subject.learned.class_weights)
    said = {
        "first weights: scikit-learn's own, uniform by Glorot and Bengio, biases too": True,
        "random numbers: from the run's seed, but drawn otherwise": True,
        "dropout: scikit-learn has none": subject.drops,
        f"hidden layers: all are {_hidden(subject)} here": len(hidden) > 1 or not hidden <= HIDDEN.keys(),
        f"exit: {exit_name}, where the run has {subject.exit}": subject.exit != exit_name,
        f"loss: {loss}, where the run has {training.loss}": training.loss not in {"bce", "cce"} or not classifier,
        f"optimiser: adam, as there is no {training.optimizer}": training.optimizer not in kept,
        "penalty: there is no L1": bool(training.l1),
        "clipping: there is none": bool(training.clip),
        f"learning rate: constant, as there is no schedule {training.schedule.kind}": (
            training.schedule.kind != "constant"
        ),
        "labels: they are not smoothed": bool(training.label_smoothing),
        "class weights: a batch's loss is divided by their sum, the run's by the number of rows": weighted,
        "early stopping: judged by the score of a tenth of the training rows, not by the validation loss": (
            bool(subject.patience)
        ),
        "start: the recipe's fixed weights are not taken": network.weights is not None or network.biases is not None,
    }
    return [remark for remark, holds in said.items() if holds]
