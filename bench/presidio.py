"""Presidio's pattern recognisers on texts from standard input, one JSON string a line, in an environment of its own.

Presidio brings spaCy, which wants other versions than ours: `make bench` installs it in `build/compare`.
"""

from __future__ import annotations

import json
import sys
import time

from presidio_analyzer import predefined_recognizers as known

MAKERS = ("Nhs", "UkNino", "UkPostcode", "Phone", "Email", "Date")


def main() -> None:
    """Print for each text where something was found, and the milliseconds that it took."""
    recognisers = [getattr(known, f"{name}Recognizer")() for name in MAKERS]
    for line in sys.stdin:
        text, started = json.loads(line), time.perf_counter()
        found = [one for each in recognisers for one in each.analyze(text, each.supported_entities, None) or []]
        took = 1000 * (time.perf_counter() - started)
        print(json.dumps({"spans": [[one.start, one.end] for one in found], "milliseconds": took}))


if __name__ == "__main__":
    main()
