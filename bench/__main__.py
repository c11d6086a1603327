"""`make bench`: speed, memory and quality, each beside a baseline of the same run and printed as a ratio.

Names choose what is measured, and `--quick` makes what takes minutes smaller: `python -m bench --quick delivery`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from bench import delivery, guard, meetings, records, search, slack, startup, teams

QUICK = "--quick"
BENCHES: dict[str, Callable[[], None]] = {
    "search": search.run,
    "guard": guard.run,
    "slack": slack.run,
    "teams": teams.run,
    "startup": startup.run,
    "meetings": partial(meetings.run, quick=QUICK in sys.argv),
    "delivery": partial(delivery.run, quick=QUICK in sys.argv),
    "records": partial(records.run, quick=QUICK in sys.argv),
}

if __name__ == "__main__":
    for name in [word for word in sys.argv[1:] if word != QUICK] or BENCHES:
        print(f"\n== {name}\n")
        BENCHES[name]()
