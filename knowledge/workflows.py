"""Workflows as data: the states of a record, who may take which step when, and whom it tells. No storage, no clock."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from knowledge import yaml_text

CLOCK = "clock"


class WorkflowError(ValueError):
    """A table of states that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class State:
    """One state: its name, how people say it, and whether a record in it is still open."""

    name: str
    words: str
    open: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can be done in a state; `to` is the state it leads to, the same one for what moves nothing."""

    do: str
    state: str
    to: str
    by: frozenset[str]
    needs: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step cannot be taken: it is not one of this state, not this person's, or `missing` is not so yet."""

    reason: str
    missing: tuple[str, ...] = ()
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """The whole table of one kind of record."""

    source: str
    checked_on: date
    states: Mapping[str, State]
    needs: Mapping[str, str]
    steps: Mapping[tuple[str, str], Step]

    def step(self, state: str, do: str) -> Step | None:
        """Return what this leads to from a state; None when it is none of its steps."""
        return self.steps.get((state, do))

    def decide(self, state: str, do: str, parts: Iterable[str], facts: Iterable[str]) -> Step | Refusal:
        """Return the step, for somebody who takes these parts while these facts hold, or why it cannot be taken."""
        step = self.step(state, do)
        if step is None:
            return Refusal(f"It is {self.states[state].words}.")
        if not step.by & frozenset(parts):
            return Refusal(f"That is for the {one_of(sorted(step.by - {CLOCK}) or ['bot itself'])}.", forbidden=True)
        known = frozenset(facts)
        missing = tuple(need for need in step.needs if need not in known)
        if missing:
            return Refusal(f"It can be done once {self.needs[missing[0]]}.", missing)
        return step

    def offered(self, state: str, parts: Iterable[str]) -> list[str]:
        """Return what somebody who takes these parts could do in a state, in the order of the table."""
        mine = frozenset(parts)
        return [do for (from_, do), step in self.steps.items() if from_ == state and step.by & mine]

    def open_states(self) -> tuple[str, ...]:
        """Return the names of the states in which a record is not finished."""
        return tuple(state.name for state in self.states.values() if state.open)


def one_of(words: list[str]) -> str:
    """Return words as a choice: "the chair, the clerk or the partner"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


@functools.cache
def escalations() -> Workflow:
    """Return the workflow of escalations that comes with the program."""
    return parse((resources.files("knowledge") / "data" / "escalation_states.yaml").read_text(encoding="utf-8"))


@functools.cache
def meetings() -> Workflow:
    """Return the workflow of meetings that comes with the program."""
    return parse((resources.files("knowledge") / "data" / "meeting_states.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> Workflow:
    """Read a table of states. Raises WorkflowError with the place of the first mistake."""
    rows = yaml_text.parsed(text)
    if not isinstance(rows, dict) or not {"source", "checked_on", "states", "needs", "steps"} <= rows.keys():
        raise WorkflowError("it should hold source, checked_on, states, needs and steps")
    states = {name: State(name, row["words"], row["open"]) for name, row in rows["states"].items()}
    steps: dict[tuple[str, str], Step] = {}
    for row in [*rows["steps"], *rows.get("beside", ())]:
        for step in _steps(row, states, rows["needs"]):
            if (step.state, step.do) in steps:
                raise WorkflowError(f"{step.state}, {step.do}: it stands there twice")
            steps[step.state, step.do] = step
    proxy = MappingProxyType
    return Workflow(rows["source"], rows["checked_on"], proxy(states), proxy(rows["needs"]), proxy(steps))


def _steps(row: Mapping[str, Any], states: Mapping[str, State], needs: Mapping[str, str]) -> Iterable[Step]:
    place = f"{row.get('do', 'a step')}"
    if unknown := sorted(row.keys() - {"from", "in", "do", "to", "by", "needs", "tells"}):
        raise WorkflowError(f"{place}: there is no {', '.join(unknown)}")
    named = [*row.get("from", ()), *row.get("in", ()), *([row["to"]] if "to" in row else [])]
    if wrong := [name for name in named if name not in states]:
        raise WorkflowError(f"{place}: there is no state {', '.join(wrong)}")
    if wrong := [name for name in row.get("needs", ()) if name not in needs]:
        raise WorkflowError(f"{place}: nothing says what {', '.join(wrong)} means")
    for state in (*row.get("from", ()), *row.get("in", ())):
        to = row.get("to", state)
        by, needed, tells = frozenset(row["by"]), tuple(row.get("needs", ())), tuple(row.get("tells", ()))
        yield Step(row["do"], state, to, by, needed, tells)


def diagram(workflow: Workflow) -> str:
    """Return the states and the steps between them as a Mermaid diagram."""
    key = {name: name.replace("-", "_") for name in workflow.states}
    lines = ["stateDiagram-v2", f"    [*] --> {key[next(iter(workflow.states))]}"]
    lines += [f"    {key[one.name]} : {one.name}" for one in workflow.states.values() if key[one.name] != one.name]
    for step in workflow.steps.values():
        if step.to != step.state:
            lines.append(f"    {key[step.state]} --> {key[step.to]} : {step.do} ({', '.join(sorted(step.by))})")
    lines += [f"    {key[one.name]} --> [*]" for one in workflow.states.values() if not one.open]
    return "\n".join(lines)


def table(workflow: Workflow) -> str:
    """Return every step as a Markdown table."""
    lines = ["| from | step | to | who | needs | tells |", "|---|---|---|---|---|---|"]
    for step in workflow.steps.values():
        needs = "; ".join(step.needs) or "nothing more"
        tells = ", ".join(step.tells) or "nobody"
        lines.append(f"| {step.state} | {step.do} | {step.to} | {', '.join(sorted(step.by))} | {needs} | {tells} |")
    return "\n".join(lines)


BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"


def written(document: str, workflow: Workflow) -> str:
    """Return a document with the diagram and the table of a workflow between the two marks that stand in it."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n```mermaid\n{diagram(workflow)}\n```\n\n{table(workflow)}\n\n{END}{after}"


DOCUMENTS = {"escalations.md": escalations, "meetings.md": meetings}  # which page shows which workflow


def write(paths: Iterable[str]) -> None:
    """Write the diagram and the table anew into each of these pages."""
    for path in map(Path, paths):
        path.write_text(written(path.read_text(encoding="utf-8"), DOCUMENTS[path.name]()), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
