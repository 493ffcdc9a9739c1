"""Tests of the numerics, against oracles that share no code with them."""
