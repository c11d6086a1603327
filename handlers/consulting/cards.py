"""Consultations in lists and one by one: what is asked, what the replies come to, and who has not replied."""

from __future__ import annotations

import re
from collections.abc import Iterator

from db import consultations
from db.consultations import Consultation, Consulted
from handlers import access
from handlers.access import access_consultation
from handlers.consulting import records
from handlers.context import Context, Request, number
from handlers.messages import Action, Button, Card, Element, Facts, Link, Note, Table, Text, Tone
from handlers.prose import escape
from knowledge import replies

TAKES = re.compile(r"CON-\d{4}-\d{3,6}", re.IGNORECASE)
REPLIES_A_PAGE = 8  # with comments of a thousand characters, what a card of Slack holds
WITH_WORDS = (replies.COMMENTS, replies.DISAGREE)


def show(context: Context, request: Request) -> Card:
    """Show the consultations that you may read, page by page, open ones first."""
    records.known(context)
    page = number(request.value.rpartition("|")[2])
    found = listed(context, page)
    shown, more = found[: records.PAGE], len(found) > records.PAGE
    rows = tuple((row.ref, row.title, name, _stands(context, row)) for row, name in shown)
    body: Element = Table(("Reference", "About", "Group", "State"), rows) if rows else Text("There is nothing here.")
    buttons = records.list_buttons("asked", "", page, [row.ref for row, _ in shown], more=more)
    if may_ask(context):
        buttons.append(Button("Consult a group", "consulting.new", opens=True))
    return Card("Consultations", (body,), tuple(buttons))


def listed(context: Context, page: int) -> list[tuple[Consultation, str]]:
    """Return one page of consultations and one more."""
    which = access.visible_consultations(context)
    return consultations.listed(context.session, which, skip=page * records.PAGE, limit=records.PAGE + 1)


def may_ask(context: Context) -> bool:
    """Say whether the one who asks may consult some group: the secretariat, and whoever chairs one."""
    return records.keeps(context) or bool(context.session.scalar(access.chaired(context).limit(1)))


def show_one(context: Context, request: Request) -> Card:
    """Show one consultation to those who may read it."""
    return card(context, access_consultation(context, request.value.partition("|")[0] or request.text.strip()))


def card(context: Context, row: Consultation, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of one consultation for somebody who may read it."""
    rows = records.all_asked(context, row)
    found = replies.tally(one.reply for one in rows)
    mine = next((one for one in rows if one.person_id == context.actor.person_id), None)
    body: list[Element] = [
        Text(escape(row.question)),
        Facts(tuple(_facts(context, row, mine))),
        Facts(replies.pairs(found)),
        Text(replies.outcome(found)),
    ]
    if row.outcome:
        body.append(Text(f"**What came of it:** {escape(row.outcome)}"))
    actions: list[Action] = [*reply_buttons(row)] if mine and _may_reply(context, row) else []
    if records.reads_comments(context, row):
        actions.append(Button("Who replied", "consulting.replies", f"{row.ref}|0"))
    actions.append(Link("Read the document", row.link))
    return Card(title or f"{row.ref}: {row.title}", tuple(body), tuple(actions), tone)


def _may_reply(context: Context, row: Consultation) -> bool:
    return row.closed_at is None and records.sits(context, row)


def _facts(context: Context, row: Consultation, mine: Consulted | None) -> Iterator[tuple[str, str]]:
    yield "Group", records.group_name(context, row.group_id)
    yield "State", _stands(context, row)
    yield "Reply by", records.day(row.due_on)
    if mine:
        yield "Your reply", replies.LABELS.get(mine.reply, "You have not replied yet") + _late(context, row, mine)
        if mine.comment:
            yield "Your words", mine.comment


def _stands(context: Context, row: Consultation) -> str:
    if row.closed_at is not None:
        return f"Closed on {context.day(row.closed_at):%-d %b %Y}"
    return (
        f"Open, was due on {row.due_on:%-d %b %Y}"
        if row.due_on < context.today
        else f"Open until {row.due_on:%-d %b %Y}"
    )


def _late(context: Context, row: Consultation, one: Consulted) -> str:
    return ", late" if one.replied_at and context.day(one.replied_at) > row.due_on else ""


def reply_buttons(row: Consultation) -> Iterator[Button]:
    """Give the four buttons with which somebody replies."""
    for reply, label in replies.LABELS.items():
        words = reply in WITH_WORDS
        yield Button(label, "consulting.comment" if words else "consulting.reply", f"{row.ref}|{reply}", opens=words)


def show_replies(context: Context, request: Request) -> Card:
    """Show who replied what with which words, page by page, and what the secretariat can do with a consultation."""
    ref, _, page = request.value.partition("|")
    row = access_consultation(context, ref)
    if not records.reads_comments(context, row):
        raise access.not_found()
    return replies_card(context, row, number(page))


def replies_card(
    context: Context, row: Consultation, page: int = 0, *, title: str = "", tone: Tone = Tone.PLAIN
) -> Card:
    """Return a page of who replied what, for those who may read it."""
    rows = records.all_asked(context, row)
    silent, said = [one for one in rows if not one.reply], [one for one in rows if one.reply]
    shown = said[page * REPLIES_A_PAGE : (page + 1) * REPLIES_A_PAGE]
    body: list[Element] = [Text(replies.outcome(replies.tally(one.reply for one in rows)))]
    if silent:
        names = "\n".join(f"- {escape(name)}" for name in records.seats_of(silent))
        body.append(Text(f"**Has not replied:**\n\n{names}"))
    body += [Text(_said(context, row, one)) for one in shown]
    body.append(Note("Only the secretariat, the scrutineer and the chair of the group see who said what."))
    more = len(said) > (page + 1) * REPLIES_A_PAGE
    return Card(title or f"Replies to {row.ref}", tuple(body), tuple(_keeping(context, row, page, more=more)), tone)


def _said(context: Context, row: Consultation, one: Consulted) -> str:
    seat = escape(records.seat_of(one.seat, one.agency))
    words = f": {escape(one.comment)}" if one.comment else ""
    return f"**{seat}:** {replies.LABELS[one.reply]}{_late(context, row, one)}{words}"


def _keeping(context: Context, row: Consultation, page: int, *, more: bool) -> Iterator[Button]:
    if more:
        yield Button("More", "consulting.replies", f"{row.ref}|{page + 1}")
    if records.keeps(context) and row.closed_at is None:
        yield Button("Ask those who joined", "consulting.join", access.about(row))
        yield Button("Close it", "consulting.close", access.about(row), opens=True)
    if records.keeps(context) and row.raised_meeting_id is None:
        yield Button("Raised at the meeting", "consulting.raise", access.about(row), opens=True)
    yield Button("Open it", "consulting.show", row.ref)
    yield Button("History", "audit.history", row.ref)
