"""The heat map as a picture: a PNG drawn here, so that nothing heavy is needed. Each colour is also a word."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from knowledge import scoring
from knowledge.scoring import HIGHEST, LOWEST, Rag

_CELL_W, _CELL_H, _LEFT, _TOP, _FOOT = 124, 84, 74, 20, 62
WIDTH, HEIGHT = _LEFT + 5 * _CELL_W + 16, _TOP + 5 * _CELL_H + _FOOT
_WHITE, _BLACK = 0, 1
_FILL = {Rag.GREEN: 2, Rag.AMBER: 3, Rag.RED: 4}
# black on each of these has a contrast of more than 7 to 1
_PALETTE = bytes((255, 255, 255, 17, 17, 17, 158, 214, 158, 255, 200, 87, 244, 148, 140))
_GLYPHS = {  # five columns of seven rows each, as rows of bits
    "0": (14, 17, 19, 21, 25, 17, 14), "1": (4, 12, 4, 4, 4, 4, 14), "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14), "4": (2, 6, 10, 18, 31, 2, 2), "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14), "7": (31, 1, 2, 4, 8, 8, 8), "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12), "A": (14, 17, 17, 31, 17, 17, 17), "B": (30, 17, 17, 30, 17, 17, 30),
    "C": (14, 17, 16, 16, 16, 17, 14), "D": (28, 18, 17, 17, 17, 18, 28), "E": (31, 16, 16, 30, 16, 16, 31),
    "G": (14, 17, 16, 23, 17, 17, 15), "H": (17, 17, 17, 31, 17, 17, 17), "I": (14, 4, 4, 4, 4, 4, 14),
    "K": (17, 18, 20, 24, 20, 18, 17), "L": (16, 16, 16, 16, 16, 16, 31), "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 17, 25, 21, 19, 17, 17), "O": (14, 17, 17, 17, 17, 17, 14), "P": (30, 17, 17, 30, 16, 16, 16),
    "R": (30, 17, 17, 30, 20, 18, 17), "T": (31, 4, 4, 4, 4, 4, 4), " ": (0, 0, 0, 0, 0, 0, 0),
}  # fmt: skip
_ADVANCE = 6


def png(counts: Mapping[tuple[int, int], int], *, floor: bool = False) -> bytes:
    """Return the matrix with how many risks are in each cell, by likelihood and impact."""
    image = [bytearray(WIDTH) for _ in range(HEIGHT)]
    for row, likelihood in enumerate(range(HIGHEST, LOWEST - 1, -1)):
        top = _TOP + row * _CELL_H
        _write(image, _LEFT - 28, top + 30, str(likelihood), 3)
        for column, impact in enumerate(range(LOWEST, HIGHEST + 1)):
            left = _LEFT + column * _CELL_W
            colour = scoring.rag(likelihood, impact, floor=floor)
            _cell(image, left, top, colour, counts.get((likelihood, impact), 0))
    for column, impact in enumerate(range(LOWEST, HIGHEST + 1)):
        _write(image, _LEFT + column * _CELL_W + 54, _TOP + 5 * _CELL_H + 8, str(impact), 3)
    _write(image, _LEFT + 5 * _CELL_W // 2 - 36, HEIGHT - 22, "IMPACT", 2)
    for place, letter in enumerate("LIKELIHOOD"):
        _write(image, 14, _TOP + 110 + place * 20, letter, 2)
    return _packed(image)


def _cell(image: list[bytearray], left: int, top: int, colour: Rag, count: int) -> None:
    for y in range(top, top + _CELL_H):
        edge = y in (top, top + _CELL_H - 1)
        image[y][left : left + _CELL_W] = bytes([_BLACK if edge else _FILL[colour]]) * _CELL_W
        image[y][left] = image[y][left + _CELL_W - 1] = _BLACK
    if count:
        said = str(min(count, 99999))
        _write(image, left + (_CELL_W - len(said) * _ADVANCE * 4) // 2, top + 14, said, 4)
    word = colour.value.upper()
    _write(image, left + (_CELL_W - len(word) * _ADVANCE * 2) // 2, top + 58, word, 2)


def _write(image: list[bytearray], left: int, top: int, text: str, size: int) -> None:
    for place, letter in enumerate(text):
        for row, bits in enumerate(_GLYPHS[letter]):
            for column in range(_ADVANCE - 1):
                if bits >> (_ADVANCE - 2 - column) & 1:
                    start = left + (place * _ADVANCE + column) * size
                    for y in range(top + row * size, top + (row + 1) * size):
                        image[y][start : start + size] = bytes([_BLACK]) * size


def _packed(image: list[bytearray]) -> bytes:
    """Return rows of palette numbers as a PNG file: see w3.org/TR/png-3."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    rows = b"".join(b"\x00" + bytes(row) for row in image)
    parts = ((b"IHDR", header), (b"PLTE", _PALETTE), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
