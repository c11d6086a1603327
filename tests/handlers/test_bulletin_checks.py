"""What is checked in a bulletin before it may be approved: what is found, and what has to pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot import surfaces
from handlers import wording
from handlers.bulletins import checks
from handlers.bulletins.checks import MARKED, PICTURE, TITLE, WHOLE, Problem
from handlers.bulletins.draft import Draft
from tests import fakes

GOOD = Draft(
    ref="BUL-2026-001",
    kind="monthly",
    title="New guide to neglect",
    sections={
        "headline": (
            "- What: the neglect guide is new.\n"
            "- Why now: more families need help early.\n"
            "- What to do: read [the neglect guide](https://example.org/neglect) with your team."
        ),
        "procedures": "The Common Assessment Framework (CAF) form has changed. Use the new form from 1 December.",
        "links": "Tell us what you think: [the feedback form](https://example.org/feedback).",
    },
    image_url="https://example.org/park.png",
    image_alt="Two young people on a bench in a park",
)
YOUNG = Draft(
    ref="BUL-2026-002",
    kind="young-people",
    title="Group chats",
    sections={"topic": "A group chat can feel like too much.", "help": "You can leave it. You can tell an adult."},
)


def found(draft: Draft) -> list[Problem]:
    return checks.check(draft, fakes.knowledge(), surfaces.every())


def written(text: str, draft: Draft = GOOD) -> Draft:
    return replace(draft, sections={**draft.sections, "headline": text})


@pytest.mark.parametrize("draft", [GOOD, YOUNG], ids=["monthly", "young people"])
def test_a_good_bulletin_passes(draft: Draft) -> None:
    assert found(draft) == []


# --- one text --------------------------------------------------------------------------------------------------

STOPPED = {
    "click here": ("Read more [here](https://example.org/a).", "says nothing by itself"),
    "click here, long": ("[Click here!](https://example.org/a) for it.", "says nothing by itself"),
    "read more": ("The guide is new. [Read more](https://example.org/a).", "says nothing by itself"),
    "this link": ("Use [this **link**](https://example.org/a) today.", "says nothing by itself"),
    "emoji as link": ("Look: [👉](https://example.org/a).", "says nothing by itself"),
    "address as its own words": ("See [https://example.org/a](https://example.org/a).", "bare address"),
    "bare address": ("See https://example.org/a for it.", "stands bare"),
    "bare www": ("See www.example.org/a for it.", "stands bare"),
    "link to nowhere": ("Read [the guide](guide.html) today.", "begins with https://"),
    "broken link": ("Read [the guide](https://example.org/a b) today.", "cannot be read as a link"),
    "in red": ("Dates in red have changed.", "by colour alone"),
    "those with an emoji": ("Book those with ⭐ first.", "by a symbol alone"),
    "shown in red": ("Late returns are in red.", "by colour alone"),
    "highlighted": ("New rows are highlighted in yellow.", "by colour alone"),
    "the green box": ("Tick the green box to book.", "by colour alone"),
    "an emoji as a bullet": ("- Book now\n- ✅", "nothing but"),
    "a shortcode as a bullet": ("- Book now\n- :white_check_mark:", "nothing but"),
    "marked with an emoji": ("Sessions marked with 🔴 are full.", "by a symbol alone"),
    "heading": ("# Big news\nThe guide is new.", "begins with #"),
    "heading further down": ("The guide is new.\n\n### More", "begins with #"),
    "HTML": ("The guide is <b>new</b>.", "HTML"),
    "table": ("| Day | Room |\n| --- | --- |\n| Monday | 2 |", "table"),
    "official-sensitive": ("OFFICIAL-SENSITIVE: the guide is new.", "does not belong in a bulletin"),
    "official sensitive": ("This is Official Sensitive.", "does not belong in a bulletin"),
    "not for sharing": ("Not for onward sharing: the guide is new.", "does not belong in a bulletin"),
    "secret": ("SECRET until Monday.", "does not belong in a bulletin"),
}


@pytest.mark.parametrize(("text", "said"), STOPPED.values(), ids=STOPPED)
def test_a_text_that_some_cannot_use_is_stopped_with_its_section(text: str, said: str) -> None:
    problems = [problem for problem in found(written(text)) if said in problem.message]

    assert [(problem.place, problem.must) for problem in problems] == [("This month", True)]


PASSES = {
    "here without a link": "Here is what is new. Click the bell at the door.",
    "a link that says where it leads": "Read [how to make a referral](https://example.org/a) first.",
    "a link in the middle of a word that is vague": "See [more dates for December](https://example.org/a).",
    "an e-mail address as a link": "Write to [the training team](mailto:training@example.org).",
    "a street with a colour": "We meet in Green Street, then in Red Lion Square.",
    "a green paper": "The green paper closes on 3 December. Black history is taught in all schools.",
    "a colour of things": "They play in green spaces. Ask for it in black and white. Wear a red ribbon.",
    "a party": "Celebrate with 🎉 and cake.",
    "an emoji beside words": "- ✅ Book your place\n- 🎉 Well done",
    "an emoji in a sentence": "Thank you 🎉 for a busy month.",
    "number sign": "We are #1 in the borough. Use the tag #SafeTogether.",
    "less and more": "Groups of <10 and >5 people may book.",
    "a bullet list": "- One\n- Two\n\n1. Three\n2. Four",
    "sensitive in a sentence": "Be sensitive. Keep no secret. What you say is confidential.",
    "an abbreviation everybody knows": "The NHS and the GP know. See the PDF.",
    "an abbreviation in an address": "Read [the guide](https://example.org/MAST/CAF.PDF) today.",
    "twenty-five words": " ".join(["word"] * 24) + " end.",
}


@pytest.mark.parametrize("text", PASSES.values(), ids=PASSES)
def test_a_text_that_everybody_can_use_passes(text: str) -> None:
    assert found(written(text)) == []


WARNED = {
    "a long sentence": (" ".join(["word"] * 26) + ".", "This month", "has 26 words"),
    "a line that is all bold": ("**Big news**\n\nThe guide is new.", "This month", "looks like a heading"),
    "unknown capitals": ("The XQZ meets on Monday.", "This month", "'XQZ' is not written out"),
    "hard words": (
        "Organisational accountability arrangements facilitate proportionate interdisciplinary intervention.",
        WHOLE,
        "school grade",
    ),
}


@pytest.mark.parametrize(("text", "place", "said"), WARNED.values(), ids=WARNED)
def test_what_would_be_better_otherwise_is_said_and_stops_nothing(text: str, place: str, said: str) -> None:
    problems = [problem for problem in found(written(text)) if said in problem.message]

    assert [(problem.place, problem.must) for problem in problems] == [(place, False)]


# --- abbreviations ---------------------------------------------------------------------------------------------

WRITTEN_OUT = {
    "full name first": ("Call the Multi-Agency Support Team (MAST). MAST answers by day.", True),
    "abbreviation first": ("Call MAST (Multi-Agency Support Team). It answers by day.", True),
    "in the same sentence": ("Call MAST, the Multi-Agency Support Team, by day.", True),
    "not at all": ("Call MAST by day.", False),
    "only later": ("Call MAST by day. " + "It is open. " * 10 + "The Multi-Agency Support Team (MAST) helps.", False),
    "plural": ("All DSLs meet on Monday.", False),
    "plural, written out": ("All designated safeguarding leads (DSLs) meet on Monday. DSLs bring a note.", True),
    "two cases": ("The DfE has written to schools.", False),
    "unknown, written out": ("The Youth Forum Board (YFB) meets. The YFB votes.", True),
}


@pytest.mark.parametrize(("text", "passes"), WRITTEN_OUT.values(), ids=WRITTEN_OUT)
def test_an_abbreviation_is_written_out_where_it_first_stands(text: str, passes: bool) -> None:
    problems = [problem for problem in found(written(text)) if "not written out" in problem.message]

    assert (problems == []) is passes
    assert all(problem.must and "Write '" in problem.message for problem in problems)


def test_what_a_standing_section_writes_out_is_known_after_it() -> None:
    after = replace(GOOD, sections={**GOOD.sections, "voice": "MAST answers by day."})
    before = written("MAST answers by day.")

    assert found(after) == []
    assert [problem.place for problem in found(before)] == ["This month"]


# --- the whole -------------------------------------------------------------------------------------------------

ALTERED: dict[str, tuple[Callable[[Draft], Draft], str, str]] = {
    "no title": (lambda draft: replace(draft, title=" "), TITLE, "no title"),
    "a long title": (lambda draft: replace(draft, title="t" * 101), TITLE, "101 characters"),
    "a marking in the title": (lambda draft: replace(draft, title="Official-sensitive news"), TITLE, "does not belong"),
    "another marking": (lambda draft: replace(draft, marking="OFFICIAL-SENSITIVE"), MARKED, "A bulletin is OFFICIAL"),
    "a picture without words": (lambda draft: replace(draft, image_alt=""), PICTURE, "has no words"),
    "a picture called by its file": (lambda draft: replace(draft, image_alt="IMG_2.png"), PICTURE, "name of a file"),
    "a picture in the clear": (
        lambda draft: replace(draft, image_url="http://example.org/a.png"),
        PICTURE,
        "begin with https://",
    ),
    "a needed section left out": (
        lambda draft: replace(draft, sections={**draft.sections, "links": " "}),
        "Useful links and feedback",
        "empty, and it is needed",
    ),
    "a section that is too long": (
        lambda draft: replace(draft, sections={**draft.sections, "voice": "We met. " * 400}),
        "Voice of young people",
        "may have 3,000",
    ),
    "a section of another kind": (
        lambda draft: replace(draft, sections={**draft.sections, "theme": "Online harm"}),
        "theme",
        "no such section",
    ),
    "two links with one name": (
        lambda draft: replace(
            draft, sections={**draft.sections, "voice": "Read [the neglect guide](https://example.org/other)."}
        ),
        WHOLE,
        "lead to different places",
    ),
    "an unknown kind": (lambda draft: replace(draft, kind="daily"), WHOLE, "no such kind"),
    "a paragraph that no message holds": (
        lambda draft: replace(draft, sections={**draft.sections, "voice": "&" * 2_999}),
        "Voice of young people",
        "longer than a message can hold",
    ),
}


@pytest.mark.parametrize(("alter", "place", "said"), ALTERED.values(), ids=ALTERED)
def test_what_is_wrong_is_said_with_its_place(alter: Callable[[Draft], Draft], place: str, said: str) -> None:
    problems = [problem for problem in found(alter(GOOD)) if said in problem.message]

    assert [(problem.place, problem.must) for problem in problems] == [(place, True)]


def test_a_picture_may_be_left_out() -> None:
    assert found(replace(GOOD, image_url="", image_alt="")) == []


def test_young_people_get_at_most_two_hundred_words() -> None:
    long = replace(YOUNG, sections={"topic": "You can say no. " * 50, "help": "Tell an adult."})

    assert [(one.place, one.message, one.must) for one in found(long)] == [
        (WHOLE, "It has 203 words, and may have 200. Take out 3.", True)
    ]


def test_words_too_hard_for_young_people_stop_their_bulletin() -> None:
    hard = replace(YOUNG, sections={"topic": "Consider organisational accountability arrangements.", "help": "Ask."})

    assert [problem.must for problem in found(hard) if "school grade" in problem.message] == [True]


def test_every_message_says_what_to_do() -> None:
    wrong = [problem for text, _ in STOPPED.values() for problem in found(written(text))]
    wrong += [problem for alter, _, _ in ALTERED.values() for problem in found(alter(GOOD))]

    assert [problem for problem in wrong if problem.message.count(". ") < 1 and ": " not in problem.message] == []


def test_a_part_that_a_platform_cannot_show_is_named_with_the_platform() -> None:
    problems = checks.check(GOOD, fakes.knowledge(), {"Pigeon": lambda _: ["A pigeon carries less. Shorten it."]})

    assert problems == [Problem(WHOLE, "Pigeon: A pigeon carries less. Shorten it.", must=True)]


def test_a_broken_template_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(wording, "folder", lambda: tmp_path)
    wording._environment.cache_clear()  # noqa: SLF001 - the templates are read once
    try:
        (wording.folder() / "bulletin_monthly.j2").write_text("Fine.\n\n{{ bulletin.nothing }}\n")
        problems = found(GOOD)
    finally:
        wording._environment.cache_clear()  # noqa: SLF001 - as above

    assert [problem.must for problem in problems] == [True]
    assert "bulletin_monthly.j2, line 3" in problems[0].message
    assert "Your draft is kept" in problems[0].message


def test_a_standing_block_without_any_contact_is_stopped() -> None:
    empty = replace(fakes.knowledge(), contacts={})

    problems = checks.check(GOOD, empty, {})

    assert [(problem.place, problem.must) for problem in problems] == [("If you are worried about a child", True)]
