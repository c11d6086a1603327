"""The runs of the proof: what is done to the bots in each, by name."""

from __future__ import annotations

import functools
import signal
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from db.deliveries import State
from tests.crash import copies
from tests.crash.ledger import Fate, reading
from tests.crash.places import Teams
from tests.crash.processes import START_SECONDS, Bot, wait_until
from tests.crash.report import ASKED, PHASES, Report
from tests.crash.stage import Setup, Stage, stage

SETTLED_SECONDS = 240  # at the most, after the last kill
TURN_SECONDS = 8  # that one kill waits for what it wants to hit
CALM_SECONDS = 25  # that bots are left alone when too many places wait for a doubt: it takes 15 s without a kill
BOT_SECONDS = 120


# --- killing -----------------------------------------------------------------------------------------------


def killing(setup: Setup, *, kills: int) -> Report:
    """Kill bots again and again while they send, at moments chosen so that every state of a delivery is hit."""
    with stage(setup) as on:
        kill_all_the_way(on, kills=kills)
        on.settle(seconds=SETTLED_SECONDS)
        return on.finished(needed=PHASES)


def control(setup: Setup, *, kills: int) -> Report:
    """Do the same to bots whose looking finds nothing: when that gives no duplicates, the proof proves nothing."""
    with stage(setup) as on:
        kill_all_the_way(on, kills=kills)
        on.settle(seconds=SETTLED_SECONDS)
        report = on.finished()
        report.done.append("the history says that nothing was posted, as if nobody looked")
        report.wrong = [] if report.faults["duplicated"] else ["no duplicates without looking: it proves nothing"]
        return report


def kill_all_the_way(on: Stage, *, kills: int) -> None:
    """Queue, start and kill, until all is queued and the kills are done; the bots run when this returns."""
    deliveries = on.setup.deliveries
    beside = on.setup.postgresql  # what is queued while the bots run; SQLite has one writer
    on.ledger.queue(deliveries // 4)
    for fate in (Fate.REFUSED, Fate.TOO_LATE, Fate.PERHAPS, Fate.UNSEEN):
        on.ledger.queue(3, fate=fate)
    on.ledger.call_off()
    on.start()
    rest = deliveries - len(on.ledger.entries)
    while on.report.kills < kills:
        if on.counts().get(State.VERIFY, 0) > on.ledger.places.number / 3:
            on.wait()
            on.settle(State.VERIFY, seconds=CALM_SECONDS)
        chosen = _chosen(on)
        share = min(rest, -(-rest // max(1, kills - on.report.kills)) * len(chosen))
        if beside:
            on.ledger.queue(share)
            on.ledger.call_off()
        _wait_for_the_rarest(on)
        on.kill(*chosen)
        if not beside:
            on.ledger.queue(share)
            on.ledger.call_off()
        rest -= share
        for bot in chosen:
            bot.start()
    if beside:
        on.ledger.queue(rest)
    on.wait()


def _chosen(on: Stage) -> list[Bot]:
    """Return whom to kill next, of those that are up: mostly one, sometimes several at once, now and then all."""
    up = wait_until(lambda: [bot for bot in on.bots if bot.port], seconds=START_SECONDS)
    most = on.random.choices((1, 2, len(on.bots)), (0.8, 0.15, 0.05))[0]
    return on.random.sample(up, min(most, len(up)))


def _wait_for_the_rarest(on: Stage) -> None:
    """Wait until a delivery is where the fewest kills were so far, and then a moment of random length."""
    wanted = min(_DEMANDS, key=lambda phase: (on.report.kills_by_phase[phase], on.random.random()))
    with reading(on.url) as connection:
        wait_until(lambda: _DEMANDS[wanted](on, connection), seconds=TURN_SECONDS)
    time.sleep(on.random.choice((0.0, 0.0, 0.01, 0.1, 1.0)) * on.random.random())


def _in(phase: str) -> Callable[[Stage, object], bool]:
    def looked(on: Stage, connection: object) -> bool:
        if phase.endswith("posted"):
            return on.ledger.phases(connection, on.ledger.accepted(on.chat.journal()))[phase] > 0
        return on.ledger.counts(connection).get(phase, 0) > 0

    return looked


_DEMANDS: Mapping[str, Callable[[Stage, object], bool]] = {phase: _in(phase) for phase in PHASES if phase != ASKED}


# --- pausing -----------------------------------------------------------------------------------------------


def pausing(setup: Setup, *, pauses: int, longest: float) -> Report:
    """Stop bots with SIGSTOP for 4 to 8 seconds, and once for longer than a lease, and let them go on."""
    with stage(setup) as on:
        on.ledger.queue(setup.deliveries // 2 if setup.postgresql else setup.deliveries)
        on.start()
        for number in range(pauses + 1):
            if setup.postgresql:
                on.ledger.queue(setup.deliveries // 2 // (pauses + 1))
            wait_until(lambda: on.chat.now().get("posting", 0), seconds=TURN_SECONDS)
            seconds = on.random.uniform(4, 8) if number < pauses else longest
            bot = on.random.choice(on.bots)
            bot.signal(signal.SIGSTOP)
            time.sleep(seconds)
            bot.signal(signal.SIGCONT)
            on.troubled()
        on.settle(seconds=SETTLED_SECONDS)
        on.report.done.append(f"{pauses} SIGSTOPs of 4 to 8 s, and one of {longest:.0f} s")
        return on.finished()


# --- the clock ---------------------------------------------------------------------------------------------

HOUR = 3600


def stepping(setup: Setup, *, rests: float) -> Report:
    """Step the machine's clock an hour either way while bots run, and start bots while it is wrong."""
    with stage(setup) as on:
        on.set_host_clock(0)
        steps = (0, HOUR, 0, -HOUR, 0, HOUR, -HOUR, 0)
        on.ledger.spread = rests * len(steps)
        on.ledger.queue(setup.deliveries)
        soon = functools.partial(on.random.uniform, 20, 59)  # within the hour by which the clock is wrong
        on.ledger.queue(setup.deliveries // 4, fate=Fate.LATER, due=lambda: timedelta(minutes=soon()))
        on.start()
        for number, step in enumerate(steps):
            on.set_host_clock(step)
            if number % 2:  # a bot that is started with a clock that is wrong
                bot = on.random.choice(on.bots)
                on.kill(bot)
                on.start([bot])
            time.sleep(rests)
        on.troubled()
        on.settle(seconds=SETTLED_SECONDS)
        on.report.done.append(f"the machine's clock went {', '.join(f'{step // HOUR:+d} h' for step in steps)}")
        late = on.ledger.latest(on.chat.journal())
        on.report.done.append(f"the last was posted {late:.0f} s after it was due")
        return on.finished()


# --- a restored backup -------------------------------------------------------------------------------------


def restoring(setup: Setup, *, old: int) -> Report:
    """Put back a copy of the database that is `old` deliveries behind, while nothing runs, and start again."""
    with stage(setup) as on:
        # What has no history to look at is left out: nobody could find out that it was sent after the copy.
        on.ledger.shares = {**on.ledger.shares, Fate.UNSEEN: 0.0, Fate.PERHAPS: 0.0}
        on.ledger.queue(setup.deliveries)
        on.start()
        _posted(on, setup.deliveries // 4)
        copies.made(on)
        at_copy = len(on.chat.journal()["accepted"])
        _posted(on, at_copy + old)
        on.kill(*on.bots)
        behind = len(on.chat.journal()["accepted"]) - at_copy
        copies.put_back(on)
        on.start()
        on.troubled()
        on.settle(seconds=SETTLED_SECONDS)
        on.report.done.append(f"the copy that was put back is {behind} deliveries old")
        return on.finished()


def _posted(on: Stage, number: int) -> None:
    """Wait until so many were accepted. Raises TimeoutError."""
    if not wait_until(lambda: len(on.chat.journal()["accepted"]) >= number, seconds=BOT_SECONDS, every=0.01):
        raise TimeoutError(f"{number} deliveries were not sent in {BOT_SECONDS} s")


# --- a rolling restart -------------------------------------------------------------------------------------


def rolling(setup: Setup, *, rounds: int) -> Report:
    """Replace the bots one after the other with SIGTERM while they send. Nothing may even be in doubt."""
    with stage(setup) as on:
        on.ledger.queue(setup.deliveries // 4)
        on.start()
        turns = [bot for _ in range(rounds) for bot in on.bots]
        for bot in turns:
            on.ledger.queue(-(-setup.deliveries * 3 // 4 // len(turns)))
            wait_until(lambda: on.chat.now().get("posting", 0), seconds=TURN_SECONDS)
            time.sleep(on.random.uniform(0, 0.5))
            bot.ask_to_stop()
            ended = bot.ended()
            if ended:
                on.report.wrong.append(f"{bot.name} ended with {ended}")
            _count_doubts(on, bot)
            on.start([bot])
        on.troubled()
        on.settle(seconds=SETTLED_SECONDS)
        on.report.done.append(f"{len(turns)} SIGTERMs, one bot after the other")
        return on.finished()


def _count_doubts(on: Stage, bot: Bot) -> None:
    found = on.counts().get("verify", 0)
    if found:
        on.report.wrong.append(f"{found} in doubt after {bot.name} had stopped in good order")


# --- by name -----------------------------------------------------------------------------------------------

ONLY_SLOW = ("--only", "SLOW")
FORGETS = ("--forgets",)
SOME = 0.3  # of the faults, where they are not what is looked at


def _killed(name: str, *, seed: int, **more: Any) -> Report:
    return killing(Setup(name, 2000, seed=seed, **more), kills=44)


def _paused(name: str, *, seed: int, **more: Any) -> Report:
    return pausing(Setup(name, 800, seed=seed, **more), pauses=5, longest=40)


def _stepped(name: str, *, seed: int, **more: Any) -> Report:
    return stepping(Setup(name, 600, seed=seed, rate=SOME, steps_clock=True, **more), rests=8)


def _restored(name: str, *, seed: int, **more: Any) -> Report:
    return restoring(Setup(name, 1000, seed=seed, rate=SOME, **more), old=200)


def _rolled(name: str, *, seed: int, **more: Any) -> Report:
    return rolling(Setup(name, 1500, seed=seed, chat=ONLY_SLOW, **more), rounds=4)


def _controlled(name: str, *, seed: int, **more: Any) -> Report:
    return control(Setup(name, 1000, seed=seed, chat=FORGETS, teams=Teams.SEEN, **more), kills=15)


_SHARED: dict[str, Any] = {"postgresql": True, "processes": 3}
# The order is that in which they are begun, a few at once: long ones first.
RUNS: dict[str, Callable[[int], Report]] = {
    "sqlite": lambda seed: _killed("sqlite", seed=seed + 11, teams=Teams.BLIND),
    "postgresql-3": lambda seed: _killed("postgresql-3", seed=seed + 12, teams=Teams.SEEN, **_SHARED),
    "postgresql-10": lambda seed: _killed(
        "postgresql-10", seed=seed + 13, teams=Teams.BLIND, postgresql=True, processes=10
    ),
    "pause-sqlite": lambda seed: _paused("pause-sqlite", seed=seed + 21),
    "pause-postgresql": lambda seed: _paused("pause-postgresql", seed=seed + 22, **_SHARED),
    "clock-sqlite": lambda seed: _stepped("clock-sqlite", seed=seed + 31),
    "clock-postgresql": lambda seed: _stepped("clock-postgresql", seed=seed + 32, **_SHARED),
    "restore-sqlite": lambda seed: _restored("restore-sqlite", seed=seed + 41),
    "restore-postgresql": lambda seed: _restored("restore-postgresql", seed=seed + 42, **_SHARED),
    "rolling": lambda seed: _rolled("rolling", seed=seed + 51, **_SHARED),
    "control": lambda seed: _controlled("control", seed=seed + 12, **_SHARED),
}
