"""Which agencies have read a bulletin and briefed their teams, and which are asked again: for the secretariat alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from db import bulletin_issues, deliveries, people, subscriptions
from db.bulletin_issues import Recipient
from db.bulletins import Bulletin, BulletinIssue
from db.people import SECRETARIAT
from handlers.bulletins import records
from handlers.bulletins.board import open_button
from handlers.bulletins.draft import READ
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Note, Table, Text, Tone, card_to_json
from handlers.prose import escape
from handlers.wording import words
from knowledge import calendar

KIND = "reminder"  # of subscription: who wants none gets none
NO_AGENCY = "No agency"
LAST_REMINDER = 5  # working days after it was sent, as the ladder `reading` has it
TOLD_WITHIN = timedelta(days=7)
_AT_ONCE, _NAMES = 20, 60


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency: how many of its people say that they have read it, and who got it and has not said so."""

    name: str
    read: int
    open: tuple[Recipient, ...]

    @property
    def state(self) -> str:
        """Say how far it is."""
        if not self.open:
            return "All have"
        return "Some have" if self.read else "None has"


def agencies(context: Context, bulletin: Bulletin) -> list[Agency]:
    """Return how far each agency is, those first where nobody has said anything."""
    read = bulletin_issues.readers_of(context.session, bulletin.id)
    known = {one.person_id for one in read}
    got = [one for one in _got(context, bulletin) if one.person_id and one.person_id not in known]
    names = {one.agency for one in read} | {one.agency for one in got}
    found = [
        Agency(name or NO_AGENCY, sum(one.agency == name for one in read),
               tuple(one for one in got if one.agency == name))
        for name in sorted(names)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.open, one.read > 0))


def show(context: Context, request: Request) -> Card:
    """Show which agencies have read a bulletin and briefed their teams, which have not, and which are not known."""
    bulletin, issue = _access(context, request.value)
    page = number(request.value.partition(":")[2])
    found = agencies(context, bulletin)
    shown = found[page * _AT_ONCE : (page + 1) * _AT_ONCE]
    rows = tuple((one.name, one.state, str(one.read), str(len(one.open))) for one in shown)
    more = [Button("More agencies", "bulletins.chase", f"{bulletin.id}:{page + 1}")]
    waiting = any(one.open for one in found)
    return Card(
        title=f"{bulletin.ref}: who has briefed their team",
        body=(
            Table(("Agency", "Who said so", "Have", "Have not"), rows) if rows else Text("Nobody got it in person."),
            *_names(shown),
            *_not_known(context, bulletin, issue),
            Note("Nobody but the secretariat sees this. What people opened is not recorded, only what they pressed."),
        ),
        actions=(
            *([Button("Remind all who have not", "bulletins.remind", f"{bulletin.id}:{issue.version}")] * waiting),
            *([Button("Choose agencies", "bulletins.remind-some", str(bulletin.id), opens=True)] * waiting),
            *(more if len(found) > (page + 1) * _AT_ONCE else []),
            Button("Who got it", "bulletins.report", str(bulletin.id)),
            open_button(bulletin),
        ),
    )


def _names(shown: Iterable[Agency]) -> list[Element]:
    """Name those who have not, by agency."""
    lines = []
    for one in shown:
        if one.open:
            names = ", ".join(escape(person.name) for person in one.open[:_NAMES])
            more = f" and {len(one.open) - _NAMES} more" if len(one.open) > _NAMES else ""
            lines.append(f"- **{escape(one.name)}**: {names}{more}")
    return [Text("**Who has not**\n\n" + "\n".join(lines))] if lines else []


def _not_known(context: Context, bulletin: Bulletin, issue: BulletinIssue) -> list[Element]:
    """Name the channels: who reads there is not known, but where somebody presses the button."""
    found = bulletin_issues.outcomes(context.session, issue, bulletin)
    lines = [f"- {escape(one.name)}{f', {escape(one.agency)}' * bool(one.agency)}" for one in found if _is_channel(one)]
    said = "**Not known**, because it was only posted in a channel. People there count when they press the button.\n\n"
    return [Text(said + "\n".join(lines))] if lines else []


def _is_channel(one: bulletin_issues.Outcome) -> bool:
    return one.person_id is None


def remind(context: Context, request: Request) -> Card:
    """Remind everybody who got a bulletin and has not said that they have read it; once a day at most."""
    bulletin, issue = _access(context, request.value)
    return _reminded(context, bulletin, issue, [one for one in agencies(context, bulletin) if one.open])


def open_some(context: Context, request: Request) -> Form:
    """Open the form in which agencies are chosen whose people are reminded."""
    bulletin, _ = _access(context, request.value)
    choices = _choices(context, bulletin)
    if not choices:
        raise UserError("Nobody is left to be reminded.", hint="Everybody who got it has said that they have read it.")
    return Form(
        title="Remind agencies",
        action="bulletins.remind-agencies",
        token=context.token,
        about=str(bulletin.id),
        intro="Their people who have not said that they have read it get one message, today.",
        fields=(
            Field("agencies", "Which?", "multichoice", choices=tuple(Choice(*row) for row in choices.items())),
        ),
        submit="Remind them",
    )  # fmt: skip


def remind_some(context: Context, request: Request) -> Card | Errors:
    """Remind the people of the chosen agencies."""
    bulletin, issue = _access(context, request.value)
    choices = _choices(context, bulletin)
    chosen = {choices[key] for key in request.fields.get("agencies", "").split(",") if key in choices}
    if not chosen:
        return Errors({"agencies": "Please choose at least one agency."})
    found = [one for one in agencies(context, bulletin) if one.name in chosen]
    return _reminded(context, bulletin, issue, found)


def _choices(context: Context, bulletin: Bulletin) -> dict[str, str]:
    """Return the agencies that have not, under what a form sends: several travel with commas between them."""
    names = sorted(one.name for one in agencies(context, bulletin) if one.open)
    ids = bulletin_issues.agency_ids(context.session, names)
    return {str(ids.get(name, 0)): name for name in names}


def _reminded(context: Context, bulletin: Bulletin, issue: BulletinIssue, found: list[Agency]) -> Card:
    unwilling = subscriptions.declined(context.session, KIND)
    told = 0
    for agency in found:
        to = [one.destination for one in agency.open if one.destination and one.person_id not in unwilling]
        key = f"bulletin:{bulletin.ref}:v{issue.version}:chase:{agency.name}:{context.today}"
        if to and _queued(context, bulletin, issue, key, [replace(one, thread="") for one in to]):
            told += len(to)
    records.note(context, bulletin, "chased")
    meant = sum(len(one.open) for one in found)
    said = words("bulletins_chased", told=told, people=meant)
    back = Button("Who has briefed their team", "bulletins.chase", str(bulletin.id))
    return Card(f"{bulletin.ref}: reminded", (Text(said),), (back,), Tone.GOOD if told else Tone.PLAIN)


def _queued(
    context: Context, bulletin: Bulletin, issue: BulletinIssue, key: str, to: list[deliveries.Destination]
) -> bool:
    said = words("bulletins_please_read", title=issue.title, day=context.day(issue.sent_at or issue.due_at))
    card = Card(
        title=f"Please read: {issue.title}",
        body=(Text(said),),
        actions=(
            Button("Read it", "bulletins.whole", str(bulletin.id)),
            Button("I have read this and briefed my team", READ, str(bulletin.id)),
        ),
    )
    return deliveries.put(
        context.session, key=key, kind="reminder", card=card_to_json(card), destinations=to, now=context.now
    )


# --- when the reminders are over --------------------------------------------------------------------------------


def tell_secretariat(context: Context) -> None:
    """Tell the secretariat once which agencies have not, on the day after the last reminder. Call it at any time."""
    for bulletin, issue in bulletin_issues.to_be_read(context.session):
        key = f"bulletin:{bulletin.ref}:v{issue.version}:not-briefed"
        if not _is_over(context, bulletin, issue) or deliveries.report(context.session, key):
            continue
        lines = [
            f"- {escape(one.name)}: {f'{len(one.open)} have not' if one.read else 'nobody has'}"
            for one in agencies(context, bulletin)
            if one.open
        ]
        if lines:
            notice = Card(
                title=f"{bulletin.ref} has not been passed on everywhere",
                body=(Text(words("bulletins_not_briefed", title=issue.title)), Text("\n".join(lines))),
                actions=(Button("Who has briefed their team", "bulletins.chase", str(bulletin.id)),),
            )
            secretariat = people.reach(context.session, roles=SECRETARIAT, on=context.today)
            records.tell(context, secretariat, notice, key=key)


def _is_over(context: Context, bulletin: Bulletin, issue: BulletinIssue) -> bool:
    """Say whether the last reminder was before today, and not so long ago that nobody asks any more."""
    sent = context.day(issue.sent_at or issue.due_at)
    try:
        last = bulletin.read_by or calendar.working_days_after(sent, LAST_REMINDER)
    except calendar.CalendarError:
        return False
    return last < context.today <= last + TOLD_WITHIN


def _got(context: Context, bulletin: Bulletin) -> list[Recipient]:
    return bulletin_issues.got(context.session, bulletin.id, on=context.today)


def _access(context: Context, value: str) -> tuple[Bulletin, BulletinIssue]:
    bulletin = records.access_written(context, value)
    issue = bulletin_issues.latest_sent(context.session, bulletin.id)
    if issue is None or not issue.content["needs_reading"]:
        raise UserError(
            f"Nobody was asked to read {bulletin.ref}.", hint="Title and readers has that question, before it is sent."
        )
    return bulletin, issue
