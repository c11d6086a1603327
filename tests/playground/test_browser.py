"""The playground in a real Chromium: what people do, with the mouse and with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.playground.conftest import Opens
from tests.playground.screen import ask, focus_is_on, open_form, press, walk_back_to

pytestmark = pytest.mark.browser


def test_a_practitioner_asks_for_the_threshold_and_says_that_it_helped(opens: Opens) -> None:
    pat = opens("practitioner")

    answer = ask(pat, "threshold")
    thanks = press(pat, "This helped")

    expect(answer).to_contain_text("Thresholds and tiers of need")
    expect(answer).to_contain_text("Not yet approved by the partnership")
    expect(thanks).to_contain_text("I have noted that this answer helped")
    expect(pat.get_by_label("Your message")).to_have_value("")


def test_a_question_goes_to_the_secretariat_and_the_answer_comes_back_and_becomes_a_draft(
    opens: Opens, tmp_path: Path
) -> None:
    pat, nico = opens("practitioner"), opens("coordinator")
    ask(pat, "colour of the sky on mars")
    dialog = open_form(pat, "Ask the secretariat")
    expect(dialog.get_by_label("Your question")).to_have_value("colour of the sky on mars")

    dialog.get_by_label("Your question").fill("")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Your question: Please write your question here.")
    expect(dialog.get_by_label("Your question")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Your question").fill("Who pays for the room?")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_hidden()
    expect(pat.locator(".card").last).to_contain_text("passed to the secretariat")

    expect(nico.locator(".card").last).to_contain_text("Who pays for the room?")
    reply = open_form(nico, "Answer")
    reply.get_by_label("Your answer").fill("The host agency does.")
    reply.get_by_role("button", name="Send").click()
    expect(nico.locator(".card").last).to_contain_text("your answer is on its way")

    expect(pat.locator(".card").last).to_contain_text("The host agency does.")

    press(nico, "Make it an article")
    with nico.context.expect_page() as opened:
        nico.get_by_role("link", name="Open the download page").click()
    with opened.value.expect_download() as download:
        opened.value.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "draft.md")
    assert "The host agency does." in (tmp_path / "draft.md").read_text()


def test_an_answer_is_shown_to_everyone_in_the_shared_channel(opens: Opens) -> None:
    pat, robin = opens("practitioner", room="forum"), opens("scrutineer", room="forum")

    ask(pat, "threshold")
    press(pat, "Show everyone")

    expect(robin.locator(".card").last).to_contain_text("Thresholds and tiers of need")
    expect(robin.get_by_text("Only visible to you")).to_have_count(0)


def test_a_message_for_somebody_else_is_counted_beside_their_name(opens: Opens) -> None:
    pat = opens("practitioner")
    ask(pat, "zzzz")
    dialog = open_form(pat, "Ask the secretariat")
    dialog.get_by_label("Your question").fill("Who pays for the room?")
    dialog.get_by_role("button", name="Send").click()

    expect(pat.get_by_role("link", name="Nico Coordinator")).to_contain_text("1 new")
    pat.get_by_role("link", name="Nico Coordinator").click()
    expect(pat.locator(".card").last).to_contain_text("Who pays for the room?")
    expect(pat.get_by_role("link", name="Nico Coordinator")).not_to_contain_text("new")


def test_changing_the_person_keeps_every_conversation_and_what_was_not_sent(opens: Opens) -> None:
    page = opens("practitioner")
    ask(page, "threshold")
    page.get_by_label("Your message").fill("not yet sent")

    page.get_by_role("link", name="Charlie Chair").click()
    expect(page).to_have_title("Direct message, as Charlie Chair - Safeguarding assistant")
    expect(page.get_by_label("Your message")).to_have_value("")
    expect(page.get_by_role("heading", name="Thresholds and tiers of need")).to_have_count(0)
    page.go_back()

    expect(page.get_by_role("link", name="Pat Practitioner")).to_have_attribute("aria-current", "page")
    expect(page.get_by_label("Your message")).to_have_value("not yet sent")
    expect(page.get_by_role("heading", name="Thresholds and tiers of need")).to_have_count(1)


def test_escape_closes_a_form_and_keeps_what_was_typed(opens: Opens) -> None:
    page = opens("practitioner")
    ask(page, "zzzz")
    dialog = open_form(page, "Ask the secretariat")
    dialog.get_by_label("Your question").fill("Half a quest")

    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    assert focus_is_on(page, "Ask the secretariat")
    expect(page.get_by_role("status")).to_contain_text("What you typed comes back")
    expect(open_form(page, "Ask the secretariat").get_by_label("Your question")).to_have_value("Half a quest")


def test_when_the_server_is_lost_the_words_stay_and_sending_again_runs_once(opens: Opens) -> None:
    page = opens("practitioner", expected="ERR_FAILED")
    page.route("**/playground/say", lambda route: route.abort())
    page.get_by_label("Your message").fill("threshold")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")
    expect(page.get_by_label("Your message")).to_have_value("threshold")

    page.unroute("**/playground/say")
    page.keyboard.press("Enter")

    expect(page.locator(".card").last).to_contain_text("Thresholds and tiers of need")
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_label("You said")).to_have_count(1)


def test_an_impatient_person_is_answered_once(opens: Opens) -> None:
    page = opens("practitioner")
    ask(page, "threshold")

    page.get_by_role("button", name="This helped").dblclick()
    page.wait_for_timeout(2500)  # longer than the pause between two looks for news

    expect(page.get_by_role("heading", name="Thank you")).to_have_count(1)


def test_a_link_in_an_answer_leads_to_the_other_article(opens: Opens) -> None:
    page = opens("practitioner")
    answer = ask(page, "threshold")

    answer.locator("button.topic").first.click()

    expect(page.locator(".card")).to_have_count(3)


def test_what_slack_would_be_sent_is_folded_under_every_card(opens: Opens) -> None:
    page = opens("practitioner")
    ask(page, "threshold")
    sent = page.locator("details.sent", has_text="What Slack would be sent").last

    sent.locator("summary").click()

    expect(sent.locator("pre")).to_contain_text('"type": "header"')


def test_everything_can_be_done_with_the_keyboard_alone(opens: Opens) -> None:
    page = opens("practitioner")
    page.keyboard.press("Tab")
    assert focus_is_on(page, "Skip to your message")
    page.keyboard.press("Enter")
    assert focus_is_on(page, "text")

    page.keyboard.type("zzzz")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(2)
    walk_back_to(page, "Ask the secretariat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert focus_is_on(page, "f-question")

    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    assert focus_is_on(page, "Send")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_focused()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link to the box that is wrong
    assert focus_is_on(page, "f-question")
    page.keyboard.type("Who pays for the room?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".card").last).to_contain_text("passed to the secretariat")
    assert focus_is_on(page, "Ask the secretariat")


def test_what_is_typed_right_after_skipping_to_the_box_stays(opens: Opens) -> None:
    page = opens("practitioner")
    fetched: list[str] = []
    page.route("**/*as=*", lambda route: fetched.append(route.request.url))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focus_is_on(page, "text")

    page.keyboard.type("zzzz")

    expect(page.get_by_label("Your message")).to_have_value("zzzz")
    assert [url for url in fetched if "/news" not in url] == []


def test_what_is_typed_while_the_page_of_somebody_else_comes_is_kept_for_its_place(opens: Opens) -> None:
    page = opens("practitioner")
    waits: list[Route] = []
    page.route(re.compile(r"/\?as=coordinator"), lambda route, _request: waits.append(route))
    with page.expect_request(re.compile(r"/\?as=coordinator")):
        page.locator('[data-go][href*="as=coordinator"]').first.click()

    page.get_by_label("Your message").fill("half a thought")
    waits[0].continue_()
    expect(page.locator("body")).to_have_attribute("data-person", "coordinator")
    page.go_back()

    expect(page.get_by_label("Your message")).to_have_value("half a thought")


def test_the_focus_stays_inside_an_open_form(opens: Opens) -> None:
    page = opens("practitioner")
    ask(page, "zzzz")
    open_form(page, "Ask the secretariat")

    outside = []
    for _ in range(8):
        page.keyboard.press("Tab")
        # between the last and the first box the browser's own buttons have their turn
        outside += page.evaluate("[document.activeElement].filter((one) => !one.matches('body, dialog *'))")

    assert outside == []


def test_the_box_at_the_bottom_never_hides_what_has_the_focus(opens: Opens) -> None:
    page = opens("practitioner", height=600)
    ask(page, "threshold")
    ask(page, "contact")
    page.get_by_label("Your message").focus()

    hidden = []
    for _ in range(25):
        page.keyboard.press("Shift+Tab")
        page.wait_for_timeout(30)
        hidden += page.evaluate(
            """() => {
                const one = document.activeElement, say = document.getElementById("say").getBoundingClientRect();
                const box = one.getBoundingClientRect();
                const inside = one.closest("#say, .people, .top, .skip") || one === document.body;
                return !inside && (box.bottom > say.top + 1 || box.top < 0) && box.height < 300 ? [one.outerHTML] : [];
            }"""
        )

    assert hidden == []


def test_without_its_script_the_page_puts_no_words_into_an_address(opens: Opens) -> None:
    page = opens("practitioner", java_script_enabled=False)
    address = page.url

    page.get_by_label("Your message").fill("secret words")
    page.get_by_role("button", name="Send").click()

    assert page.url == address
