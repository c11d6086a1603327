"""The archive in answers: what a bulletin speaks of is found, and what none speaks of is not."""

from __future__ import annotations

import pytest

from knowledge import archive
from knowledge.archive import Passage

BULLETINS = {
    1: (
        "New guide to neglect",
        {
            "This month": "The neglect guide is new. It has a tool for counting missed meals. Use it from 1 December.",
            "Training dates": "Infant neglect, Thursday 3 December, online. Trauma in the classroom, 10 December, Bow.",
            "Partner spotlight": "The Sunflower project helps young carers in Poplar with homework on Mondays.",
            "Dates and consultations": "The consultation on the serious violence strategy closes on 12 January.",
        },
    ),
    2: (
        "Safeguarding Month, week two: online harm",
        {
            "Theme of the week": "Online harm: games, chat rooms and sextortion. Ask what apps a young person uses.",
            "Events this week": "Webinar on sextortion with the Met, Wednesday 11 November, noon.",
            "One thing to do": "Add the Report Remove tool to your team's page.",
        },
    ),
    3: (
        "Schools: changes to attendance letters",
        {
            "Actions for designated safeguarding leads": "Replace the attendance letter template by 8 January.",
            "What is new": "The breakfast club grant opens for bids. Eight schools pilot the lockdown alarm.",
            "Useful links and feedback": "Take the survey on supervision for pastoral staff, it closes on 20 November.",
        },
    ),
    4: (
        "Winter newsletter",
        {
            "Data highlights": "Contacts about neglect rose by 8% from July to September.",
            "From the Independent Scrutineer": "I visited four youth centres and read twelve audits of supervision.",
            "What the Executive decided": "The Executive agreed a dashboard for exploitation and a new logo.",
        },
    ),
}
PASSAGES = [
    Passage(number, title, heading, text)
    for number, (title, sections) in BULLETINS.items()
    for heading, text in sections.items()
]
SPOKEN_OF = {
    "when is the infant neglect training": 1,
    "trauma in the classroom date": 1,
    "what is the sunflower project": 1,
    "who helps young carers in Poplar": 1,
    "when does the serious violence consultation close": 1,
    "tool for counting missed meals": 1,
    "sextortion webinar": 2,
    "webinar on sextorsion with the Met": 2,
    "report remove tool": 2,
    "online harm week": 2,
    "attendance letter template": 3,
    "by when do we replace the attendance letter": 3,
    "breakfast club grant": 3,
    "which schools pilot the lockdown alarm": 3,
    "survey on supervision for pastoral staff": 3,
    "how many youth centres did the scrutineer visit": 4,
    "what did the executive decide about the dashboard": 4,
    "new logo": 4,
    "rise in contacts about neglect": 4,
}
NOT_SPOKEN_OF = (
    "quantum chromodynamics",
    "what is the capital of France",
    "who won the football on Saturday",
    "how do I claim mileage",
    "neglect in Devon care homes for adults",
    "is there a grant for roof repairs",
    "December weather in Bow",
    "letter from my landlord",
    "survey of fish stocks",
    "how long is parental leave",
    "reset my password for the portal",
    "club night in Poplar",
    "project management software",
    "the new headteacher's salary",
    "tool hire near me",
    "how do I book a room",
    "is the office open on Monday",
    "",
    "what about the children",
)


@pytest.mark.parametrize(("question", "number"), SPOKEN_OF.items(), ids=SPOKEN_OF)
def test_words_find_the_bulletin_that_speaks_of_them(question: str, number: int) -> None:
    found = archive.found(question, PASSAGES)

    assert found[0].passage.of == number


def test_most_questions_of_the_set_are_offered_the_right_bulletin_and_none_a_wrong_one() -> None:
    offered = {question: archive.offered(question, PASSAGES) for question in SPOKEN_OF}
    right = [
        question for question, number in SPOKEN_OF.items() if (it := offered[question]) and it.passage.of == number
    ]
    wrong = [question for question, it in offered.items() if it and it.passage.of != SPOKEN_OF[question]]

    print(f"\nbulletins in answers: {len(right)} of {len(SPOKEN_OF)} right, {len(wrong)} wrong")  # noqa: T201
    assert len(right) >= 0.85 * len(SPOKEN_OF)
    assert wrong == []


@pytest.mark.parametrize("question", NOT_SPOKEN_OF)
def test_a_question_that_no_bulletin_speaks_of_is_offered_none(question: str) -> None:
    assert archive.offered(question, PASSAGES) is None


def test_nothing_is_found_where_nothing_was_sent() -> None:
    assert archive.found("neglect guide", []) == []
