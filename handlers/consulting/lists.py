"""Choosing one of the decisions or consultations that a page lists, to be opened."""

from __future__ import annotations

from handlers import access
from handlers.access import access_consultation, access_decision
from handlers.consulting import cards, decisions, records
from handlers.context import Context, Request, UserError, number
from handlers.messages import Card, Choice, Field, Form

_SHORT = 75


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one of a page is chosen."""
    name, _, rest = request.value.partition("|")
    which, _, page = rest.partition("|")
    if name == "decisions":
        found = [(row.ref, row.text) for row, _ in decisions.listed(context, which, number(page))]
    else:
        found = [(row.ref, row.title) for row, _ in cards.listed(context, number(page))]
    choices = tuple(Choice(ref, f"{ref}: {words}"[:_SHORT]) for ref, words in found[: records.PAGE])
    if not choices:
        raise UserError("There is nothing to open.", hint="Type decisions or consultations.")
    fields = (Field("ref", "Which?", "choice", choices=choices),)
    return Form("Open one", "consulting.chosen", fields, context.token)


def chosen(context: Context, request: Request) -> Card:
    """Show the chosen one."""
    ref = access.plain(request.fields.get("ref", ""))
    if ref.startswith("DEC-"):
        return decisions.card(context, access_decision(context, ref))
    return cards.card(context, access_consultation(context, ref))
