"""The guard beside Presidio's patterns and a list of phrases, on the same messages: python -m bench guard."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.guard import evaluate
from tests.guard.evaluate import Judge, Judged
from tests.guard.texts import load

LENGTH, LONGEST = 500, 4_000
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
import json, resource, time
before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
from knowledge import guard
imported = time.perf_counter() - started
guard.scan("hello")
held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([imported, time.perf_counter() - started, held / 1024]))
"""


def run() -> None:
    """Print quality by kind and by origin, then times and memory."""
    judges: dict[str, Judge] = {"the guard": evaluate.ours, "a list of phrases": phrases}
    if presidio := _presidio():
        judges["Presidio's patterns"] = presidio
    else:
        print("Presidio is not installed here: pip install '.[compare]' puts it beside the others.\n")
    for path in evaluate.ROUNDS:
        messages = load([path])
        columns = {name: evaluate.figures(messages, judge) for name, judge in judges.items()}
        print(f"== {path.stem}: {len(messages)} messages\n{evaluate.table(columns)}\n")
    _times(judges)
    imported, ready, megabytes = json.loads(
        subprocess.run([sys.executable, "-c", _START], capture_output=True, check=True, text=True).stdout  # noqa: S603 - it runs itself
    )
    print(f"\nimport {imported:.2f} s, first judgement after {ready:.2f} s, {megabytes:.0f} MB more memory")


def phrases(text: str) -> Judged:
    """Judge a message by a list of phrases alone; it knows no names."""
    said = f" {text.lower()} "
    return Judged((), blocked=False, urgent=any(phrase in said for phrase in PHRASES))


def _presidio() -> Judge | None:
    try:
        from presidio_analyzer import predefined_recognizers as known
    except ImportError:
        return None
    makers = (
        known.NhsRecognizer,
        known.UkNinoRecognizer,
        known.UkPostcodeRecognizer,
        known.PhoneRecognizer,
        known.EmailRecognizer,
        known.DateRecognizer,
    )
    recognisers = [maker() for maker in makers]

    def judge(text: str) -> Judged:
        found = [one for each in recognisers for one in each.analyze(text, each.supported_entities, None) or []]
        return Judged(tuple((one.start, one.end) for one in found), blocked=bool(found), urgent=False)

    return judge


def _times(judges: dict[str, Judge]) -> None:
    texts = list(_long())
    middle = {name: _milliseconds(judge, texts) for name, judge in judges.items()}
    for name, took in middle.items():
        ratio = statistics.median(took) / statistics.median(middle["the guard"])
        cuts = statistics.quantiles(took, n=20)
        print(
            f"{name:22} {LENGTH} characters: p50 {cuts[9]:6.2f} ms, p95 {cuts[18]:6.2f} ms, {ratio:5.2f} of the guard's"
        )
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
