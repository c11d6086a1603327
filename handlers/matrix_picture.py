"""The heat map as a picture: a PNG drawn here, so that nothing heavy is needed. Each colour is also a word.

Letters are drawn as strokes of a pen with a round tip, with soft edges, so that they are smooth at every size.
"""

from __future__ import annotations

import functools
import itertools
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge import scoring
from knowledge.scoring import HIGHEST, LOWEST, Rag

_CELL_W, _CELL_H, _LEFT, _TOP, _FOOT, _GAP = 248, 150, 150, 24, 132, 4
WIDTH, HEIGHT = _LEFT + 5 * _CELL_W + 24, _TOP + 5 * _CELL_H + _FOOT
_BENDS = 24  # short lines that make a curve
_SOFT = 16  # steps between a background and the ink, for the edges of letters
_INK = (17, 17, 17)
# the ink on each of these has a contrast of more than 7 to 1
_PAPERS = ((255, 255, 255), (158, 214, 158), (255, 200, 87), (244, 148, 140))
_PAPER = {Rag.GREEN: 1, Rag.AMBER: 2, Rag.RED: 3}
_Point = tuple[float, float]
_Strokes = tuple[tuple[_Point, ...], ...]


def _arc(x: float, y: float, across: float, down: float, turn: tuple[int, int]) -> tuple[_Point, ...]:
    """Return points on an ellipse around a middle, from one angle to the other; 0 is right, 90 is below."""
    start, end = turn
    angles = [math.radians(start + (end - start) * step / _BENDS) for step in range(_BENDS + 1)]
    return tuple((x + across * math.cos(angle), y + down * math.sin(angle)) for angle in angles)


# In a box that is 1 high with y from the top: how wide a letter is, and its strokes.
_GLYPHS: Mapping[str, tuple[float, _Strokes]] = {
    "0": (0.60, (_arc(0.3, 0.5, 0.3, 0.5, (0, 360)),)),
    "1": (0.34, (((0.0, 0.22), (0.26, 0.0), (0.26, 1.0)),)),
    "2": (0.56, ((*_arc(0.28, 0.28, 0.27, 0.28, (190, 395)), (0.0, 1.0), (0.57, 1.0)),)),
    "3": (0.56, (_arc(0.27, 0.25, 0.25, 0.25, (205, 450)), _arc(0.27, 0.74, 0.29, 0.26, (270, 515)))),
    "4": (0.62, (((0.48, 1.0), (0.48, 0.0), (0.0, 0.7), (0.64, 0.7)),)),
    "5": (0.56, (((0.52, 0.0), (0.1, 0.0), (0.05, 0.45)), (*_arc(0.26, 0.66, 0.3, 0.34, (225, 510)),))),
    "6": (0.58, (_arc(0.29, 0.68, 0.29, 0.32, (0, 360)), ((0.46, 0.0), (0.1, 0.46), (0.01, 0.62)))),
    "7": (0.56, (((0.0, 0.0), (0.56, 0.0), (0.18, 1.0)),)),
    "8": (0.58, (_arc(0.29, 0.24, 0.24, 0.24, (0, 360)), _arc(0.29, 0.74, 0.29, 0.26, (0, 360)))),
    "9": (0.58, (_arc(0.29, 0.32, 0.29, 0.32, (0, 360)), ((0.12, 1.0), (0.48, 0.54), (0.57, 0.38)))),
    "A": (0.72, (((0.0, 1.0), (0.36, 0.0), (0.72, 1.0)), ((0.13, 0.66), (0.59, 0.66)))),
    "G": (0.74, ((*_arc(0.4, 0.5, 0.4, 0.5, (315, 50)), (0.7, 0.56), (0.44, 0.56)),)),
    "I": (0.04, (((0.02, 0.0), (0.02, 1.0)),)),
    "L": (0.5, (((0.0, 0.0), (0.0, 1.0), (0.5, 1.0)),)),
    "R": (0.6, (((0.0, 1.0), (0.0, 0.0), (0.3, 0.0), *_arc(0.3, 0.26, 0.26, 0.26, (270, 450)), (0.0, 0.52)),
                ((0.3, 0.52), (0.6, 1.0)))),
    "a": (0.46, (_arc(0.23, 0.69, 0.23, 0.31, (0, 360)), ((0.46, 0.38), (0.46, 1.0)))),
    "b": (0.46, (((0.0, 0.0), (0.0, 1.0)), _arc(0.23, 0.69, 0.23, 0.31, (0, 360)))),
    "c": (0.42, (_arc(0.24, 0.69, 0.24, 0.31, (310, 50)),)),
    "d": (0.46, (_arc(0.23, 0.69, 0.23, 0.31, (0, 360)), ((0.46, 0.0), (0.46, 1.0)))),
    "e": (0.48, (((0.0, 0.68), (0.48, 0.68), *_arc(0.24, 0.69, 0.24, 0.31, (360, 45))),)),
    "h": (0.44, (((0.0, 0.0), (0.0, 1.0)), (*_arc(0.22, 0.6, 0.22, 0.22, (180, 360)), (0.44, 1.0)))),
    "i": (0.04, (((0.02, 0.4), (0.02, 1.0)), ((0.02, 0.14), (0.02, 0.15)))),
    "k": (0.42, (((0.0, 0.0), (0.0, 1.0)), ((0.38, 0.4), (0.0, 0.76)), ((0.14, 0.64), (0.42, 1.0)))),
    "l": (0.04, (((0.02, 0.0), (0.02, 1.0)),)),
    "m": (0.76, (((0.0, 0.4), (0.0, 1.0)), (*_arc(0.19, 0.58, 0.19, 0.2, (180, 360)), (0.38, 1.0)),
                 (*_arc(0.57, 0.58, 0.19, 0.2, (180, 360)), (0.76, 1.0)))),
    "n": (0.44, (((0.0, 0.4), (0.0, 1.0)), (*_arc(0.22, 0.6, 0.22, 0.22, (180, 360)), (0.44, 1.0)))),
    "o": (0.48, (_arc(0.24, 0.69, 0.24, 0.31, (0, 360)),)),
    "p": (0.46, (((0.0, 0.4), (0.0, 1.3)), _arc(0.23, 0.69, 0.23, 0.31, (0, 360)))),
    "r": (0.3, (((0.0, 0.4), (0.0, 1.0)), _arc(0.24, 0.62, 0.24, 0.22, (180, 285)))),
    "t": (0.34, (((0.13, 0.1), (0.13, 0.86), *_arc(0.29, 0.84, 0.16, 0.16, (180, 80))), ((0.0, 0.4), (0.32, 0.4)))),
}  # fmt: skip
_BETWEEN, _PEN = 0.19, 0.066  # between two letters, and half the width of the pen


@dataclass(frozen=True, slots=True)
class _Canvas:
    """Rows of palette numbers: for each paper the steps from none of the ink to all of it."""

    rows: list[bytearray]

    def fill(self, left: int, top: int, width: int, height: int, paper: int) -> None:
        for y in range(top, top + height):
            self.rows[y][left : left + width] = bytes([paper * _SOFT]) * width

    def write(self, middle: int, top: int, text: str, size: int, *, upwards: bool = False) -> None:
        """Write around a middle; `upwards` turns the words by a quarter, and `middle` is then how far down."""
        for x, y, ink in _written(text, size):
            at = (top + y, middle - x) if upwards else (middle + x, top + y)
            row, here = self.rows[at[1]], at[0]
            row[here] += max(0, ink - row[here] % _SOFT)


def png(counts: Mapping[tuple[int, int], int], *, floor: bool = False) -> bytes:
    """Return the matrix with how many risks are in each cell, by likelihood and impact."""
    canvas = _Canvas([bytearray(WIDTH) for _ in range(HEIGHT)])
    for row, likelihood in enumerate(range(HIGHEST, LOWEST - 1, -1)):
        top = _TOP + row * _CELL_H
        canvas.write(_LEFT - 34, top + (_CELL_H - 40) // 2, str(likelihood), 40)
        for column, impact in enumerate(range(LOWEST, HIGHEST + 1)):
            colour = scoring.rag(likelihood, impact, floor=floor)
            _cell(canvas, _LEFT + column * _CELL_W, top, colour, counts.get((likelihood, impact), 0))
    for column, impact in enumerate(range(LOWEST, HIGHEST + 1)):
        canvas.write(_LEFT + column * _CELL_W + _CELL_W // 2, _TOP + 5 * _CELL_H + 16, str(impact), 40)
    canvas.write(_LEFT + 5 * _CELL_W // 2, HEIGHT - 54, "Impact", 36)
    canvas.write(_TOP + 5 * _CELL_H // 2, 20, "Likelihood", 36, upwards=True)
    return _packed(canvas.rows)


def _cell(canvas: _Canvas, left: int, top: int, colour: Rag, count: int) -> None:
    canvas.fill(left, top, _CELL_W - _GAP, _CELL_H - _GAP, _PAPER[colour])
    middle = left + (_CELL_W - _GAP) // 2
    if count:
        canvas.write(middle, top + 24, str(min(count, 99999)), 58)
    canvas.write(middle, top + 104, colour.value, 26)


@functools.lru_cache(maxsize=256)
def _written(text: str, size: int) -> tuple[tuple[int, int, int], ...]:
    """Return where words leave ink and how much, from the middle of their width and the top of their capitals."""
    at = -sum(_GLYPHS[letter][0] + _BETWEEN for letter in text) / 2 + _BETWEEN / 2
    dots = []
    for letter in text:
        width, strokes = _GLYPHS[letter]
        dots += [(x + round(at * size), y, ink) for x, y, ink in _drawn(strokes, width, size)]
        at += width + _BETWEEN
    return tuple(dots)


def _drawn(strokes: _Strokes, width: float, size: int) -> list[tuple[int, int, int]]:
    pen = max(_PEN * size, 1.6)
    edge = math.ceil(pen) + 1
    lines = [
        (x * size, y * size, other_x * size, other_y * size)
        for stroke in strokes
        for (x, y), (other_x, other_y) in itertools.pairwise(stroke)
    ]
    dots = []
    for y in range(-edge, round(1.3 * size) + edge):
        for x in range(-edge, round(width * size) + edge):
            near = min(_distance(x, y, line) for line in lines)
            if near < pen + 0.5:
                dots.append((x, y, min(_SOFT - 1, round((pen + 0.5 - near) * (_SOFT - 1)))))
    return dots


def _distance(x: float, y: float, line: tuple[float, float, float, float]) -> float:
    """Return how far a point is from a line between two others."""
    left, top, right, bottom = line
    across, down = right - left, bottom - top
    length = across * across + down * down
    along = max(0.0, min(1.0, ((x - left) * across + (y - top) * down) / length)) if length else 0.0
    return math.hypot(x - left - along * across, y - top - along * down)


def _palette() -> bytes:
    shades = (
        round(light + (dark - light) * step / (_SOFT - 1))
        for paper in _PAPERS
        for step in range(_SOFT)
        for light, dark in zip(paper, _INK, strict=True)
    )
    return bytes(shades)


def _packed(rows: list[bytearray]) -> bytes:
    """Return rows of palette numbers as a PNG file: see w3.org/TR/png-3."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    image = b"".join(b"\x00" + bytes(row) for row in rows)
    parts = ((b"IHDR", header), (b"PLTE", _palette()), (b"IDAT", zlib.compress(image, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
