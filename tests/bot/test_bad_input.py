"""Bad input: whatever is typed, pressed or sent gets a clear answer or a correct refusal, and never an exception."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.enquiries import Enquiry
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Form
from handlers.routes import ROUTES
from tests.fakes import CHANNEL, STRANGER, Bot, button_of

ANYTHING = {
    "nothing": ("", "What would you like to know?"),
    "only spaces": (" \t\n ", "What would you like to know?"),
    "only control characters": ("\x00\x07\x1b\x7f", "What would you like to know?"),
    "a verb and control characters": ("\x00he\x07lp\x1b", "What you can do here"),
    "a hundred thousand characters": ("word " * 20_000, "I don't know that one"),
    "a million characters": ("x" * 1_000_000, "I don't know that one"),
    "a verb and a hundred thousand characters": ("help " + "x" * 100_000, "I don't know that one"),
    "right to left": ("\u202eneglect\u202c", "Neglect"),
    "Arabic": ("ما هو الإهمال", "I don't know that one"),
    "emoji": ("👩‍👧‍👦🏳️‍🌈", "I don't know that one"),
    "invisible": ("\u200bneg\ufefflect\u2060", "Neglect"),
    "half a character": ("neglect\ud83d", "Neglect"),
    "Slack mark-up": ("<@U0123ABCD> <https://x.example|*neglect*> &amp; `x`", "I don't know that one"),
    "HTML": ("<script>alert(1)</script><img src=x onerror=alert(1)>", "I don't know that one"),
    "SQL": ("'; DROP TABLE questions; --", "I don't know that one"),
    "a template": ("{{ 7 * 7 }} {% for x in y %}", "I don't know that one"),
    "a verb in capitals": ("HELP", "What you can do here"),
    "a verb with spaces around": ("  help  ", "What you can do here"),
    "a verb inside a question": ("contact lens for a child", "I don't know that one"),
}


@pytest.mark.parametrize(("text", "title"), ANYTHING.values(), ids=ANYTHING)
def test_whatever_is_typed_gets_a_clear_answer(bot: Bot, text: str, title: str) -> None:
    assert bot.types(text, key="event-1").title == title


@pytest.mark.parametrize(("text", "title"), ANYTHING.values(), ids=ANYTHING)
def test_whatever_is_sent_in_a_form_gets_a_clear_answer(bot: Bot, text: str, title: str) -> None:
    secretariat = bot.enrol(Role.COORDINATOR)
    form = bot.opens(bot.types("bees"), "Ask the secretariat")

    reply = bot.sends(form, question=text)

    if title == "What would you like to know?" or len(text) > 1000:
        assert isinstance(reply, Errors)
        assert bot.counted(Enquiry) == 0
    else:
        assert isinstance(reply, Card)
        assert bot.counted(Enquiry) == 1
        assert [queued.to.address for queued in bot.queued()] == [secretariat.user_id]


VALUES = [
    "",
    "0",
    "-1",
    "1.5",
    "x",
    "1:maybe",
    ":",
    "yes",
    "9" * 14,
    "9" * 400,
    "²",
    "٣",
    "\x00",
    "\ud800",
    "1:yes; DROP",
    "../../etc",
]


REFUSED_BY_POSTGRESQL = ["9" * 14, "\x00", "\ud800"]  # what only it makes an error of, unless somebody looks before


def test_a_button_or_form_with_a_value_from_nowhere_is_explained(bot: Bot) -> None:
    coordinator = bot.enrol(Role.COORDINATOR)
    values = VALUES if bot.engine.dialect.name == "sqlite" else REFUSED_BY_POSTGRESQL
    unexplained = []
    for route, value in itertools.product(ROUTES, values):
        reply = bot.does(Request(coordinator, route=route, value=value, conversation=CHANNEL))
        failed = isinstance(reply, Card) and reply.title == "Something went wrong here"
        if failed or not isinstance(reply, Card | Form | Errors):
            unexplained.append((route, value[:40]))

    assert unexplained == []


def test_a_button_from_an_older_version_is_explained(bot: Bot) -> None:
    card = bot.does(Request(STRANGER, route="ask.explain", value="1"))

    assert isinstance(card, Card)
    assert card.title == "That button is from an older version."
    assert button_of(card, "What can I do here?").action == "help.show"


def test_somebody_unknown_may_ask_and_read(bot: Bot) -> None:
    assert bot.types("neglect", who=Identity("nowhere", "")).title == "Neglect"


LETTERS = st.text(st.characters(codec=None), max_size=200)
IDENTITIES = st.sampled_from([STRANGER, Identity("test", "coordinator")])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=LETTERS, route=st.sampled_from(["", "nothing", *ROUTES]) | LETTERS, value=LETTERS, name=LETTERS)
@example(text="\ud800", route="", value="", name="")
@example(text="", route="enquiries.send", value="\x00", name="question")
def test_any_request_gets_a_reply_and_never_an_exception(
    bot: Bot, text: str, route: str, value: str, name: str
) -> None:
    for who in (STRANGER, Identity("test", "coordinator")):
        fields = {"question": text, "answer": value, name: text}
        reply = bot.does(Request(who, text, route=route, value=value, fields=fields, conversation=CHANNEL))

        assert isinstance(reply, Card | Form | Errors)
        assert not isinstance(reply, Card) or reply.title != "Something went wrong here"
