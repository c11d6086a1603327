"""The words of cards: a template that is broken is named, and takes nothing else down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers import wording
from handlers.wording import WordingError, words


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder of templates: two are good, one is broken, one asks for what it does not get."""
    (tmp_path / "good.j2").write_text("Hello {{ name|typed }}.\n")
    (tmp_path / "line.j2").write_text("title: {{ name|quoted(12) }}\n")
    (tmp_path / "broken.j2").write_text("{% if %}")
    (tmp_path / "wanting.j2").write_text("{{ nobody }}")
    monkeypatch.setattr(wording, "folder", lambda: tmp_path)
    wording._environment.cache_clear()  # noqa: SLF001 - the templates are read once
    yield tmp_path
    wording._environment.cache_clear()  # noqa: SLF001 - as above


def test_the_shipped_templates_can_all_be_read() -> None:
    assert wording.broken() == []


@pytest.mark.usefixtures("templates")
def test_a_broken_template_is_named_and_the_others_still_work() -> None:
    assert [line.partition(":")[0] for line in wording.broken()] == ["broken.j2, line 1"]
    assert words("good", name="*Pat*") == r"Hello \*Pat\*."


BROKEN_AT = {
    "its language": ("Fine.\n{% if %}\n", "other.j2, line 2"),
    "a word that nobody gives": ("Fine.\n\n{{ nobody }}\n", "other.j2, line 3"),
    "sums with words": ("{{ name + 1 }}\n", "other.j2, line 1"),
    "a part that it includes": ("Fine.\n{% include 'wanting.j2' %}\n", "wanting.j2, line 1"),
}


@pytest.mark.parametrize(("text", "place"), BROKEN_AT.values(), ids=BROKEN_AT)
def test_a_broken_template_is_named_with_its_line(templates: Path, text: str, place: str) -> None:
    (templates / "other.j2").write_text(text)

    with pytest.raises(WordingError, match=f"template {place}: "):
        words("other", name="Pat")


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("name", ["broken", "wanting", "missing"])
def test_words_that_cannot_be_made_say_which_template_it_was(name: str) -> None:
    with pytest.raises(WordingError, match=rf"{name}\.j2"):
        words(name)


LINES = {
    "several lines": ("who\n\n  keeps\tit", '"who keeps it"'),
    "too long": ("who keeps the list", '"who keeps th"'),
    "cut at a space": ("who keeps a list", '"who keeps a"'),
    "quotation marks": ('"a" \\ b', r'"\"a\" \\ b"'),
    "letters and pictures": ("é 'è' \U0001f476", "\"é 'è' \U0001f476\""),
    "signs that no file may hold": ("a\x80b\ufffe\x7fc\u2028", '"a b c"'),
}


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize(("typed", "line"), LINES.values(), ids=LINES)
def test_what_people_typed_becomes_one_line_of_front_matter(typed: str, line: str) -> None:
    assert words("line", name=typed) == f"title: {line}"
