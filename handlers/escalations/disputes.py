"""Disputes between statutory partners: seen by them, the scrutineer and the strategy manager, and by nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from db import deliveries, disputes, history, people, records
from db.deliveries import Destination
from db.disputes import PartnerDispute
from db.people import Role
from db.records import Stale
from handlers import access
from handlers.context import Context, Request, UserError
from handlers.escalations import boxes
from handlers.messages import Button, Card, Choice, Errors, Facts, Field, Form, Table, Text, card_to_json
from handlers.prose import escape
from handlers.wording import words

PARTIES: Final = {"council": "The council", "icb": "The integrated care board", "police": "The police"}
TALKS: Final = "local talks"
STAGES: Final = {
    TALKS: "Local talks",
    "facilitated": "Facilitated by the scrutineer",
    "settled": "Settled",
    "unresolved": "Unresolved",
    "national": "National route noted",
}
DELAY: Final = {"no": "No, no review is being delayed", "yes": "Yes, a review is being delayed"}
MAX_LINE, MAX_OUTCOME = 150, 500
SHOWN = 10


def open_new(context: Context, _request: Request) -> Form:
    """Open the form in which a dispute is logged: who, and about what in one line."""
    choices = tuple(Choice(key, said) for key, said in PARTIES.items())
    return Form(
        title="Log a dispute",
        action="dispute.log",
        fields=(
            Field("parties", "Between whom?", "multichoice", choices=choices),
            Field("subject", "About what, in one line", hint="No child, no family.", max_length=MAX_LINE),
            boxes.choice("delayed", "Is a review being delayed?", DELAY),
        ),
        token=context.token,
        submit="Log it",
        intro="The scrutineer and the strategy manager are told of it: the parties and this line alone.",
    )


def log(context: Context, request: Request) -> Card | Errors:
    """Keep a dispute and tell the scrutineer and the strategy manager privately."""
    fields = request.fields
    chosen = [one for one in fields.get("parties", "").split(",") if one in PARTIES]
    subject = " ".join(fields.get("subject", "").split())
    wrong = _delayed(fields)
    if len(set(chosen)) < 2:  # noqa: PLR2004 - nobody disputes with themselves
        wrong["parties"] = "Please choose at least two."
    if not subject or len(subject) > MAX_LINE:
        wrong["subject"] = f"Please say it in one line of at most {MAX_LINE} characters."
    if wrong:
        return Errors(wrong)
    row = disputes.open_one(
        context.session,
        parties=", ".join(PARTIES[one] for one in dict.fromkeys(chosen)),
        subject=subject,
        by=context.actor.person_id or 0,
        at=context.now,
        year=context.today.year,
        stage=TALKS,
    )
    _note(context, row, "logged", "", version=row.version)
    _tell(context, row)
    return card(context, row)


def _tell(context: Context, row: PartnerDispute) -> None:
    places = people.reach(context.session, roles=(Role.SCRUTINEER, Role.STRATEGY_MANAGER), on=context.today)
    told = Card(
        title=f"{row.ref}: partners disagree",
        body=(Text(words("escalations_dispute", row=row)),),
        actions=(Button(f"Open {row.ref}", "dispute.show", row.ref),),
    )
    deliveries.put(
        context.session,
        key=f"dispute:{row.ref}:logged:1",
        kind="notice about a dispute",
        card=card_to_json(told),
        destinations=[Destination(one.platform, one.user_id) for one in places],
        now=context.now,
    )


def show_all(context: Context, _request: Request) -> Card:
    """List the disputes, the newest first."""
    found = disputes.listed(context.session)
    if not found:
        return Card("Disputes between partners", (Text("There is none."),), (_new_button(),))
    rows = tuple((one.ref, one.subject, one.parties, STAGES[one.stage]) for one in found[:SHOWN])
    more = f"and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    opened = [Button(f"Open {one.ref}", "dispute.show", one.ref) for one in found[:5]]
    return Card(
        "Disputes between partners",
        (Table(("Ref", "About", "Between", "Stage"), rows, more),),
        (*opened, _new_button()),
    )


def _new_button() -> Button:
    return Button("Log a dispute", "dispute.open", opens=True)


def show(context: Context, request: Request) -> Card:
    """Show one dispute."""
    return card(context, access.access_dispute(context, request.text or request.value))


def card(context: Context, row: PartnerDispute) -> Card:
    """Return a dispute as the few see it who may."""
    pairs = [
        ("Between", row.parties),
        ("Stage", STAGES[row.stage]),
        ("Opened", f"{context.day(row.opened_at):%-d %B %Y}"),
    ]
    if row.next_on:
        pairs.append(("Next", f"{row.next_on:%-d %B %Y}{' (overdue)' if row.next_on < context.today else ''}"))
    pairs.append(("Is a review being delayed?", "Yes" if row.review_delayed else "No"))
    texts = [Text(escape(text)) for text in (row.subject, row.next_step, row.outcome) if text]
    return Card(
        title=f"{row.ref}: partners disagree",
        body=(Facts(tuple(pairs)), *texts),
        actions=(
            Button("Say how it goes on", "dispute.change", access.about(row), style="primary", opens=True),
            Button("All disputes", "dispute.list"),
        ),
    )


def open_change(context: Context, request: Request) -> Form:
    """Open the form in which its stage, its next step and its outcome are kept."""
    row = access.access_dispute(context, access.opened(request)[0])
    return Form(
        title=row.ref,
        action="dispute.keep",
        fields=(
            boxes.choice("stage", "Stage", STAGES, row.stage),
            Field("next_step", "Next step", "longtext", required=False, max_length=MAX_OUTCOME, value=row.next_step),
            Field("on", "By when?", "date", required=False, value=row.next_on.isoformat() if row.next_on else ""),
            Field("outcome", "Outcome", "longtext", required=False, max_length=MAX_OUTCOME, value=row.outcome),
            boxes.choice("delayed", "Is a review being delayed?", DELAY),
        ),
        token=context.token,
        about=access.about(row),
        submit="Keep it",
    )


def keep(context: Context, request: Request) -> Card | Errors:
    """Keep how a dispute goes on. A review that was agreed must not wait for it."""
    ref, version = access.opened(request)
    row = access.access_dispute(context, ref)
    fields = request.fields
    wrong, on = _wrong(fields)
    if wrong:
        return Errors(wrong)
    try:
        number = records.changed(context.session, row, expected=version)
    except Stale as stale:
        return access.clash(stale, "stage")
    before = row.stage
    row.stage, row.next_on, row.review_delayed = fields["stage"], on, False
    row.next_step, row.outcome = fields.get("next_step", "").strip(), fields.get("outcome", "").strip()
    context.session.flush()
    _note(context, row, "changed", before, version=number)
    return card(context, row)


def _wrong(fields: Mapping[str, str]) -> tuple[dict[str, str], date | None]:
    wrong, on = _delayed(fields), None
    if fields.get("stage", "") not in STAGES:
        wrong["stage"] = "Please choose one."
    for name in ("next_step", "outcome"):
        if len(fields.get(name, "")) > MAX_OUTCOME:
            wrong[name] = f"Please use at most {MAX_OUTCOME} characters."
    if fields.get("stage") == "settled" and not fields.get("outcome", "").strip():
        wrong["outcome"] = "Please say how it was settled."
    if fields.get("on"):
        try:
            on = date.fromisoformat(fields["on"])
        except ValueError:
            wrong["on"] = "Please give a day."
    return wrong, on


def _delayed(fields: Mapping[str, str]) -> dict[str, str]:
    if fields.get("delayed") == "no":
        return {}
    return {
        "delayed": "A dispute must not delay an agreed review (arrangements 2019, section 27). Start it, then say no."
    }


def _note(context: Context, row: PartnerDispute, action: str, before: str, *, version: int) -> None:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Ask the secretariat to enrol you.")
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=context.actor.person_id, action=action,
        before_state=before, after_state=row.stage, version=version,
    )  # fmt: skip
