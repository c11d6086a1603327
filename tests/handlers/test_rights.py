"""Who may do what: every route as every role. The expected rights are typed by hand, not read off the table."""

from __future__ import annotations

import pytest

from db.people import Role
from handlers.context import Request
from handlers.messages import Card
from handlers.routes import ROUTES
from tests.fakes import CHANNEL, STRANGER, Bot

OF_ONESELF = {
    "subscribe", "enrol", "link", "newcomers.offer", "newcomers.open", "newcomers.ask", "joining.mail",
    "joining.send", "subscriptions.show", "subscriptions.switch", "subscriptions.choose", "subscriptions.save",
    "subscriptions.where", "subscriptions.reach", "subscriptions.quiet", "subscriptions.hush",
}  # fmt: skip
KEEP_PEOPLE = {
    "people", "people.show", "people.file", "people.choose", "people.chosen", "people.agency", "people.pick",
    "people.picked", "people.card", "people.find", "people.found", "changes.new", "changes.enrol",
    "changes.open", "changes.save", "changes.seat", "changes.sit", "changes.deputy", "changes.stand_in",
    "changes.place", "changes.join", "changes.left", "changes.leave", "changes.back", "changes.return",
    "enrolment.apply", "enrolment.drop", "newcomers.show", "newcomers.one", "newcomers.choose",
    "newcomers.enrol", "newcomers.member", "newcomers.refuse",
}  # fmt: skip
OF_CHANNELS = {
    "channels", "channel", "channels.show", "channels.open", "channels.register", "channels.choose",
    "channels.remove",
}  # fmt: skip
EVERYONE = OF_ONESELF | {
    "ask", "help", "contact", "home", "ask.topic", "ask.vote", "ask.share", "contact.show", "help.show",
    "bulletins", "bulletins.archive", "bulletins.whole", "bulletins.read",
    "bulletins.look", "bulletins.agreement", "bulletins.agree",
    "reminders", "reminders.show", "reminders.one", "reminders.snooze", "reminders.done",
    "ask.again", "ask.send", "enquiries.ask", "enquiries.send"
}  # fmt: skip
ONLY_SECRETARIAT = OF_CHANNELS | KEEP_PEOPLE | {"gaps", "status", "gaps.show", "status.show"} | {
    "enquiries.reply", "enquiries.answer", "enquiries.draft", "terms", "terms.show", "terms.new", "terms.add",
    "terms.choose", "terms.remove", "mailing.clear", "uploads.open", "undelivered", "undelivered.show",
    "undelivered.arrived", "undelivered.again", "undelivered.drop",
} | {
    "bulletin", "bulletins.list", "bulletins.open", "bulletins.more", "bulletins.new", "bulletins.begin",
    "bulletins.details", "bulletins.change", "bulletins.sections", "bulletins.write", "bulletins.keep",
    "bulletins.picture", "bulletins.illustrate", "bulletins.test", "bulletins.preview", "bulletins.file",
    "bulletins.submit", "bulletins.readers", "bulletins.chase", "bulletins.remind", "bulletins.remind-some",
    "bulletins.remind-agencies", "bulletins.edit-series", "bulletins.change-series",
    "bulletins.when", "bulletins.schedule", "bulletins.now", "bulletins.send", "bulletins.stop", "bulletins.cancel",
    "bulletins.report", "bulletins.export", "bulletins.repeat", "bulletins.begin-series", "bulletins.series",
    "bulletins.end-series", "bulletins.correct", "bulletins.again",
}  # fmt: skip
MAY_PAUSE = {"scheduled", "bulletins.scheduled", "bulletins.pause", "bulletins.go-on"}
MAY_APPROVE = {"bulletins.approve", "bulletins.return", "bulletins.give-back"}
ALLOWED = {
    None: EVERYONE,
    Role.MEMBER: EVERYONE,
    Role.CHAIR: EVERYONE,
    Role.COORDINATOR: EVERYONE | ONLY_SECRETARIAT | MAY_PAUSE,
    Role.STRATEGY_MANAGER: EVERYONE | ONLY_SECRETARIAT | MAY_PAUSE | MAY_APPROVE,
    Role.SCRUTINEER: EVERYONE,
    Role.STATUTORY_PARTNER: EVERYONE | MAY_PAUSE,
    Role.DATA_PROTECTION_OFFICER: EVERYONE,
    Role.ADMIN: EVERYONE | KEEP_PEOPLE,
}


def test_the_table_of_rights_names_every_route_and_every_role() -> None:
    assert set(ROUTES) == EVERYONE | ONLY_SECRETARIAT | MAY_PAUSE | MAY_APPROVE
    assert set(ALLOWED) == {None, *Role}


@pytest.mark.parametrize("role", ALLOWED, ids=str)
def test_everybody_may_do_what_the_table_says_and_no_more(bot: Bot, role: Role | None) -> None:
    who = bot.enrol(role) if role else STRANGER
    replies = {name: bot.does(Request(who, route=name, value="1", conversation=CHANNEL)) for name in ROUTES}

    refused = {name for name, reply in replies.items() if isinstance(reply, Card) and "cannot show" in reply.title}
    assert set(ROUTES) - refused == ALLOWED[role]


@pytest.mark.parametrize("role", ALLOWED, ids=str)
def test_help_names_what_somebody_may_type_and_nothing_else(bot: Bot, role: Role | None) -> None:
    card = bot.types("help", who=bot.enrol(role) if role else STRANGER)
    told = repr(card)

    for verb in ("ask", "help", "contact", "home", "gaps", "status", "terms", "bulletin", "bulletins", "scheduled",
                 "subscribe", "enrol", "link", "people", "channel", "channels"):  # fmt: skip
        assert (f"**{verb}**" in told) is (verb in ALLOWED[role])
