"""In the playground: whose name is it? Asked in the open form, which keeps what was typed."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from handlers.safety import NOT_FAMILY
from tests.fakes import Script, script
from tests.playground.conftest import Enters, Opens
from tests.playground.screen import ask, focus_is_on, open_form, violations
from tests.playground.visitor import words

NAMED = "Does Danny keep the list of chairs?"
OVERRIDE = "It is not about a child or family"
COLLEAGUE = "A colleague or partner, in their work role"


@pytest.fixture
def scan() -> Script:
    """Give a guard that judges by a script."""
    return script()


# --- over HTTP -------------------------------------------------------------------------------------------------


async def test_a_form_with_a_name_is_answered_with_the_box_for_the_reason(enters: Enters) -> None:
    pat = await enters("practitioner")
    await pat.says("bees")
    form = await pat.presses("Ask the secretariat")

    asked = await pat.sends(form, question=NAMED)
    taken = await pat.sends(form, question=NAMED, **{NOT_FAMILY: "colleague"})

    assert "a name (word 2)" in asked.told["errors"]["question"]
    assert 'data-field="not_about_a_family"' in asked.told["also"]
    assert "Danny" not in json.dumps(asked.told)
    assert "passed to the secretariat" in taken.words


async def test_a_form_with_more_than_a_name_gets_no_such_box(enters: Enters) -> None:
    pat = await enters("practitioner")
    await pat.says("bees")

    asked = await pat.sends(await pat.presses("Ask the secretariat"), question="Danny, 943 476 5919")

    assert "also" not in asked.told


async def test_words_that_the_guard_could_not_look_at_are_not_shown_again(enters: Enters, scan: Script) -> None:
    pat = await enters("practitioner")
    scan.breaks()

    answer = await pat.says("a quiet question")

    page = await pat.opens()
    assert "999" in answer.words
    assert "a quiet question" not in answer.fragments + page
    assert "What you wrote was not kept." in words(page)


# --- in a real browser -----------------------------------------------------------------------------------------


def send(dialog: Locator, label: str = "Send") -> None:
    dialog.get_by_role("button", name=label).click()


def refused_form(page: Page) -> Locator:
    """Open the form for the secretariat, and send it with a name in it."""
    ask(page, "colour of the sky on mars")
    dialog = open_form(page, "Ask the secretariat")
    dialog.get_by_label("Your question").fill(NAMED)
    send(dialog)
    expect(dialog.get_by_role("alert")).to_be_visible()
    return dialog


@pytest.mark.browser
def test_a_name_in_a_form_is_asked_about_there_and_a_reason_sends_what_was_typed(opens: Opens) -> None:
    page = opens("practitioner")
    dialog = refused_form(page)

    group = dialog.get_by_role("group", name="Whose name is it?")
    expect(group).to_be_visible()
    expect(dialog.get_by_label("Your question")).to_have_value(NAMED)
    expect(dialog.get_by_role("alert")).to_be_focused()
    group.get_by_label(COLLEAGUE).check()
    send(dialog)

    expect(dialog).to_be_hidden()
    expect(page.locator(".card").last).to_contain_text("passed to the secretariat")


@pytest.mark.browser
def test_the_box_for_the_reason_is_named_described_and_reached_from_the_list_of_problems(opens: Opens) -> None:
    page = opens("practitioner")
    dialog = refused_form(page)

    described = dialog.get_by_role("group", name="Whose name is it?").get_attribute("aria-describedby") or ""
    dialog.get_by_role("link", name="Choose whose name it is").click()

    assert f"f-{NOT_FAMILY}-error" in described.split()
    expect(dialog.locator(f"#f-{NOT_FAMILY}-error")).to_have_text("Choose whose name it is, or take the name out.")
    assert focus_is_on(page, f"f-{NOT_FAMILY}")
    assert violations(page) == []


@pytest.mark.browser
def test_sending_again_without_a_reason_asks_once_and_keeps_everything(opens: Opens) -> None:
    dialog = refused_form(opens("practitioner"))

    send(dialog)

    expect(dialog.get_by_role("alert")).to_be_focused()
    expect(dialog.get_by_role("group", name="Whose name is it?")).to_have_count(1)
    expect(dialog.get_by_label("Your question")).to_have_value(NAMED)


@pytest.mark.browser
def test_a_refused_message_can_be_asked_again_in_an_empty_box(opens: Opens) -> None:
    page = opens("practitioner")
    refused = ask(page, NAMED)
    expect(refused).to_contain_text("Is this the name of a child or family?")

    dialog = open_form(page, OVERRIDE)
    expect(dialog.get_by_label("Your question")).to_have_value("")
    dialog.get_by_label("Your question").fill("What does Danny say about the threshold?")
    dialog.get_by_label(COLLEAGUE).check()
    send(dialog, "Ask")

    expect(dialog).to_be_hidden()
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator("main")).not_to_contain_text("Danny")
