"""One page of a list as a card, and the forms that choose what is listed and which record is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement

from db import listing
from handlers import access, passing
from handlers.context import Context, Request, UserError, number
from handlers.lists.kinds import CHALLENGES, ESCALATIONS, KINDS, RISKS, Kind, Record
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Note, Reply, Table, Text
from handlers.prose import escape
from handlers.standing import shortened

PAGE, DIRECT = 10, 2
MAX_WORDS = 80
_WORDS = f"(?:find +(?P<words>.{{1,{MAX_WORDS}}}))?"
_SHORT = {"my group": "group", "my group's": "group", "my groups": "group", "my groups'": "group", "groups": "group",
          "my": "mine"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What somebody looks at: a list, what it is narrowed to, which page, and the words that it is searched for."""

    kind: Kind
    which: str = "open"
    page: int = 0
    words: str = ""

    def __str__(self) -> str:
        return f"{self.kind.name}|{self.which}|{self.page}|{self.words}"


def takes(kind: Kind) -> re.Pattern[str]:
    """Return what may follow the verb of a list: one of its filters, words to find, both, or a reference."""
    names = "|".join([*kind.filters, *map(re.escape, _SHORT)])
    prefix = {"escalations": "ESC", "risks": "RSK", "challenges": "CHA"}[kind.name]
    more = "|map" if kind is RISKS else ""
    return re.compile(rf"(?P<which>{names})? *{_WORDS}|{prefix}-\d{{4}}-\d{{3,6}}{more}", re.IGNORECASE)


def show_escalations(context: Context, request: Request) -> Reply:
    """Show the escalations that you may read: those that are open, or what you ask for."""
    return _typed(context, request, ESCALATIONS)


def show_risks(context: Context, request: Request) -> Reply:
    """Show the risks that you may read: those on the register, the worst first, or what you ask for."""
    if request.text.strip().lower() == "map":
        return passing.to(context, request, "heatmap.show", "")
    return _typed(context, request, RISKS)


def show_challenges(context: Context, request: Request) -> Reply:
    """Show the challenges that you may read: those that are open, or what you ask for."""
    return _typed(context, request, CHALLENGES)


def show(context: Context, request: Request) -> Card:
    """Show a page of a list."""
    return _list(context, _view(request.value))


def _typed(context: Context, request: Request, kind: Kind) -> Reply:
    text = " ".join(request.text.split())
    known = takes(kind).fullmatch(text)
    if known is None:
        raise UserError(
            f"I do not know which {kind.name} you mean.",
            hint=f"Type {kind.name}, or {kind.name} with one of {', '.join(kind.filters)}; or {kind.name} find a word.",
        )
    if known["which"] is None and known["words"] is None and text:
        return passing.to(context, request, kind.opens, text)
    which = (known["which"] or "").lower()
    which = _SHORT.get(which, which) or ("all" if known["words"] else "open")
    return _list(context, View(kind, which, 0, known["words"] or ""))


def _view(value: str) -> View:
    name, which, page, words = [*value.split("|", 3), "", "", "", ""][:4]
    kind = KINDS.get(name)
    if kind is None:
        raise UserError("I do not know this list.", hint="Type escalations, risks or challenges.")
    return View(kind, which if which in kind.filters else "open", number(page), words[:MAX_WORDS])


# --- a page ----------------------------------------------------------------------------------------------------


def _list(context: Context, view: View) -> Card:
    which, kind = _conditions(context, view), view.kind
    shown, found = _records(context, view, which)
    if not shown and found:
        view = replace(view, page=(found - 1) // PAGE)
        shown, found = _records(context, view, which)
    page = view.page
    title = kind.filters[view.which][0]
    rows = tuple(kind.row(context, one) for one in shown)
    body: list[Element] = [Table(kind.header, rows)] if rows else [Text(_nothing(view))]
    if view.words:
        body.insert(0, Text(f"With **{escape(view.words)}**."))
    if found > PAGE:
        body.append(Note(f"{page * PAGE + 1} to {page * PAGE + len(shown)} of {found}."))
    return Card(
        title=title,
        body=tuple(body),
        actions=passing.able(context, _buttons(view, shown, more=found > (page + 1) * PAGE)),
        fallback=f"{title}: {found}",
    )


def _nothing(view: View) -> str:
    return f"There are none that you may read. Type **{view.kind.name} all** to see what there is."


def _conditions(context: Context, view: View) -> list[ColumnElement[bool]]:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    narrowed = view.kind.filters[view.which][1](context)
    return [view.kind.visible(context), narrowed, *listing.holding(view.words, *view.kind.columns)]


def _records(context: Context, view: View, which: Sequence[ColumnElement[bool]]) -> tuple[Sequence[Record], int]:
    kind, skip = view.kind, view.page * PAGE
    return listing.found(context.session, kind.table, *which, order=kind.ordered(view.which), skip=skip, limit=PAGE)


def _buttons(view: View, shown: Sequence[Record], *, more: bool) -> Iterator[Button]:
    """Give those that open records, the next page, other lists, and what else there is of this kind."""
    kind = view.kind
    if len(shown) > DIRECT:
        yield Button("Open one", "lists.choose", str(view), style="primary", opens=True)
    else:
        yield from (Button(f"Open {one.ref}", kind.opens, one.ref) for one in shown)
    if more:
        yield Button("More", "lists.show", str(replace(view, page=view.page + 1)))
    elif view.page:
        yield Button("Back to the first", "lists.show", str(replace(view, page=0)))
    yield Button("Filter or find", "lists.other", str(view), opens=True)
    label, action, form = kind.begins
    yield Button(label, action, opens=form)
    yield from (Button(name, route, value) for name, route, value in _BESIDE[kind.name])


_BESIDE = {
    "escalations": (("Papers and files", "papers.show", "escalations"),),
    "risks": (("Heat map", "heatmap.show", ""), ("Papers and files", "papers.show", "risks")),
    "challenges": (),
}  # fmt: skip

# --- forms -----------------------------------------------------------------------------------------------------


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one record of a page is chosen, to be opened."""
    view = _view(request.value)
    shown, _ = _records(context, view, _conditions(context, view))
    if not shown:
        raise UserError("There is nothing to open.", hint=f"Type {view.kind.name} to see what there is.")
    choices = tuple(Choice(one.ref, shortened(": ".join(view.kind.row(context, one)[:2]), 75)) for one in shown)
    box = Field("ref", "Which one?", "choice", choices=choices, value=choices[0].value)
    return Form("Open one", "lists.chosen", (box,), context.token, view.kind.name, submit="Open")


def chosen(context: Context, request: Request) -> Reply:
    """Show the chosen record."""
    kind = _view(request.value).kind
    ref = access.plain(request.fields.get("ref", ""))
    if takes(kind).fullmatch(ref) is None or "-" not in ref:
        return Errors({"ref": "Please choose from the list."})
    return passing.to(context, request, kind.opens, ref)


def other(context: Context, request: Request) -> Form:
    """Open the form in which one says what the list is to show: which ones, and words that they hold."""
    view = _view(request.value)
    choices = tuple(Choice(name, title) for name, (title, _) in view.kind.filters.items())
    return Form(
        title="Filter or find",
        action="lists.find",
        token=context.token,
        about=view.kind.name,
        submit="Show",
        fields=(
            Field("which", "Which ones?", "choice", choices=choices, value=view.which),
            Field(
                "words", "Words to find", required=False, max_length=MAX_WORDS, value=view.words,
                hint="Such as vacancies. Leave it empty for all.",
            ),
        ),
    )  # fmt: skip


def find(context: Context, request: Request) -> Card | Errors:
    """Show the list that was asked for in that form."""
    view = _view(request.value)
    which, words = request.fields.get("which", ""), " ".join(request.fields.get("words", "").split())
    if which not in view.kind.filters:
        return Errors({"which": "Please choose from the list."})
    if len(words) > MAX_WORDS:
        return Errors({"words": f"Please give at most {MAX_WORDS} characters."})
    return _list(context, View(view.kind, which, 0, words))
