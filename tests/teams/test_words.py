"""Words in Adaptive Cards: plain ones show as they were typed, and the small Markdown becomes runs of text."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.teams import render, words
from handlers.messages import Card, Facts, Note, Table, Text
from tests.slack.test_render import texts
from tests.teams import lint
from tests.teams.page import SEEN_AS

MARKDOWN = MarkdownIt("js-default", {"html": False})
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ufffe\uffff\u200b]")
MARKED = st.text(st.sampled_from("*_~`<>&|#!@[]()\\-+=.:1; \nabx{}é\"'/"), max_size=40)
LITERAL = {
    "bold": "**now** and __now__",
    "italic": "*now* and _now_ and a_b_c",
    "code": "`x` ``y``",
    "a link": "[the page](https://example.org)",
    "a named link": "[a]: https://example.org\n[a]",
    "a picture": "![a](https://example.org/a.png)",
    "crossed out": "~~x~~",
    "a list": "- one\n- two\n* three\n+ four",
    "a numbered list": "1. one\n2) two",
    "a heading": "# one\n## two",
    "a heading by a line": "one\n===\ntwo\n---",
    "a quotation": "> one",
    "a table": "| a | b |\n|---|---|\n| c | d |",
    "a line": "***",
    "a character's number": "&lt;b&gt; &#42; &amp;",
    "a tag": "<b>x</b> <at>Robin Invented</at> <https://example.org>",
    "a backslash": r"\*x\* C:\_new \\server",
    "a fence": "```\nx\n```",
    "an indent": "a\n\n    b",
}


def body(card: Card) -> list[lint.Json]:
    return list(render.message(card)["attachments"][0]["content"]["body"])


def _as_read(text: str) -> str:
    """Return what a reader of Markdown shows for a text, and fail when it finds anything but paragraphs."""
    shown = MARKDOWN.render(words.literal(text))
    assert not re.search(r"<(?!/?p>)", shown), shown
    return html.unescape(re.sub(r"</?p>", "", shown)).translate(SEEN_AS)


@pytest.mark.parametrize("text", LITERAL.values(), ids=LITERAL)
def test_plain_words_show_as_they_were_typed(text: str) -> None:
    assert _as_read(text).split() == text.split()


@given(st.one_of(MARKED, texts))
def test_any_words_show_as_they_were_typed(text: str) -> None:
    assert _as_read(text).split() == _UNSEEN.sub("", text).split()


MACROS = ("{{DATE(2026-11-21T09:30:00Z, SHORT)}}", "{{TIME(2026-11-21T09:30:00Z)}}")


@pytest.mark.parametrize("text", MACROS)
def test_what_looks_like_a_date_to_be_filled_in_is_words(text: str) -> None:
    card = Card(text, (Text(text), Note(text), Facts(((text, text),)), Table((text,), ((text,),))))

    shown = [said for block in body(card) for said in lint.words(block)]

    assert {said.replace("\u200b", "") for said in shown} == {text}
    assert text not in shown


PROSE: dict[str, tuple[str, list[list[dict[str, Any]]]]] = {
    "plain": ("one *", [[{"text": "one *"}]]),
    "bold": ("**Act** now", [[{"text": "Act", "weight": "Bolder"}, {"text": " now"}]]),
    "italic": ("*Act*", [[{"text": "Act", "italic": True}]]),
    "a link within the knowledge base": ("[Neglect](kb:neglect)", [[{"text": "Neglect"}]]),
    "a link that runs something": ("[x](javascript:alert)", [[{"text": "[x](javascript:alert)"}]]),
    "a list": ("First:\n\n- one\n- two", [[{"text": "First:"}], [{"text": "• one"}], [{"text": "• two"}]]),
    "a numbered list": ("3. one\n4. two", [[{"text": "3. one"}], [{"text": "4. two"}]]),
    "two lines": ("one  \ntwo", [[{"text": "one"}], [{"text": "two"}]]),
    "marks that somebody typed": (r"\*not\* a\_b", [[{"text": "*not* a_b"}]]),
    "tags": ("<b> &amp;lt;", [[{"text": "<b> &lt;"}]]),
}  # fmt: skip


@pytest.mark.parametrize(("markdown", "runs"), PROSE.values(), ids=PROSE)
def test_the_small_markdown_becomes_runs_of_text(markdown: str, runs: list[list[dict[str, Any]]]) -> None:
    blocks = body(Card("Title", (Text(markdown),)))[1:]

    assert [[{**run, "type": "TextRun"} for run in line] for line in runs] == [block["inlines"] for block in blocks]


LINKED = {
    "alone": ("[the page](https://example.org/?a=1&b=2)", "[the page](https://example.org/?a=1&b=2)"),
    "in a sentence": (
        "**See** [page_1](https://example.org/a_(b)), *now*",
        "**See** [page\u200b_1](https://example.org/a_%28b%29), _now_",
    ),
    "a telephone": ("Ring [020 7946 0000](tel:02079460000)", "Ring [020 7946 0000](tel:02079460000)"),
}  # fmt: skip


@pytest.mark.parametrize(("markdown", "text"), LINKED.values(), ids=LINKED)
def test_a_line_with_a_link_is_markdown_because_teams_opens_no_links_of_runs(markdown: str, text: str) -> None:
    [block] = body(Card("Title", (Text(markdown),)))[1:]

    assert (block["type"], block["text"]) == ("TextBlock", text)


@given(st.text(max_size=5000))
def test_no_word_is_lost_where_a_long_text_is_cut(text: str) -> None:
    shown = "".join(run["text"] for block in words.said(text) for run in block["inlines"])

    assert "".join(shown.replace("\u200b", "").split()) == "".join(_UNSEEN.sub("", text).split())
