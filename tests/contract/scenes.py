"""What others have to do before some cards are shown to anybody: scenes that are played after every button was pressed.

Each is played by the bot's own handlers, so that what is read is what somebody is really sent or shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import func, select, update

from db import deliveries
from db import engine as database
from db.deliveries import Delivery, Occurrence, State
from db.people import Identity, Role
from handlers import mailing, reminders, undelivered, uploads
from handlers.context import Request
from handlers.messages import Card, Link
from tests import bulletins, papers, promises, reminding, risking
from tests.contract import (
    scenes_agendas,
    scenes_booking,
    scenes_calendars,
    scenes_consulting,
    scenes_learning,
    scenes_meetings,
    scenes_training,
    scenes_year_plan,
)
from tests.fakes import Bot, labels, said

YOUNG = "Young Scrutineers"
ELSEWHERE = Identity("teams", "29-somebody-elsewhere")
LIST = "name,agency\nPat Listed,Example Council\n"
MANY = "name,agency\n" + "".join(f"Pat {letter}listed,Example Office\n" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
GONE = {"why": "gone", "evidence": "Both posts are filled since May."}
ACCEPTED = {"reason": "Nothing more can be done this year.", "expiry": "2027-03-31", "how": "meeting"}
CHALLENGE = {
    "challenge": "What would show that the mitigation works?",
    "assurance": "Figures of both services.",
    "challenged": "Example Trust",
    "name": "Ola Invented",
    "theme": "Neglect",
}


# --- bulletins -------------------------------------------------------------------------------------------------


def agreed(bot: Bot) -> None:
    """Ask who holds a post to agree to a bulletin, who reads it and agrees; then it is approved."""
    desk = bulletins.Desk(bot)
    holder = desk.enrols("Yuki Invented", group=YOUNG)
    sections = desk.presses(desk.begins(kind="young-people", title="Who can help you"), "Write the sections")
    for label in ("What this is about", "What you can do"):
        sections = desk.fills(sections, label, text="You can talk to a teacher you trust.")
    card = desk.presses(sections, "Back")
    ref = card.title.partition(":")[0]
    desk.presses(card, "Send for approval")
    asked = next(one.card for one in bot.queued() if one.card.title == f"{ref} waits for your agreement")
    desk.fills(desk.presses(asked, "Read it", holder), "Note an agreement", holder)
    _approved(desk, ref)


def paused(bot: Bot) -> None:
    """Let a bulletin be scheduled and paused, and let a partner read it and let it go on."""
    desk = bulletins.Desk(bot)
    partner = bot.enrol(Role.STATUTORY_PARTNER)
    card = desk.writes()
    ref = card.title.partition(":")[0]
    desk.presses(card, "Send for approval")
    _approved(desk, ref)
    desk.fills(bot.types(f"bulletin {ref}", who=desk.author), "Choose when", day="2026-12-01", time="09:00")
    desk.presses(bot.types(f"bulletin {ref}", who=desk.author), "Pause it")
    bot.types(f"bulletin {ref}", who=desk.author)
    listed = bot.types("scheduled", who=partner)
    while f"Read {ref}" not in labels(listed):
        listed = desk.presses(listed, "More", partner)
    desk.presses(listed, f"Read {ref}", partner)
    desk.presses(listed, f"Let {ref} go on", partner)


def _approved(desk: bulletins.Desk, ref: str) -> None:
    desk.presses(desk.bot.types(f"bulletin {ref}", who=desk.approver), "Approve", desk.approver)


# --- risks -----------------------------------------------------------------------------------------------------


def risked(bot: Bot) -> None:
    """Show a risk to everybody who has a part in it, from the alert until it is closed and opened again."""
    desk = risking.Register(bot)
    ref = _raised(desk)
    desk.fills(desk.manager, "Owner and answer", ref, name="Ola Invented", group=risking.GROUP)
    desk.able(desk.owner, ref)  # it is theirs, or not
    desk.presses(desk.owner, "I will own it", ref)
    desk.fills(desk.manager, "Score it", ref, **risking.SCORES)
    desk.presses(desk.manager, "Put it on the register", ref)
    _seen_by_all(desk, ref)
    desk.fills(desk.manager, "Ask to close it", ref, **GONE)
    desk.able(desk.chair, ref)  # it is to be closed, or kept open
    desk.fills(desk.chair, "Keep it open", ref, reason="One post is empty again.")
    desk.fills(desk.manager, "Ask to close it", ref, **GONE)
    desk.presses(desk.chair, "Agree to close it", ref)
    _seen_by_all(desk, ref)
    desk.fills(desk.owner, "Open it again", ref, reason="It has changed.")
    accepted = desk.triaged(_raised(desk))
    desk.fills(desk.partner, "Accept it for a time", accepted, **ACCEPTED)
    _seen_by_all(desk, accepted)
    escalated = desk.triaged(_raised(desk))
    desk.presses(desk.owner, "Escalate it", escalated)
    _seen_by_all(desk, escalated)
    _challenged(desk, desk.triaged(_raised(desk)))
    _reminded(desk)


def _challenged(desk: risking.Register, risk: str) -> None:
    """Ask an owner for assurance, who says that it is being worked on."""
    ref = desk.fills(desk.scrutineer, "Challenge it", risk, **CHALLENGE).title.split()[0]
    card = desk.bot.types(f"challenge {ref}", who=desk.owner)
    desk.bot.presses(card, "I am working on it", who=desk.owner)


def _reminded(desk: risking.Register) -> None:
    """Remind the owner of what is due with the risks: it is put off, it is done, and the rest comes in its time."""
    bot, who = desk.bot, desk.owner
    bot.dispatcher.within(reminders.queue_due)
    for label in ("In a week", "Done"):
        bot.presses(reminding.opened(bot, bot.types("reminders", who=who), who), label, who=who)
    for _ in range(20):
        bot.clock.pass_(days=5)
        bot.dispatcher.within(reminders.queue_due)


def _raised(desk: risking.Register) -> str:
    return desk.raises().title.split()[0]


def _seen_by_all(desk: risking.Register, ref: str) -> None:
    for who in (
        desk.member, desk.owner, desk.chair, desk.other, desk.manager, desk.coordinator, desk.scrutineer, desk.partner,
    ):  # fmt: skip
        desk.able(who, ref)


# --- records and files -----------------------------------------------------------------------------------------


def linked(bot: Bot) -> None:
    """Link two actions, and show it to somebody who can take the link away."""
    keeper = bot.enrol(Role.MEMBER, Role.COORDINATOR)
    first, second = (promises.action(bot, keeper, what=f"Write letter number {number}") for number in (1, 2))
    form = bot.opens(bot.types(f"links {first}", who=keeper), "Link it", who=keeper)
    bot.sends(form, who=keeper, ref=second, kind="led to")
    bot.opens(bot.types(f"links {first}", who=keeper), "Take a link away", who=keeper)


def brought(bot: Bot) -> None:
    """Bring a list of people that is left alone, and a register of which not every column is known."""
    keeper = bot.enrol(Role.COORDINATOR)
    bot.presses(_uploaded(bot, keeper, "people", "people.csv", LIST.encode()), "Do not", who=keeper)
    card = _uploaded(bot, keeper, "risks", "register.xlsx", papers.workbook(papers.REGISTER))
    form = bot.opens(card, "Match the columns", who=keeper)
    bot.sends(form, who=keeper)


def peopled(bot: Bot) -> None:
    """Take a list over, so that an agency has more people than one card shows."""
    keeper = bot.enrol(Role.COORDINATOR)
    bot.presses(_uploaded(bot, keeper, "people", "people.csv", MANY.encode()), "Take it over", who=keeper)
    form = bot.opens(bot.types("people", who=keeper), "Open an agency", who=keeper)
    [agency] = (one.value for one in form.fields[0].choices if one.label.startswith("Example Office"))
    card = bot.sends(form, who=keeper, agency=agency)
    assert isinstance(card, Card), card
    bot.presses(card, "More people", who=keeper)


def _uploaded(bot: Bot, who: Identity, purpose: str, name: str, content: bytes) -> Card:
    """Bring a file with the browser, and return what is sent to the chat."""
    page = bot.does(Request(who, route="uploads.open", value=purpose))
    assert isinstance(page, Card), page
    [link] = (one for one in page.actions if isinstance(one, Link))
    token = link.url.rpartition("/")[2]
    bot.dispatcher.within(lambda context: uploads.take(context, token, name, content))
    return bot.queued()[-1].card


# --- places and messages ---------------------------------------------------------------------------------------


def joined(bot: Bot) -> None:
    """Type a code in somebody's other place."""
    code = re.search(r"link ([a-z]{5}-[a-z]{5})", said(bot.types("link", who=bot.enrol(Role.MEMBER))))
    assert code is not None
    bot.types(f"link {code[1]}", who=ELSEWHERE)


def bounced(bot: Bot) -> None:
    """Let e-mails come back from an address, until somebody has mended it."""
    keeper = bot.enrol(Role.COORDINATOR)
    address = "robin.invented@agency.example"
    bot.dispatcher.within(lambda context: mailing.bounced(context, address, key="1", final=True, status="550 5.1.1"))
    bot.presses(bot.queued()[-1].card, "Send there again", who=keeper)


def lost(bot: Bot) -> None:
    """Let messages not arrive, for one person and for several, and decide on each."""
    keeper = bot.enrol(Role.COORDINATOR)
    for state in (State.VERIFY, State.EXPIRED, State.DEAD):
        _fails(bot, state, several=False)
        bot.dispatcher.within(undelivered.tell_of_all)
    for _ in range(2):
        _fails(bot, State.DEAD, several=True)
        bot.dispatcher.within(undelivered.tell_of_all)
    several = [one.card for one in bot.queued() if "Post all again" in labels(one.card)]
    bot.presses(several[0], "Post all again", who=keeper)
    bot.presses(several[-1], "Give all up", who=keeper)
    for label in ("It arrived", "Post it again", "Give up"):
        card = bot.types("undelivered", who=keeper)
        while label not in labels(card):
            following = bot.presses(card, "The next one", who=keeper)
            assert isinstance(following, Card)
            card = following
        bot.presses(card, label, who=keeper)
    bot.types("undelivered", who=keeper)


def _fails(bot: Bot, state: State, *, several: bool) -> None:
    """Let the last message that waits for one or for several people not be sent."""
    waiting = (
        select(Delivery.occurrence_id)
        .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
        .where(Delivery.state == State.PENDING.value, Occurrence.kind != deliveries.NOTICE)
        .group_by(Delivery.occurrence_id)
        .having(func.count() > 1 if several else func.count() == 1)
        .order_by(Delivery.occurrence_id.desc())
    )
    with database.transaction(bot.engine) as session:
        which = session.scalars(waiting.limit(1)).one()
        failing = update(Delivery).where(Delivery.occurrence_id == which, Delivery.state == State.PENDING.value)
        asked_at = bot.clock.now if state is State.VERIFY else None
        session.execute(failing.values(state=state.value, asked_at=asked_at, error="channel_not_found"))


SCENES: tuple[Callable[[Bot], None], ...] = (
    scenes_agendas.met,
    agreed, paused, linked, brought, peopled, joined, bounced, risked,
    scenes_learning.learned, scenes_learning.few,
    lost,
    scenes_calendars.dated,
    scenes_meetings.convened,
    scenes_consulting.consulted,
    scenes_year_plan.planned,
    *scenes_training.SCENES,
    scenes_booking.booked,
)  # fmt: skip
