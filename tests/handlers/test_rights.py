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
OF_AGENDAS = {
    "agenda", "agendas.show", "agendas.ask", "agendas.add", "agendas.papers", "agendas.bring", "agendas.brought",
}  # fmt: skip
KEEP_AGENDAS = {
    "pack", "agendas.arrange", "agendas.arranged", "agendas.paper", "agendas.paper-add", "agendas.pack",
    "agendas.sent",
}  # fmt: skip
OF_CALENDARS = {"calendar", "calendars.give", "calendars.revoke", "calendars.file"}
OF_BOOKING = {
    "places", "booking.mine", "booking.one", "booking.ask", "booking.book", "booking.waiting", "booking.agree",
    "booking.decline", "booking.accept", "booking.cancel", "booking.substitute", "booking.substituted",
}  # fmt: skip
KEEP_BOOKING = {"booking.list", "booking.decide", "booking.decided", "booking.choose-end", "booking.end"}
KEEP_CALENDARS: set[str] = set()
OF_CONSULTING = {
    "decisions", "consult", "consultations", "consultation", "consulting.decisions", "consulting.decision",
    "consulting.record", "consulting.between", "consulting.decide", "consulting.correct", "consulting.corrected",
    "consulting.choose", "consulting.chosen", "consulting.list", "consulting.show", "consulting.new",
    "consulting.ask", "consulting.reply", "consulting.comment", "consulting.said", "consulting.replies",
}  # fmt: skip
KEEP_CONSULTING = {
    "consulting.report", "consulting.reported", "consulting.join", "consulting.close", "consulting.closed",
    "consulting.raise", "consulting.raised",
}  # fmt: skip
OF_MEETINGS = {
    "meetings", "meeting", "meetings.show", "meetings.open", "meetings.more", "meetings.answer",
}  # fmt: skip
KEEP_MEETINGS = {
    "meetings.step", "meetings.details", "meetings.save", "meetings.attendance", "meetings.mark", "meetings.reviews",
    "meetings.review", "meetings.reviewed",
}  # fmt: skip
OF_LEARNING: set[str] = {
    "learning", "learning.show", "learning.evaluate", "learning.evaluated", "learning.look-back",
    "learning.looked-back", "learning.certificate", "learning.report",
}  # fmt: skip
KEEP_LEARNING: set[str] = {
    "learning.sessions", "learning.attendance", "learning.mark", "learning.marked", "learning.missed",
    "learning.replies",
}  # fmt: skip
OF_TRAINING = {
    "training", "course", "session", "briefing", "training.dates", "training.months", "training.catalogue",
    "training.choose", "training.chosen", "training.course", "training.session",
}  # fmt: skip
KEEP_TRAINING = {
    "training.channel", "training.new-course", "training.change-course", "training.keep-course",
    "training.new-session", "training.change-session", "training.keep-session", "training.open", "training.close",
    "training.move", "training.moved", "training.choose-cancel", "training.cancel", "training.take-over",
    "training.open-all",
}  # fmt: skip
OF_YEAR_PLAN: set[str] = set()
KEEP_YEAR_PLAN: set[str] = {
    "plan", "plan.show", "plan.check", "plan.keep", "plan.proposed", "plan.sure", "plan.confirm", "plan.drop",
    "plan.choose", "plan.change", "clear", "clear.show", "clear.new", "clear.add", "clear.choose", "clear.remove",
    "clear.apply", "clear.drop",
}  # fmt: skip
DECIDE = {"escalation.decide"}
NUMBERS = {"differences"}
OF_DAYS = OF_MEETINGS | OF_AGENDAS | OF_CONSULTING | OF_YEAR_PLAN | OF_CALENDARS
OF_PLACES = OF_TRAINING | OF_BOOKING | OF_LEARNING
KEEP_DAYS = KEEP_MEETINGS | KEEP_AGENDAS | KEEP_CONSULTING | KEEP_YEAR_PLAN | KEEP_CALENDARS
KEEP_PLACES = KEEP_TRAINING | KEEP_BOOKING | KEEP_LEARNING
EVERYONE = OF_DAYS | OF_PLACES | OF_LISTS | OF_ESCALATIONS | OF_RISKS | OF_ONESELF | OF_RECORDS | {
    "ask", "help", "contact", "home", "ask.topic", "ask.vote", "ask.share", "contact.show", "help.show",
    "bulletins", "bulletins.archive", "bulletins.whole", "bulletins.read",
    "bulletins.look", "bulletins.agreement", "bulletins.agree",
    "reminders", "reminders.show", "reminders.one", "reminders.snooze", "reminders.done",
    "ask.again", "ask.send", "enquiries.ask", "enquiries.send"
}  # fmt: skip
ONLY_SECRETARIAT = KEEP_DAYS | KEEP_PLACES | OF_CHANNELS | KEEP_PEOPLE | KEEP_RECORDS | {
    "gaps", "status", "gaps.show", "status.show",
} | {
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
                 "links", "dates", "audit", "my", "escalations", "risks", "challenges", "export",
                 "meetings", "meeting", "agenda", "pack", "decisions", "consult", "consultations", "consultation",
                 "plan", "clear", "calendar", "training", "course", "session", "briefing", "places",
                 "learning"):  # fmt: skip
        assert (f"**{verb}**" in told) is (verb in ALLOWED[role])
