"""Whether a sentence was carried over from a source document.

The documents themselves are not shipped. A file of hashes of every run of eight words is: it can say
that a run stands in a source, and gives nothing of the source back.
"""

from __future__ import annotations

import functools
import hashlib
import re
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

RUN = 8
_WORD = re.compile(r"[a-z0-9]+")
_FILE = "source_runs.bin"


def _runs(text: str) -> Iterator[tuple[int, str]]:
    words = _WORD.findall(text.lower().replace("’", "'").replace("'", ""))
    for start in range(len(words) - RUN + 1):
        run = " ".join(words[start : start + RUN])
        yield int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "little"), run


def fingerprint(texts: Iterable[str]) -> bytes:
    """Hash every run of eight words of the texts into the content of the shipped file."""
    return array("Q", sorted({key for text in texts for key, _ in _runs(text)})).tobytes()


@functools.cache
def _known() -> array[int]:
    keys = array("Q")
    keys.frombytes((resources.files("knowledge") / "data" / _FILE).read_bytes())
    return keys


def copied_runs(text: str) -> list[str]:
    """Return the runs of eight words of a text that stand in a source document, in order."""
    known = _known()
    found = []
    for key, run in _runs(text):
        place = bisect_left(known, key)
        if place < len(known) and known[place] == key:
            found.append(run)
    return found


if __name__ == "__main__":  # python -m knowledge.copying DOCUMENT.txt ...: after the source documents have changed
    documents = (Path(name).read_text(encoding="utf-8", errors="replace") for name in sys.argv[1:])
    (Path(__file__).parent / "data" / _FILE).write_bytes(fingerprint(documents))
