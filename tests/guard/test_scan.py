"""What the guard stops, what it lets through, and what can never be declared harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import guard
from knowledge.guard import Decision, Kind

IDENTIFYING = {
    "a full name": ("Can you tell me the social worker for Kofi Mensah-Tetteh?", Kind.NAME),
    "a first name in lower case": ("is yusuf allowed home while his dad is on bail?", Kind.NAME),
    "a family": ("The Wozniak family were closed to early help last week and I disagree.", Kind.NAME),
    "a mother with her title": ("Mrs Chowdhury's son keeps getting sent home for behaviour.", Kind.NAME),
    "initials with a date of birth": ("Child J.K., DOB 12/03/2015, open to us since May.", Kind.DOB),
    "a date of birth in words": ("She was born on 9 May 2018 and has a twin, both on plans.", Kind.DOB),
    "an NHS number": ("NHS number 999 787 7896 has three missed appointments", Kind.NHS_NUMBER),
    "an NHS number with a wrong check digit": ("the record for 999 787 7891 is for a child", Kind.NHS_NUMBER),
    "a National Insurance number": ("she needs her national insurance number, it is QQ 99 88 77 A", Kind.NINO),
    "a pupil number": ("UPN K213456789012 was enrolled at two schools at once", Kind.CASE_REF),
    "a court case": ("Court case ZE23C00412: health evidence was filed late.", Kind.CASE_REF),
    "a case on a system": ("Mosaic ID 1184532 has had no supervision recorded for six weeks.", Kind.CASE_REF),
    "a case that looks like one of our references": ("His file is ABC-2026-017, it moved.", Kind.CASE_REF),
    "a home address": ("They are staying at 27 Sorrel Avenue with an uncle.", Kind.ADDRESS),
    "a home postcode": ("Child lives at postcode E2 9QZ and shares a bed with three siblings.", Kind.POSTCODE),
    "a mother's mobile": ("Call mum on 07700 900123 after 3pm please.", Kind.PHONE),
    "a father's e-mail": ("Father emailed again from j.nowak77@example.com about the plan.", Kind.EMAIL),
    "one child of a named school": ("A Year 5 boy at Larkhill Primary was excluded.", Kind.SCHOOL_YEAR_COMBO),
}  # fmt: skip
CLEAN = {
    "a colleague who signs": "Thanks, Helen Marsh, Partnership Business Manager",
    "a colleague by first name": "Abdul from QA can take that action",
    "a councillor": "Apologies: Councillor Whitfield, DCI Marlowe, and the Head of Service for Early Help.",
    "a service line": "The MASH professional line is 020 7946 0321, Monday to Friday.",
    "a duty mobile": "Duty mobile for the out-of-hours social worker is 07700 900777.",
    "a role mailbox": "Email lado.duty@example.gov.uk for the allegations training slides.",
    "the town hall": "Our new postal address: Town Hall, 160 Whitechapel Road, London E1 1BJ.",
    "a review by its pseudonym": "Child Q review recommendations are tracked as actions 4.1 to 4.9.",
    "a law named after somebody": "Is the Domestic Violence Disclosure Scheme, or Clare's Law, covered in the module?",
    "an organisation named after somebody": "Toynbee Hall and St Hilda's East have asked for Level 1 training.",
    "a policy question": "What should teachers do if a pupil says they've been hit at home?",
    "a question about disclosures": "What is the difference between a disclosure and an allegation?",
    "a budget": "Budget for 2024/25 is £412,650 across the partners, cost centre 3048172.",
    "a question about a referral": "How do I make a referral?",
    "our own references": "Does RSK-2026-009 follow from esc-2026-017? BUL-2026-004 said so.",
    "nothing": "",
    "nothing that can be seen": "\u200b\u200b \n",
}
AND_SO_ON = "The meeting went on for a while. " * 40
URGENT = {
    "a disclosure": "One of the children said her brother hurts her at night.",
    "an allegation": "A teacher here hit a pupil in the corridor this morning.",
    "danger now": "There are two little kids home alone next door right now and I can smell gas.",
    "a child about itself": "im 13 and my stepdad hits me every night",
    "somebody who wants to die": "A student has sent me a goodbye message and isn't answering her phone",
    "danger in the middle of a long text": f"{AND_SO_ON}He is hitting her with a belt right now. {AND_SO_ON}",
}


@pytest.mark.parametrize(("text", "kind"), IDENTIFYING.values(), ids=IDENTIFYING)
def test_what_names_a_child_or_a_family_does_not_pass(text: str, kind: Kind) -> None:
    found = guard.scan(text)

    assert kind in {one.kind for one in found.findings}
    assert found.decision is not Decision.PASS


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
def test_ordinary_work_passes(text: str) -> None:
    found = guard.scan(text)

    assert (found.findings, found.urgent, found.decision) == ((), False, Decision.PASS)


@pytest.mark.parametrize("text", URGENT.values(), ids=URGENT)
def test_danger_is_urgent_and_goes_no_further(text: str) -> None:
    found = guard.scan(text)

    assert found.urgent
    assert found.decision is Decision.BLOCK
    assert not found.overridable


DISGUISES = {
    "letters nobody sees": "NHS nu\u200bmber 9\u200b99 787 78\u200b96",
    "mark-up": "NHS *number* _999 787 7896_",
    "wide digits": "NHS number ９９９ ７８７ ７８９６",
    "a link's target": "<https://example.org/find?nhs%20number%20999%20787%207896|the record>",
    "a telephone link": "NHS number <tel:9997877896|999 787 7896>",
    "digits spelt out": "nhs number is nine nine nine seven eight seven seven eight nine six",
    "double digits": "nhs number triple nine seven eight double seven eight nine six",
    "digits spaced out": "NHS number 9 9 9 7 8 7 7 8 9 6",
    "letters of another alphabet": "NНS numbеr 999 787 7896",
}


@pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES)
def test_no_disguise_hides_a_number(text: str) -> None:
    assert Kind.NHS_NUMBER in {one.kind for one in guard.scan(text).findings}


def test_what_was_found_is_where_the_person_typed_it() -> None:
    text = "\u200bplease  *ring* mum on \u200b07700\u00a0900 123 — she’s worried about her son"

    spans = [text[one.start : one.end] for one in guard.scan(text).findings]

    assert spans == ["07700\u00a0900 123"]


def test_only_names_can_be_declared_to_be_no_childs() -> None:
    assert guard.scan("is yusuf allowed home while his dad is on bail?").overridable
    assert not guard.scan("is yusuf allowed home while his dad is on bail? his NHS number is 999 787 7896").overridable
    assert not guard.scan("A Year 5 boy at Larkhill Primary was excluded after bringing in a blade.").overridable
    assert not guard.scan("What does the threshold document say?").overridable


def test_a_term_of_the_partnership_names_nobody_once_it_is_known() -> None:
    text = "The Bluma Centre family support plan is late"
    before = guard.scan("mum says Bluma hit her son")

    assert before.identifying
    assert not any(
        text[one.start : one.end].startswith("Bluma") for one in guard.scan(text, terms=["bluma centre"]).findings
    )


REFERRALS = {
    "I want to make a referral about a boy in my class": True,
    "Please accept this referral for a family of four": True,
    "I am referring a child for early help": True,
    "How do I make a referral?": False,
    "where do i send my referral form": False,
    "When should I refer a child to MAST?": False,
    "Referral rates rose by 4% in quarter 2": False,
    "Do I need consent before making a referral?": False,
}


@pytest.mark.parametrize(("text", "attempt"), REFERRALS.items(), ids=REFERRALS)
def test_making_a_referral_here_is_seen_and_asking_about_one_is_not(text: str, attempt: bool) -> None:
    assert guard.scan(text).referral is attempt


ENDLESS = (
    "A-1 ",
    "Flat 1 ",
    "1 Aa ",
    "A",
    "a@gmail",
    "case no a1 ",
    "([",
    "\u200b",
    "one ",
    "a ",
    "at School ",
    "12/3/",
    "aа",
    "e\u0301",
    "A.B.",
)


@pytest.mark.parametrize("part", ENDLESS, ids=repr)
def test_a_text_of_any_kind_that_fills_a_whole_message_is_looked_through_to_its_end(part: str) -> None:
    text = (part * 100_000)[:20_000]

    assert Kind.NHS_NUMBER in {one.kind for one in guard.scan(f"{text}. The NHS number is 999 787 7896.").findings}


@given(st.text(st.characters(codec="utf-8"), max_size=400) | st.text("aаéA1 .,@/<>|*_-'\u200b\u0301\n", max_size=400))
def test_any_text_is_judged_and_every_finding_lies_in_it(text: str) -> None:
    found = guard.scan(text)

    assert all(0 <= one.start < one.end <= len(text) for one in found.findings)
    assert found == guard.scan(text)
