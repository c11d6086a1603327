"""The cards of what is somebody's own, and the form that opens one of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from handlers import passing
from handlers.context import Context, Request, UserError, number
from handlers.messages import (
    Button,
    Card,
    Choice,
    Element,
    Errors,
    Facts,
    Field,
    Form,
    Heading,
    Note,
    Reply,
    Table,
    Text,
)
from handlers.my import items
from handlers.my.items import Item
from handlers.standing import shortened, when

TAKES = re.compile(r"(?:escalations|risks|challenges|actions|reminders)?", re.IGNORECASE)
FEW, PAGE, DIRECT = 6, 10, 2
_OPENS = {
    "action": "actions.open",
    "escalation": "escalation.show",
    "risk": "risks.open",
    "challenge": "challenges.open",
    "approve": "bulletins.open",
    "agree": "bulletins.look",
    "read": "bulletins.whole",
    "reminder": "reminders.one",
}
_LISTS = {
    "escalations": ("lists.show", "escalations|mine|0|"),
    "risks": ("lists.show", "risks|mine|0|"),
    "challenges": ("lists.show", "challenges|mine|0|"),
    "actions": ("actions.list", "mine|0"),
    "reminders": ("reminders.show", "0"),
}
_PARTS = {"owed": "What you owe", "raised": "What you raised"}


def show(context: Context, request: Request) -> Reply:
    """Show what you owe and what you raised, across everything; or all of one of the two, page by page."""
    words = request.text.strip().lower()
    if words in _LISTS and not request.value:
        return passing.to(context, request, *_LISTS[words])
    part, _, page = request.value.partition("|")
    if part in _PARTS:
        return _one(context, part, number(page))
    return _both(context)


def _both(context: Context) -> Card:
    me = _me(context)
    owed, raised = items.owed(context, me), items.raised(context, me)
    late = sum(one.due is not None and one.due < context.today for one in owed)
    counts = (
        (_PARTS["owed"], f"{_many(owed)}{f', {late} overdue' if late else ''}"),
        (_PARTS["raised"], _many([one for one in raised if not one.over]) + (" still open" if raised else "")),
    )
    body: list[Element] = [Facts(counts)]
    for part, found in (("owed", owed), ("raised", raised)):
        if found:
            body += [Heading(_PARTS[part]), _table(context, found[:FEW])]
    shown = [*owed[:FEW], *raised[:FEW]]
    return Card(
        title="Yours",
        body=tuple(body),
        actions=passing.able(context, _buttons(shown, owed=len(owed) > FEW, raised=len(raised) > FEW)),
        fallback=f"You owe {_many(owed)}; you raised {_many(raised)}.",
    )


def _many(found: Sequence[Item]) -> str:
    if not found:
        return "nothing"
    counts = Counter(_NAMES[one.kind] for one in found)
    more = items.MOST  # beyond which nobody counted
    said = [
        f"{f'{more} or more' if count >= more else count} {name}{'s' if count > 1 else ''}"
        for name, count in counts.items()
    ]
    return ", ".join(said)


_NAMES = {
    "action": "action",
    "escalation": "escalation",
    "risk": "risk",
    "challenge": "challenge",
    "approve": "bulletin",
    "agree": "bulletin",
    "read": "bulletin",
    "reminder": "reminder",
}


def _table(context: Context, found: Sequence[Item]) -> Table:
    rows = tuple((one.ref, shortened(one.what), one.state, when(context, one.due)) for one in found)
    return Table(("Reference", "What", "Where it stands", "Due"), rows)


def _buttons(shown: Sequence[Item], *, owed: bool, raised: bool) -> Iterator[Button]:
    if len(shown) > DIRECT:
        yield Button("Open one", "my.choose", "", style="primary", opens=True)
    else:
        yield from (Button(f"Open {one.ref}", _OPENS[one.kind], one.value) for one in _distinct(shown))
    if owed:
        yield Button("All that you owe", "my.show", "owed|0")
    if raised:
        yield Button("All that you raised", "my.show", "raised|0")
    yield Button("My actions", *_LISTS["actions"])
    yield Button("My reminders", *_LISTS["reminders"])
    yield Button("Escalate something", "escalation.fork")
    yield Button("Raise a risk", "risks.new", opens=True)


def _distinct(found: Sequence[Item]) -> list[Item]:
    return list({one.key: one for one in found}.values())


def _one(context: Context, part: str, page: int) -> Card:
    found = _part(context, part)
    page = min(page, max(len(found) - 1, 0) // PAGE)
    shown = found[page * PAGE : (page + 1) * PAGE]
    body: list[Element] = [_table(context, shown) if shown else Text("There is nothing here.")]
    if len(found) > PAGE:
        body.append(Note(f"{page * PAGE + 1} to {page * PAGE + len(shown)} of {len(found)}."))
    buttons = [Button("Open one", "my.choose", f"{part}|{page}", style="primary", opens=True)] if shown else []
    if (page + 1) * PAGE < len(found):
        buttons.append(Button("More", "my.show", f"{part}|{page + 1}"))
    buttons.append(Button("Everything of yours", "my.show", ""))
    return Card(_PARTS[part], tuple(body), tuple(buttons))


def _part(context: Context, part: str) -> list[Item]:
    me = _me(context)
    return items.owed(context, me) if part == "owed" else items.raised(context, me)


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one of the things on a card is chosen, to be opened."""
    part, _, page = request.value.partition("|")
    if part in _PARTS:
        start = number(page) * PAGE
        found = _part(context, part)[start : start + PAGE]
    else:
        found = [*_part(context, "owed")[:FEW], *_part(context, "raised")[:FEW]]
    if not found:
        raise UserError("There is nothing to open.", hint="Type my to see what is yours.")
    choices = tuple(Choice(one.key, shortened(f"{one.ref}: {one.what}", 75)) for one in _distinct(found))
    box = Field("which", "Which one?", "choice", choices=choices, value=choices[0].value)
    return Form("Open one", "my.chosen", (box,), context.token, submit="Open")


def chosen(context: Context, request: Request) -> Reply:
    """Show the chosen one."""
    kind, _, value = request.fields.get("which", "").partition(" ")
    if kind not in _OPENS or not value:
        return Errors({"which": "Please choose from the list."})
    return passing.to(context, request, _OPENS[kind], value)


def _me(context: Context) -> int:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    return context.actor.person_id
