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
OF_RECORDS = {
    "actions", "links", "dates", "actions.list", "actions.choose", "actions.chosen", "actions.open", "actions.new",
    "actions.add", "actions.finish", "actions.done", "linking.show", "linking.new", "linking.link", "linking.choose",
    "linking.remove", "dates.show", "audit.history",
}  # fmt: skip
OF_LISTS = {
    "my", "escalations", "risks", "challenges", "my.show", "my.choose", "my.chosen", "lists.show", "lists.choose",
    "lists.chosen", "lists.other", "lists.find",
}  # fmt: skip
KEEP_RECORDS = {
    "actions.change", "actions.save", "actions.again", "dates.new", "dates.add", "dates.choose", "dates.cancel",
    "dates.move", "dates.moved",
}  # fmt: skip
MAY_AUDIT = {"audit", "audit.show"}
READ_PAPERS = {"export", "papers.show", "papers.give"}
READ_ANNEX = READ_PAPERS | {"papers.annex"}
OF_RISKS = {
    "risk", "challenge", "heatmap", "heatmap.show", "risks.new", "risks.raise", "risks.open", "risks.more",
    "risks.scores", "risks.describe", "risks.words", "risks.assign", "risks.ask-owner", "risks.own", "risks.decline",
    "risks.not-mine", "risks.register", "risks.merge", "risks.join", "risks.dismiss", "risks.set-aside",
    "risks.score", "risks.rate", "risks.control", "risks.add-control", "risks.escalate", "risks.accept",
    "risks.tolerate", "risks.close", "risks.ask-close", "risks.agree", "risks.reopen", "risks.revive",
    "risks.keep-open", "risks.kept-open",
    "challenges.open", "challenges.ask", "challenges.raise", "challenges.press", "challenges.step", "challenges.take",
}  # fmt: skip
OF_ESCALATIONS = {
    "escalate", "escalation", "escalation.fork", "escalation.child", "escalation.partners", "escalation.speak",
    "escalation.new", "escalation.begin", "escalation.show", "escalation.more", "escalation.step", "escalation.take",
    "difference.open", "difference.count",
}  # fmt: skip
OF_DISPUTES = {
    "disputes", "dispute.open", "dispute.log", "dispute.list", "dispute.show", "dispute.change", "dispute.keep",
}  # fmt: skip
DECIDE = {"escalation.decide"}
NUMBERS = {"differences"}
EVERYONE = OF_LISTS | OF_ESCALATIONS | OF_RISKS | OF_ONESELF | OF_RECORDS | {
    "ask", "help", "contact", "home", "ask.topic", "ask.vote", "ask.share", "contact.show", "help.show",
    "bulletins", "bulletins.archive", "bulletins.whole", "bulletins.read",
    "bulletins.look", "bulletins.agreement", "bulletins.agree",
    "reminders", "reminders.show", "reminders.one", "reminders.snooze", "reminders.done",
    "ask.again", "ask.send", "enquiries.ask", "enquiries.send"
}  # fmt: skip
ONLY_SECRETARIAT = OF_CHANNELS | KEEP_PEOPLE | KEEP_RECORDS | {"gaps", "status", "gaps.show", "status.show"} | {
    "risks.check", "papers.bring", "imports.match", "imports.matched", "imports.apply", "imports.drop",
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
    Role.MEMBER: EVERYONE | READ_PAPERS,
    Role.CHAIR: EVERYONE | NUMBERS | READ_PAPERS,
    Role.COORDINATOR: EVERYONE | ONLY_SECRETARIAT | MAY_PAUSE | DECIDE | NUMBERS | READ_ANNEX,
    Role.STRATEGY_MANAGER: EVERYONE
    | ONLY_SECRETARIAT
    | MAY_PAUSE
    | MAY_APPROVE
    | MAY_AUDIT
    | DECIDE
    | NUMBERS
    | OF_DISPUTES
    | READ_ANNEX,
    Role.SCRUTINEER: EVERYONE | MAY_AUDIT | NUMBERS | OF_DISPUTES | READ_ANNEX,
    Role.STATUTORY_PARTNER: EVERYONE | MAY_PAUSE | DECIDE | NUMBERS | OF_DISPUTES | READ_ANNEX,
    Role.DATA_PROTECTION_OFFICER: EVERYONE | MAY_AUDIT,
    Role.ADMIN: EVERYONE | KEEP_PEOPLE | MAY_AUDIT,
}


def test_the_table_of_rights_names_every_route_and_every_role() -> None:
    assert (
        set(ROUTES)
        == READ_ANNEX
        | EVERYONE
        | OF_DISPUTES
        | DECIDE
        | NUMBERS
        | ONLY_SECRETARIAT
        | MAY_PAUSE
        | MAY_APPROVE
        | MAY_AUDIT
    )
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
                 "subscribe", "enrol", "link", "people", "channel", "channels", "actions",
                 "links", "dates", "audit", "my", "escalations", "risks", "challenges", "export"):  # fmt: skip
        assert (f"**{verb}**" in told) is (verb in ALLOWED[role])
