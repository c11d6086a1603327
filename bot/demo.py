"""A morning in the demonstration, played through the dispatcher: what people asked and did before you came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.dispatcher import Dispatcher
from db.people import Identity
from handlers.context import Request
from handlers.messages import Button, Card, Form
from knowledge.calendar import working_days_after

_ASKED = (
    ("practitioner", "threshold"),
    ("practitioner", "how do I make a referral"),
    ("chair", "threshold"),
    ("chair", "when is the executive quorate"),
    ("partner", "LADO"),
    ("scrutineer", "six steps of scrutiny"),
    ("practitioner", "who pays for the interpreter at a conference"),
    ("chair", "can we meet by video link in Ramadan"),
)
_PASSED_ON = ("practitioner", "Who pays for an interpreter at a child protection conference?")
_MEETINGS = MappingProxyType(  # after how many working days each group meets
    {"Executive": (14, 54, 95), "Quality Assurance and Performance": (0, 42), "Delivery Group": (7, 50)}
)
_TRAINING = (("CRS-2020-002", 9, "12"), ("CRS-2020-010", 24, "20"))  # course, after how many working days, places
_NEEDS_LEADS = MappingProxyType(
    {
        "group": "Quality Assurance and Performance",
        "title": "Two agencies lack a lead for neglect",
        "type": "decision",
        "issue": "Two agencies have had no lead for neglect since the summer, so that audits stand still.",
        "impact_on_children": "Help for neglected children comes later than it should.",
        "already_tried": "The group wrote to both agencies twice and met with one of them.",
        "ask": "Please ask both agencies to name a lead.",
        "urgency": "routine",
        "urgency_reason": "",
        "marking": "OFFICIAL",
        "now": "send",
    }
)
_NEEDS_DATA = MappingProxyType(
    {
        **_NEEDS_LEADS,
        "title": "No data on repeat plans for two quarters",
        "type": "blocked-partner-action",
        "issue": "The figures on repeat plans have not come for two quarters.",
        "already_tried": "The group asked for them in July and in September.",
        "ask": "Please agree who sends the figures, and by when.",
    }
)


_VACANCIES = MappingProxyType(
    {
        "title": "Half of the health-visitor posts are empty",
        "event": "Families with babies may wait for their first visit.",
        "agencies": "Health",
        "doing": "The trust recruits every month.",
        "level": "High/Medium",
        "ticks": "",
    }
)
_FIGURES = MappingProxyType(
    {
        **_VACANCIES,
        "title": "Figures of the agencies come too late",
        "event": "The partnership may see a change three months after it began.",
        "agencies": "All",
        "doing": "",
        "level": "Medium/Medium",
    }
)


def play(dispatcher: Dispatcher, platform: str) -> None:
    """Let the invented people ask questions and the secretariat, a group ask the Executive, and risks be raised."""
    for who, words in _ASKED:
        dispatcher.run(Request(Identity(platform, who), words))
    who, words = _PASSED_ON
    dispatcher.run(
        Request(Identity(platform, who), route="enquiries.send", fields={"question": words}, key=f"{platform}:morning")
    )
    people = _People(dispatcher, platform)
    _meet(people)
    _escalate(people)
    _raise(people)
    _train(people)


class _People:
    """Who types, presses and sends what, one after the other."""

    def __init__(self, dispatcher: Dispatcher, platform: str) -> None:
        self._dispatcher = dispatcher
        self._platform = platform
        self.today: date = dispatcher.within(lambda context: context.today)

    def type(self, who: str, words: str) -> Card:
        """Let somebody type words, and return the card that comes."""
        return _card(self._dispatcher.run(Request(Identity(self._platform, who), words)))

    def send(self, who: str, route: str, fields: Mapping[str, str], value: str = "") -> Card:
        """Let somebody send a form, and return the card that comes."""
        return _card(
            self._dispatcher.run(Request(Identity(self._platform, who), route=route, value=value, fields=fields))
        )

    def press(self, who: str, card: Card, label: str, **fields: str) -> Card:
        """Let somebody press a button; in a form that opens they fill in these boxes and leave the others."""
        button = next(one for one in card.actions if isinstance(one, Button) and one.label == label)
        request = Request(Identity(self._platform, who), route=button.action, value=button.value)
        reply = self._dispatcher.run(request)
        if not isinstance(reply, Form):
            return _card(reply)
        return self.send(who, reply.action, {one.name: one.value for one in reply.fields} | fields, reply.about)


def _card(reply: Any) -> Card:
    if not isinstance(reply, Card):
        raise TypeError(f"the morning of the demonstration does not go on: {reply!r}")
    return reply


def _meet(people: _People) -> None:
    for group, after in _MEETINGS.items():
        days = [working_days_after(people.today, number).isoformat() for number in after]
        boxes = dict(zip(("on", "on_2", "on_3"), days, strict=False))
        people.send("coordinator", "dates.add", {"group": group, "at": "14:00", **boxes})


def _escalate(people: _People) -> None:
    """Let a group have one answered, with an action, and another one waiting; and let somebody owe something."""
    ref = people.send("chair", "escalation.begin", _NEEDS_LEADS).title.split()[0]
    card = people.press("manager", people.type("manager", f"escalation {ref}"), "Accept it")
    card = people.press("coordinator", people.type("coordinator", f"escalation {ref}"), "It is in the pack")
    card = people.press(
        "manager", people.type("manager", f"escalation {ref}"), "Record the response",
        response="Both agencies name a lead by the next meeting.",
    )  # fmt: skip
    due = working_days_after(people.today, 8).isoformat()
    people.press("manager", card, "Give it an action", what="Ask both agencies for a name.", due_on=due)
    people.send("chair", "escalation.begin", _NEEDS_DATA)
    owed = {"what": "Send the dates of the neglect audit.", "owner": "Charlie Chair", "role": "nobody", "due_on": due}
    people.send("coordinator", "actions.add", owed)


def _train(people: _People) -> None:
    """Let the coordinator offer two dates of training."""
    for course, after, places in _TRAINING:
        day = working_days_after(people.today, after).isoformat()
        boxes = {"on": day, "from": "10:00", "until": "12:30", "mode": "in-person", "place": "Town hall"}
        boxes |= {"capacity": places, "waiting_list": "yes"}
        card = people.send("coordinator", "training.keep-session", boxes, course)
        people.press("coordinator", card, "Open for booking")


def _raise(people: _People) -> None:
    """Let one risk come onto the register, red and owned, and another one wait for the Strategy Manager."""
    ref = people.send("chair", "risks.raise", _VACANCIES).title.split()[0]
    people.press(
        "manager", people.type("manager", f"risk {ref}"), "Score it",
        inherent_l="5", inherent_i="4", current_l="4", current_i="4", target_l="2", target_i="4",
        target_date=working_days_after(people.today, 60).isoformat(), reason="Two teams are at half strength.",
    )  # fmt: skip
    people.press(
        "manager", people.type("manager", f"risk {ref}"), "Owner and answer",
        name="Charlie Chair", group="Quality Assurance and Performance",
    )  # fmt: skip
    card = people.press("chair", people.type("chair", f"risk {ref}"), "I will own it")
    people.press("chair", card, "Add a control", words="Bank staff visit the youngest babies first.")
    people.send("practitioner", "risks.raise", _FIGURES)
