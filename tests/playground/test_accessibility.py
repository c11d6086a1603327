"""What a machine can tell about who can use the page: axe-core on every kind of screen, widths, targets, motion."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.playground.conftest import Opens
from tests.playground.screen import ask, open_form, press, small_targets, sticks_out, violations

pytestmark = pytest.mark.browser


def _start(page: Page) -> None:
    expect(page.locator(".card")).to_have_count(1)


def _answer(page: Page) -> None:
    ask(page, "threshold")
    for platform in ("Slack", "Microsoft Teams"):
        page.locator("summary", has_text=f"What {platform} would be sent").last.click()
    expect(page.locator(".drawing fieldset")).to_be_visible()


def _danger(page: Page) -> None:
    ask(page, "he is hitting her right now")
    expect(page.locator(".tone-danger")).to_be_visible()


def _form_with_errors(page: Page) -> None:
    ask(page, "zzzz")
    dialog = open_form(page, "Ask the secretariat")
    dialog.get_by_label("Your question").fill("")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_be_visible()


def _gaps(page: Page) -> None:
    ask(page, "colour of the sky on mars")
    ask(page, "threshold")
    press(page, "It did not help")
    ask(page, "gaps")
    expect(page.locator("table")).to_have_count(2)


def _status(page: Page) -> None:
    ask(page, "status")
    expect(page.locator(".facts").first).to_be_visible()


def _problem(page: Page) -> None:
    page.route("**/playground/say", lambda route: route.abort())
    page.get_by_label("Your message").fill("threshold")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


SCREENS = {
    "start page": _start,
    "answer": _answer,
    "danger card": _danger,
    "form with errors": _form_with_errors,
    "gaps table": _gaps,
    "status": _status,
    "server lost": _problem,
}
LOOKS: dict[str, tuple[Literal["light", "dark"], int, int]] = {
    "light": ("light", 1280, 900),
    "dark": ("dark", 1280, 900),
    "phone": ("light", 320, 640),
    "dark phone": ("dark", 390, 844),
}


@pytest.mark.parametrize("prepare", SCREENS.values(), ids=SCREENS)
def test_axe_finds_nothing_and_nothing_sticks_out_and_nothing_is_too_small_to_hit(
    opens: Opens, prepare: Callable[[Page], None]
) -> None:
    page = opens("coordinator", expected="ERR_FAILED")
    prepare(page)

    found = {}
    for look, (scheme, width, height) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        found[look] = [*violations(page), *sticks_out(page), *small_targets(page)]

    assert found == {look: [] for look in LOOKS}


def test_axe_finds_nothing_on_the_download_page(opens: Opens) -> None:
    page = opens("coordinator", expected="410")

    page.goto(page.url.partition("?")[0] + "files/none")

    expect(page.get_by_role("heading", level=1)).to_contain_text("does not work any more")
    assert violations(page) == []


def test_axe_finds_nothing_on_the_upload_page_which_fits_a_phone_and_is_used_by_keyboard(opens: Opens) -> None:
    page = opens("coordinator", width=320, expected="422")
    ask(page, "bulletin")
    press(page, "Bring a file")
    page.goto(str(page.get_by_role("link", name="Open the upload page").last.get_attribute("href")))
    field = page.get_by_label("The bulletin, as a Markdown file")
    first = [*violations(page), *sticks_out(page)]

    field.set_input_files({"name": "week.md", "mimeType": "text/markdown", "buffer": b"colour: red"})
    field.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("Error:")
    assert [*first, *violations(page), *sticks_out(page)] == []


@pytest.mark.parametrize("zoom", [2, 4], ids=["200 %", "400 %"])
def test_zoomed_in_the_page_needs_no_scrolling_to_the_side_and_the_text_box_stays_usable(
    opens: Opens, zoom: int
) -> None:
    page = opens("practitioner", width=1280 // zoom, height=1024 // zoom, device_scale_factor=zoom)

    ask(page, "threshold")
    _walk(page)

    assert sticks_out(page) == []


def test_with_text_spaced_out_nothing_is_cut_off(opens: Opens) -> None:
    page = opens("practitioner", width=320)
    ask(page, "threshold")

    # the distances of WCAG 1.4.12, set from outside the page, as a reader's own style sheet would be
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
                word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
            document.adoptedStyleSheets = [sheet];
        }"""
    )

    assert sticks_out(page) == []
    cut_off = page.evaluate(
        """() => [...document.querySelectorAll(".button, .card, .tabs a, summary")]
            .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
            .map((one) => one.outerHTML)"""
    )
    assert cut_off == []


def test_headings_come_in_order(opens: Opens) -> None:
    page = opens("coordinator")
    ask(page, "gaps")

    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((one) => Number(one.tagName[1]))")

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_new_messages_and_news_are_announced(opens: Opens) -> None:
    page = opens("practitioner")

    log, status = page.get_by_role("log"), page.get_by_role("status")

    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_accessible_name("Direct message")
    expect(status).to_have_count(1)


def test_a_form_is_read_with_its_title_its_hints_and_its_errors(opens: Opens) -> None:
    page = opens("practitioner")
    ask(page, "zzzz")
    dialog = open_form(page, "Ask the secretariat")
    box = dialog.get_by_label("Your question")
    box.fill("")
    dialog.get_by_role("button", name="Send").click()

    expect(dialog).to_have_accessible_name("Ask the secretariat")
    expect(dialog).to_have_accessible_description(re.compile("Do not write about one child or family"))
    expect(box).to_have_accessible_description(
        re.compile(r"No names.* Error: Please write your question here\. At most 1,000 characters\.")
    )


def test_the_danger_card_is_told_apart_without_colour(opens: Opens) -> None:
    page = opens("practitioner", forced_colors="active")

    card = ask(page, "he is hitting her right now")

    expect(card.get_by_role("heading")).to_contain_text("Act now")
    assert card.evaluate("(one) => parseFloat(getComputedStyle(one).borderLeftWidth)") > 4


def test_the_page_is_in_english_and_its_title_says_where_one_is(opens: Opens) -> None:
    page = opens("chair", room="forum")

    expect(page).to_have_title("#safeguarding-forum, as Charlie Chair - Safeguarding assistant")
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")


def test_the_focus_is_always_visible(opens: Opens) -> None:
    page = opens("practitioner")

    widths = []
    for _ in range(16):
        page.keyboard.press("Tab")
        widths.append(page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)"))

    assert min(widths) >= 2


def test_nothing_moves_by_itself(opens: Opens) -> None:
    page = opens("practitioner")
    ask(page, "threshold")
    open_form(page, "Ask the secretariat")

    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate(
        "[...document.querySelectorAll('*')].every((one) => getComputedStyle(one).scrollBehavior === 'auto')"
    )


def _walk(page: Page) -> None:
    for one in (page.get_by_role("button", name="This helped"), page.get_by_label("Your message")):
        one.focus()
        expect(one).to_be_in_viewport(ratio=1)
