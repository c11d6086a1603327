"""The first look at everything that a person sends: whether a child is in danger, and whether it says who it is."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from handlers.messages import Choice, Field
from knowledge import guard
from knowledge.guard import Finding, Kind

DANGER_LINE = "If a child is in danger now, call 999."
NOT_FAMILY = "not_about_a_family"  # the field of a form that no handler sees
REASONS = MappingProxyType(
    {
        "colleague": "A colleague or partner, in their work role",
        "organisation": "An organisation, a place or a scheme",
        "published": "A published review or a law",
    }
)
WHOSE_NAME = Field(
    NOT_FAMILY,
    "Whose name is it?",
    "choice",
    hint="Choose a reason only if it is nobody's child or family. It is noted with who gave it, never the words.",
    required=False,
    choices=(Choice("none", "It is a child's or a family's"), *(Choice(*reason) for reason in REASONS.items())),
)
MAX_SHOWN, MAX_MASKED = 5, 40
OVERRIDDEN = "guard overridden"  # as the audit trail calls it

KINDS = {
    Kind.NAME: "a name",
    Kind.DOB: "a date of birth",
    Kind.NHS_NUMBER: "an NHS number",
    Kind.NINO: "a National Insurance number",
    Kind.CASE_REF: "a case reference",
    Kind.PHONE: "a phone number",
    Kind.EMAIL: "an e-mail address",
    Kind.ADDRESS: "an address",
    Kind.POSTCODE: "a postcode",
    Kind.SCHOOL_YEAR_COMBO: "one child's school with a year, an age or an event",
}
_NEVER_IDS = (Kind.NHS_NUMBER, Kind.NINO, Kind.PHONE, Kind.EMAIL)  # no id of ours looks like these
_NEVER_SHOWN = (Kind.NAME, Kind.SCHOOL_YEAR_COMBO)  # said by their place alone
_OPEN = " \n/.-@:,()"  # what a masked detail still shows between its stars
_STAFF = re.compile(
    r"\b(?:head ?|deputy )?(?:teacher|ta|tutor|coach|instructor|staff|colleague|employee|manager|worker|keyworker|"
    r"imam|ustad|priest|vicar|pastor|rabbi|minister|carer|childminder|nanny|escort|chaperone|volunteer|mentor|leader|"
    r"nurse|doctor|gp|midwife|therapist|counsellor|officer|driver|caretaker|governor|lecturer|trainer|professional)"
    r"(?:s|es|'s)?\b",
    re.IGNORECASE,
)
_OWN_AGE = r"(?:(?:only|just) )?(?:[5-9]|1[0-7])(?! ?(?:%|days|weeks|months|minutes|hours|st|nd|rd|th))\b"
_A_CHILD_WRITES = re.compile(
    rf"\b(?:i am|i['’]?m) (?:{_OWN_AGE}|a (?:kid|child|teenager)\b|in year \d)"
    r"|\bmy (?:step ?-?)?(?:dad|daddy|mum|mummy|mom|nan|grandad|uncle|auntie?|brother|sister|cousin|teacher|coach)\b"
    r"|\b(?:hits?|hitting|hurts?|hurting|touch(?:es|ed|ing)?|beats?|beating|slaps?|slapped|kicks?|punche[sd]) me\b",
    re.IGNORECASE,
)
_IN_A_SENTENCE = (  # beside a name they say something about somebody; small, for some are names in capitals
    r"(?i:is|was|has|had|who|why|what|when|where|how|can|does|did)|are|were|have|his|her|their|my|our|the|and|or|to|at|in|"
    r"of|on|for|from|about|with|child|children|kid|boy|girl|baby|pupil|son|daughter|mum|mother|dad|father|sister|"
    r"brother|family|year|age|aged|school|home|case|referral|born|lives?"
)
_ALONE = MappingProxyType(
    {
        Kind.NAME: re.compile(rf"(?!.*\b(?:{_IN_A_SENTENCE})\b)[^\W\d_][^\d_?!,;:/@()\n]{{0,59}}"),
        Kind.DOB: re.compile(r"\d{4}-\d{2}-\d{2}"),  # as the boxes for days send it
    }
)
# beside the boxes around it, the digits of a day run together with theirs
_PASSES: Mapping[Kind | None, tuple[Kind, ...]] = MappingProxyType(
    {Kind.NAME: (Kind.NAME,), Kind.DOB: (Kind.DOB, Kind.CASE_REF, Kind.NHS_NUMBER)}
)
Scan = Callable[..., guard.Scan]  # (text, *, terms) -> what the guard thinks of it


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in one piece of text. It holds nothing of the text itself: `shown` is masked."""

    kinds: tuple[Kind, ...] = ()
    rules: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    sure: bool = False
    urgent: bool = False
    referral: bool = False
    case: bool = False
    staff: bool = False
    child: bool = False

    @property
    def every_kind(self) -> tuple[str, ...]:
        """Return the kinds that were found, each once."""
        return tuple(dict.fromkeys(kind.value for kind in self.kinds))

    @property
    def every_rule(self) -> tuple[str, ...]:
        """Return the rules that found something, each once."""
        return tuple(dict.fromkeys(self.rules))

    @property
    def only_names(self) -> bool:
        """Say whether names are all that was found."""
        return set(self.kinds) == {Kind.NAME}

    def joined(self, other: Look) -> Look:
        """Return both looks as one."""
        return Look(
            (*self.kinds, *other.kinds),
            (*self.rules, *other.rules),
            (*self.shown, *other.shown),
            *(getattr(self, name) or getattr(other, name) for name in _SIGNS),
        )


_REACH = 160  # characters from a school to a child, at most, for the guard to see one thing in them
_PAIR = 2
_BETWEEN = ", "  # fields that are read as one text: a name here and a school there make one sentence
_SIGNS = ("sure", "urgent", "referral", "case", "staff", "child")
_NOTHING = Look()


@dataclass(frozen=True, slots=True)
class Screening:
    """What the first look found in a whole request: in what was typed and in each field of a form.

    `reason` is why a person says that the names are no family's. `failed`: nobody could look, so nothing passes.
    """

    typed: Look = _NOTHING
    fields: Mapping[str, Look] = field(default_factory=dict)
    reason: str = ""
    failed: bool = False

    @property
    def whole(self) -> Look:
        """Return everything that was found as one look."""
        found = self.typed
        for look in self.fields.values():
            found = found.joined(look)
        return found

    @property
    def urgent(self) -> bool:
        """Say whether a child may be in danger."""
        return self.whole.urgent

    @property
    def identifying(self) -> bool:
        """Say whether a child or family may be named."""
        return bool(self.whole.kinds)

    @property
    def overridable(self) -> bool:
        """Say whether a person may declare that this is not about a child or family: only for names alone."""
        whole = self.whole
        return whole.only_names and not (whole.urgent or self.failed)

    @property
    def overridden(self) -> bool:
        """Say whether it passes because of the reason that was given."""
        return bool(self.reason) and self.overridable

    @property
    def passes(self) -> bool:
        """Say whether the request may go on to a handler."""
        whole = self.whole
        return not (self.failed or whole.urgent) and (not whole.kinds or self.overridden)

    @property
    def decision(self) -> str:
        """Return what is counted: failed, urgent, overridden, ask, block or pass."""
        if self.failed:
            return "failed"
        if self.urgent:
            return "urgent"
        if not self.identifying:
            return guard.Decision.PASS.value
        if self.overridden:
            return "overridden"
        asks = self.overridable and not self.whole.sure
        return (guard.Decision.ASK if asks else guard.Decision.BLOCK).value

    @property
    def in_fields_alone(self) -> bool:
        """Say whether all that was found stands in fields of a form, where it can be shown and put right."""
        return bool(self.fields) and not (self.typed.urgent or self.typed.kinds)

    def without_urgency(self) -> Screening:
        """Return the same where the fields say what to do about harm, and so are no cry for help."""
        return replace(self, fields={name: replace(look, urgent=False) for name, look in self.fields.items()})


def screen(
    scan: Scan,
    text: str,
    fields: Mapping[str, str],
    *,
    value: str = "",
    terms: frozenset[str] = frozenset(),
    plain: Mapping[str, Kind] = MappingProxyType({}),
) -> Screening:
    """Look at everything that a person sends, before a byte of it is stored, logged or forwarded.

    Each field is looked at by itself, and then all of them as one text: a first name in one field and a school in
    another say together who a child is. The `value` of a button is an id of ours: where it is one word, only what can
    be no id counts. In the boxes of `plain` one kind may stand by itself: the name of somebody at work, or a day.
    """
    reason = fields.get(NOT_FAMILY, "")
    rest = {name: value for name, value in fields.items() if name != NOT_FAMILY or value not in (*REASONS, "none", "")}
    judge = functools.partial(scan, terms=terms)
    alone = {name: kind for name, kind in plain.items() if _ALONE[kind].fullmatch(rest.get(name, "").strip())}
    looks = {
        name: _look(_without(judge(value), alone.get(name)), value) for name, value in rest.items() if value.strip()
    }
    if len(looks) > 1:
        looks = _with_the_whole(judge, {name: rest[name] for name in looks}, looks, alone)
    typed = _look(judge(text), text) if text.strip() else _NOTHING
    if value.strip():
        found = judge(value)
        hard = tuple(one for one in found.findings if " " in value.strip() or one.kind in _NEVER_IDS)
        typed = typed.joined(_look(replace(found, findings=hard), value))
    return Screening(typed, looks, reason if reason in REASONS else "")


def _without(found: guard.Scan, kind: Kind | None) -> guard.Scan:
    return replace(found, findings=tuple(one for one in found.findings if one.kind is not kind))


def _with_the_whole(
    scan: Scan, values: Mapping[str, str], looks: Mapping[str, Look], alone: Mapping[str, Kind]
) -> dict[str, Look]:
    """Add what only all fields together say, to the field where it stands. In which order they stand is chance."""
    first = next((name for name, value in values.items() if len(value.split()) > 1), next(iter(values)))
    joined = dict(looks)
    for ordered in (list(values.items()), list(values.items())[::-1]):
        _add_together(scan, ordered, joined, first, alone)
    told = {name: value.strip() for name, value in values.items() if " " in value.strip()}
    if len(values) > _PAIR:  # two stood side by side already
        _add_pairs(scan, told, joined, alone)
    return joined


def _add_pairs(scan: Scan, told: Mapping[str, str], joined: dict[str, Look], alone: Mapping[str, Kind]) -> None:
    """Add what two boxes say together however far they stand apart in the form: a child here, its school there."""
    for one, other in itertools.permutations(told, 2):
        end, beginning = told[one][-_REACH:], told[other][:_REACH]
        passed = {kind for name in (one, other) for kind in (*joined[name].kinds, *_PASSES.get(alone.get(name), ()))}
        across = tuple(
            replace(found, end=len(end))
            for found in scan(end + _BETWEEN + beginning).findings
            if found.start < len(end) < found.end and found.kind not in passed
        )
        joined[one] = joined[one].joined(_details(across, end))


def _add_together(
    scan: Scan, values: Sequence[tuple[str, str]], joined: dict[str, Look], first: str, alone: Mapping[str, Kind]
) -> None:
    text = _BETWEEN.join(value for _, value in values)
    found = scan(text)
    known = {kind for look in joined.values() for kind in look.kinds}
    start = 0
    for name, value in values:
        passed = {*known, *_PASSES.get(alone.get(name), ())}
        new = [one for one in found.findings if one.kind not in passed and start <= one.start <= start + len(value)]
        here = [replace(one, start=one.start - start, end=min(one.end - start, len(value))) for one in new]
        at = name if len(value.split()) > 1 else first  # a choice, a date or a number cannot be put in other words
        joined[at] = joined[at].joined(_details(here, value))
        start += len(value) + len(_BETWEEN)
    if found.urgent and not any(look.urgent for look in joined.values()):
        joined[first] = joined[first].joined(_look(replace(found, findings=()), text))


def _look(found: guard.Scan, text: str) -> Look:
    details = _details(found.findings, text)
    return replace(
        details,
        urgent=found.urgent,
        referral=found.referral,
        case=found.case,
        staff=found.urgent and bool(_STAFF.search(text)),
        child=found.urgent and bool(_A_CHILD_WRITES.search(text)),
    )


def _details(findings: Sequence[Finding], text: str) -> Look:
    if not findings:
        return _NOTHING
    return Look(
        kinds=tuple(found.kind for found in findings),
        rules=tuple(found.rule for found in findings),
        shown=tuple(_shown(findings[:MAX_SHOWN], text)),
        sure=any(found.sure for found in findings),
    )


def _shown(findings: Sequence[Finding], text: str) -> Iterator[str]:
    for found in findings:
        if found.kind in _NEVER_SHOWN:
            yield f"{KINDS[found.kind]} (word {len(text[: found.start + 1].split())})"
        else:
            yield f"{KINDS[found.kind]}: {masked(text[found.start : found.end])}"


def masked(detail: str) -> str:
    """Return a detail so that only who typed it knows it again: its first character, and stars for the rest."""
    first, rest = detail[:1], detail[1:MAX_MASKED]
    cut = "…" if len(detail) > MAX_MASKED else ""
    return first + "".join(char if char in _OPEN else "*" for char in rest) + cut
