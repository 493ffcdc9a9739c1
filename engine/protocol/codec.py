"""Messages to bytes and back: one JSON header, then one raw frame per array.

No pickle. Everything that comes in is checked before an array is made of it: the header against its model, each
array's dtype against a short list, its bytes against dtype × shape. Arrays have 0 to 4 dimensions and may be empty;
what comes out of a message cannot be written to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from engine.errors import WorkerError, describe_validation, sanitize
from engine.protocol.commands import Hello, Request
from engine.protocol.events import AnyEvent, Frame, Welcome

Arrays = Mapping[str, NDArray[Any]]
Body = TypeVar("Body", bound=BaseModel)

MAX_HEADER_BYTES = 16 * 2**20
MAX_ARRAYS = 4096
"""Every view of the deepest network a spec allows comes to about 3000."""


class MessageError(WorkerError):
    """What came is no message of this protocol, as this build has it."""


class ArrayHeader(BaseModel):
    """Name, dtype and shape of the raw frame that stands at the same place in the message."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: str = Field(max_length=80)
    dtype: Literal["float32", "float64", "int64", "uint8"]
    shape: tuple[Annotated[int, Field(ge=0, lt=2**63)], ...] = Field(max_length=4)


class Envelope(BaseModel, Generic[Body]):
    """The header frame of every message."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    body: Body
    arrays: tuple[ArrayHeader, ...] = Field((), max_length=MAX_ARRAYS)


class RequestEnvelope(BaseModel):
    """The only frame of a request."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    body: Request
    arrays: list[Any] = Field([], max_length=0)


class AnyHello(BaseModel):
    """What the hello of every protocol says of itself; the rest of it may be nothing that this one knows."""

    kind: Literal["hello"]
    protocol: int
    version: str
    messages: str = ""


class _AnyGreeting(BaseModel):
    command: AnyHello


class _AnyMessage(BaseModel):
    body: _AnyGreeting


ACKNOWLEDGEMENT = b""
"""The shortest of all requests means ``Acknowledge``: with many watchers most of what a worker hears are these."""
_FRAME_0 = b'{"body":{"kind":"frame","number":0,'
_EVENTS: TypeAdapter[Envelope[Any]] = TypeAdapter(Envelope[AnyEvent])
_REQUESTS: TypeAdapter[RequestEnvelope] = TypeAdapter(RequestEnvelope)


def prepare_watcher() -> None:
    """Build the checks of what a watcher hears and says: 50 ms that the first message takes otherwise."""
    _EVENTS.rebuild()
    Hello.model_rebuild()
    Request.model_rebuild()


def prepare_worker() -> None:
    """Build the checks of what a worker hears and says."""
    _REQUESTS.rebuild()
    Frame.model_rebuild()
    Welcome.model_rebuild()


def encode(body: BaseModel, arrays: Arrays | None = None) -> list[bytes]:
    """Return the message's frames: the header, then each array's bytes in C order."""
    arrays = arrays or {}
    headers = b",".join(_array_header(name, array.dtype, array.shape) for name, array in arrays.items())
    header = b'{"body":%b,"arrays":[%b]}' % (to_json(body, inf_nan_mode="null"), headers)
    blobs = {id(array): array.tobytes() for array in arrays.values()}  # of equal answers once
    return [header, *(blobs[id(array)] for array in arrays.values())]


@lru_cache(maxsize=2 * MAX_ARRAYS)
def _array_header(name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """Return the header of an array; most are those of the frame before."""
    return ArrayHeader(name=name, dtype=str(dtype), shape=shape).model_dump_json().encode()  # type: ignore[arg-type]


def numbered(message: Sequence[bytes], number: int) -> list[bytes]:
    """Return the message of a frame that was encoded with number 0, with another; its arrays are the same bytes.

    Raises:
        ValueError: It is not a frame, or has another number.
    """
    header = message[0]
    if not header.startswith(_FRAME_0):
        raise ValueError("expected an encoded frame of number 0")
    return [_FRAME_0[:-2] + b"%d," % number + header[len(_FRAME_0) :], *message[1:]]


def decode_event(frames: Sequence[bytes]) -> tuple[Any, dict[str, NDArray[Any]]]:
    """Return the event and its arrays by name, shaped as its header says; see ``decode_request`` for errors."""
    return _decode(_EVENTS, frames)


def decode_request(frames: Sequence[bytes]) -> Request:
    """Return the request.

    Raises:
        MessageError: The frames are no message of this protocol; one line says what is wrong.
    """
    request: Request = _decode(_REQUESTS, frames)[0]
    return request


def decode_hello(frames: Sequence[bytes]) -> AnyHello | None:
    """Return who says hello, in whatever protocol; None where the frames are no hello at all."""
    try:
        return _AnyMessage.model_validate_json(frames[0]).body.command
    except (ValidationError, IndexError):
        return None


def _decode(adapter: TypeAdapter[Any], frames: Sequence[bytes]) -> tuple[Any, dict[str, NDArray[Any]]]:
    if not frames or len(frames[0]) > MAX_HEADER_BYTES:
        raise MessageError("message: no header, or one too large")
    try:
        envelope = adapter.validate_json(frames[0])
    except ValidationError as error:
        raise MessageError(f"message: {describe_validation(error)}") from None
    if len(envelope.arrays) != len(frames) - 1:
        raise MessageError(f"message: {len(envelope.arrays)} arrays announced, {len(frames) - 1} came")
    arrays = {header.name: _array(header, frame) for header, frame in zip(envelope.arrays, frames[1:], strict=True)}
    return envelope.body, arrays


def _array(header: ArrayHeader, frame: bytes) -> NDArray[Any]:
    try:
        return np.frombuffer(frame, header.dtype).reshape(header.shape)
    except ValueError:  # bytes that are no whole number of items, or not as many as the shape has
        place = f"array {sanitize(header.name)} of shape {sanitize(header.shape, 100)}"
        raise MessageError(f"message: {place} and dtype {header.dtype} has {len(frame)} bytes") from None
