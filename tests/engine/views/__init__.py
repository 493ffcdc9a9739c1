"""Tests of the views: each against what the textbook, NumPy and the store say of the same network."""
