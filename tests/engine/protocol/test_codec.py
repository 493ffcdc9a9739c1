"""Messages to bytes and back, and what comes of bytes that are no message."""

from __future__ import annotations

import itertools
import json
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from engine.errors import WorkerError
from engine.protocol import codec
from engine.protocol.codec import decode_event, decode_hello, decode_request, encode
from engine.protocol.commands import Hello, Ping, Request, SetDial
from engine.protocol.events import Pong
from engine.protocol.version import PROTOCOL
from tests.engine.protocol.messages import DTYPES, arrays, events, named_arrays, requests


def same_bits(left: NDArray[Any], right: NDArray[Any]) -> bool:
    return left.shape == right.shape and left.dtype == right.dtype and left.tobytes() == right.tobytes()


def complaint(frames: Sequence[bytes]) -> str | None:
    """Return what ``decode_event`` and ``decode_request`` say to frames; None where both take them."""
    complaints = []
    for decode in (decode_event, decode_request):
        try:
            decode(frames)
        except WorkerError as error:
            complaints.append(str(error))
    for line in complaints:
        assert line.startswith("message: ")
        assert line.isprintable()
        assert len(line) <= 500
    return complaints[0] if len(complaints) == 2 else None


def pong(*headers: dict[str, Any]) -> bytes:
    return json.dumps({"body": {"kind": "pong"}, "arrays": headers}).encode()


def header(shape: Sequence[Any], dtype: str = "float64", name: str = "x") -> dict[str, Any]:
    return {"name": name, "dtype": dtype, "shape": list(shape)}


# There and back


@given(requests)
def test_a_request_comes_back_as_it_was(request: Request) -> None:
    assert decode_request(encode(request)) == request


@given(events, named_arrays)
def test_an_event_and_its_arrays_come_back_as_they_were(event: BaseModel, named: dict[str, NDArray[Any]]) -> None:
    back, there = decode_event(encode(event, named))
    assert back == event
    assert type(back) is type(event)
    assert list(there) == list(named)
    assert all(same_bits(there[name], named[name]) for name in named)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0, 2), (2, 3, 1, 2)])
def test_every_dtype_and_shape_crosses_also_no_dimension_at_all_and_emptiness(
    dtype: str, shape: tuple[int, ...]
) -> None:
    array = np.arange(np.prod(shape, dtype=int)).astype(dtype).reshape(shape)
    assert same_bits(decode_event(encode(Pong(), {"x": array}))[1]["x"], array)


def test_numbers_that_are_none_cross_in_arrays() -> None:
    array = np.array([np.nan, np.inf, -np.inf, -0.0])
    assert same_bits(decode_event(encode(Pong(), {"x": array}))[1]["x"], array)


def test_an_array_that_came_cannot_be_written_to() -> None:
    array = decode_event(encode(Pong(), {"x": np.zeros(3)}))[1]["x"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@pytest.mark.parametrize("array", [np.zeros(2, bool), np.zeros(2, ">f8"), np.zeros(2, object), np.zeros((1,) * 5)])
def test_other_arrays_are_refused_where_they_are_sent(array: NDArray[Any]) -> None:
    with pytest.raises(ValidationError):
        encode(Pong(), {"x": array})


def test_a_dial_value_that_is_no_number_becomes_null() -> None:
    request = decode_request(encode(Request(number=1, command=SetDial(path="training.l2", value=float("nan")))))
    assert request.command == SetDial(path="training.l2", value=None)


# No message

SHAPES_NO_ARRAY_HAS = [
    [0, 10**30],
    [2**63, 0],
    [0, 2**62, 2**62, 2],
    [2**62, 2**62, 2**62, 2**62],
    [10**4000],
    [-1],
    [-1, -8],
    [1] * 5,
    [1.5],
    ["many"],
    [None],
]


@pytest.mark.parametrize("shape", SHAPES_NO_ARRAY_HAS, ids=lambda shape: str(shape)[:40])
@pytest.mark.parametrize("frame", [b"", b"12345678"])
def test_a_shape_that_no_array_has_is_refused(shape: list[Any], frame: bytes) -> None:
    assert complaint([pong(header(shape)), frame]) is not None


@pytest.mark.parametrize("dtype", ["float16", "object", "O", "<f8", "float64,float64", "U1000000000", ""])
def test_a_dtype_off_the_list_is_refused(dtype: str) -> None:
    assert complaint([pong(header([1], dtype)), b"12345678"]) is not None


@pytest.mark.parametrize("size", [0, 1, 7, 15, 17, 32])
def test_bytes_that_do_not_make_the_announced_array_are_refused(size: int) -> None:
    line = complaint([pong(header([2], name="[b]rows\x1b[2J")), b"x" * size])
    assert line is not None
    assert f"has {size} bytes" in line


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [pong(header([1]))],
        [pong(), b"12345678"],
        [pong(header([1])), b"12345678", b"12345678"],
        [pong(*[header([0])] * (codec.MAX_ARRAYS + 1)), *[b""] * (codec.MAX_ARRAYS + 1)],
        [b" " * (codec.MAX_HEADER_BYTES + 1)],
    ],
    ids=["nothing", "array missing", "array too many", "two for one", "thousands of arrays", "header too large"],
)
def test_frames_that_do_not_match_the_header_are_refused(frames: list[bytes]) -> None:
    assert complaint(frames) is not None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"NaN",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"body":' * 5_000 + b"1" + b"}" * 5_000,
        b"9" * 5_000,
        b'{"body":{"kind":"pong"}',
        b'{"body":{"kind":"pong","more":1}}',
        b'{"body":{"kind":"evil"}}',
        b'{"body":{"kind":{"$ref":"pong"}}}',
        b'{"body":{"kind":"refused","reason":"\\ud800"}}',
        b'{"body":{"kind":"refused","reason":"\x1b[2J"}}',
        b'{"body":{"kind":"refused"}}',
        b'{"body":{"number":0,"command":{"kind":"ping"}}}',
        b'{"body":{"number":1,"command":{"kind":"set-pace","pace":-1}}}',
        b'{"body":{"number":1,"command":{"kind":"set-pace","pace":NaN}}}',
        b'{"body":{"number":1,"command":{"kind":"set-dial","path":"' + b"x" * 201 + b'","value":1}}}',
        b'{"body":{"number":1,"command":{"kind":"more-epochs","epochs":1000000001}}}',
        pickle.dumps({"body": {"kind": "pong"}}),
    ],
    ids=lambda text: repr(text[:50]),
)
def test_a_header_of_anything_else_is_refused(text: bytes) -> None:
    assert complaint([text]) is not None


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_random_bytes_are_refused(frames: list[bytes]) -> None:
    assert complaint(frames) is not None


@st.composite
def damaged(draw: st.DrawFn) -> list[bytes]:
    """Return the frames of a message that lost, gained or swapped some bytes or frames."""
    message = draw(st.sampled_from([encode(event) for event in (Pong(), Request(number=1, command=Ping()))]))
    array = draw(arrays())
    frames = [*encode(Pong(), {"x": array}), *message][: draw(st.integers(0, 3))] or message
    frames = list(draw(st.permutations(frames)))
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(frames) - 1))
        start, length = draw(st.integers(0, len(frames[number]))), draw(st.integers(0, 12))
        frames[number] = frames[number][:start] + draw(st.binary(max_size=12)) + frames[number][start + length :]
    return frames


@given(damaged())
def test_a_damaged_message_is_read_or_refused_and_nothing_else(frames: list[bytes]) -> None:
    complaint(frames)


@given(st.data())
def test_a_header_with_anything_at_any_place_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    document = json.loads(encode(data.draw(events))[0])
    places = [(part, key) for part in (document, document["body"]) for key in part]
    part, key = data.draw(st.sampled_from(places))
    part[key] = data.draw(st.none() | st.integers() | st.floats() | st.text() | st.lists(st.integers()))
    complaint([json.dumps(document).encode(errors="surrogatepass")])


# Hello in another protocol


@given(st.integers(0, 10**6), st.dictionaries(st.text("abc", min_size=1), st.none() | st.integers()))
@example(PROTOCOL + 1, {"views": ["hologram"], "max_points": 1})
def test_a_hello_of_another_protocol_is_known_whatever_else_it_says(protocol: int, more: dict[str, Any]) -> None:
    command = {"kind": "hello", "protocol": protocol, "version": "9.0", **more}
    body = {"body": {"number": 1, "command": command, "hops": 3}, "sent": "today"}
    hello = decode_hello([json.dumps(body).encode(), b"more"])
    assert hello is not None
    assert (hello.protocol, hello.version) == (protocol, "9.0")


def test_our_own_hello_is_known_too() -> None:
    hello = decode_hello(encode(Request(number=1, command=Hello(protocol=PROTOCOL, version="1.2.3"))))
    assert hello is not None
    assert (hello.protocol, hello.version) == (PROTOCOL, "1.2.3")


@given(
    st.lists(st.binary(max_size=50), max_size=2)
    | requests.filter(lambda r: not isinstance(r.command, Hello)).map(encode)
)
def test_what_is_no_hello_is_none(frames: list[bytes]) -> None:
    assert decode_hello(frames) is None


def test_names_of_views_and_layers_fit_the_deepest_network() -> None:
    names = [f"{view}.{layer}" for view, layer in itertools.product("abcdefghijkl", range(256))]
    message = encode(Pong(), dict.fromkeys(names, np.zeros(1, np.uint8)))
    assert len(decode_event(message)[1]) == len(names)
