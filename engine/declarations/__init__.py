"""What the spec, the arithmetic and the screen must all know: of an activation, an optimiser, an interval's sureness.

Plain Python: neither NumPy nor pydantic, so that a recipe is read without the arithmetic, and the arithmetic runs
without the recipe. To add one, declare it here and write its arithmetic in ``engine.numerics``; dials, choices, checks
and titles follow from the declaration, and tests fail where a part is missing.
"""
