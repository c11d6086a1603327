"""The challenge log: one asks another for assurance, who answers in time; the challenger says whether it will do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from db import challenges, escalations, history, people, records, relations, reminders, risks
from db.challenges import Challenge, Status
from db.people import SECRETARIAT, Identity, Role
from db.records import Stale
from db.relations import Kind
from db.risks import Risk
from handlers import access, challenge_states, dues, owners, telling, titles
from handlers.challenge_states import Part
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Element, Errors, Facts, Field, Form, Text, Tone
from handlers.prose import escape
from handlers.risks import boxes
from handlers.risks import records as register
from knowledge import risks as rules

PREFIX = "CHA"
REF = re.compile(r"CHA-[0-9]{4}-[0-9]{1,6}|", re.IGNORECASE)
MAX_TEXT, MAX_LINE = 800, 200
STATES = {one.value: one.value.replace("-", " ") for one in Status}


def show_typed(context: Context, request: Request) -> Card:
    """Show one challenge by its reference, or how to raise one."""
    if request.text.strip():
        return show(context, access.access_challenge(context, request.text))
    if not context.actor.roles & access.READERS:
        raise access.not_found()
    return Card(
        title="Challenges",
        body=(Text("Ask an agency or a board for assurance. Type **challenge** and a reference to see one."),),
        actions=(
            Button("Challenge somebody", "challenges.ask", style="primary", opens=True),
            Button("Open challenges", "lists.show", "challenges|open|0|"),
        ),
    )


def open_one(context: Context, request: Request) -> Card:
    """Show one challenge, with what can be done next."""
    return show(context, access.access_challenge(context, access.opened(request)[0]))


def open_ask(context: Context, request: Request) -> Form:
    """Open the form for a challenge, of a risk where the button stands under one."""
    if not context.actor.roles & access.READERS:
        raise access.not_found()
    ref = access.opened(request)[0]
    risk = access.access_risk(context, ref) if ref else None
    owner = register.name_of(context, risk.owner_id) if risk and risk.owner_id else ""
    agency = register.agency_of(context, risk.owner_id) if risk else ""
    return Form(
        title="Challenge",
        action="challenges.raise",
        token=context.token,
        about=risk.ref if risk else "",
        intro=f"It becomes part of the log, linked to {risk.ref}." if risk else "It becomes part of the log.",
        fields=(
            Field("challenge", "What do you ask?", "longtext", max_length=MAX_TEXT,
                  hint="Such as: what would show that the mitigation works? Never a child."),
            Field("assurance", "What would assure you?", "longtext", required=False, max_length=MAX_TEXT),
            Field("challenged", "Which agency or board?", max_length=MAX_LINE, value=agency),
            owners.box("name", "Who is to answer?", value=owner),
            Field("theme", "Theme", required=False, max_length=60),
            boxes.choice("forum", "Where did it come up?", "forum", "group"),
        ),
    )  # fmt: skip


def raise_one(context: Context, request: Request) -> Card | Errors:
    """Keep a challenge under a reference and tell whoever is to answer by when."""
    if not context.actor.roles & access.READERS:
        raise access.not_found()
    risk = access.access_risk(context, request.value) if request.value else None
    texts = {name: request.fields.get(name, "").strip() for name in ("challenge", "assurance", "challenged", "theme")}
    most = {"challenge": MAX_TEXT, "assurance": MAX_TEXT, "challenged": MAX_LINE, "theme": 60}
    wrong = {name: f"Please use at most {most[name]} characters." for name in texts if len(texts[name]) > most[name]}
    wrong |= {name: "Please fill this in." for name in ("challenge", "challenged") if not texts[name]}
    if wrong:
        return Errors(wrong)
    owner = owners.read(context, request.fields, "name")
    if not isinstance(owner, int):
        return owner or Errors({"name": "Please name who is to answer."})
    if owner == context.actor.person_id:
        return Errors({"name": "Somebody else has to answer what you ask."})
    forum = boxes.chosen(request.fields, "forum", "forum")
    if not forum:
        return Errors({"forum": "Please choose one of the list."})
    row = _keep(context, texts, owner, forum, risk)
    due = register.day(row.response_due)
    asked = f"{escape(row.challenge)}\n\n" if row.marking == access.OFFICIAL else ""
    title = f"{row.ref}: you are asked for assurance"
    _tell(context, row, _place(context, owner), "raised", title, f"{asked}Please answer by {due}.")
    _tell(context, row, _reach(context, *SECRETARIAT), "log", f"{row.ref} is in the log", f"An answer is due by {due}.")
    return show(context, row, title=f"{row.ref} is in the log", tone=Tone.GOOD)


def _keep(context: Context, texts: dict[str, str], owner: int, forum: str, risk: Risk | None) -> Challenge:
    me, clocks = context.actor.person_id or 0, rules.clocks()
    risk_ref, marking = (risk.ref, risk.marking) if risk else ("", access.OFFICIAL)
    row = challenges.raise_one(
        context.session,
        ref=records.next_ref(context.session, PREFIX, context.today.year),
        raised_at=context.now,
        changed_at=context.now,
        raised_by=me,
        forum=forum,
        challenger_role=register.roles_in_words(context),
        agency=register.agency_of(context, me),
        challenged=texts["challenged"],
        owner_id=owner,
        theme=texts["theme"],
        linked_risk=risk_ref,
        challenge=texts["challenge"],
        assurance_sought=texts["assurance"],
        response_due=rules.answer_by(context.today, clocks),
        marking=marking,
        clocks=clocks,
    )
    if risk_ref:
        relations.link(context.session, risk_ref, Kind.CHALLENGED_BY, row.ref, at=context.now, by=me)
    _note(context, row, "raised", "")
    _remind(context, row)
    return row


def press(context: Context, request: Request) -> Card:
    """Say that a challenge is being worked on."""
    row, found = _step(context, request, "acknowledge")
    try:
        access.changing(context, row, request)
    except Stale as stale:
        raise access.overtaken(stale) from None
    _move(context, row, found)
    _tell(context, row, _place(context, row.raised_by), "acknowledged", f"{row.ref} is being worked on", "")
    return show(context, row)


def open_step(context: Context, request: Request) -> Form:
    """Open the form of one step of a challenge: answer it, accept the answer or not, escalate it, or close it."""
    action = request.value.rpartition("|")[2]
    row, found = _step(context, request, action)
    return Form(
        title=found.label,
        action="challenges.take",
        token=context.token,
        about=f"{access.about(row)}|{action}",
        fields=(Field("words", found.asks, "longtext", hint=found.hint, max_length=found.most),),
    )


def take(context: Context, request: Request) -> Card | Errors:
    """Take one step of a challenge with the words that it needs, and tell the other side."""
    row, found = _step(context, request, request.value.rpartition("|")[2])
    words = request.fields.get("words", "").strip()
    if not words or len(words) > found.most:
        return Errors({"words": f"Please write at most {found.most} characters." if words else "Please fill this in."})
    risk = risks.find(context.session, row.linked_risk) if row.linked_risk else None
    if found.name == "escalate" and (risk is None or risk.lead_group_id is None):
        return Errors({"words": "Only a challenge to a risk with a lead group can be escalated. Raise the risk first."})
    try:
        access.changing(context, row, Request(request.identity, value=access_value(request), fields=request.fields))
    except Stale as stale:
        return access.clash(stale, "words")
    _write(context, row, found.name, words)
    if found.name == "escalate" and risk is not None:
        row.linked_escalation = _escalated(context, row, risk, words)
    _move(context, row, found)
    _remind(context, row)
    to = [*_place(context, row.raised_by), *_place(context, row.owner_id), *_reach(context, Role.SCRUTINEER)]
    by = register.day(row.response_due)
    said = f"The answer does not satisfy. A better one is due by {by}." if found.name == "refuse" else ""
    _tell(context, row, to, found.name, f"{row.ref}: {STATES[row.status]}", said)
    return show(context, row, tone=Tone.GOOD)


def access_value(request: Request) -> str:
    """Return the reference and the version that a form carries, without its step."""
    return request.value.rpartition("|")[0]


def _write(context: Context, row: Challenge, action: str, words: str) -> None:
    match action:
        case "answer":
            row.response, row.responded_by, row.responded_at = words, context.actor.person_id, context.now
        case "refuse":
            row.reason, row.response_due = words, rules.answer_by(context.today, row.clocks)
        case "satisfied":
            row.evidence = words
        case "close":
            row.impact, row.closed_at = words, context.now


def _remind(context: Context, row: Challenge) -> None:
    """Plan the reminders of whoever is to answer, while an answer is waited for."""
    if row.status not in dues.TO_ANSWER or row.owner_id is None:
        reminders.cancel(context.session, row.ref)
        return
    reminders.plan(
        context.session, subject=row.ref, ladder="deadline", person_id=row.owner_id, title=f"The answer to {row.ref}",
        anchor_on=row.response_due, now=context.now,
    )  # fmt: skip


def _escalated(context: Context, row: Challenge, risk: Risk, words: str) -> str:
    """Draft an escalation from a challenge whose answer does not satisfy; the chairs of the lead group send it."""
    me = context.actor.person_id or 0
    consequence = risk.consequence if titles.seen(context, [risk.ref]) else ""  # the challenger reads the draft
    draft = escalations.draft(
        context.session,
        group_id=risk.lead_group_id or 0, raised_by=me, raised_by_role=register.roles_in_words(context),
        year=context.today.year, at=context.now, title=f"{row.ref}: {row.challenged}"[:100], type="system-risk",
        issue=row.challenge[:1000], impact_on_children=consequence[:500], already_tried=row.response[:500],
        ask=words, marking=row.marking, linked_risk_id=row.linked_risk, linked_challenge_id=row.ref,
    )  # fmt: skip
    history.note(
        context.session, draft.ref, at=context.now, actor_person_id=me, action="drafted", after_state=draft.status,
        detail={"from": row.ref}, version=draft.version,
    )  # fmt: skip
    relations.link(context.session, row.ref, Kind.ESCALATED_AS, draft.ref, at=context.now, by=me)
    card = Card(
        title=f"{row.ref} is to go to the Executive",
        body=(Text(f"{draft.ref} is a draft. The chair of the lead group completes it and sends it."),),
        actions=(Button(f"Open {draft.ref}", "escalation.show", draft.ref),),
    )
    key = f"challenge:{row.ref}:drafted:{row.version}"
    telling.tell(context, register.chairs(context, risk), card, key=key, kind="notice about a challenge")
    return draft.ref


def _step(context: Context, request: Request, action: str) -> tuple[Challenge, challenge_states.Step]:
    row = access.access_challenge(context, request.value.partition("|")[0])
    found = challenge_states.STEPS.get(action)
    if found is None or not found.who & _parts(context, row):
        raise access.not_found()
    if row.status not in found.starts:
        raise UserError(f"It is {STATES[row.status]} now.", hint="Open it again to see what you can do.", ref=row.ref)
    return row, found


def _parts(context: Context, row: Challenge) -> frozenset[Part]:
    me, roles = context.actor.person_id, context.actor.roles
    having = {
        Part.CHALLENGER: me is not None and me == row.raised_by,
        Part.OWNER: me is not None and me == row.owner_id,
        Part.SCRUTINEER: Role.SCRUTINEER in roles,
        Part.MANAGER: Role.STRATEGY_MANAGER in roles,
    }
    return frozenset(part for part, so in having.items() if so)


def _move(context: Context, row: Challenge, step: challenge_states.Step) -> None:
    before, row.status, row.changed_at = row.status, step.to, context.now
    _note(context, row, step.done, before)


def _note(context: Context, row: Challenge, action: str, before: str) -> None:
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=context.actor.person_id, action=action,
        before_state=before, after_state=row.status, version=row.version,
    )  # fmt: skip


def show(context: Context, row: Challenge, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of one challenge for somebody who may read it."""
    facts = [
        ("State", STATES[row.status].capitalize()),
        ("Asked by", f"{row.challenger_role or 'member'}, {row.agency or 'no agency'}"),
        ("Asked of", row.challenged),
        ("Answer due", register.day(row.response_due)),
        *([("Risk", row.linked_risk)] if row.linked_risk else []),
        *([("Escalation", row.linked_escalation)] if row.linked_escalation else []),
        *([("Theme", row.theme)] if row.theme else []),
        ("Marking", row.marking),
    ]
    return Card(
        title=title or f"{row.ref}: challenge to {row.challenged}",
        body=(Facts(tuple(facts)), *_words(row)),
        actions=tuple(_buttons(context, row)),
        tone=tone,
    )


def _words(row: Challenge) -> Iterator[Element]:
    for label, text in (
        ("Asked", row.challenge), ("Would assure", row.assurance_sought), ("Answer", row.response),
        ("Why it does not satisfy", row.reason), ("Why it satisfies", row.evidence),
        ("What changed for children", row.impact),
    ):  # fmt: skip
        if text:
            yield Text(f"**{label}:** {escape(text)}")


def _buttons(context: Context, row: Challenge) -> Iterator[Button]:
    mine = _parts(context, row)
    for name, step in challenge_states.STEPS.items():
        if step.who & mine and row.status in step.starts:
            if step.asks:
                yield Button(step.label, "challenges.step", f"{access.about(row)}|{name}", opens=True)
            else:
                yield Button(step.label, "challenges.press", access.about(row))
    yield from titles.opens(titles.seen(context, filter(None, (row.linked_risk, row.linked_escalation))))
    yield Button("Links", "linking.show", row.ref)
    yield Button("History", "audit.history", row.ref)


def _tell(  # noqa: PLR0917 - what happened to whom, and the two parts of the message
    context: Context, row: Challenge, to: Iterable[Identity], event: str, title: str, said: str
) -> None:
    text = [f"**{escape(row.challenged)}**" if row.marking == access.OFFICIAL else "", said]
    card = Card(
        title=title,
        body=(Text("\n\n".join(filter(None, text)) or row.ref),),
        actions=(Button("Open it", "challenges.open", row.ref),),
    )
    key = f"challenge:{row.ref}:{event}:{row.version}"
    others = [one for one in dict.fromkeys(to) if one not in _place(context, context.actor.person_id)]
    telling.tell(context, others, card, key=key, kind="notice about a challenge")


def _place(context: Context, person_id: int | None) -> list[Identity]:
    return register.place_of(context, person_id)


def _reach(context: Context, *roles: Role) -> list[Identity]:
    return people.reach(context.session, roles=roles, on=context.today)
