"""Tests of the spec: what a recipe may say."""
