"""The arithmetic of learning, in NumPy alone.

``textbook`` is training as a book prints it; ``plan`` is the same arithmetic compiled once into a list of array
operations and replayed, 8 to 28 times as fast. The tests hold the two together. ``by_hand`` takes one sample apart, and
``wiggle`` measures its slopes. ``axes`` is the legend of all shapes.

To add an activation: ``engine.declarations.activations``, ``activations``, ``kernels``. To add an optimiser:
``engine.declarations.optimizers``, ``optimizers``, ``textbook``. The tests in ``tests/engine/declarations`` fail where
one of the three is forgotten.
"""
