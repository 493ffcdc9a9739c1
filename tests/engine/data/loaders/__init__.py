"""Tests of the loaders, one file a kind of source."""
