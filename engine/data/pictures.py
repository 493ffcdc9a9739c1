"""Pictures as grey arrays of one size, from 0 to 255; Pillow, an optional extra, reads and resizes them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError, sanitize
from engine.spec.data import ImageSize

LUMA = np.array([0.299, 0.587, 0.114])
"""What red, green and blue add to the brightness of grey (ITU-R BT.601, as Pillow has it)."""


def read(path: Path, size: ImageSize) -> Floats:
    """Return the picture in ``path`` as (height, width), grey from 0 to 255; ``size`` makes it square.

    Raises:
        InputError: Pillow is not installed, or the file is no picture.
    """
    pillow = _pillow(path)
    try:
        with pillow.open(path) as image:
            grey = _grey(pillow, image)
    except pillow.UnidentifiedImageError:
        raise InputError(f"{sanitize(path)}: expected an image, this file is none") from None
    except (OSError, SyntaxError, ValueError, pillow.DecompressionBombError) as error:  # a torn or hostile file
        raise InputError(f"{sanitize(path)}: this image cannot be read ({sanitize(error, 80)})") from None
    return np.asarray(grey if size == "original" else _square(pillow, grey, size), dtype=np.float64)


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


def grey(images: Floats) -> Floats:
    """Return ``images`` (N, height, width, channels) as (N, height, width); a fourth channel, opacity, is ignored."""
    return images[..., 0] if images.shape[-1] < 3 else images[..., :3] @ LUMA


def _square(pillow: ModuleType, image: Any, side: int) -> Any:
    return image.resize((side, side), pillow.Resampling.BOX)  # the average of what a pixel covers, never beyond it


def _grey(pillow: ModuleType, image: Any) -> Any:
    if image.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip at 255
        return pillow.fromarray(np.asarray(image, dtype=np.float32) / 257)
    return image.convert("L")


def _pillow(path: Path) -> ModuleType:
    try:
        import PIL.Image
    except ModuleNotFoundError:
        raise InputError(
            f"{sanitize(path)}: reading or resizing images takes Pillow: pip install 'tui-trainer[images]'"
        ) from None
    return PIL.Image
