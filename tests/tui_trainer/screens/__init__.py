"""Tests of whole screens, driven by keys."""
