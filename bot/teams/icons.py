"""The two icons of the app package, drawn here: a shield with a tick, and the outline of the same shield."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from math import cos, hypot, pi, sin

COLOR, OUTLINE = 192, 32  # pixels; https://learn.microsoft.com/en-us/microsoft-365/extensibility/schema/root-icons
_NAVY, _WHITE = (0x1D, 0x35, 0x57), (255, 255, 255)
_SAMPLES = 3  # looks at each pixel in this many rows and columns, so that edges are smooth
_WIDE, _TOP, _SHOULDER, _POINT = 0.72, -0.86, 0.1, 0.94  # the shield, where the picture goes from -1 to 1
_TICK = ((-0.36, 0.0), (-0.08, 0.28), (0.38, -0.3))
_TURNS = [(cos(turn * pi / 8), sin(turn * pi / 8)) for turn in range(16)]
_Shape = Callable[[float, float], bool]


@lru_cache(maxsize=1)
def color() -> bytes:
    """Return the icon in colour: a white shield with a tick on navy, inside the part that is never cut off."""
    size = 0.66  # the shield's share of the picture: Teams may round the corners
    shield = _coverage(COLOR, lambda x, y: _shield(x / size, y / size) and not _tick(x / size, y / size, 0.105))
    rows = [b"".join(_mixed(part) for part in row) for row in shield]
    return _png(COLOR, 2, rows)


@lru_cache(maxsize=1)
def outline() -> bytes:
    """Return the outline: white lines, and nothing else but transparency."""
    drawn = _coverage(OUTLINE, lambda x, y: _edge(x, y, 0.14) or _tick(x, y, 0.08))
    return _png(OUTLINE, 6, [b"".join(bytes((*_WHITE, round(255 * part))) for part in row) for row in drawn])


def _shield(x: float, y: float) -> bool:
    """Say whether a point is inside: straight sides down to the shoulder, then a curve down to the point."""
    if not _TOP + 0.12 * abs(x) / _WIDE <= y <= _POINT:
        return False
    down = max(0.0, (y - _SHOULDER) / (_POINT - _SHOULDER))
    return abs(x) <= _WIDE * (1 - down * down)


def _edge(x: float, y: float, thick: float) -> bool:
    """Say whether a point is inside the shield, and less than that far from where it ends."""
    return _shield(x, y) and not all(_shield(x + thick * right, y + thick * down) for right, down in _TURNS)


def _tick(x: float, y: float, thick: float) -> bool:
    return any(_distance((x, y), start, end) <= thick for start, end in pairwise(_TICK))


def _distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return how far a point is from a line that has two ends."""
    along = (end[0] - start[0], end[1] - start[1])
    to = (point[0] - start[0], point[1] - start[1])
    share = (to[0] * along[0] + to[1] * along[1]) / (along[0] ** 2 + along[1] ** 2)
    share = min(1.0, max(0.0, share))
    return hypot(to[0] - share * along[0], to[1] - share * along[1])


def _coverage(size: int, shape: _Shape) -> list[list[float]]:
    """Return for each pixel of each row how much of it the shape covers, from 0 to 1."""
    step = 2 / size / _SAMPLES
    places = [[-1 + (pixel * _SAMPLES + part + 0.5) * step for part in range(_SAMPLES)] for pixel in range(size)]
    return [[sum(shape(x, y) for y in rows for x in columns) / _SAMPLES**2 for columns in places] for rows in places]


def _mixed(part: float) -> bytes:
    return bytes(round(dark + (light - dark) * part) for dark, light in zip(_NAVY, _WHITE, strict=True))


def _png(size: int, kind: int, rows: list[bytes]) -> bytes:
    """Return rows of pixels as a PNG file, of colours (kind 2) or of colours with opacity (6): w3.org/TR/png-3."""
    header = struct.pack(">IIBBBBB", size, size, 8, kind, 0, 0, 0)
    data = zlib.compress(b"".join(b"\x00" + row for row in rows), 9)
    parts = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
