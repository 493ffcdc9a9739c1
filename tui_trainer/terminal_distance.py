"""Whether the terminal is far away: then it is drawn less often."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from typing import Final

_VARIABLES: Final = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_TMUX_PATIENCE: Final = 1.0


def is_far(environment: Mapping[str, str], ask_tmux: Callable[[str], str | None] | None = None) -> bool:
    """Return whether somebody looks at the terminal through ssh.

    Inside tmux the variables are those of its first start; but tmux keeps a session's own up to date whenever somebody
    attaches to it. GNU screen does nothing of the kind: inside it nobody knows, and that counts as far away.

    Args:
        environment: Of this process.
        ask_tmux: Asks tmux for a variable of this session; "" where it has none, None where tmux does not say.
    """
    if environment.get("TMUX"):
        ssh_variable = (ask_tmux or _tmux_variable)(_VARIABLES[0])
        if ssh_variable is not None:
            return bool(ssh_variable)
    elif environment.get("STY"):
        return True
    return any(environment.get(name) for name in _VARIABLES)


def _tmux_variable(name: str) -> str | None:
    """Return a variable of the tmux session that this process is in."""
    try:
        asked = subprocess.run(
            ["tmux", "show-environment", name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TMUX_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if asked.returncode:
        return "" if "unknown variable" in asked.stderr else None
    _, equals, value = asked.stdout.strip().partition("=")  # "-NAME" where it was taken away
    return value if equals else ""
