"""The protocol's version: a worker and a watcher talk only where it is equal."""

PROTOCOL = 5
