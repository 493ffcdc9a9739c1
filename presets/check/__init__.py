"""Measuring again what the tutorials claim: published, measured here, verdict."""
