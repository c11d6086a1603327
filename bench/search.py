"""Speed and quality of the search: python -m bench.search. Times the shipped articles and 10,000 synthetic ones."""

from __future__ import annotations

import dataclasses
import gc
import itertools
import random
import resource
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from knowledge import articles
from knowledge.articles import Article
from knowledge.search import Index
from tests.search import evaluate

SYNTHETIC = 10_000  # articles: a hundred times what one partnership has
QUESTIONS = 15  # for each synthetic article
SEED = 20260521


def run() -> None:
    """Print the times, the memory, and the quality by kind beside rapidfuzz alone and BM25 alone."""
    shipped = list(articles.load(articles.shipped()).articles.values())
    asked = [one.text for one in evaluate.read(evaluate.DEVELOPMENT)]
    Index(shipped)  # the word lists are read once in a process; their reading is not the index's time
    print(f"{'articles':>10} {'build s':>9} {'index MB':>9} {'p50 ms':>8} {'p95 ms':>8} {'worst ms':>9}")
    measure(shipped, asked)
    measure(synthetic(shipped), asked[::3])
    print(f"peak of the whole process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    for path in (evaluate.DEVELOPMENT, evaluate.BLIND):
        if path.exists():
            print(f"\n== {path.name}\n{evaluate.table(evaluate.read(path), shipped)}")


def measure(library: Sequence[Article], asked: Sequence[str]) -> None:
    """Print how long building takes, how much memory the index holds and how long questions take."""
    gc.collect()
    before, started = resident(), time.perf_counter()
    index = Index(library)
    built = time.perf_counter() - started
    gc.collect()
    held = resident() - before
    # the best of three: other programs run here too
    took = [min(once(index, text) for _ in range(3)) for text in asked]
    cuts = statistics.quantiles(took, n=20)
    print(f"{len(library):>10} {built:>9.2f} {held:>9.1f} {cuts[9]:>8.2f} {cuts[18]:>8.2f} {max(took):>9.2f}")


def once(index: Index, text: str) -> float:
    """Return the milliseconds that one question takes."""
    started = time.perf_counter()
    index.find(text)
    return 1000 * (time.perf_counter() - started)


def resident() -> float:
    """Return the megabytes of memory that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def synthetic(shipped: Sequence[Article]) -> list[Article]:
    """Make articles from the words of the shipped ones and invented words, as common and as rare as real words are."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    words = sorted({word for one in shipped for question in one.questions for word in question.split()})
    words += ["".join(chance.choices("bdfgklmnprstvz", k=3)) + chance.choice("aeiou") + str(n) for n in range(20_000)]
    weights = list(itertools.accumulate(1 / (10 + rank) for rank in range(len(words))))

    def say(least: int, most: int) -> str:
        return " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(least, most)))

    return [
        dataclasses.replace(
            shipped[number % len(shipped)],
            slug=f"synthetic-{number}",
            title=say(2, 5),
            aliases=tuple(say(1, 3) for _ in range(6)),
            questions=tuple(say(5, 11) for _ in range(QUESTIONS)),
            body=". ".join(say(8, 20) for _ in range(10)),
        )
        for number in range(SYNTHETIC)
    ]


if __name__ == "__main__":
    run()
