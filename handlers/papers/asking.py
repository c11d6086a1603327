"""Papers and exports asked for in chat: a link for the one who asks, by a word or by a button."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers import access, files
from handlers.context import Context, Request, UserError
from handlers.files import File
from handlers.messages import Button, Card, Text
from handlers.papers import making
from handlers.papers.making import Order
from handlers.wording import words

WORDS = re.compile(r"(?:(?:escalations|risks)(?: (?:docx|xlsx|csv|json))?)?", re.IGNORECASE)
_NAMES = {
    "docx": "The paper, for Word",
    "xlsx": "Everything, for Excel",
    "csv": "Everything, as CSV",
    "json": "Everything, as JSON",
}
_TITLES = {"escalations": "Escalation tracker", "risks": "Risk register"}


def show(context: Context, request: Request) -> Card:
    """Offer the papers; with a kind its formats, and with a format the link itself."""
    kind, _, form = (request.value or request.text).strip().lower().partition(" ")
    if kind not in making.KINDS:
        return _both()
    if form in making.FORMATS:
        return _linked(context, Order(kind, form))
    return _formats(context, kind)


def give(context: Context, request: Request) -> Card:
    """Give a link to one file without what is OFFICIAL-SENSITIVE: `escalations docx`."""
    return _linked(context, _order(request))


def annex(context: Context, request: Request) -> Card:
    """Give a link to an annex to those who may read it."""
    return _linked(context, replace(_order(request), annex=True))


def _order(request: Request) -> Order:
    kind, _, form = request.value.partition(" ")
    if kind not in making.KINDS or form not in making.FORMATS:
        raise UserError("I do not make such a file.", hint="Type export to see which I make.")
    return Order(kind, form)


def make(context: Context, about: str, person_id: int) -> File:
    """Return the file of such a link."""
    return _made(context, about, person_id, annex=False)


def make_annex(context: Context, about: str, person_id: int) -> File:
    """Return the annex of such a link. Who may have it was looked up by those who give files."""
    return _made(context, about, person_id, annex=True)


def _made(context: Context, about: str, person_id: int, *, annex: bool) -> File:
    kind, _, form = about.partition(" ")
    order = Order(kind, form, annex=annex)
    content = making.made_file(context, order, by=f"person:{person_id}")
    return File(order.file_name, content, making.FORMATS[form])


def _both() -> Card:
    return Card(
        title="Papers and exports",
        body=(Text(words("papers_both")),),
        actions=(
            Button("Escalation tracker", "papers.show", "escalations"),
            Button("Risk register", "papers.show", "risks"),
        ),
    )


def _formats(context: Context, kind: str) -> Card:
    sensitive = making.withheld(context, kind) if access.cleared(context) else 0
    buttons = [Button(label, "papers.give", f"{kind} {form}") for form, label in _NAMES.items()]
    buttons[0] = Button(_NAMES["docx"], "papers.give", f"{kind} docx", style="primary")
    if sensitive:
        buttons.append(Button("The confidential annex", "papers.annex", f"{kind} docx"))
    brings = bool(context.actor.roles & files.UPLOADS[kind].roles)
    if brings:
        buttons.append(Button("Bring a file", "papers.bring", kind))
    return Card(
        title=_TITLES[kind],
        body=(Text(words("papers_formats", kind=kind, sensitive=sensitive, brings=brings)),),
        actions=tuple(buttons),
    )


def _linked(context: Context, order: Order) -> Card:
    purpose = "annex" if order.annex else "paper"
    link = files.link(context, purpose, f"{order.kind} {order.form}")
    more = [Button("The annex for Excel", "papers.annex", f"{order.kind} xlsx")] if order.annex else []
    return Card(
        title=f"{_TITLES[order.kind]}: {order.file_name}",
        body=(Text(words("papers_link", annex=order.annex)),),
        actions=(link, *more, Button("Other formats", "papers.show", order.kind)),
    )


def bring(context: Context, request: Request) -> Card:
    """Give the secretariat a link to the page that takes a tracker or a register."""
    kind = request.value
    if kind not in making.KINDS:
        raise UserError("I do not take such a file.", hint="Type export to see what I take.")
    return Card(
        title=files.UPLOADS[kind].title,
        body=(Text(words("papers_bring", kind=kind)),),
        actions=(files.link(context, kind, label="Open the page"), Button("Back", "papers.show", kind)),
    )
