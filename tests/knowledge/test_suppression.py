"""Small numbers are hidden, and nobody can work them out from the total, nor from a second list that adds up to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.suppression import hidden

BELOW = 5
NUMBERS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), max_size=6)

CASES = {
    "nothing small": ({"a": 5, "b": 9}, "", False),
    "none at all is shown": ({"a": 0, "b": 9}, "", False),
    "nobody anywhere": ({"a": 0, "b": 0}, "", False),
    "one small, so the next larger one too": ({"a": 2, "b": 9, "c": 7}, "ac", False),
    "two small that are together no small number": ({"a": 2, "b": 4, "c": 9}, "ab", False),
    "two small that are together small": ({"a": 1, "b": 2, "c": 9, "d": 30}, "abc", False),
    "one small by itself, so the total": ({"a": 3, "b": 0}, "a", True),
    "ones that would be all that is missing": (dict.fromkeys("abcde", 1), "abcde", True),
}


@pytest.mark.parametrize(("numbers", "names", "total"), CASES.values(), ids=CASES)
def test_what_is_hidden_of_a_list(numbers: dict[str, int], names: str, total: bool) -> None:
    found = hidden(numbers, BELOW)

    assert found.names == frozenset(names)
    assert found.total is total


@given(NUMBERS)
def test_every_small_number_is_hidden_and_none_at_all_never(numbers: dict[str, int]) -> None:
    found = hidden(numbers, BELOW).names

    assert {name for name, number in numbers.items() if 0 < number < BELOW} <= found
    assert not {name for name, number in numbers.items() if number == 0} & found


@settings(max_examples=300)
@given(NUMBERS)
def test_what_is_hidden_could_be_more_than_one_number_to_whoever_reads_the_rest(numbers: dict[str, int]) -> None:
    found = hidden(numbers, BELOW)

    if not found.total:
        missing = sum(numbers.values()) - sum(number for name, number in numbers.items() if name not in found.names)
        many = len(found.names)
        assert not many or sum(missing - one in _sums(many - 1, missing) for one in range(1, missing + 1)) > 1


def _sums(many: int, most: int) -> set[int]:
    """Return every total, up to a most, that so many numbers from 1 can have."""
    found = {0}
    for _ in range(many):
        found = {one + more for one in found for more in range(1, most - one + 1)}
    return found
