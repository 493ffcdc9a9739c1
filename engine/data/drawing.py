"""Faces of cats and dogs, drawn by arithmetic: soft-edged ellipses and triangles, painted one over another.

There are two ways to have many pictures. ``draw_faces`` draws another animal for each, so that what is learned of some
helps with others. ``draw_films`` draws few animals and takes many pictures of each in a place of its own, so that a
picture is told by its place, and nothing that is learned of it helps with an animal never seen.

Every face has coordinates of its own: the head's middle at (0, 0), its half width about 1, y downwards. Pose, size,
light and fur are drawn at random; what tells cats from dogs varies enough for the two to overlap.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats

Floats32 = NDArray[np.float32]
"""A number for each face, (N, 1, 1), or for each of its pixels, (N, side, side)."""
CHUNK = 100
"""Faces drawn at once: few enough for the processor's cache, many enough to hide NumPy's overhead."""
ODD_EARS = 0.12
"""Chance of a cat with folded ears, and of a dog with upright ones."""
PALE = 0.4
"""Chance of fur that is lighter than what is behind it; else it is darker."""
SHOTS = 25
"""Pictures of one film: of the same animal, in the same pose and place, each with light and noise of its own."""
PATCH = 4
"""Pixels on each side of the patches of light and shade in the place of a film."""
SHADE = 0.4
"""Brightness that a patch adds or takes at most."""
LEFT_AND_RIGHT = (-1, 1)


def draw_faces(dogs: NDArray[np.bool_], side: int, random: np.random.RandomState) -> Floats:
    """Return a picture (N, side, side) of whole numbers from 0 to 255 for each entry of ``dogs`` (N,)."""
    chunks = [dogs[start : start + CHUNK] for start in range(0, len(dogs), CHUNK)]
    return np.concatenate([_draw(chunk, side, random) for chunk in chunks]).astype(np.float64)


def draw_films(dogs: NDArray[np.bool_], shots: int, side: int, random: np.random.RandomState) -> Floats:
    """Return ``shots`` pictures of each animal of ``dogs`` (N,): (N · shots, side, side), film after film.

    The animals are drawn few at a time, so that the first ones are the same however many there are.
    """
    few = max(1, CHUNK // shots)
    chunks = [dogs[start : start + few] for start in range(0, len(dogs), few)]
    films = [_draw_films(chunk, shots, side, random) for chunk in chunks]
    return np.concatenate(films).reshape(-1, side, side).astype(np.float64)


def _draw_films(dogs: NDArray[np.bool_], shots: int, side: int, random: np.random.RandomState) -> Floats32:
    faces = FaceCanvas(len(dogs), side, random)
    faces.dapple()
    _paint_animal(faces, dogs)
    return np.stack([faces.photographs() for _ in range(shots)], axis=1)


def _draw(dogs: NDArray[np.bool_], side: int, random: np.random.RandomState) -> Floats32:
    faces = FaceCanvas(len(dogs), side, random)
    _paint_animal(faces, dogs)
    return faces.photographs()


def _paint_animal(faces: FaceCanvas, dogs: NDArray[np.bool_]) -> None:
    dog = dogs[:, None, None].astype(np.float32)
    _paint_ears(faces, dog)
    _paint_head(faces, dog)
    _paint_muzzle(faces, dog)
    _paint_eyes(faces, dog)


class FaceCanvas:
    """N canvases and the numbers drawn for each of them.

    Attributes:
        x, y: (N, side, side) coordinates of the pixels in the face's own frame.
        brightness: (N, side, side) brightness, 0 … 1.
        fur, dark, light: (N, 1, 1) brightness of the fur, of eyes and nose, of a pale muzzle.
    """

    def __init__(self, faces: int, side: int, random: np.random.RandomState) -> None:
        self._faces, self._side, self._random = faces, side, random
        self._pixels = self.between(0.19, 0.26) * side
        """Pixels in a unit of the face: its size."""
        self.x, self.y = self._frame()
        behind = self.between(0.25, 0.9)
        pale = self.chance(PALE)
        self.fur = pale * (behind + (1 - behind) * 0.7) + (1 - pale) * behind * self.between(0.3, 0.75)
        self.dark, self.light = self.fur * self.between(0.1, 0.35), self.fur + (1 - self.fur) * self.between(0.2, 0.7)
        self.brightness = behind + self._cloud(0.12)

    def between(self, low: float, high: float) -> Floats32:
        """Draw a number for each face, (N, 1, 1)."""
        return self._random.uniform(low, high, (self._faces, 1, 1)).astype(np.float32)

    def ellipse(
        self, x: Floats32 | float, y: Floats32 | float, a: Floats32 | float, b: Floats32 | float, tilt: float = 0.0
    ) -> Floats32:
        """Return how much of each pixel, (N, side, side) of 0 … 1, is in the ellipse around (x, y) of half axes a, b.

        All lengths are in units of the face, one number or one for each face, (N, 1, 1); ``tilt`` is in radians.
        """
        u, v = self.x - x, self.y - y
        cos, sin = math.cos(tilt), math.sin(tilt)
        across, along = (u * cos + v * sin) / a, (v * cos - u * sin) / b
        return self._inside((np.sqrt(across * across + along * along) - 1) * np.minimum(a, b, dtype=np.float32))

    def spike(
        self, x: Floats32 | float, y: Floats32 | float, half: Floats32 | float, height: Floats32 | float, lean: Floats32
    ) -> Floats32:
        """Return how much of each pixel, (N, side, side) of 0 … 1, is inside the triangle on (x, y).

        It is ``2 half`` wide, ``height`` tall, and leans by ``lean`` over its height, in units of the face.
        """
        u, v = self.x - x - lean * (y - self.y) / height, y - self.y
        return self._inside(np.maximum(np.abs(u) - half * (1 - v / height), -v))

    def chance(self, likely: Floats32 | float) -> Floats32:
        """Draw 1 for each face that something happens to, with probability ``likely``, else 0: (N, 1, 1)."""
        return (self.between(0, 1) < likely).astype(np.float32)

    def paint(self, inside: Floats32, tone: Floats32, opacity: Floats32 | float = 1.0) -> None:
        """Lay ``tone`` (N, 1, 1) over the canvas, as far as a pixel is ``inside`` (N, side, side)."""
        self.brightness += inside * opacity * (tone - self.brightness)

    def dapple(self) -> None:
        """Lay patches of light and shade over what is behind each face, another pattern for each."""
        patches = -(-self._side // PATCH)
        shades = self._random.uniform(-SHADE, SHADE, (self._faces, patches, patches)).astype(np.float32)
        patched = shades.repeat(PATCH, axis=1).repeat(PATCH, axis=2)[:, : self._side, : self._side]
        halfway_to_grey = 0.5 + (self.brightness - 0.5) / 2  # so that few patches end at black or white
        self.brightness = halfway_to_grey + patched

    def photographs(self) -> Floats32:
        """Return the pictures, (N, side, side) of whole numbers 0 … 255, unevenly lit and with the camera's noise."""
        angle = self.between(0, 2 * np.pi)
        lit = 1 + self.between(0, 0.25) * (np.cos(angle) * self.x + np.sin(angle) * self.y) / 2
        noise = self._random.standard_normal(self.brightness.shape).astype(np.float32) * self.between(0.01, 0.06)
        photographs: Floats32 = np.rint(np.clip(self.brightness * lit + noise, 0, 1) * 255)
        return photographs

    def _inside(self, distance: Floats32) -> Floats32:
        covered: Floats32 = np.clip(0.5 - distance * self._pixels, 0, 1)
        return covered

    def _frame(self) -> tuple[Floats32, Floats32]:
        rows, columns = np.mgrid[: self._side, : self._side].astype(np.float32)
        middle = (self._side - 1) / 2
        u = (columns - middle) / self._pixels - self.between(-0.35, 0.35)
        v = (rows - middle) / self._pixels - self.between(-0.25, 0.45)
        roll, turn = self.between(-0.3, 0.3), self.between(0.85, 1.1)
        return (u * np.cos(roll) + v * np.sin(roll)) / turn, v * np.cos(roll) - u * np.sin(roll)

    def _cloud(self, strength: float) -> Floats32:
        """Return smooth unevenness of what is behind the face: three waves across the picture."""
        cloud = np.zeros_like(self.x)
        for _ in range(3):
            across, down = self.between(-1.5, 1.5), self.between(-1.5, 1.5)
            cloud += np.sin(across * self.x + down * self.y + self.between(0, 2 * np.pi))
        return cloud * self.between(0, strength)


def _paint_ears(faces: FaceCanvas, dog: Floats32) -> None:
    hanging = np.abs(dog - faces.chance(ODD_EARS))
    tone = faces.fur * faces.between(0.6, 1.1)
    reach, lean, drop = faces.between(0.9, 1.3), faces.between(0.05, 0.4), faces.between(0.3, 0.75)
    for side in LEFT_AND_RIGHT:
        faces.paint(faces.spike(side * 0.55, -0.35, 0.42, reach, side * lean), tone, 1 - hanging)
        faces.paint(faces.spike(side * 0.57, -0.45, 0.22, reach * 0.6, side * lean), faces.light, (1 - hanging) * 0.6)
        faces.paint(faces.ellipse(side * 0.92, -0.4 + drop, 0.3, drop, tilt=-0.25 * side), tone * 0.8, hanging)


def _paint_head(faces: FaceCanvas, dog: Floats32) -> None:
    width = 0.98 - 0.12 * dog + faces.between(-0.1, 0.1)
    height = 0.84 + 0.16 * dog + faces.between(-0.1, 0.1)
    head = faces.ellipse(0, 0, width, height)
    faces.paint(head, faces.fur)
    stripes = np.sin(faces.x * faces.between(6, 14)) * (faces.y < -0.2)
    faces.paint(head, faces.brightness + 0.15 * stripes, faces.chance(0.5 - 0.35 * dog))
    patch = faces.ellipse(faces.between(-0.5, 0.5), -0.3, 0.4, 0.5)
    faces.paint(head * patch, faces.light, faces.chance(0.15 + 0.3 * dog))


def _paint_muzzle(faces: FaceCanvas, dog: Floats32) -> None:
    pale = faces.between(0.2, 0.9)
    low = 0.4 + 0.12 * dog
    faces.paint(faces.ellipse(0, low, 0.42, 0.3 + 0.25 * dog), faces.light, pale)
    tongue = faces.chance(0.35) * dog
    faces.paint(faces.ellipse(0, 1.0, 0.16, 0.26), 0.75 * faces.light, tongue)
    faces.paint(faces.ellipse(0, low - 0.12, 0.1 + 0.1 * dog, 0.07 + 0.07 * dog), faces.dark)
    faces.paint(faces.ellipse(0, low + 0.2, 0.2 + 0.1 * dog, 0.025), faces.dark, 0.7)
    for side in LEFT_AND_RIGHT:
        for slope in (-0.12, 0.1):
            whisker = faces.ellipse(side * 0.8, low + slope, 0.5, 0.018, tilt=side * slope)
            faces.paint(whisker, faces.light, 0.7 * (1 - dog))


def _paint_eyes(faces: FaceCanvas, dog: Floats32) -> None:
    apart, shut = 0.4 - 0.04 * dog + faces.between(-0.05, 0.05), faces.between(0.6, 1.0)
    for side in LEFT_AND_RIGHT:
        x = side * apart
        faces.paint(
            faces.ellipse(x, -0.15, 0.19 - 0.06 * dog, 0.14 * shut, tilt=-0.3 * side), faces.light, 1 - 0.6 * dog
        )
        faces.paint(faces.ellipse(x, -0.15, 0.05 + 0.05 * dog, 0.12 * shut), faces.dark)
