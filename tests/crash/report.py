"""What a run found, in lines that a person can read and another process can pass on."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

ASKED = "put to a person"  # nobody waits for it: what is there once stays there
# Every point at which a delivery can be when the process is killed. 'Posted' is what the chat server says.
PHASES = (
    "pending", "sending, not posted", "sending, posted", "verify, not posted", "verify, posted",
    ASKED, "sent", "dead", "expired", "cancelled",
)  # fmt: skip


@dataclass
class Report:
    """One run: what was done to the bot, and what the bot made of it. `wrong` is empty when all is well."""

    name: str
    deliveries: int = 0
    kills: int = 0
    kills_by_phase: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    faults: dict[str, int] = field(default_factory=dict)
    looks: int = 0
    recovery: float = 0.0
    seconds: float = 0.0
    done: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return it as lines of text."""
        found = [f"{self.name}: {'WRONG' if self.wrong else 'right'}"]
        kills = f", {self.kills} SIGKILLs" if self.kills else ""
        found.append(f"  {self.deliveries} deliveries{kills}, {self.looks} looks at the history, {self.seconds:.0f} s")
        found += [f"  {done}" for done in self.done]
        if self.kills_by_phase:
            phases = ", ".join(f"{phase} {self.kills_by_phase[phase]}" for phase in PHASES)
            found.append(f"  kills with deliveries in each state: {phases}")
        if self.injected:
            injected = ", ".join(f"{fault} {number}" for fault, number in sorted(self.injected.items()))
            found.append(f"  made to go wrong: {injected}")
        if self.recovery:
            found.append(f"  everything settled {self.recovery:.0f} s after the last of it")
        found.append("  " + ", ".join(f"{fault} {number}" for fault, number in self.faults.items()))
        return found + [f"  WRONG: {reason}" for reason in self.wrong]

    def as_json(self) -> str:
        """Return it for another process."""
        return json.dumps(vars(self))

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read back what `as_json` wrote."""
        found: dict[str, Any] = json.loads(text)
        for name in ("kills_by_phase", "injected"):
            found[name] = Counter(found[name])
        return cls(**found)
