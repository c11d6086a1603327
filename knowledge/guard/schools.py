"""One child with a named school: a year group, an age or an incident beside the name of a school."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.guard.context import Context
from knowledge.guard.lexicon import Lexicon
from knowledge.guard.mentions import Mention, covered

_KIND = (
    r"(?:(?:infant|infants|junior|juniors|primary|secondary|high|grammar|girls'?|boys'?|community|special|nursery|free|c ?of ?e|ce|rc|catholic|"
    r"church|independent|prep|upper|lower|middle|sixth form)[ ]){0,2}"
    r"(?:primary|school|schl|academy|acad|college|nursery|pre-?school|playgroup|kindergarten|sixth[ -]form|madrasah?|madrassa|pru|infants|juniors|"
    r"high|grammar|comp|girls|boys|children's centre|day ?care)"
)
_WORD = r"[^\W\d_][\w'\-]{1,20}"
_CAPITAL = r"(?-i:[A-Z])[\w'\-]{1,20}"
_NOT = (
    r"(?!(?:the|a|an|our|my|his|her|their|this|that|your|its|at|in|from|to|of|and|or|for|with|local|another|same|primary|secondary|"
    r"infant|junior|special|new|old|every|each|any|all|which|what|no|after|before|during|is|was|has|had|special|mainstream|private|whole|day|"
    r"boarding|summer|sunday|saturday|school|nursery|sixth|community|law|medical|royal)\b)"
)
_SCHOOL = re.compile(
    rf"\b(?P<saint>(?:st\.? |st\.|saint |our lady |holy )(?:of |the )?{_WORD}(?:(?: {_CAPITAL}|(?<=')s)){{0,2}}(?: {_KIND})?)"
    rf"|\b(?P<name>{_CAPITAL}(?: (?:{_CAPITAL}|of|the|and|&|on|in))?(?: {_CAPITAL}){{0,2}}?) (?P<kind>{_KIND})\b(?P<more> for (?:girls|boys))?"
    rf"|\b(?:at|from|in|to|attends|attending|goes to|of|@) (?P<lower>(?:{_NOT}{_WORD} ){{1,3}}?)(?P<lowkind>{_KIND})\b"
    rf"|\b(?:at|from|in) (?P<bare>{_CAPITAL}(?:'s)?(?: {_CAPITAL}){{0,2}})",
    re.IGNORECASE,
)
_AGE = r"(?:\d{1,2}|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
_ONE = re.compile(
    rf"\b(?:{_AGE}[ -]?(?:yrs?|years?)?[ -]?olds?|{_AGE} ?(?:yo|y/o)|y(?:ea)?r ?(?:{_AGE}|group)s?|y\d{{1,2}}|ks\d|reception|sixth[ -]form(?:er)?|aged? {_AGE}|"
    r"(?:a|the|one|our|this|that|another|my|only|her|his|their) (?:[\w\-]+ ){0,3}?(?:boy|girl|child|kid|lad|lass|pupil|student|learner|toddler|baby|teen(?:ager)?|daughter|son|sibling|twins?|family)"
    r"|(?:boy|girl|lad|lass|pupil|student|child|toddler|kid|girls|boys|pupils|students|twins|siblings|sixth[ -]former)),?(?: \(?\d{1,2}\)?)?\b",
    re.IGNORECASE,
)
_APART = 160
_COMMON = frozenset("the a an our my his her their this that your at in from to primary secondary any every all year which special local".split())


def mentions(context: Context, text: str, lexicon: Lexicon) -> Iterator[Mention]:
    """Give every named school with the nearest word for a child, if there is one near it."""
    children = list(_ONE.finditer(text))
    for school in _SCHOOL.finditer(text):
        group = "bare" if school["bare"] else "lower" if school["lower"] else "saint" if school["saint"] else "name"
        start, end = school.start(group), school.end()
        if group == "bare" and lexicon.knows(school["bare"]):
            continue
        if group == "name" and school["name"].split()[0].lower() in _COMMON:
            continue
        near = [one for one in children if min(abs(one.start() - end), abs(start - one.end())) <= _APART and not (one.start() < end and start < one.end())]
        if not near:
            continue
        one = min(near, key=lambda found: min(abs(found.start() - end), abs(start - found.end())))
        span = covered(context.tokens, min(start, one.start()), max(end, one.end()))
        place = covered(context.tokens, start, end)
        child = covered(context.tokens, one.start(), one.end())
        if span is None or place is None or child is None:
            continue
        features = {f"P{feature}" for feature in context.around(*place) if feature[0] in "LRlr"}
        features |= {f"C{feature}" for feature in context.around(*child) if feature[0] in "LRlr"}
        features |= {feature for feature in context.around(*place) if feature[0] in "MS"}
        features |= set(_own(text, school, one, near))
        yield Mention("SCHOOL_YEAR_COMBO", *span, "school", frozenset(features))


def _own(text: str, school: re.Match[str], one: re.Match[str], near: list[re.Match[str]]) -> Iterator[str]:
    said = re.sub(r"\d+", "#", one[0].lower())
    yield f"one:{said}"
    for word in said.split():
        yield f"word:{word.strip('(),')}"
    yield f"order:{'child-school' if one.start() < school.start() else 'school-child'}"
    apart = max(school.start() - one.end(), one.start() - school.end())
    yield f"apart:{min(apart // 8, 10)}"
    between = text[min(one.end(), school.end()) : max(one.start(), school.start())]
    for word in re.findall(r"[a-z]+|[^\w\s]", between.lower())[:8]:
        yield f"between:{word}"
    yield f"sentence:{'.' in between or chr(10) in between}"
    yield f"several:{min(len(near), 3)}"
    yield f"kind:{(school['kind'] or school['lowkind'] or ('bare' if school['bare'] else 'saint')).lower().split()[-1]}"
    yield f"singular:{not said.rstrip(' )0123456789#(').endswith('s')}/{said.split()[0]}"
