"""Tests of training: the loop, bands, changes on the way, saving and going on."""
