"""The routes of people: who is enrolled, what they are sent, and the channels."""

from __future__ import annotations

import re

from db.people import KEEPERS, SECRETARIAT
from handlers import changes, channels, enrolment, joining, newcomers, people, subscriptions
from handlers.routing import Kind, Route

_ME = re.compile(r"(?:me)?", re.IGNORECASE)
_NAME, _DAYS = frozenset({"name"}), frozenset({"from_on", "until_on", "on"})

ROUTES = (
    Route("people", people.show, Kind.VERB, KEEPERS, help="See who is enrolled, and change it."),
    Route("channel", channels.show, Kind.VERB, SECRETARIAT, help="Register the channel that you are in."),
    Route("channels", channels.show, Kind.VERB, SECRETARIAT, help="See the channels that bulletins can go to."),
    Route("subscribe", subscriptions.show, Kind.VERB, help="See and choose what you are sent."),
    Route("enrol", newcomers.offer, Kind.VERB, help="Ask the secretariat to enrol you.", takes=_ME),
    Route("link", joining.link, Kind.VERB, help="Join your places, such as Slack and Teams.", takes=joining.TAKES),
    Route("people.show", people.show, Kind.BUTTON, KEEPERS),
    Route("people.file", people.bring, Kind.BUTTON, KEEPERS),
    Route("people.choose", people.choose, Kind.BUTTON, KEEPERS),
    Route("people.chosen", people.chosen, Kind.FORM, KEEPERS),
    Route("people.agency", people.of_agency, Kind.BUTTON, KEEPERS),
    Route("people.pick", people.pick, Kind.BUTTON, KEEPERS),
    Route("people.picked", people.picked, Kind.FORM, KEEPERS),
    Route("people.card", people.one, Kind.BUTTON, KEEPERS),
    Route("people.find", people.find, Kind.BUTTON, KEEPERS),
    Route("people.found", people.found, Kind.FORM, KEEPERS, names=_NAME),
    Route("changes.new", changes.open_new, Kind.BUTTON, KEEPERS),
    Route("changes.enrol", changes.enrol, Kind.FORM, KEEPERS, names=_NAME),
    Route("changes.open", changes.open_change, Kind.BUTTON, KEEPERS),
    Route("changes.save", changes.save, Kind.FORM, KEEPERS, names=_NAME),
    Route("changes.seat", changes.open_seat, Kind.BUTTON, KEEPERS),
    Route("changes.sit", changes.sit, Kind.FORM, KEEPERS, days=_DAYS),
    Route("changes.deputy", changes.open_deputy, Kind.BUTTON, KEEPERS),
    Route("changes.stand_in", changes.stand_in, Kind.FORM, KEEPERS, names=_NAME, days=_DAYS),
    Route("changes.place", changes.open_place, Kind.BUTTON, KEEPERS),
    Route("changes.join", changes.join, Kind.FORM, KEEPERS),
    Route("changes.left", changes.open_left, Kind.BUTTON, KEEPERS),
    Route("changes.leave", changes.leave, Kind.FORM, KEEPERS, days=_DAYS),
    Route("changes.back", changes.open_back, Kind.BUTTON, KEEPERS),
    Route("changes.return", changes.come_back, Kind.FORM, KEEPERS),
    Route("enrolment.apply", enrolment.apply, Kind.BUTTON, KEEPERS),
    Route("enrolment.drop", enrolment.drop, Kind.BUTTON, KEEPERS),
    Route("newcomers.offer", newcomers.offer, Kind.BUTTON),
    Route("newcomers.open", newcomers.open_form, Kind.BUTTON),
    Route("newcomers.ask", newcomers.ask, Kind.FORM, names=_NAME),
    Route("newcomers.show", newcomers.show, Kind.BUTTON, KEEPERS),
    Route("newcomers.one", newcomers.one, Kind.BUTTON, KEEPERS),
    Route("newcomers.choose", newcomers.choose, Kind.BUTTON, KEEPERS),
    Route("newcomers.enrol", newcomers.enrol, Kind.FORM, KEEPERS, names=_NAME),
    Route("newcomers.member", newcomers.member, Kind.BUTTON, KEEPERS),
    Route("newcomers.refuse", newcomers.refuse, Kind.BUTTON, KEEPERS),
    Route("joining.mail", joining.open_mail, Kind.BUTTON),
    Route("joining.send", joining.send, Kind.FORM),
    Route("subscriptions.show", subscriptions.show, Kind.BUTTON),
    Route("subscriptions.switch", subscriptions.switch, Kind.BUTTON),
    Route("subscriptions.choose", subscriptions.choose, Kind.BUTTON),
    Route("subscriptions.save", subscriptions.save, Kind.FORM),
    Route("subscriptions.where", subscriptions.open_where, Kind.BUTTON),
    Route("subscriptions.reach", subscriptions.reach, Kind.FORM),
    Route("subscriptions.quiet", subscriptions.open_quiet, Kind.BUTTON),
    Route("subscriptions.hush", subscriptions.hush, Kind.FORM),
    Route("channels.show", channels.show, Kind.BUTTON, SECRETARIAT),
    Route("channels.open", channels.open_form, Kind.BUTTON, SECRETARIAT),
    Route("channels.register", channels.register, Kind.FORM, SECRETARIAT),
    Route("channels.choose", channels.choose, Kind.BUTTON, SECRETARIAT),
    Route("channels.remove", channels.remove, Kind.FORM, SECRETARIAT),
)
