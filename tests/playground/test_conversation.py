"""What people do at the playground, over HTTP and through the same dispatcher as everywhere else."""

from __future__ import annotations

import asyncio
import json
import re

import httpx
import pytest

from bot.outbox import Outbox
from bot.playground import Playground
from bot.playground.rooms import FORUM, KEPT
from bot.sending import Undeliverable
from db.deliveries import Destination
from handlers.demo import PERSONAS
from handlers.messages import Card, Text
from tests.playground.conftest import Enters
from tests.playground.visitor import Visitor, words


async def test_the_page_greets_and_offers_everybody(enters: Enters) -> None:
    pat = await enters("practitioner")

    page = await pat.opens()

    assert "Ask about safeguarding procedures" in words(page)
    assert all(f'href="/?as={key}"' in page and persona.name in page for key, persona in PERSONAS.items())


async def test_who_finds_messages_at_the_first_visit_is_greeted_before_them(
    client: httpx.AsyncClient, site: Playground
) -> None:
    await site.sender.send(Destination("playground", "coordinator"), Card("A notice"), delivery_id="d-1")

    pages = [words(await Visitor(client, "coordinator").opens()) for _ in range(2)]

    assert pages[0].index("Ask about safeguarding") < pages[0].index("A notice")
    assert pages[1].count("Ask about safeguarding") == 1


async def test_a_question_is_answered_under_the_words_of_the_person(enters: Enters) -> None:
    pat = await enters("practitioner")

    answer = await pat.says("neglect")

    said, card = answer.told["entries"]
    assert "neglect" in words(said)
    assert "Do the first thing about Neglect" in words(card).replace("neglect", "Neglect")


async def test_every_person_has_a_conversation_of_their_own(enters: Enters) -> None:
    pat, charlie = await enters("practitioner"), await enters("chair")

    await pat.says("neglect")

    assert "Do the first thing" in await pat.opens()
    assert "Do the first thing" not in await charlie.opens()


async def test_every_card_shows_what_slack_would_be_sent(enters: Enters) -> None:
    answer = await (await enters("practitioner")).says("neglect")

    shown = re.search(r"<pre[^>]*><code>(.*?)</code>", answer.fragments, re.DOTALL)

    assert shown
    message = json.loads(shown[1].replace("&#34;", '"').replace("&amp;", "&").replace("&#39;", "'"))
    assert message["blocks"][0]["text"]["text"] == "Neglect"


async def test_a_button_is_pressed_and_answered(enters: Enters) -> None:
    pat = await enters("practitioner")
    await pat.says("neglect")

    answer = await pat.presses("This helped")

    assert "Thank you" in answer.words
    assert answer.told["trouble"] is False


async def test_a_question_for_the_secretariat_appears_at_the_coordinator_and_the_answer_at_the_asker(
    enters: Enters, outbox: Outbox
) -> None:
    pat, nico = await enters("practitioner"), await enters("coordinator")
    await pat.says("zzzz")
    sent = await pat.sends(await pat.presses("Ask the secretariat"), question="Who takes the minutes?")
    await outbox.run_once()
    arrived = await nico.looks()

    reply = await nico.sends(await nico.presses("Answer"), answer="The coordinator takes them.")
    await outbox.run_once()
    answered = await pat.looks()

    assert "ASK-2026-001" in sent.words
    assert "Who takes the minutes?" in arrived.words
    assert "your answer is on its way" in reply.words
    assert "The coordinator takes them." in answered.words


async def test_the_others_see_how_many_messages_wait_for_them(enters: Enters, outbox: Outbox) -> None:
    pat, nico = await enters("practitioner"), await enters("coordinator")
    await pat.says("zzzz")
    await pat.sends(await pat.presses("Ask the secretariat"), question="Who takes the minutes?")
    await outbox.run_once()

    before = (await pat.looks()).told["unread"]
    await nico.looks()
    after = (await pat.looks()).told["unread"]

    assert (before["coordinator"], after["coordinator"]) == (1, 0)


async def test_in_the_shared_channel_an_answer_is_private_until_it_is_shown_to_everyone(
    enters: Enters, outbox: Outbox
) -> None:
    pat, charlie = await enters("practitioner", "forum"), await enters("chair", "forum")
    answer = await pat.says("neglect")
    before = await charlie.looks()

    await pat.presses("Show everyone")
    await outbox.run_once()

    assert "Only visible to you" in answer.words
    assert before.told["entries"] == []
    shown = await charlie.looks()
    assert "Do the first thing about neglect" in shown.words
    assert "Only visible to you" not in shown.words


async def test_a_direct_message_has_nobody_to_show_an_answer_to(enters: Enters) -> None:
    answer = await (await enters("practitioner")).says("neglect")

    assert "Show everyone" not in answer.words


async def test_a_message_that_is_sent_again_is_said_and_answered_once(enters: Enters) -> None:
    pat = await enters("practitioner")
    first = await pat.says("neglect", key="the-same-message")

    again = await pat.says("neglect", key="the-same-message")

    assert len(first.told["entries"]) == 2
    assert again.told["entries"] == []
    assert again.told["repeated"] is True


async def test_a_double_click_runs_once(enters: Enters) -> None:
    pat = await enters("practitioner")
    await pat.says("neglect")

    both = await asyncio.gather(
        pat.presses("This helped", key="one-click"), pat.presses("This helped", key="one-click")
    )

    page = await pat.opens()
    assert sorted(answer.told.get("repeated", False) for answer in both) == [False, True]
    assert words(page).count("I have noted that this answer helped") == 1


async def test_a_form_that_is_sent_twice_is_answered_the_same_and_kept_once(enters: Enters, outbox: Outbox) -> None:
    pat, nico = await enters("practitioner"), await enters("coordinator")
    await pat.says("zzzz")
    form = await pat.presses("Ask the secretariat")
    await pat.sends(form, question="Who takes the minutes?")

    again = await pat.sends(form, question="Who takes the minutes?")
    await outbox.run_once()

    page = await pat.opens()
    assert again.status == 200
    assert words(page).count("passed to the secretariat") == 1
    assert (await nico.looks()).words.count("A question for the secretariat") == 1


async def test_a_form_with_errors_says_which_box_and_can_be_sent_again(enters: Enters) -> None:
    pat = await enters("practitioner")
    await pat.says("zzzz")
    form = await pat.presses("Ask the secretariat")

    wrong = await pat.sends(form, question="")
    right = await pat.sends(form, question="Who takes the minutes?")

    assert wrong.told["errors"] == {"question": "Please write your question here."}
    assert "ASK-2026-001" in right.words


async def test_a_form_opens_with_the_words_of_the_unanswered_question(enters: Enters) -> None:
    pat = await enters("practitioner")
    await pat.says("who takes the minutes")

    form = await pat.presses("Ask the secretariat")

    assert "who takes the minutes" in form.told["form"]


async def test_words_about_a_child_in_danger_are_answered_with_999_and_are_not_kept(enters: Enters) -> None:
    pat = await enters("practitioner")

    answer = await pat.says("he is hitting her right now")

    page = await pat.opens()
    assert "Act now" in answer.words
    assert "999" in answer.words
    assert "hitting" not in answer.fragments + page
    assert "What you wrote was not kept." in words(page)


async def test_words_that_name_a_child_are_not_kept(enters: Enters) -> None:
    pat = await enters("practitioner")

    answer = await pat.says("NHS 943 476 5919 what now")

    assert "943 476" not in answer.fragments + await pat.opens()
    assert "personal details" in answer.words


async def test_a_stranger_may_ask_but_not_see_the_gaps(enters: Enters) -> None:
    val = await enters("visitor")

    assert "Do the first thing" in (await val.says("neglect")).words
    assert "I cannot show you that" in (await val.says("gaps")).words


async def test_a_delivery_that_comes_twice_is_shown_once(enters: Enters, site: Playground) -> None:
    pat = await enters("practitioner")
    to, card = Destination("playground", "practitioner"), Card("A notice", (Text("Read me."),))

    first = await site.sender.send(to, card, delivery_id="d-1")
    again = await site.sender.send(to, card, delivery_id="d-1")

    assert first == again
    assert (await pat.looks()).words.count("Read me.") == 1


async def test_a_delivery_for_one_person_of_the_channel_is_seen_by_nobody_else(
    enters: Enters, site: Playground
) -> None:
    pat, charlie = await enters("practitioner", "forum"), await enters("chair", "forum")

    await site.sender.send(Destination("playground", FORUM, only_for="chair"), Card("A notice"), delivery_id="d-1")

    assert (await pat.looks()).told["entries"] == []
    assert "A notice" in (await charlie.looks()).words


async def test_a_delivery_for_nobody_says_that_it_never_will_arrive(site: Playground) -> None:
    with pytest.raises(Undeliverable):
        await site.sender.send(Destination("playground", "nobody"), Card("A notice"), delivery_id="d-1")


async def test_a_long_conversation_forgets_its_beginning(enters: Enters, site: Playground) -> None:
    pat = await enters("practitioner")
    for number in range(KEPT + 5):
        await site.sender.send(
            Destination("playground", "practitioner"), Card(f"Notice {number}."), delivery_id=f"d-{number}"
        )

    page = await pat.opens()

    assert page.count("<article") == KEPT
    assert f"Notice {KEPT + 4}." in page
    assert "Notice 0." not in page
