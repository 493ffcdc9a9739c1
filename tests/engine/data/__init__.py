"""Tests of the data room: sources, splits, scaling."""
