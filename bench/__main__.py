"""`make bench`: speed, memory and quality, each beside a baseline of the same run and printed as a ratio."""

from __future__ import annotations

import sys

from bench import guard, search, slack, startup

BENCHES = {"search": search.run, "guard": guard.run, "slack": slack.run, "startup": startup.run}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHES:
        print(f"\n== {name}\n")
        BENCHES[name]()
