"""The alert: six boxes in which any member says what could go wrong. It becomes a record under a reference at once."""

from __future__ import annotations

from db import attending, records, risks
from db.people import Role
from db.risks import Risk
from handlers.context import Context, Request, number
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Text, Tone
from handlers.prose import escape
from handlers.risks import boxes
from handlers.risks import records as own
from handlers.wording import words
from knowledge import risks as rules
from knowledge import scoring
from knowledge.scoring import ScoringError

PREFIX = "RSK"
MAX_TITLE, MAX_TEXT, MAX_LINE = 100, 800, 300
_NOW, _SENSITIVE = "executive", "sensitive"


def open_alert(context: Context, request: Request) -> Form:
    """Open the form in which a member raises a risk, or a strategy manager one because of an absence."""
    own.me(context)
    if _absence(context, request.value):
        return form(context, title="A seat at meetings stays empty", about=request.value)
    return form(context)


def form(context: Context, *, title: str = "", source: str = "alert", about: str = "") -> Form:
    """Return the alert form; features that raise risks fill in what they know."""
    return Form(
        title="Raise a risk",
        action="risks.raise",
        token=context.token,
        about=about or source,
        intro="For the whole partnership. Never names or details of a child: those go to the case system.",
        fields=(
            Field("title", "The risk in one line", max_length=MAX_TITLE, value=title),
            Field(
                "event", "What could go wrong, and for which children?", "longtext",
                hint="In general terms, such as children under two in temporary homes.", max_length=MAX_TEXT,
            ),
            Field("agencies", "Which agencies does it touch?", max_length=MAX_LINE),
            Field("doing", "What are you already doing about it?", "longtext", required=False, max_length=MAX_TEXT),
            Field("level", "How likely, and how bad?", "choice", choices=_levels()),
            Field(
                "ticks", "Tick what is true", "multichoice", required=False,
                choices=(
                    Choice(_NOW, "We need the Executive now"),
                    Choice(_SENSITIVE, "It is OFFICIAL-SENSITIVE: few people may read it"),
                ),
            ),
        ),
    )  # fmt: skip


def raise_one(context: Context, request: Request) -> Card | Errors:
    """Keep the alert, tell the Strategy Manager, and the statutory partners where it is red or cannot wait."""
    who, fields = own.me(context), {name: value.strip() for name, value in request.fields.items()}
    absence = _absence(context, request.value)
    if problems := _problems(fields):
        return Errors(problems)
    likelihood, impact = (scoring.entered(level) for level in fields["level"].split("/"))
    ticks = {tick.strip() for tick in fields.get("ticks", "").split(",")}
    clocks = rules.clocks()
    risk = risks.raise_one(
        context.session,
        ref=records.next_ref(context.session, PREFIX, context.today.year),
        title=" ".join(fields["title"].split()),
        event=fields["event"],
        agencies_affected=fields["agencies"],
        doing=fields.get("doing", ""),
        executive_now=_NOW in ticks,
        marking=own.SENSITIVE if _SENSITIVE in ticks else "OFFICIAL",
        agency_raising=own.agency_of(context, who),
        raised_by=who,
        raised_by_role=own.roles_in_words(context),
        raised_at=context.now,
        changed_at=context.now,
        source="absence" if absence else request.value if request.value in rules.choices("source_of") else "alert",
        inherent_l=likelihood,
        inherent_i=impact,
        current_l=likelihood,
        current_i=impact,
        clocks=clocks,
    )
    _score(context, risk, likelihood, impact)
    own.note(context, risk, "raised", marking=risk.marking)
    _tell(context, risk)
    if absence:
        attending.proposed(context.session, absence, risk.ref)
    return _received(context, risk)


def _absence(context: Context, value: str) -> int:
    """Return the review of an absence because of which a strategy manager may raise a risk; 0 for none."""
    kind, _, about = value.partition("-")
    if kind != "absence" or Role.STRATEGY_MANAGER not in context.actor.roles:
        return 0
    return number(about) if attending.awaits_risk(context.session, number(about)) else 0


def _score(context: Context, risk: Risk, likelihood: int, impact: int) -> None:
    for which in ("inherent", "current"):
        risks.add_score(
            context.session,
            risk_id=risk.id, at=context.now, by=context.actor.person_id, which=which,
            likelihood=likelihood, impact=impact, trend=scoring.Trend.SAME.value, reason="As it was raised",
        )  # fmt: skip


def _tell(context: Context, risk: Risk) -> None:
    by = own.day(rules.triage_by(context.today, risk.clocks))
    asked = words("risks_alert", risk=risk, by=by, score=own.score(context, risk.current_l, risk.current_i))
    own.tell(context, risk, "alert", own.managers(context), f"{risk.ref} waits for you", asked)
    if risk.executive_now:
        partners = own.reach(context, *own.PARTNERS)
        said = (
            f"Whoever raised it asks for the Executive now, and scores it "
            f"{escape(own.score(context, risk.current_l, risk.current_i))}. The Strategy Manager has been told."
        )
        own.tell(context, risk, "executive", partners, f"{risk.ref} asks for the Executive", said, urgent=True)
        return  # of a red one too: the partners need no second notice
    own.red(context, risk, None)


def _received(context: Context, risk: Risk) -> Card:
    by = own.day(rules.triage_by(context.today, risk.clocks))
    score = own.score(context, risk.current_l, risk.current_i)
    return Card(
        title=f"{risk.ref} received",
        body=(Text(words("risks_received", risk=risk, by=by, score=score)),),
        actions=(Button("Open it", "risks.open", risk.ref),),
        tone=Tone.GOOD,
    )


def _levels() -> tuple[Choice, ...]:
    steps = ("Low", "Medium", "High")
    return tuple(Choice(f"{likely}/{bad}", f"Likelihood {likely}, impact {bad}") for likely in steps for bad in steps)


def _problems(fields: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with an alert, by box."""
    problems = {
        name: problem
        for name, most in (("title", MAX_TITLE), ("event", MAX_TEXT), ("agencies", MAX_LINE))
        if (problem := boxes.too_long_or_empty(fields.get(name, ""), most))
    }
    if problem := boxes.too_long(fields.get("doing", ""), MAX_TEXT):
        problems["doing"] = problem
    try:
        levels = [scoring.entered(level) for level in fields.get("level", "").split("/")]
    except ScoringError:
        levels = []
    if len(levels) != 2:  # noqa: PLR2004 - likelihood and impact
        problems["level"] = "Please choose how likely and how bad it is."
    return problems
