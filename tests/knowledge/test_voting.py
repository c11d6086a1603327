"""Who has a vote, what votes come to, and what replies come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.consultations import Reply
from knowledge import groups, replies, voting
from knowledge.voting import VotingError

WITHOUT = ("Adviser", "lead member", "Designated Nurse", "Strategy Manager", "Coordinator", "Co-opted lead")


def test_every_shipped_seat_votes_except_advisers() -> None:
    seats = {seat for group in groups.shipped().values() for seat in group.seats}

    assert {seat for seat in seats if not voting.votes(seat)} == {"Adviser"}


@pytest.mark.parametrize("seat", WITHOUT)
def test_seats_of_the_list_have_no_vote(seat: str) -> None:
    assert not voting.votes(seat)


def test_a_co_opted_lead_votes_only_as_a_deputy_and_nobody_deputises_for_an_adviser() -> None:
    assert voting.votes("Co-opted lead", deputy=True)
    assert not voting.votes("Adviser", deputy=True)


RESULTS = {
    (0, 0, 0): "No votes were noted.",
    (3, 0, 0): "3 for, 0 against, 0 abstained: nobody was against it.",
    (2, 1, 1): "2 for, 1 against, 1 abstained: more for it than against it.",
    (1, 2, 0): "1 for, 2 against, 0 abstained: more against it than for it.",
    (1, 1, 0): "1 for, 1 against, 0 abstained: as many for it as against it.",
    (0, 0, 2): "0 for, 0 against, 2 abstained: as many for it as against it.",
}


@pytest.mark.parametrize("counts", RESULTS, ids=str)
def test_votes_are_said_in_words(counts: tuple[int, int, int]) -> None:
    for_it, against, abstain = counts

    assert voting.result(for_it=for_it, against=against, abstain=abstain) == RESULTS[counts]


ROW = "x: {seats: [One], votes: never, source: somewhere, checked_on: 2026-11-22}"
BROKEN = {
    "no rows": "[]",
    "a word is missing": "x: {seats: [One]}",
    "malformed": ROW.replace("[One]", "One"),
    "unknown rule": ROW.replace("never", "often"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_list_that_cannot_be_used_says_where(case: str) -> None:
    with pytest.raises(VotingError):
        voting.parse(BROKEN[case])


def test_replies_have_the_same_names_where_they_are_kept() -> None:
    assert [one.value for one in Reply] == list(replies.LABELS)


@given(st.lists(st.sampled_from(["", *replies.LABELS, "unknown"])))
def test_silence_never_agrees(given_replies: list[str]) -> None:
    found = replies.tally(given_replies)
    silent = [one for one in given_replies if one not in replies.LABELS]

    assert found.silent == len(silent)
    assert found.agree == given_replies.count("agree")
    assert found.asked == len(given_replies)
    assert found.all_agree is (bool(given_replies) and set(given_replies) <= {"agree", "agree-with-comments"})
    if silent:
        assert "agrees" not in replies.outcome(found)
        assert "Silence is not agreement" in replies.outcome(found)
