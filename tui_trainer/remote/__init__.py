"""Runs on other machines, reached by the system's ssh: no port is opened, and only what is asked for comes over."""
