"""Scores of risks, held against the matrix of the domain as it stands there, typed by hand."""

from __future__ import annotations

from importlib import resources

import pytest

from knowledge import scoring
from knowledge.scoring import Rag, ScoringError, Trend

# likelihood from 5 down to 1, impact from 1 to 5: domain.md 2.3
AS_WRITTEN = {
    5: "5 G, 10 A, 15 R, 20 R, 25 R",
    4: "4 G, 8 A, 12 A, 16 R, 20 R",
    3: "3 G, 6 G, 9 A, 12 A, 15 R",
    2: "2 G, 4 G, 6 G, 8 A, 10 A",
    1: "1 G, 2 G, 3 G, 4 G, 5 G",
}
COLOURS = {"G": "Green", "A": "Amber", "R": "Red"}
CELLS = {
    (likelihood, impact): cell
    for likelihood, row in AS_WRITTEN.items()
    for impact, cell in enumerate(row.split(", "), 1)
}
ENTERED = {
    "Low, Low": "4, Green",
    "Low, Medium": "6, Green",
    "Medium, Low": "6, Green",
    "Medium, Medium": "9, Amber",
    "Low, High": "10, Amber",
    "High, Low": "10, Amber",
    "Medium, High": "15, Red",
    "High, Medium": "15, Red",
    "High, High": "25, Red",
}
OPENING_RISKS = {"Low, High": "Amber", "High, High": "Red", "Medium, High": "Red"}  # arrangements-2019, figure 6
HIGHER_IN_THREE = {(1, 4), (1, 5), (4, 1), (5, 1), (3, 4), (4, 3)}
IN_THREE = {"Low, Low": 1, "Low, Medium": 2, "Low, High": 3, "Medium, Medium": 4, "Medium, High": 6, "High, High": 9}


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_every_cell_has_the_score_and_the_colour_of_the_matrix(cell: tuple[int, int]) -> None:
    number, colour = CELLS[cell].split()

    assert scoring.in_words(*cell) == f"{number}, {COLOURS[colour]}"


@pytest.mark.parametrize("levels", ENTERED)
def test_three_levels_are_kept_as_five_and_keep_their_colour(levels: str) -> None:
    likelihood, impact = map(scoring.entered, levels.split(", "))

    assert scoring.in_words(likelihood, impact) == ENTERED[levels]


@pytest.mark.parametrize("levels", OPENING_RISKS)
def test_the_opening_risks_of_the_arrangements_have_the_colours_that_were_hoped_to_fall(levels: str) -> None:
    likelihood, impact = map(scoring.entered, levels.split(", "))

    assert scoring.rag(likelihood, impact) == OPENING_RISKS[levels]


def test_shown_in_three_levels_six_cells_would_look_worse_and_none_better() -> None:
    order = list(Rag)
    worse, better = set(), set()
    for cell in CELLS:
        pair = sorted((scoring.level(step) for step in cell), key=["Low", "Medium", "High"].index)
        product = IN_THREE[", ".join(pair)]
        seen = Rag.GREEN if product <= 2 else Rag.AMBER if product <= 4 else Rag.RED
        moved = order.index(seen) - order.index(scoring.rag(*cell))
        worse |= {cell} if moved > 0 else set()
        better |= {cell} if moved < 0 else set()

    assert worse == HIGHER_IN_THREE
    assert better == set()


def test_the_floor_keeps_the_worst_impact_at_amber_at_least_and_nothing_else() -> None:
    lifted = {cell for cell in CELLS if scoring.rag(*cell, floor=True) != scoring.rag(*cell)}

    assert lifted == {(1, 5)}
    assert scoring.rag(1, 5, floor=True) == "Amber"


@pytest.mark.parametrize("cell", [(0, 3), (3, 0), (6, 1), (1, 6), (-1, 2)], ids=str)
def test_a_step_past_the_scale_has_no_score(cell: tuple[int, int]) -> None:
    with pytest.raises(ScoringError, match="from 1 to 5"):
        scoring.score(*cell)


def test_a_word_that_is_no_level_is_refused() -> None:
    with pytest.raises(ScoringError, match="Low, Medium or High"):
        scoring.entered("Severe")


def test_what_is_not_scored_says_so() -> None:
    assert scoring.in_words(None, 4) == "not scored"


@pytest.mark.parametrize(
    ("before", "now", "moved"), [(None, 9, Trend.SAME), (9, 9, Trend.SAME), (9, 10, Trend.UP), (9, 8, Trend.DOWN)]
)
def test_the_trend_compares_with_the_last_review(before: int | None, now: int, moved: Trend) -> None:
    assert scoring.trend(before, now) is moved


BROKEN = {
    "a product without a colour": ("Amber: [8, 12]", "Amber: [8, 10]", "no colour"),
    "a product with two colours": ("Green: [1, 6]", "Green: [1, 8]", "more than one"),
    "no bands": ("bands:", "stripes:", "cannot be read"),
    "a step too few": ("  5: {name: Severe", "  6: {name: Severe", "from 1 to 5"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_matrix_that_cannot_be_used_is_refused(case: str) -> None:
    text = (resources.files("knowledge") / "data" / "risk_matrix.yaml").read_text(encoding="utf-8")
    old, new, why = BROKEN[case]

    with pytest.raises(ScoringError, match=why):
        scoring.parse(text.replace(old, new))
