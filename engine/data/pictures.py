"""Pictures as grey arrays of one size, from 0 to 255; Pillow, an optional extra, reads and resizes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError, sanitize
from engine.spec.sources.base import ImageSize

Depth: TypeAlias = Literal["8 bits", "16 bits", "32 bits", "fractions"]
Layout: TypeAlias = Literal["auto", "channels-first", "channels-last"]
CHANNELS = (1, 2, 3, 4)
ORIENTATION = 0x0112
"""EXIF's tag of which way up the picture is."""
LUMA = np.array([0.299, 0.587, 0.114])
"""What red, green and blue add to the brightness of grey (ITU-R BT.601, as Pillow has it)."""


class PictureReader:
    """Reads the pictures of one folder, alike: upright, grey, from 0 to 255, over white where they are transparent."""

    def __init__(self, paths: Sequence[Path], size: ImageSize) -> None:
        self._paths, self._size = paths, size
        self._turned = self._transparent = 0

    def read(self, path: Path) -> Floats:
        """Return the picture in ``path`` as (height, width); ``size`` makes it square.

        Raises:
            InputError: Pillow is not installed, the file is no picture, or its numbers have a range of their own.
        """
        pillow = _pillow(path)
        with _opened(pillow, path) as image:
            upright = self._upright(image)
            grey = self._grey(pillow, upright, _depth(image))
            return np.asarray(grey if self._size == "original" else _square(pillow, grey, self._size), dtype=np.float64)

    def notes(self) -> tuple[str, ...]:
        """Return what was done to the pictures read so far, for the reader of the data."""
        counts = {"turned as their EXIF says": self._turned, "shown over white, being transparent": self._transparent}
        conversions = [f"{count} pictures are {what}" for what, count in counts.items() if count]
        if "_float_factor" in self.__dict__ and self._float_factor != 1:
            conversions.append("pictures of fractions from 0 to 1 are brought to 0 … 255")
        return tuple(conversions)

    def _upright(self, image: Any) -> Any:
        from PIL import ImageOps

        if image.getexif().get(ORIENTATION, 1) == 1:
            return image
        self._turned += 1
        return ImageOps.exif_transpose(image)

    def _grey(self, pillow: ModuleType, image: Any, depth: Depth) -> Any:
        if depth == "8 bits":
            return self._over_white(pillow, image).convert("L")
        values = np.asarray(image, dtype=np.float32)
        if depth == "16 bits":  # which Pillow would clip at 255
            return pillow.fromarray(values / 257)
        if depth == "fractions":
            return pillow.fromarray(values * np.float32(self._float_factor))
        return pillow.fromarray(values / self._integer_divisor)

    def _over_white(self, pillow: ModuleType, image: Any) -> Any:
        if not (image.mode.lower() in {"rgba", "la", "pa"} or "transparency" in image.info):
            return image
        colours = image.convert("RGBA")
        if colours.getchannel("A").getextrema()[0] == 255:
            return image
        self._transparent += 1
        return pillow.alpha_composite(pillow.new("RGBA", colours.size, "white"), colours)

    @cached_property
    def _integer_divisor(self) -> int:
        """What brings the folder's pictures of 32-bit whole numbers to 0 … 255."""
        low, high = self._range("32 bits")
        if low < 0 or high > 65535:
            raise InputError(self._odd_range(low, high, "0 … 255 or 0 … 65535"))
        return 1 if high <= 255 else 257

    @cached_property
    def _float_factor(self) -> int:
        """What brings the folder's pictures of fractions to 0 … 255."""
        low, high = self._range("fractions")
        if not (low >= 0 and high <= 255):
            raise InputError(self._odd_range(low, high, "0 … 1 or 0 … 255"))
        return 255 if high <= 1 else 1

    def _range(self, depth: Depth) -> tuple[float, float]:
        """Return the least and the largest number in the folder's pictures of this depth."""
        lows, highs = [], []
        for path in self._paths:
            with _opened(_pillow(path), path) as image:
                if _depth(image) == depth:
                    values = np.asarray(image, dtype=np.float64)
                    lows.append(float(values.min()))
                    highs.append(float(values.max()))
        return float(np.min(lows)), float(np.max(highs))

    def _odd_range(self, low: float, high: float, expected: str) -> str:
        return (
            f"{sanitize(self._paths[0].parent)}: expected pictures of numbers from {expected}, got {low:g} … {high:g}"
        )


@contextmanager
def _opened(pillow: ModuleType, path: Path) -> Iterator[Any]:
    """Open a picture; what Pillow complains about inside becomes an ``InputError``."""
    try:
        with pillow.open(path) as image:
            yield image
    except pillow.UnidentifiedImageError:
        raise InputError(f"{sanitize(path)}: expected an image, this file is none") from None
    except (OSError, SyntaxError, ValueError, pillow.DecompressionBombError) as error:  # a torn or hostile file
        raise InputError(f"{sanitize(path)}: this image cannot be read ({sanitize(error, 80)})") from None


def _depth(image: Any) -> Depth:
    """Return what the numbers of a picture are; PNG and PGM have 16 bits where Pillow says that they have 32."""
    if image.mode == "F":
        return "fractions"
    if not image.mode.startswith("I"):
        return "8 bits"
    return "32 bits" if image.mode == "I" and image.format not in {"PNG", "PPM"} else "16 bits"


def resized(path: Path, images: Floats, size: ImageSize) -> Floats:
    """Return ``images`` (N, height, width) as (N, size, size), each pixel the average of those it covers.

    Raises:
        InputError: Pillow is not installed; the line names ``path``.
    """
    if size == "original" or images.shape[1:] == (size, size):
        return images
    pillow = _pillow(path)
    drawn = (pillow.fromarray(image.astype(np.float32)) for image in images)
    return np.stack([np.asarray(_square(pillow, image, size), dtype=np.float64) for image in drawn])


def grey(images: Floats, dtype: np.dtype[Any], layout: Layout, where: str) -> tuple[Floats, tuple[str, ...]]:
    """Return pictures with channels as (N, height, width), and what the reader should know of them.

    Args:
        images: (N, height, width, channels) or (N, channels, height, width), as ``layout`` says: grey, grey and
            opacity, red, green and blue, or these and opacity. What is not opaque is laid over white.
        dtype: Of the file; the largest whole number of its type is white.
        layout: Where the channels are.
        where: The file and the array, for an error's line.

    Raises:
        InputError: No place, or both, has 1 to 4 channels.
    """
    images = _channels_last(images, layout, where)
    colours = images[..., :3] @ LUMA if images.shape[-1] >= 3 else images[..., 0]
    if images.shape[-1] not in {2, 4}:
        return colours, ()
    white = _white(images, dtype)
    opacity = images[..., -1] / white
    if (opacity == 1).all():
        return colours, ()
    transparent = int((opacity != 1).reshape(len(images), -1).any(axis=1).sum())
    note = f"{transparent} pictures are shown over white, being transparent"
    return colours * opacity + white * (1 - opacity), (note,)


def _channels_last(images: Floats, layout: Layout, where: str) -> Floats:
    _, a, b, c = images.shape
    first, last = a in CHANNELS, c in CHANNELS
    if layout == "auto" and first and last:
        first, last = b == c != a, a == b != c  # pictures of 4 × 4 with 3 channels: square one way, odd the other
        if not (first or last):
            raise InputError(
                f"{where}: shape {images.shape}: the channels may be first or last; "
                "set data.layout = 'channels-first' or 'channels-last'"
            )
    channels_first = layout == "channels-first" or (layout == "auto" and first)
    if not (first if channels_first else last):
        raise InputError(f"{where}: expected pictures of 1 to 4 channels, first or last, got shape {images.shape}")
    return np.moveaxis(images, 1, -1) if channels_first else images


def _white(images: Floats, dtype: np.dtype[Any]) -> float:
    """Return the number that stands for white, and for opaque."""
    largest = float(images.max())
    if dtype.kind in "ui" and (dtype.itemsize == 1 or largest > 255):
        return float(np.iinfo(dtype).max) if dtype.itemsize <= 2 else 65535.0
    return 1.0 if dtype.kind != "u" and largest <= 1 else 255.0


def _square(pillow: ModuleType, image: Any, side: int) -> Any:
    return image.resize((side, side), pillow.Resampling.BOX)  # the average of what a pixel covers, never beyond it


def _pillow(path: Path) -> ModuleType:
    try:
        import PIL.Image
    except ModuleNotFoundError:
        raise InputError(f"{sanitize(path)}: reading or resizing images takes Pillow: pip install pillow") from None
    return PIL.Image
