"""Numbers, dates, addresses and the like that may belong to one person: found by shape, judged by what is around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.guard.context import Context
from knowledge.guard.mentions import Mention, covered

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|"
    r"fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty[ -]\w{4,7}|thirtieth|thirty[ -]first)"
)
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL})"
_YEAR = r"(?:'?\d{2}|(?:19|20)\d{2})"
_DATE = (
    rf"(?:{_DAY}(?: of)?(?: the {_ORDINAL}|[ ./\-]{{0,2}}{_MONTH})[ ,./\-]{{0,2}}(?:{_YEAR})?(?!\d)"
    rf"|{_MONTH}[ .]{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?,? {{1,2}}{_YEAR}(?!\d)|\d{{1,2}} ?[./\-] ?\d{{1,2}} ?[./\-] ?\d{{1,4}}"
    rf"|(?:19|20)\d{{2}}[./\-]\d{{1,2}}[./\-]\d{{1,2}}|{_MONTH},? '?(?:19|20)?\d{{2}}(?!\d)|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)(?:,? {_YEAR})?|\d{{1,2}} \d{{1,2}} (?:\d{{4}}|\d{{2}}))"
)
_BORN = r"(?:d\.? ?o\.? ?b\.?'?s?|dates? of births?|birth ?dates?|birthdays?|b'?day|born|né?e?)"
_ROAD = (
    r"(?:road|rd|street|str|st|avenue|ave|close|cl|lane|ln|court|ct|house|hse|way|drive|dr|place|pl|square|sq|terrace|ter|"
    r"gardens|gdns|grove|row|walk|mews|crescent|cres|point|tower|towers|buildings|mansions|wharf|quay|yard|hill|park|path|rise|"
    r"view|heights|lodge|villas|estate|steps|cottages?|farm|lock|wharves|flats|parade|passage|alley|green|vale|gate|circus|hotel|hostel|inn|pitch|site)"
)
_NAME = r"[^\W\d_][\w'\-]{1,20}"
_SPELT = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|and)"
)
_DWELLING = r"(?:flat|apt|apartment|unit|room|rm|bedsit|plot|pitch|caravan|no\.?|number)"
_CASE_WORD = (
    r"(?:mosaic|merlin|cris|crime|cad|court|case|upn|ehcp?|ehc|liquid ?logic|lcs|protocol|rio|emis|hosp(?:ital)?|mrn|mash|mast|marac|"
    r"mappa|police|pupil|client|child|family|patient|social care|framework ?i|azeus|niche|holmes|custody|urn|pnc|arrest|cpr|"
    r"laa|warrant|homeless(?:ness)?|housing|tenancy|asylum|home office|nass|incident|occurrence|cafcass|hmcts|yjs|yot|chi|referral|"
    r"safeguarding|datix|early help|cpoms|student|record|lado|sen|send|tribunal|family court|f?wp|cp)"
)
_REF_WORD = r"(?:ref(?:erence|s)?|no|num(?:ber)?|nos|id|ids|file|record|code|#|n[o°]|case|report|log)"
_REFERENCE = r"(?=[\w/\-.]*\d[\w/\-.]*\d)[a-z0-9]+(?:[/\-.][a-z0-9]+)*"
_PATTERNS: tuple[tuple[str, str, str], ...] = (
    # kind, rule, pattern; the group "it" is the detail itself where the pattern reads more
    ("EMAIL", "e-mail", r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}"),
    ("EMAIL", "e-mail-spelt", r"(?<![\w.+\-])[\w.+\-]{1,64} ?[\(\[]?\bat\b[\)\]]? ?[\w\-]{2,40} ?[\(\[]?(?:\bdot\b|\.)[\)\]]? ?(?:com|org|net|co|uk|me)\b(?: ?(?:\bdot\b|\.) ?uk\b)?"),
    ("NHS_NUMBER", "nhs-number", r"(?<![\w/])(?<!\d[ .\-])\d{3}[ .\-]{0,3}\d{3}[ .\-]{0,3}\d{4}(?![\w/])(?![ .\-]\d)"),
    ("NHS_NUMBER", "nhs-number-said", r"\bnhs(?: ?(?:no|num|number|id|#))?[ .:#\-]{0,3}(?:is |was |= ?)?(?P<it>(?:\d[ .\-]{0,2}){9,10}\d?)(?!\d)"),
    ("NHS_NUMBER", "ten-digits", r"(?<![\w+])(?:\d[ .\-]{0,2}){9}\d(?![ .\-]?\d)(?!\w)"),
    ("NINO", "national-insurance", r"\b(?!GB|NK|TN|ZZ)[A-Z][ .\-]?[A-Z][ .\-]?(?:\d[ .\-]?){6}[A-D]\b"),
    ("NINO", "national-insurance-said", r"\b(?:national insurance|n\.?i\.?(?:no|n)?\.?|nino)(?: ?(?:no|num|number|#))?\.?[ :#\-]{0,3}(?:is |was )?(?P<it>[A-Z][ .\-]?[A-Z][ .\-]?(?:\d[ .\-]?){5}\d)(?!\d)"),
    ("PHONE", "phone", r"(?<![\w/])(?:\(?\+ ?44\)?|\(?0044\)?)[ .\-]{0,2}(?:\(0\))?[ .\-]{0,2}(?:\d[ .\-()]{0,2}){8,9}\d(?!\w)|(?<![\w/])\(?0[ .\-()]{0,2}[1237](?:[ .\-()]{0,2}\d){8,9}(?!\w)"),
    ("PHONE", "phone-short", r"\b(?:ring|call|phone|mob(?:ile)?|tel|text|whatsapp|number)\W{1,3}(?:(?:is|on|no|number)\W{1,2}){0,2}(?P<it>\d{3,5}[ .\-]?\d{3,6}(?:[ .\-]?\d{2,4})?)(?!\d)"),
    ("DOB", "born", rf"\b{_BORN}(?![a-z])(?:\W{{0,4}}(?:is|was|on|in|the|of|given|as|recorded|around|about|therefore|twins?|kids?|c)\b){{0,4}}\W{{0,4}}(?P<it>{_DATE}|\d{{1,2}}/\?/\d{{2,4}}|\d{{6}}(?:\d{{2}})?(?!\d)|(?:19|20)\d{{2}}(?![\d/]))"),
    ("DOB", "born", rf"\bb\. ?(?P<it>{_DATE}|(?:19|20)\d{{2}}(?![\d/]))"),
    ("DOB", "date", rf"(?<![\w/.\-])(?P<it>{_DATE})(?![\w/\-])"),
    ("POSTCODE", "postcode", r"\b[A-Z]{1,2}\d[A-Z\d]? {0,2}\d[A-Z]{2}\b"),
    ("POSTCODE", "half-postcode", r"(?<=[ ,(])(?:E1W?|E[2-9]|E1[0-8]|IG\d{1,2}|RM\d{1,2}|SE\d{1,2}|N\d{1,2}|EC\d[A-Z]?|SW\d{1,2}|NW\d{1,2})(?=$|[ ,.?!)\n])"),
    ("ADDRESS", "dwelling", rf"\b{_DWELLING} ?\d{{1,4}}[a-z]?(?:,? (?:the )?(?:\d{{1,4}}[a-z]?,? )?{_NAME}(?: {_NAME}){{0,3}}?(?: {_ROAD})?\b)?"),
    ("ADDRESS", "street", rf"(?<![\d/£.:\-])\b(?P<it>(?:(?:flat|room) [\da-z]{{1,4}},? )?\d{{1,4}} ?[a-z]?,? (?:the )?{_NAME}(?: {_NAME}){{0,3}}? {_ROAD})\b(?!['’])"),
    ("ADDRESS", "block", rf"(?<![\w/£.:\-])(?P<it>\d{{1,3}}[a-z]?,? (?-i:[A-Z])[\w'\-]{{1,20}}(?: (?-i:[A-Z])[\w'\-]{{1,20}})?)(?=,? ?(?:[A-Z]{{1,2}}\d|$|[,.)]))"),
    ("ADDRESS", "street-spelt", rf"\b(?P<it>(?:{_SPELT}[ -]){{1,3}}[a-z]?,? ?{_NAME}(?: {_NAME}){{0,2}}? {_ROAD})\b(?!['’])"),
    ("ADDRESS", "estate", rf"\b(?:lives?|living|stay(?:s|ing)?|moved|home|house|flat|flats|address|sleeping|tenancy|placed|housed|moored)\b(?: (?:is|at|in|on|to|with|over|above|near|opposite|by|off|into|the|a|an|family|shop|his|her|their)){{1,5}} (?P<it>(?-i:[A-Z])[\w'\-]{{1,20}}(?: {_NAME}){{0,2}}? {_ROAD})\b(?!['’])"),
    ("ADDRESS", "stays", rf"\b(?:hotel|hostel|inn|lodge|b&b|refuge|travelodge|premier inn|{_NAME} (?:hotel|hostel|inn|lodge|house))\W{{1,3}}(?:room|rm|flat|unit|no)\W{{0,2}}\d{{1,4}}[a-z]?"),
    ("CASE_REF", "reference-said", rf"\b{_CASE_WORD}(?:['’]s)?(?:[ ./:#\-]{{1,3}}{_REF_WORD}){{0,2}}\.?(?:[ :#=\-]{{1,3}}(?:is|was|for|under|of)\b)?[ :#=\-]{{0,3}}(?P<it>{_REFERENCE}(?: \d{{2,6}}){{0,3}})"),
    ("CASE_REF", "reference", rf"\b{_REF_WORD}\.?(?:[ :#=\-]{{1,3}}(?:is|was|on)\b)?[ :#=\-]{{1,3}}(?P<it>{_REFERENCE})"),
    ("CASE_REF", "pupil-number", r"(?<!\w)[A-Z]\d{11}[A-Z0-9](?!\w)"),
    ("CASE_REF", "court-number", r"(?<!\w)[A-Z]{2}\d{2}[A-Z]\d{5}(?!\w)"),
    ("CASE_REF", "slashed", r"(?<![\w/])(?!(?:19|20)\d\d[/\-](?:\d\d|(?:19|20)\d\d)(?![\w/\-]))(?!\d{1,3}-[a-z]{3,}\b)(?=[\w/\-]*\d{2})(?=[\w/\-]*[/\-])[A-Z0-9]{1,10}(?:[/\-][A-Z0-9]{1,9}){1,4}(?![\w/])"),
    ("CASE_REF", "grouped", r"(?<![\w/\-])(?-i:[A-Z]{1,3})\d{0,4}(?: \d{1,5}){2,6}(?:/\d{2,4})?(?![\w/])"),
    ("CASE_REF", "mixed", r"(?<![\w/\-])(?=\d*[A-Z])(?=(?:[A-Z]*\d){5})[A-Z\d]{7,16}(?:-\d{1,4})?(?![\w/])"),
    ("CASE_REF", "letters-digits", r"(?<![\w/\-])[A-Z]{1,4}[ \-]?\d{5,9}(?:/\d{2,4}|[A-Z])?(?![\w/])"),
    ("CASE_REF", "digits", r"(?<![\w/.£+\-])\d{5,9}(?![\w/])"),
)
_COMPILED = tuple((kind, rule, re.compile(pattern, re.IGNORECASE)) for kind, rule, pattern in _PATTERNS)
_DIGITS = re.compile(r"\d")
_TEN = 10


def mentions(context: Context, text: str) -> Iterator[Mention]:
    """Give everything that may be a detail of one person; what overlaps is given under the first rule that fits."""
    taken: list[tuple[int, int]] = []
    for kind, rule, pattern in _COMPILED:
        for found in pattern.finditer(text):
            start, end = found.span("it") if "it" in pattern.groupindex and found["it"] else found.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            if kind == "NHS_NUMBER" and text[start] == "0" and "nhs" not in text[max(0, start - 20) : start].lower():
                continue  # a telephone number
            span = covered(context.tokens, start, end)
            if span is None:
                continue
            taken.append((start, end))
            features = {f"{feature}" for feature in context.around(*span)}
            features |= set(_own(rule, text[start:end], text[max(0, start - 24) : start].lower()))
            yield Mention(kind, *span, rule, frozenset(features))


def _own(rule: str, text: str, before: str) -> Iterator[str]:
    digits = "".join(_DIGITS.findall(text))
    yield f"rule:{rule}"
    shape = re.sub(r"[a-z]+", "a", re.sub(r"\d", "#", text.lower()))
    yield f"shape:{shape[:14]}"
    yield f"digits:{len(digits)}"
    if rule in ("nhs-number", "nhs-number-said", "ten-digits") and len(digits) == _TEN:
        yield f"check:{is_nhs(digits)}"
    if rule in ("e-mail", "e-mail-spelt"):
        domain = text.lower().rpartition("@")[2]
        yield f"domain:{'.'.join(domain.split('.')[-2:])}"
        yield f"work:{bool(re.search(r'gov|nhs|sch[.]|police|ac[.]uk|org[.]uk|thscp|council|trust|school', domain))}"
        yield f"box:{bool(re.search(r'safeguard|mash|mast|lado|duty|info|admin|office|training|team|enquir|booking|contact|secretar|hello|support|help|referral|dpo|board|noreply|no-reply', text.lower().partition('@')[0]))}"
    if rule in ("phone", "phone-short"):
        yield f"prefix:{digits.removeprefix('0044').removeprefix('44').removeprefix('0')[:1]}"
    if rule in ("date", "born"):
        years = re.findall(r"(?:19|20)\d{2}", text)
        yield f"year:{('old' if int(years[0]) < 2000 else 'child' if int(years[0]) < 2023 else 'now') if years else 'none'}"
    yield f"near:{'(' in before[-2:]}"


def is_nhs(digits: str) -> bool:
    """Say whether ten digits have the check digit of an NHS number (modulus 11, NHS Data Dictionary)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11 == int(digits[9])
