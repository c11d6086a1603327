"""`make crash`: the proof that nothing is lost and nothing is sent twice, and a control that shows that it proves it.

Without a name it does every run, a few of them side by side. `--seed` gives other dice.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.processes import end_with_us
from tests.crash.report import Report
from tests.crash.runs import RUNS

AT_ONCE = 3  # runs: most of their time is spent waiting for leases to end
LOOK_SECONDS = 0.2


def _side_by_side(names: list[str], folder: Path, seed: int) -> list[Report]:
    """Run each in a process of its own, a few at once, and print each report as soon as it is there."""
    waiting, running, found = list(names), dict[str, subprocess.Popen[bytes]](), list[Report]()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            name = waiting.pop(0)
            command = [sys.executable, "-m", "tests.crash", "--alone", str(folder / name), "--seed", str(seed), name]
            running[name] = subprocess.Popen(command, preexec_fn=end_with_us)  # noqa: PLW1509 - one thread
        time.sleep(LOOK_SECONDS)
        for name in [name for name, process in running.items() if process.poll() is not None]:
            code = running.pop(name).returncode
            path = folder / name
            report = Report.from_json(path.read_text(encoding="utf-8")) if path.exists() else Report(name)
            if not path.exists():
                report.wrong.append(f"the run itself ended with {code}")
            found.append(report)
            _print(report)
    return found


def _print(report: Report) -> None:
    print("\n".join(report.lines()), end="\n\n", flush=True)  # noqa: T201 - what the command is for


def main() -> int:
    """Do the runs that are named, or all; return 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*RUNS, []], help=f"which runs: {', '.join(RUNS)}")
    parser.add_argument("--seed", type=int, default=0, help="added to the seed of every run")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    names = chosen.names or list(RUNS)
    if chosen.alone:
        report = RUNS[names[0]](chosen.seed)
        chosen.alone.write_text(report.as_json(), encoding="utf-8")
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="thscp-crash-reports-") as folder:
        found = _side_by_side(names, Path(folder), chosen.seed)
    wrong = [report.name for report in found if report.wrong]
    kills, sent = sum(report.kills for report in found), sum(report.deliveries for report in found)
    verdict = f"wrong: {', '.join(wrong)}" if wrong else "nothing lost, nothing twice, and the control shows duplicates"
    print(f"{len(found)} runs, {sent} deliveries, {kills} SIGKILLs, {time.monotonic() - began:.0f} s: {verdict}")  # noqa: T201
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
