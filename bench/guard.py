"""The guard beside Presidio's patterns and a list of phrases, on the same messages: python -m bench guard."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.guard import evaluate
from tests.guard.evaluate import Judge, Judged
from tests.guard.texts import TEXTS, load

LENGTH, LONGEST = 500, 4_000
TRAINED_ON = {path.stem for path in (TEXTS / "train").glob("*.txt")}
PRESIDIO = Path("build/compare/bin/python")  # made by `make bench`
PHRASES = (
    "999", "abuse", "abused", "being hit", "hits me", "beaten", "bruise", "bruises", "kill himself", "kill herself",
    "suicide", "suicidal", "self-harm", "overdose", "knife", "weapon", "stab", "rape", "raped", "sexual", "groomed",
    "touched", "missing", "run away", "home alone", "left alone", "in danger", "not safe", "scared to go home",
    "forced marriage", "fgm", "trafficked", "disclosed", "allegation", "threatened", "bleeding", "unconscious",
    "emergency",
)  # fmt: skip
ADVERSARIAL = {
    "a flat again and again": "Flat 1 ",
    "one letter": "a",
    "brackets": "([",
    "nobody sees it": "\u200b",
    "letters spaced out": "a ",
    "digits spelt out": "one ",
    "mixed scripts": "a\u0430",
    "capitals": "Al ",
    "schools": "at School ",
    "dates": "12/3/",
    "marks on letters": "e\u0301",
}
_START = """
import json, time
def resident():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
import rapidfuzz.process, yaml, knowledge.search.tables  # the service has these without the guard
before, started = resident(), time.perf_counter()
from knowledge import guard
imported = time.perf_counter() - started
guard.scan("hello")
print(json.dumps([imported, time.perf_counter() - started, (resident() - before) / 1024]))
"""


def run() -> None:
    """Print quality by kind and by origin, then times and memory."""
    rounds = {path.stem: load([path]) for path in evaluate.ROUNDS}
    texts = list(_long())
    answers = _presidio([*(one.text for messages in rounds.values() for one in messages), *texts])
    judges: dict[str, Judge] = {"the guard": evaluate.ours, "a list of phrases": phrases}
    if answers:
        judges["Presidio's patterns"] = lambda text: Judged(answers[text][0], bool(answers[text][0]), urgent=False)
    for name, messages in rounds.items():
        columns = {title: evaluate.figures(messages, judge) for title, judge in judges.items()}
        trained = " (trained on by now: docs/guard.md has the first run)" if name in TRAINED_ON else ""
        print(f"== {name}: {len(messages)} messages{trained}\n{evaluate.table(columns)}\n")
    _times({name: _milliseconds(judges[name], texts) for name in ("the guard", "a list of phrases")}, answers, texts)
    imported, ready, megabytes = json.loads(_run([sys.executable, "-c", _START], ""))
    print(f"\nimport {imported:.2f} s, first judgement after {ready:.2f} s, {megabytes:.0f} MB more memory")


def phrases(text: str) -> Judged:
    """Judge a message by a list of phrases alone; it knows no names."""
    said = f" {text.lower()} "
    return Judged((), blocked=False, urgent=any(phrase in said for phrase in PHRASES))


def _presidio(texts: list[str]) -> dict[str, tuple[tuple[tuple[int, int], ...], float]]:
    """Return what Presidio finds in each text and in how many milliseconds; nothing where it is not installed."""
    if not PRESIDIO.exists():
        print("Presidio is not installed: `make bench` puts it into build/compare.\n")
        return {}
    lines = _run([str(PRESIDIO), str(Path(__file__).with_name("presidio.py"))], "\n".join(map(json.dumps, texts)))
    rows = [json.loads(line) for line in lines.splitlines()]
    return {
        text: (tuple((start, end) for start, end in row["spans"]), row["milliseconds"])
        for text, row in zip(texts, rows, strict=True)
    }


def _run(command: list[str], typed: str) -> str:
    return subprocess.run(command, input=typed, capture_output=True, check=True, text=True).stdout  # noqa: S603 - ours


def _times(took: dict[str, list[float]], answers: Mapping[str, tuple[object, float]], texts: list[str]) -> None:
    if answers:
        took["Presidio's patterns"] = [answers[text][1] for text in texts]
    for name, milliseconds in took.items():
        ratio = statistics.median(milliseconds) / statistics.median(took["the guard"])
        cuts = statistics.quantiles(milliseconds, n=20)
        times = f"p50 {cuts[9]:6.2f} ms, p95 {cuts[18]:6.2f} ms, {ratio:5.2f} of the guard's"
        print(f"{name:22} {LENGTH} characters: {times}")
    for name, part in ADVERSARIAL.items():
        text = (part * LONGEST)[:LONGEST]
        print(f"{name:28} {LONGEST} characters: {_milliseconds(evaluate.ours, [text])[0]:7.1f} ms")
    print(f"{'letters without a space':28} 20000 characters: {_milliseconds(evaluate.ours, ['a' * 20_000])[0]:7.1f} ms")


def _long() -> Iterator[str]:
    text = ""
    for message in load(evaluate.ROUNDS):
        text = f"{text} {message.text}"
        if len(text) >= LENGTH:
            yield text[:LENGTH]
            text = ""


def _milliseconds(judge: Callable[[str], Judged], texts: list[str]) -> list[float]:
    """Return how long each text takes, the best of three: other programs run here too."""
    return [min(_once(judge, text) for _ in range(3)) for text in texts]


def _once(judge: Callable[[str], Judged], text: str) -> float:
    started = time.perf_counter()
    judge(text)
    return 1000 * (time.perf_counter() - started)
