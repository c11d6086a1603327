"""The shipped articles, and what is asked of every article file."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge import articles, check, contacts
from knowledge.articles import Article, Fact, Library, Source
from knowledge.copying import copied_runs
from knowledge.reading import grade
from tests.fakes import article

TODAY = date(2026, 11, 21)
SHIPPED = articles.load(articles.shipped())
WORDS = "Tell the lead for safeguarding in your own team first. They know the form, and they know whom to ring. "

GOOD = article(
    "good",
    body=WORDS * 4,
    facts=(Fact("The lead is told first.", "arrangements-2019, 3", "tell the lead", "whom do I tell first"),),
    questions=tuple(f"a question of kind {number}" for number in "abcdefgh"),
    aliases=("good thing",),
)


def shelved(folder: Path, **texts: str) -> Library:
    """Read a folder that holds these articles and no others."""
    for slug, text in texts.items():
        (folder / f"{slug}.md").write_text(text, encoding="utf-8")
    return articles.load(folder)


def problems_of(*shelf: Article) -> list[str]:
    return [problem.message for problem in check.check(Library({found.slug: found for found in shelf}), TODAY)]


def test_every_shipped_article_passes_every_check() -> None:
    assert [str(problem) for problem in check.check(SHIPPED, TODAY)] == []


def test_there_is_an_article_for_each_of_the_ninety_topics() -> None:
    assert len(SHIPPED.articles) == 90


@pytest.mark.parametrize("slug", SHIPPED.articles)
def test_the_body_holds_each_fact_of_its_list_and_each_fact_has_a_question(slug: str) -> None:
    found = SHIPPED.articles[slug]
    words = re.sub(r"\s+", " ", re.sub(r"\]\([^)]*\)|[*_\[]", "", found.body)).lower()

    assert found.facts
    for fact in found.facts:
        shown = [re.sub(r"[*_]", "", phrase).strip().lower() for phrase in fact.shows.split("|")]
        assert any(phrase in words for phrase in shown), fact.fact
        assert fact.asked in found.questions
        assert fact.source.split(",")[0] in check.source_titles()


def test_no_shipped_article_claims_to_be_approved_already() -> None:
    assert {found.status for found in SHIPPED.articles.values()} == {"awaiting-approval"}


def test_the_threshold_article_starts_with_danger_and_names_the_four_levels() -> None:
    body = SHIPPED.articles["thresholds-tiers"].body

    assert body.splitlines()[0].startswith("**If a child is in danger now, call 999")
    for level in ("**1**", "**2**", "**3**", "**4**"):
        assert level in body


SAFETY = ("mash-referral", "lado-allegations", "professional-escalation", "private-fostering", "child-exploitation")


@pytest.mark.parametrize("slug", SAFETY)
def test_an_article_on_a_child_at_risk_says_999_first_and_whom_to_ring(slug: str) -> None:
    found = SHIPPED.articles[slug]

    assert "999" in found.body.splitlines()[0]
    assert {"mast", "lado"} & set(found.contacts)


def test_a_good_article_has_no_problem() -> None:
    assert problems_of(GOOD) == []


BAD = {
    "an empty field": (replace(GOOD, owner=""), "owner is empty"),
    "no sources": (replace(GOOD, sources=()), "sources is empty"),
    "an unknown status": (replace(GOOD, status="approved"), "status must be"),
    "too short": (replace(GOOD, body="Tell the lead."), "the body has 3 words"),
    "too long": (replace(GOOD, body=WORDS * 12), "words; it should have 60 to 180"),
    "too few questions": (replace(GOOD, questions=("one question",)), "1 questions"),
    "the same question twice": (replace(GOOD, questions=(*GOOD.questions, GOOD.questions[0] + "?")), "stands twice"),
    "a phrase that is a question too": (replace(GOOD, said_as=(GOOD.questions[0],)), "stands twice"),
    "an unknown related slug": (replace(GOOD, related=("nowhere",)), "unknown related article 'nowhere'"),
    "related to itself": (replace(GOOD, related=("good",)), "related to itself"),
    "an overdue review": (replace(GOOD, review_by=date(2026, 11, 20)), "review was due on 20 November 2026"),
    "a check in the future": (replace(GOOD, checked_on=date(2026, 11, 22)), "lies in the future"),
    "a dead internal link": (replace(GOOD, body=GOOD.body + "[see](kb:nowhere)"), "dead link to the article 'nowhere'"),
    "a link without https": (replace(GOOD, body=GOOD.body + "[see](http://example.org)"), "must start with https://"),
    "an unknown contact": (replace(GOOD, contacts=("nobody",)), "unknown contact 'nobody'"),
    "a withheld contact": (replace(GOOD, contacts=("ofsted-whistleblowing",)), "unknown contact"),
    "an unknown source": (replace(GOOD, sources=(Source("the-times", "1"),)), "unknown source document 'the-times'"),
    "a fact that the body does not hold": (
        replace(GOOD, facts=(replace(GOOD.facts[0], shows="forty days"),)),
        "does not show the fact",
    ),
    "a fact without a source": (
        replace(GOOD, facts=(replace(GOOD.facts[0], source="hearsay"),)),
        "unknown source 'hearsay'",
    ),
    "hard words": (
        replace(GOOD, body="Organisational accountability necessitates multidisciplinary collaboration. " * 12),
        "reading grade",
    ),
    "a table": (replace(GOOD, body=GOOD.body + "\n| a | b |"), "tables and HTML"),
}


@pytest.mark.parametrize(("bad", "message"), BAD.values(), ids=BAD)
def test_the_check_names_what_is_wrong(bad: Article, message: str) -> None:
    assert any(message in found for found in problems_of(bad))


def test_two_articles_cannot_claim_one_name_however_it_is_written() -> None:
    other = replace(GOOD, slug="other", title="Other", aliases=("Good  Thing!",))

    assert problems_of(GOOD, other) == ["'good thing' is also claimed by good"]


def test_a_sentence_of_a_source_is_recognised_however_it_is_written_and_our_own_words_are_not() -> None:
    carried = "Note: quorate ONLY if all three separate statutory partners, are there"

    assert copied_runs(carried) == ["quorate only if all three separate statutory partners"]
    assert copied_runs("A meeting counts only when all three partners, or people they send, are in the room.") == []


BROKEN = {
    "no front matter": ("Just text.", "front matter"),
    "front matter that never ends": ("---\ntitle: x\n", "front matter"),
    "bad YAML": ("---\ntitle: [\n---\nbody", "not valid YAML"),
    "a list instead of fields": ("---\n- a\n---\nbody", "list of 'name: value' lines"),
    "a missing field": ("---\ntitle: x\n---\nbody", "missing in the front matter: aliases"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_article_is_reported_and_takes_no_other_down(tmp_path: Path, text: str, message: str) -> None:
    whole = (articles.shipped() / "deputies.md").read_text(encoding="utf-8")

    library = shelved(tmp_path, broken=text, deputies=whole)

    assert list(library.articles) == ["deputies"]
    assert [problem.slug for problem in library.problems] == ["broken"]
    assert message in library.problems[0].message


WHOLE = """---
title: Good
aliases: [good thing]
audience: All practitioners
owner: Strategy Manager
edition: First edition
status: awaiting-approval
checked_on: 2026-11-01
review_by: 2027-05-01
sources:
  - {doc: arrangements-2019, section: "3"}
related: []
contacts: []
facts:
  - {fact: The lead is told., source: "arrangements-2019, 3", shows: tell the lead, asked: whom do I tell}
questions: [one question]
said_as: [one phrase]
---
Tell the lead.
"""
MALFORMED = {
    "a word for a date": ("review_by: 2027-05-01", "review_by: soon", "review_by must be a date"),
    "a day with a time": ("review_by: 2027-05-01", "review_by: 2027-05-01 09:00:00", "review_by must be a date"),
    "a day that no calendar has": ("review_by: 2027-05-01", "review_by: 2027-02-30", "not valid YAML"),
    "a word for a list": ("[good thing]", "deputy", "aliases must be a list"),
    "a word for the list of phrases": ("[one phrase]", "phrase", "said_as must be a list"),
    "a word for the list of sources": (
        '\n  - {doc: arrangements-2019, section: "3"}',
        " hearsay",
        "sources must be a list",
    ),
    "words for a source": ('{doc: arrangements-2019, section: "3"}', "hearsay", "each of the sources must have doc"),
    "a source without its section": (', section: "3"', "", "each of the sources must have doc, section"),
    "a fact with a field too many": ("shows: tell", "seen: yes, shows: tell", "each of the facts must have fact"),
    "a question with a colon": (
        "[one question]",
        "[{next: what}]",
        "questions: '{'next': 'what'}' is not read as text",
    ),
    "a title that is yes": ("title: Good", "title: yes", "title: 'True' is not read as text"),
    "an owner left blank": ("owner: Strategy Manager", "owner:", "missing in the front matter: owner"),
    "no body": ("Tell the lead.\n", " \n\n", "no text under the front matter"),
}


@pytest.mark.parametrize(("good", "bad", "message"), MALFORMED.values(), ids=MALFORMED)
def test_a_field_that_is_malformed_is_named_and_takes_no_other_article_down(
    tmp_path: Path, good: str, bad: str, message: str
) -> None:
    assert WHOLE.count(good) == 1

    library = shelved(tmp_path, bad=WHOLE.replace(good, bad), good=WHOLE)

    assert list(library.articles) == ["good"]
    assert [problem.slug for problem in library.problems] == ["bad"]
    assert message in library.problems[0].message


def test_a_file_that_is_no_text_is_named_and_takes_no_other_article_down(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "latin.md").write_bytes(WHOLE.replace("Tell", "Téll").encode("latin-1"))
    (tmp_path / "folder.md").mkdir()

    library = articles.load(tmp_path)

    assert list(library.articles) == ["good"]
    assert [(problem.slug, problem.message.partition(";")[0]) for problem in library.problems] == [
        ("folder", "the file cannot be opened: Is a directory"), ("latin", "the file is not UTF-8")
    ]  # fmt: skip


def test_the_search_is_given_the_other_ways_of_saying_it_and_an_article_may_have_none(tmp_path: Path) -> None:
    library = shelved(tmp_path, has=WHOLE, lacks=WHOLE.replace("said_as: [one phrase]\n", ""))

    assert [found.said_as for found in library.articles.values()] == [("one phrase",), ()]


def test_a_withdrawn_article_is_kept_apart_from_those_that_answer(tmp_path: Path) -> None:
    old = WHOLE.replace("awaiting-approval", "withdrawn").replace("2027-05-01", "2020-05-01")
    library = shelved(tmp_path, old=old, good=WHOLE)

    assert (list(library.articles), list(library.withdrawn)) == (["good"], ["old"])
    assert [found.slug for owned in library.owners().values() for found in owned] == ["good"]
    assert [problem.slug for problem in check.check(library, TODAY) if problem.slug == "old"] == []


def test_the_check_names_articles_that_lead_to_a_withdrawn_one() -> None:
    leading = replace(GOOD, related=("old",), body=GOOD.body + "[see](kb:old)")
    library = Library({"good": leading}, withdrawn={"old": article("old", status="withdrawn")})

    assert [problem.message for problem in check.check(library, TODAY)] == [
        "withdrawn related article 'old'", "dead link to the article 'old'"
    ]  # fmt: skip


def test_an_approval_holds_for_one_wording_only() -> None:
    assert GOOD.digest == replace(GOOD, owner="Somebody else").digest
    assert GOOD.digest != replace(GOOD, body=GOOD.body + "More.").digest


GRADES = {"very easy": ("The cat sat on the mat. It was fat.", 0, 2), "hard": (BAD["hard words"][0].body, 20, 99)}


@pytest.mark.parametrize(("text", "least", "most"), GRADES.values(), ids=GRADES)
def test_the_reading_grade_follows_the_words(text: str, least: float, most: float) -> None:
    assert least - 3 <= grade(text) <= most


def test_every_contact_has_a_source_a_date_and_a_standing_and_the_ofsted_number_is_withheld() -> None:
    shown = contacts.shipped()

    assert "ofsted-whistleblowing" not in shown
    assert {"emergency", "mast", "edt", "lado", "nspcc-whistleblowing", "childline"} <= set(shown)
    for contact in shown.values():
        assert contact.source
        assert contact.checked_on <= TODAY
        assert contact.confirmation in ("National number", "Not yet confirmed by the partnership")
