"""Escalations and risks in Slack: what people type, press and fill in there, and what each of them sees next."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from bot.outbox import Outbox
from bot.slack.adapter import Slack
from db.people import Identity
from db.tables import metadata
from handlers.access import SEEN
from handlers.messages import Tone
from tests.escalating import FEBRUARY, GROUP, REF, TEXTS, Room
from tests.fakes import Bot
from tests.risking import ALERT, SCORES, Register
from tests.risking import REF as RISK
from tests.slack.blocks import lint_message, lint_view
from tests.slack.fake_slack import FakeSlack
from tests.slack.workspace import Json, Workspace, button_of, buttons, words


class Executive(Room):
    """Everybody who has a part in an escalation, in Slack."""

    platform = "slack"


class Risks(Register):
    """Everybody who has a part in a risk, in Slack."""

    platform = "slack"


class Screens:
    """What people see: each action returns what Slack shows its actor next, and Slack would take all of it."""

    def __init__(self, workspace: Workspace, slack: FakeSlack, adapter: Slack, bot: Bot) -> None:
        self._workspace = workspace
        self._slack = slack
        self._adapter = adapter
        self._outbox = Outbox(bot.dispatcher, [adapter.sender])
        self._bot = bot

    async def types(self, who: Identity, text: str) -> Json:
        """Type the slash command."""
        return _fine((await self._workspace.types(text, by=who.user_id)).json())

    async def presses(self, who: Identity, seen: Json, label: str) -> Json:
        """Press a button, and see the form or the card that comes of it."""
        before = len(self._slack.asked)
        assert (await self._workspace.presses(seen, label, by=who.user_id)).status_code == 200
        await self._adapter.settled()
        [method] = self._slack.asked[before:]
        found = self._slack.calls(method)[-1]
        return _fine(found.get("view") or found)

    async def sends(self, who: Identity, form: Json, **filled: str) -> Json:
        """Send a form, and see what takes its place, or what is wrong by its boxes."""
        answer = (await self._workspace.submits(form, by=who.user_id, **filled)).json()
        if answer["response_action"] == "errors":
            found: Json = answer["errors"]
            return found
        return _fine(answer["view"])

    async def fills(self, who: Identity, seen: Json, label: str, **filled: str) -> Json:
        """Press a button that opens a form, and send that."""
        return await self.sends(who, await self.presses(who, seen, label), **filled)

    async def told(self, who: Identity) -> Json:
        """Return the last notice that somebody was sent."""
        while await self._outbox.run_once():
            self._bot.clock.pass_(seconds=2)  # one message a second is what Slack takes in a conversation
        found = [post for post in self._slack.calls("chat.postMessage") if post["channel"] == who.user_id]
        return _fine(found[-1])


def _fine(seen: Json) -> Json:
    assert (lint_view(seen) if "type" in seen else lint_message(seen)) == []
    return seen


def labels(seen: Json) -> list[str]:
    """Return what stands on the buttons."""
    return [button["text"]["text"] for button in buttons(seen)]


def box_of(form: Json, name: str) -> Json:
    """Return the box of a form that is called so."""
    found: Json = next(block for block in form["blocks"] if block.get("block_id") == name)
    return found


@pytest.fixture
def room(bot: Bot) -> Executive:
    return Executive(bot)


@pytest.fixture
def desk(bot: Bot) -> Risks:
    return Risks(bot)


@pytest.fixture
def screens(workspace: Workspace, slack: FakeSlack, adapter: Slack, bot: Bot) -> Screens:
    return Screens(workspace, slack, adapter, bot)


async def raised(screens: Screens, room: Executive, **filled: str) -> Json:
    fork = await screens.types(room.chair, "escalate")
    return await screens.fills(room.chair, fork, "My group needs the Executive", **{**TEXTS, **filled})


async def opened(screens: Screens, who: Identity, ref: str = REF) -> Json:
    return await screens.types(who, f"{'escalation' if ref.startswith('ESC') else 'risk'} {ref}")


# --- escalations -----------------------------------------------------------------------------------------------


async def test_an_escalation_goes_from_the_fork_to_its_end_in_slack(screens: Screens, room: Executive) -> None:
    received = await raised(screens, room)
    assert f"{REF} received" in words(received)
    assert "The next is on Thursday 4 February; its pack closes on Thursday 21 January." in words(received)

    notice = await screens.told(room.manager)
    form = await screens.presses(room.manager, await screens.presses(room.manager, notice, f"Open {REF}"), "Accept it")
    assert box_of(form, "meeting")["element"]["initial_option"]["value"] == room.meeting(FEBRUARY)
    accepted = await screens.sends(room.manager, form)
    assert f"{REF} was accepted." in words(accepted)

    await screens.presses(room.coordinator, await opened(screens, room.coordinator), "It is in the pack")
    answer = {"decision": "agreed", "response": "Both agencies will name one.", "on": "2026-11-21"}
    await screens.fills(room.manager, await opened(screens, room.manager), "Record the response", **answer)
    assert "Both agencies will name one." in words(await screens.told(room.chair))

    action = {"what": "Name a lead.", "owner": "role:coordinator", "due_on": "2026-12-31"}
    in_action = await screens.fills(room.manager, await opened(screens, room.manager), "Give it an action", **action)
    assert "Name a lead." in words(in_action)
    outcome = {"outcome": "Both agencies have named somebody."}
    await screens.fills(room.manager, in_action, "Ask to close it", **outcome)
    agreed = await screens.presses(room.chair, await screens.told(room.chair), "I agree to close it")
    assert f"{REF} was agreed to be closed." in words(agreed)
    closed = await screens.fills(room.manager, await opened(screens, room.manager), "Close it")

    assert "*Status*\nClosed" in words(closed)
    assert "Both agencies have named somebody." in words(await screens.told(room.chair))
    assert labels(await opened(screens, room.chair)) == ["Open it again", "Links", "History"]


async def test_the_three_partners_see_one_two_and_three_of_three(screens: Screens, room: Executive) -> None:
    await raised(screens, room, urgency="urgent", urgency_reason="The service ends this week.")

    counts = []
    for partner in room.partners:
        notice = await screens.told(partner)
        assert labels(notice) == ["Respond now", "Agree to discuss", "Wait for the meeting", f"Open {REF}"]
        await screens.fills(partner, notice, "Respond now", decision="agreed", response="We agree to this.")
        counts.append(words(await opened(screens, room.scrutineer)))

    assert ["1 of 3 have answered" in counts[0], "2 of 3 have answered" in counts[1]] == [True, True]
    assert "Agreed, 21 November 2026, between meetings" in counts[2]
    assert "by all three partners between meetings" in words(await screens.told(room.chair))


async def test_what_is_wrong_is_said_at_its_box_and_a_draft_can_be_finished_later(
    screens: Screens, room: Executive
) -> None:
    wrong = await raised(screens, room, title="", urgency="urgent", urgency_reason="")
    assert wrong == {"title": "Please give it a title.", "urgency_reason": "Please say why it cannot wait."}

    draft = await raised(screens, room, ask="", now="keep")
    assert "Before it can be sent, write: What do you ask the Executive to do?" in words(draft)
    form = await screens.presses(room.chair, await opened(screens, room.chair), "Change it")
    assert box_of(form, "issue")["element"]["initial_value"] == TEXTS["issue"]
    changed = await screens.sends(room.chair, form, ask=TEXTS["ask"])
    assert f"{REF} received" in words(await screens.presses(room.chair, changed, "Send it"))


async def test_one_that_came_back_unchanged_asks_for_the_reason_at_its_box(screens: Screens, room: Executive) -> None:
    await raised(screens, room)
    await screens.fills(room.manager, await opened(screens, room.manager), "Return it", reason="Say what was tried.")

    form = await screens.presses(room.chair, await opened(screens, room.chair), "Send it")

    assert "Nothing was changed" in (await screens.sends(room.chair, form))["reason"]
    assert f"{REF} received" in words(await screens.sends(room.chair, form, reason="It says so already."))


async def test_without_a_date_the_form_still_opens_and_says_what_to_do(screens: Screens, bot: Bot) -> None:
    room = Executive(bot, dates=False)
    await raised(screens, room)

    form = await screens.presses(room.manager, await opened(screens, room.manager), "Accept it")

    assert "No date is known: add one with dates" in words(form)
    assert "Dates are added with the word dates." in (await screens.sends(room.manager, form))["meeting"]


async def test_a_second_click_says_where_it_stands_and_changes_nothing(screens: Screens, room: Executive) -> None:
    await raised(screens, room, now="keep")
    seen = await opened(screens, room.chair)
    await screens.presses(room.chair, seen, "Send it")

    again = await screens.presses(room.chair, seen, "Send it")

    assert '"Send it" cannot be done' in words(again)
    assert "It is waiting for triage." in words(again)
    assert room.history() == ["drafted", "sent"]


async def test_the_second_of_two_at_once_is_told_what_changed_and_keeps_what_they_typed(
    screens: Screens, room: Executive
) -> None:
    await raised(screens, room)
    forms = [
        await screens.presses(who, await opened(screens, who), "Change its data")
        for who in (room.manager, room.coordinator)
    ]
    await screens.sends(room.manager, forms[0], title="The first title")

    told = await screens.sends(room.coordinator, forms[1], title="The second title")
    choice = box_of(told, SEEN)["element"]["options"][0]["value"]
    assert "Sam Invented changed this while you were writing" in words(told)
    assert "initial_value" not in box_of(told, "title")["element"]  # or Slack would put it over what was typed
    saved = await screens.sends(room.coordinator, told, title="The second title", **{SEEN: choice})

    assert "The second title" in words(saved)
    assert room.row().title == "The second title"


def _stored(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {table.name: list(connection.execute(table.select())) for table in metadata.sorted_tables}


async def test_speaking_up_in_slack_leaves_one_opaque_key_however_often_it_is_pressed(
    screens: Screens, room: Executive, slack: FakeSlack, bot: Bot
) -> None:
    fork = await screens.types(room.member, "escalate")
    before = _stored(bot.engine)

    first = await screens.presses(room.member, fork, "Speak up about wrongdoing")
    second = await screens.presses(room.member, fork, "Speak up about wrongdoing")

    after = _stored(bot.engine)
    new = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    assert first == second
    assert "Nothing is stored." in words(first)
    assert {name: len(rows) for name, rows in new.items() if rows} == {"handled_requests": 2}
    assert room.member.user_id not in repr(new)
    assert slack.calls("chat.postMessage") == []


# --- risks -----------------------------------------------------------------------------------------------------


async def test_a_risk_goes_from_the_alert_to_its_acceptance_in_slack(screens: Screens, desk: Risks) -> None:
    form = await screens.presses(desk.member, await screens.types(desk.member, "risk"), "Raise a risk")
    assert set(await screens.sends(desk.member, form)) == {"title", "event", "agencies", "level"}
    received = await screens.sends(desk.member, form, **ALERT)
    assert "Score as you gave it: *15, Red*." in words(received)

    waiting = await screens.presses(desk.manager, await screens.told(desk.manager), "Open it")
    scoring = await screens.presses(desk.manager, waiting, "Score it")
    assert "sustained gap in help for a group of children" in words(scoring)
    scored = await screens.sends(desk.manager, scoring, **SCORES)
    await screens.fills(desk.manager, scored, "Owner and answer", name="Ola Invented", group=GROUP)
    asked = await screens.told(desk.owner)
    assert labels(asked) == ["I will own it", "It is not mine", "Open it"]
    owned = await screens.presses(desk.owner, asked, "I will own it")
    assert f"{Tone.GOOD}: You own {RISK}" in words(owned)
    assert await screens.presses(desk.owner, asked, "I will own it") == owned
    assert f"{RISK} is on the register" in words(await screens.told(desk.member))

    again = await screens.presses(desk.owner, owned, "Score it again")
    await screens.sends(desk.owner, again, current_l="2", reason="The weekly meeting works.")
    form = await screens.presses(desk.partner, await opened(screens, desk.partner, RISK), "Accept it for a time")
    late = await screens.sends(desk.partner, form, reason="Nothing more can be done.", expiry="2026-11-01")
    assert late == {"expiry": "Please choose a day after today."}
    accepted = await screens.sends(desk.partner, form, reason="Nothing more can be done.", expiry="2027-02-01")

    assert f"{RISK} is accepted until Monday 1 February 2027" in words(accepted)
    assert f"{RISK} is accepted" in words(await screens.told(desk.owner))
    assert "Open it again" in labels(await opened(screens, desk.owner, RISK))


async def test_the_partners_get_one_notice_of_a_red_risk_that_needs_the_executive(
    screens: Screens, desk: Risks
) -> None:
    form = await screens.presses(desk.member, await screens.types(desk.member, "risk"), "Raise a risk")
    await screens.sends(desk.member, form, **ALERT, ticks="executive")

    notice = await screens.told(desk.partner)

    assert [one.card.title for one in desk.told(desk.partner)] == [f"{RISK} asks for the Executive"]
    assert "scores it 15, Red" in words(notice)


async def test_whoever_is_challenged_reads_the_question_in_the_notice(screens: Screens, desk: Risks) -> None:
    desk.opened()
    seen = await opened(screens, desk.scrutineer, RISK)

    question = {"challenge": "What shows that the weekly meeting works?", "name": "Ola Invented"}
    await screens.fills(desk.scrutineer, seen, "Challenge it", **question)

    notice = await screens.told(desk.owner)
    assert "What shows that the weekly meeting works?" in words(notice)
    answering = await screens.presses(desk.owner, notice, "Open it")
    assert labels(answering) == ["I am working on it", "Answer it", f"Open {RISK}", "Links", "History"]


async def test_a_list_leads_to_a_record_and_what_is_somebodys_own_to_the_same(screens: Screens, desk: Risks) -> None:
    desk.opened()

    listed = await screens.types(desk.member, "risks")
    found = await screens.fills(desk.member, listed, "Filter or find", which="red", words="neglect")
    record = await screens.presses(desk.member, listed, f"Open {RISK}")
    mine = await screens.types(desk.owner, "my")

    assert "There are none that you may read." in words(found)
    assert f"{RISK}: {ALERT['title']}" in words(record)
    assert button_of(mine, f"Open {RISK}")["value"] == RISK


async def test_only_who_may_bring_a_file_reads_that_it_can_be_brought_back(screens: Screens, desk: Risks) -> None:
    for who, brings in ((desk.member, False), (desk.manager, True)):
        offered = await screens.types(who, "export risks")
        assert ("brought back" in words(offered), "Bring a file" in labels(offered)) == (brings, brings)


async def test_a_file_is_a_link_that_is_for_the_one_who_asked(screens: Screens, desk: Risks) -> None:
    linked = await screens.types(desk.member, "export risks docx")

    assert button_of(linked, "Open the download page")["url"].startswith("https://bot.example/files/")
    assert "The link works once, for one hour, for you." in words(linked)
