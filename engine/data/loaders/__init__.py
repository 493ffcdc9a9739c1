"""Loaders, one module a kind of source; ``engine.data.registry`` finds them and says how to add one."""
