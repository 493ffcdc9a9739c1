from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from tests.properties import examples
from tui_trainer.remote.target import WatchTarget, parse_target


def here(name: str) -> bool:
    return name == "wine-1"


@pytest.mark.parametrize(
    ("text", "host", "run"),
    [
        ("wine-1", "", "wine-1"),
        ("wine-2", "wine-2", ""),
        ("box", "box", ""),
        ("box:", "box", ""),
        ("box:wine-1", "box", "wine-1"),
        ("ada@box.example.org:wine-1", "ada@box.example.org", "wine-1"),
        ("192.0.2.7:wine-1", "192.0.2.7", "wine-1"),
        ("[2001:db8::7]:wine-1", "2001:db8::7", "wine-1"),
        ("ada@[::1]", "ada@::1", ""),
        ("[fe80::1%eth0]", "fe80::1%eth0", ""),
    ],
)
def test_what_a_target_means(text: str, host: str, run: str) -> None:
    assert parse_target(text, here) == WatchTarget(host, run)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-oProxyCommand=touch x", "begins with -"),
        ("-oProxyCommand=touch /tmp/x", "begins with -"),
        ("-oProxyCommand=x:run", "begins with -"),
        ("ada@-oProxyCommand=x", "begins with -"),
        ("-l@box", "begins with -"),
        ("", "expected RUN"),
        (":run", "expected RUN"),
        ("a b", "expected RUN"),
        ("box;reboot", "expected RUN"),
        ("$(reboot)", "expected RUN"),
        ("box\n", "expected RUN"),
        ("box:Run_1", "expected the name of a run after the colon"),
        ("./x.csv", "a path cannot be watched"),
        ("box:/var/log/x.csv", "a path cannot be watched"),
    ],
)
def test_what_is_no_target_is_refused_in_a_line(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse_target(text, here)


@settings(max_examples=examples(200))
@given(st.text(max_size=40))
def test_no_target_becomes_an_option_of_ssh_or_a_word_that_a_shell_would_split(text: str) -> None:
    try:
        target = parse_target(text, lambda _: False)
    except InputError:
        return
    assert target.host
    assert not target.host.startswith("-")
    assert "@-" not in target.host
    assert not set(target.host) & set(" \t\n'\"`$;&|<>(){}*?!\\#~/")
