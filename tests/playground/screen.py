"""What a person does with the page in a real browser, as short sentences."""

from __future__ import annotations

from importlib import resources
from typing import Any

from playwright.sync_api import Locator, Page, TimeoutError, expect  # noqa: A004 - theirs is called so

WAIT = 5_000  # milliseconds
_AXE = (resources.files("axe_core_python") / "axe.min.js").read_text()
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def ask(page: Page, words: str) -> Locator:
    """Type words, send them with Enter, and return the card that answers."""
    before = page.locator(".card").count()
    page.get_by_label("Your message").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(before + 1)
    return page.locator(".card").nth(before)


def press(page: Page, label: str) -> Locator:
    """Press the last button that is labelled so, and return the card that answers."""
    before = page.locator(".card").count()
    page.get_by_role("button", name=label, exact=True).last.click()
    expect(page.locator(".card")).to_have_count(before + 1)
    return page.locator(".card").nth(before)


def open_form(page: Page, label: str) -> Locator:
    """Press the last button that is labelled so, and return the dialog that opens."""
    page.get_by_role("button", name=label, exact=True).last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


_FOCUSED = "document.activeElement.innerText?.trim() || document.activeElement.id"


def focus_is_on(page: Page, name: str) -> bool:
    """Wait until the focus is on what has these words or this id; return False when it never is."""
    try:
        page.wait_for_function(f"name => ({_FOCUSED}) === name", arg=name, timeout=WAIT)
    except TimeoutError:
        return False
    return True


def walk_back_to(page: Page, name: str) -> None:
    """Press Shift and Tab until the focus is there."""
    passed: list[str] = []
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        passed.append(page.evaluate(_FOCUSED))
        if passed[-1] == name:
            return
    raise AssertionError(f"the keyboard never reaches '{name}', only {passed}")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong on the page as it is, one line for each kind."""
    page.evaluate(_AXE)  # evaluated from outside the page, so that its security policy stays as it is
    found: dict[str, Any] = page.evaluate("tags => axe.run({runOnly: tags})", _STANDARDS)
    assert found["passes"], "axe-core looked at nothing"
    return [f"{row['id']}: {[node['html'][:120] for node in row['nodes']]}" for row in found["violations"]]


def sticks_out(page: Page) -> list[str]:
    """Return what is wider than the window, so that a reader would have to scroll to the side."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
            const width = document.documentElement.clientWidth;
            const out = document.documentElement.scrollWidth > width ? ["the page"] : [];
            const inside = (tree) => [...tree.querySelectorAll("*")].flatMap(
                (one) => [one, ...(one.shadowRoot ? inside(one.shadowRoot) : [])]);
            for (const one of inside(document.body)) {
                const box = one.getBoundingClientRect();
                const hidden = one.closest(".unseen, thead, pre, [hidden], dialog:not([open])");
                if (box.width && !hidden && box.right > width + 1) out.push(one.outerHTML.slice(0, 80));
            }
            return out;
        }"""
    )


def small_targets(page: Page) -> list[str]:
    """Return what is to be clicked and smaller than 24 by 24 pixels; links inside a sentence may be."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => [...document.querySelectorAll("a, button, input, textarea, select, summary")]
            .filter((one) => one.checkVisibility() && !one.matches(".topic, p a, li p a, .skip"))
            .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
            .filter(([box]) => box.width && (box.width < 24 || box.height < 24))
            .map(([box, html]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""
    )
