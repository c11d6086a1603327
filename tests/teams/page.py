"""Cards drawn by Microsoft's own package in a browser, with the look that Teams gives them, and with Markdown."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from playwright.sync_api import Page

from tests.teams.lint import elements
from tests.teams.package import PACKAGE

SEEN_AS = str.maketrans({"\N{ASTERISK OPERATOR}": "*", "\N{MODIFIER LETTER GRAVE ACCENT}": "`", "\u200b": None})
_MARKDOWN = MarkdownIt("js-default", {"html": False})
_FONT = "'Segoe UI', 'Liberation Sans', Arial, sans-serif"


def _colours(text: str, quiet: str) -> dict[str, Any]:
    def both(colour: str, subtle: str = quiet) -> dict[str, str]:
        return {"default": colour, "subtle": subtle}

    return {
        "default": both(text), "dark": both("#252423"), "light": both("#ffffff"), "accent": both("#5b5fc7"),
        "good": both("#0b6a0b"), "warning": both("#835c00"), "attention": both("#b4233a"),
    }  # fmt: skip


def _style(back: str) -> dict[str, Any]:
    return {"backgroundColor": back, "foregroundColors": _colours("#252423", "#555453")}


# after samples/HostConfig of github.com/microsoft/AdaptiveCards
HOST: dict[str, Any] = {
    "fontFamily": _FONT,
    "supportsInteractivity": True,
    "spacing": {"small": 8, "default": 12, "medium": 16, "large": 20, "extraLarge": 24, "padding": 16},
    "separator": {"lineThickness": 1, "lineColor": "#e1dfdd"},
    "fontSizes": {"small": 12, "default": 14, "medium": 16, "large": 18, "extraLarge": 24},
    "fontWeights": {"lighter": 200, "default": 400, "bolder": 600},
    "containerStyles": {
        "default": _style("#ffffff"), "emphasis": _style("#f5f5f5"), "accent": _style("#e8ebfa"),
        "good": _style("#e7f2da"), "warning": _style("#fbf6d9"), "attention": _style("#fcf4f6"),
    },
    "actions": {
        "maxActions": 6, "buttonSpacing": 8, "actionsOrientation": "horizontal", "actionAlignment": "left",
        "spacing": "default",
    },
    "factSet": {
        "title": {"weight": "bolder", "wrap": True, "maxWidth": 150}, "value": {"wrap": True}, "spacing": 16,
    },
    "table": {"cellSpacing": 8},
    "inputs": {"label": {"requiredInputs": {"weight": "bolder"}, "optionalInputs": {"weight": "bolder"}}},
}  # fmt: skip
_PAGE = f"""<!doctype html><html lang="en"><title>Cards</title><meta name="viewport" content="width=device-width">
<style>
body {{ margin: 0; padding: 8px; background: #f5f5f5; font: 14px {_FONT} }}
main {{ overflow-wrap: anywhere }} /* the programs for phones, which are no browsers, break long words */
.ac-actionSet {{ flex-wrap: wrap }}
.card {{ background: #fff; border-radius: 6px; margin-bottom: 12px; box-shadow: 0 1px 3px #0003; overflow: hidden }}
.ac-pushButton {{ padding: 6px 12px; border: 1px solid #d1d1d1; border-radius: 4px; background: #fff; font: inherit;
  max-width: 100% }}
.ac-pushButton.style-positive {{ background: #5b5fc7; color: #fff }}
.ac-pushButton.style-destructive {{ color: #b4233a }}
.ac-input {{ font: inherit; padding: 5px; border: 1px solid #d1d1d1; border-radius: 4px;
  width: 100%; box-sizing: border-box }}
input[type=radio].ac-input, input[type=checkbox].ac-input {{ width: auto }}
</style><main></main></html>"""
_DRAW = """([cards, host, html]) => {
    const AC = window.AdaptiveCards;
    AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
        result.outputHtml = html[text] ?? text;
        result.didProcess = true;
    };
    for (const json of cards) {
        const card = new AC.AdaptiveCard();
        card.hostConfig = new AC.HostConfig(host);
        card.parse(json);
        const place = document.createElement("div");
        place.className = "card";
        place.append(card.render());
        document.querySelector("main").append(place);
    }
}"""


# one grey point: a picture that cannot be had takes its alternative text with it
_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


def draw(page: Page, cards: Sequence[Mapping[str, Any]], *, phone: bool = False) -> None:
    """Draw cards under each other on an empty page. Every picture is a grey point; on a phone, buttons are stacked."""
    actions = {**HOST["actions"], "actionsOrientation": "vertical" if phone else "horizontal"}
    page.route("**/*", lambda route: route.fulfill(body=_PICTURE, content_type="image/png"))
    page.set_content(_PAGE)
    page.add_script_tag(content=PACKAGE.read_text(encoding="utf-8").rpartition("//# sourceMappingURL")[0])
    html = {text: _MARKDOWN.render(text) for card in cards for text in _read_as_markdown(card)}
    page.evaluate(_DRAW, [list(cards), {**HOST, "actions": actions}, html])


def _read_as_markdown(card: Mapping[str, Any]) -> Iterator[str]:
    for row in elements(card):
        match row["type"]:
            case "TextBlock":
                yield row["text"]
            case "FactSet":
                yield from (text for fact in row["facts"] for text in fact.values())
            case "Input.ChoiceSet":
                yield from (choice["title"] for choice in row["choices"])
            case "Input.Toggle":
                yield row["title"]
            case _:
                continue


def read(page: Page) -> list[str]:
    """Return what can be read in each card on the page, boxes and pictures included, without spaces and marks."""
    found: list[str] = page.evaluate(
        """() => Array.from(document.querySelectorAll(".card"), (card) => [
            card.innerText,
            ...Array.from(card.querySelectorAll("input, textarea"), (one) => one.value),
            ...Array.from(card.querySelectorAll("img"), (one) => one.alt),
            ...Array.from(card.querySelectorAll("option"), (one) => one.text),
        ].join("\\n"))"""
    )
    return [_bare(text) for text in found]


def _bare(text: str) -> str:
    return "".join(text.translate(SEEN_AS).split())


def missing(shown: str, texts: Iterable[str]) -> list[str]:
    """Return which texts cannot be read in what a card shows."""
    return [text for text in texts if _bare(text) not in shown]
