"""One child with a named school: a year group, an age or an incident beside the name of a school."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from knowledge.guard.context import Context
from knowledge.guard.lexicon import Lexicon
from knowledge.guard.mentions import Mention, covered
from knowledge.guard.shapes import compiled, table

_APART = 160  # characters between a school and a child, at most
_WORDS_BETWEEN = 8
_NAMES = ("saint", "named", "spoken", "bare")  # the groups that hold the name of a school
_BESIDE = tuple("LRlr")  # features of what stands beside something
_AROUND = tuple("MST")  # features of the sentence and the message


def mentions(context: Context, text: str, lexicon: Lexicon) -> Iterator[Mention]:
    """Give every named school with the nearest word for a child, if there is one near it."""
    schools, ones = _shipped()
    children = list(ones.finditer(text))
    for school in schools.finditer(text):
        name = next(group for group in _NAMES if school[group])
        start, end = school.start(name), school.end()
        near = [one for one in children if _apart(one, start, end) in range(_APART)]
        if not near or not _is_named(school[name]) or (name == "bare" and lexicon.knows(school[name])):
            continue
        one = min(near, key=lambda found: _apart(found, start, end))
        whole = covered(context.tokens, min(start, one.start()), max(end, one.end()))
        place, child = covered(context.tokens, start, end), covered(context.tokens, *one.span())
        if whole and place and child:
            around = context.around(*place)
            features = {f"P{feature}" for feature in around if feature.startswith(_BESIDE)}
            features |= {f"C{feature}" for feature in context.around(*child) if feature.startswith(_BESIDE)}
            features |= {feature for feature in around if feature.startswith(_AROUND)}
            features |= set(_own(text, (start, end), one))
            kind = school["kind"] or school["spoken_kind"] or name
            features |= {f"kind:{kind.lower().split()[-1]}", f"several:{min(len(near), 3)}"}
            yield Mention("SCHOOL_YEAR_COMBO", *whole, "school", frozenset(features))


@functools.cache
def _shipped() -> tuple[re.Pattern[str], re.Pattern[str]]:
    found = table("guard_schools.yaml")
    children = rf"\b(?:{'|'.join(found['children'])}),?(?: \(?\d{{1,2}}\)?)?\b"
    return compiled("|".join(found["schools"]), found["lists"]), compiled(children, found["lists"])


def _apart(one: re.Match[str], start: int, end: int) -> int:
    """Return the characters between a child and a school; below nothing where they overlap."""
    return max(one.start() - end, start - one.end())


def _is_named(name: str) -> bool:
    return any(word[0].isupper() for word in name.split())


def _own(text: str, school: tuple[int, int], one: re.Match[str]) -> Iterator[str]:
    """Say how the child is spoken of, and what stands between it and the school."""
    said = re.sub(r"\d+", "#", one[0].lower())
    yield f"one:{said}"
    yield from (f"word:{word.strip('(),')}" for word in said.split())
    yield f"order:{'child-school' if one.start() < school[0] else 'school-child'}"
    yield f"apart:{min(_apart(one, *school) // 8, 10)}"
    between = text[min(one.end(), school[1]) : max(one.start(), school[0])]
    yield from (f"between:{word}" for word in re.findall(r"[a-z]+|[^\w\s]", between.lower())[:_WORDS_BETWEEN])
    yield f"sentence:{'.' in between or chr(10) in between}"
    yield f"singular:{not said.rstrip(' )#(').endswith('s')}/{said.split()[0]}"
