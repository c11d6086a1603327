"""Words that may be the name of a child or of a family: found by what they are not, judged by what is around them."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.guard.context import Context
from knowledge.guard.lexicon import Lexicon
from knowledge.guard.mentions import Mention
from knowledge.guard.tokens import Token, Tokens

MOST_WORDS, _SHORT = 6, 3
_LINKS = frozenset(
    (
        "al",
        "bin",
        "binti",
        "bint",
        "de",
        "da",
        "dos",
        "van",
        "von",
        "el",
        "ul",
        "ur",
        "o",
        "abu",
        "ibn",
        "mac",
        "mc",
        "st",
        "ap",
        "ab",
        "la",
        "le",
    )
)
_JOINS = frozenset("'-.&+")
_FREQUENT = 3_000  # words of English below this rank are no candidates in lower case
_FUNCTION = 120  # these words of English are never names
_FAMILY = frozenset(("family", "child", "client", "case"))
_NEVER = frozenset(("month", "day", "pronoun", "first", "title", "greeting"))


def mentions(context: Context, lexicon: Lexicon) -> Iterator[Mention]:
    """Give everything that may be a name, with what speaks for and against it."""
    all_ = context.tokens
    marks = _marked(all_, lexicon)
    number = 0
    while number < len(all_.all):
        if not marks[number]:
            number += 1
            continue
        last = _grown(all_, marks, number)
        yield _mention(context, lexicon, number, last)
        number = last + 1


def _marked(found: Tokens, lexicon: Lexicon) -> list[bool]:
    known = _known(found, lexicon)
    families = {place for token, place in zip(found.all, found.sentence, strict=True) if token.classes & _FAMILY}
    return [
        not known[number] and _may_be_name(token, found, lexicon, near=found.sentence[number] in families)
        for number, token in enumerate(found.all)
    ]


def _known(found: Tokens, lexicon: Lexicon) -> list[bool]:
    """Say for each word whether it belongs to a phrase that names no family."""
    words = [token.word for token in found.all]
    known = [False] * len(words)
    for start in range(len(words)):
        for length in range(min(lexicon.longest, len(words) - start), 0, -1):
            if tuple(words[start : start + length]) in lexicon.known:
                one_name = length == 1 and lexicon.is_name(words[start])  # Brook the charity, Brook the child
                known[start : start + length] = [not one_name] * length
                break
    return known


def _may_be_name(token: Token, found: Tokens, lexicon: Lexicon, *, near: bool) -> bool:
    if token.kind == "initials":
        return True
    if token.kind != "word" or token.classes & _NEVER or lexicon.rank.get(token.word, _FREQUENT) < _FUNCTION:
        return False
    if token.opens and token.classes and lexicon.is_english(token.word):
        return False
    capital = token.text[0].isupper() and not found.shouting
    english, name = lexicon.is_english(token.word), lexicon.is_name(token.word)
    if len(token.word) == 1:
        return capital and token.text != "I" and not token.opens
    if capital and token.text.isupper():
        return True
    if capital:
        return (
            name
            or not english
            or (not token.classes and (not token.opens or lexicon.rank.get(token.word, _FREQUENT) >= _FREQUENT))
        )
    if english:
        frequent = lexicon.rank.get(token.word, _FREQUENT) < _FREQUENT
        return name and not token.classes and (near or not frequent)
    return "'" not in token.word


def _grown(found: Tokens, marks: list[bool], first: int) -> int:
    """Return the last token of the name that begins at `first`."""
    last = first
    while last - first < MOST_WORDS:
        after = last + 1
        if after < len(marks) and marks[after] and _joined(found, last, after):
            last = after
        elif after + 1 < len(marks) and marks[after + 1] and _links(found, after) and _joined(found, last, after):
            last = after + 1
        else:
            break
    return last


def _joined(found: Tokens, one: int, other: int) -> bool:
    gap = found.all[other].start - found.all[one].end
    own = found.all[one].text.endswith(("'s", "'S"))
    return gap <= 1 and found.all[one].kind != "line" and not own and found.sentence[one] == found.sentence[other]


def _links(found: Tokens, number: int) -> bool:
    token = found.all[number]
    return token.word in _LINKS or (token.text in _JOINS)


def _mention(context: Context, lexicon: Lexicon, first: int, last: int) -> Mention:
    tokens = context.tokens.all[first : last + 1]
    words = [token for token in tokens if token.kind == "word" and token.word not in _LINKS]
    features = context.around(first, last) | set(_own(words or list(tokens), context.tokens, lexicon))
    before = context.tokens.all[first - 1] if first else None
    if before and before.text == "." and first > 1:
        before = context.tokens.all[first - 2]
    if before and "title" in before.classes:
        first -= 1 if context.tokens.all[first - 1].text != "." else 2
    return Mention("NAME", first, last, "name", frozenset(features))


def _own(words: list[Token], all_: Tokens, lexicon: Lexicon) -> Iterator[str]:
    """Say what the words of a name look like, and no more: which name it is must not matter."""
    english = [lexicon.is_english(word.word) for word in words]
    plural = [
        not spelt and word.word.endswith("s") and lexicon.is_name(word.word[:-1])
        for word, spelt in zip(words, english, strict=True)
    ]
    names = [several or lexicon.is_name(word.word) for word, several in zip(words, plural, strict=True)]
    shape = _shape(words[0], all_)
    yield f"known:{any((word.word,) in lexicon.known for word in words)}"
    yield f"words:{min(len(words), 3)}"
    yield f"shape:{shape}"
    listed = "all" if all(names) else "some" if any(names) else "none"
    spelt = "all" if all(english) else "some" if any(english) else "none"
    yield f"listed:{listed}"
    yield f"english:{spelt}"
    yield f"is:{shape}/{listed}/{spelt}/{min(len(words), 3)}"
    yield f"opens:{words[0].opens}/{listed}/{spelt}/{shape}"
    ranks = [lexicon.rank.get(word.word, 30_000) for word in words]
    yield f"rank:{min(ranks) // 4000}"
    if spelt == "none" and shape == "lower":
        yield f"typo:{all(lexicon.is_typo(word.word) for word in words)}"
    if words[-1].text.endswith(("'s", "'S")) or plural[-1]:
        yield "owns"
    if words[-1].text.endswith("s"):
        yield "plural"
    yield f"letters:{min(len(words[0].word), 8)}"
    if len({_shape(word, all_) for word in words}) > 1:
        yield f"shapes:{'/'.join(_shape(word, all_) for word in words[:3])}"


def _shape(token: Token, all_: Tokens) -> str:
    if token.kind == "initials":
        return "initials"
    if len(token.word) == 1:
        return "letter"
    if all_.shouting:
        return "shouted"
    if token.text.isupper():
        return "upper" if len(token.text) > _SHORT else "short"
    if token.text[0].isupper():
        return "title"
    return "lower"
