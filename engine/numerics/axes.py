"""The letters in which every docstring of the numerics gives shapes, axes in the order in which they stand.

    S  seeds: networks of one shape, trained side by side; leads where it is there
    N  rows of a whole subset of the data
    B  rows of a mini-batch, or of whatever is computed at once
    n  input columns; n + 1 with the column of ones that meets the bias
    K  outputs: units of the last layer, columns of the targets
    P  parameters of one network: all weights and biases, as one vector
    E  epochs
    L  layers, counted from 0 at the first hidden one; the last is the output's

    out, in   units of a layer, and of the one below it (of the first layer: n)
    units     units of a layer, where it is a signal's axis
    …         any leading axes: none, or S

Three layouts occur, each for a reason:

    (B, n)         textbook and data: a row is an example, as books and tables have it
    (S, K, B)      signals of plan, losses and metrics: units before rows, so that W·a needs no transposing
    (S, P)         parameters, gradients, moments: one vector a network, so that a step is a few calls

``activations.softmax`` normalises over axis 0 of (out, B); ``losses`` over axis −2 of (…, K, B): the same axis.

Units: a loss is in nats for the cross-entropies, in (squared) units of the targets for mae (mse), the mean over the K
outputs but for cce, which is their sum. A rate p of dropout is the share that is dropped. Epochs count from 1, the
steps of an epoch from 0.
"""
