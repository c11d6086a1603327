"""What people can type, press and send about risks and challenges, and who may. It is part of the one table."""

from __future__ import annotations

import re

from db.people import SECRETARIAT
from handlers import challenges, heatmap
from handlers.risks import acceptance, alert, cards, checks, closing, controls, escalating, owner, scores, triage
from handlers.routing import Kind, Route

_REF = re.compile(r"RSK-[0-9]{4}-[0-9]{1,6}|", re.IGNORECASE)
_NAME = frozenset({"name"})

ROUTES = (
    Route("risk", cards.show_typed, Kind.VERB, help="Raise a risk, or see one by its reference.", takes=_REF),
    Route("heatmap", heatmap.show, Kind.VERB, help="See how many risks are where on the matrix."),
    Route("heatmap.show", heatmap.show, Kind.BUTTON),
    Route("challenge", challenges.show_typed, Kind.VERB, help="Ask somebody for assurance.", takes=challenges.REF),
    Route("challenges.open", challenges.open_one, Kind.BUTTON),
    Route("challenges.ask", challenges.open_ask, Kind.BUTTON),
    Route("challenges.raise", challenges.raise_one, Kind.FORM, names=_NAME),
    Route("challenges.press", challenges.press, Kind.BUTTON),
    Route("challenges.step", challenges.open_step, Kind.BUTTON),
    Route("challenges.take", challenges.take, Kind.FORM),
    Route("risks.new", alert.open_alert, Kind.BUTTON),
    Route("risks.raise", alert.raise_one, Kind.FORM),
    Route("risks.open", cards.open_one, Kind.BUTTON),
    Route("risks.more", cards.more, Kind.BUTTON),
    Route("risks.scores", cards.show_scores, Kind.BUTTON),
    Route("risks.check", checks.show, Kind.BUTTON, SECRETARIAT),
    Route("risks.describe", triage.open_describe, Kind.BUTTON),
    Route("risks.words", triage.describe, Kind.FORM),
    Route("risks.assign", owner.open_assign, Kind.BUTTON),
    Route("risks.ask-owner", owner.assign, Kind.FORM, names=_NAME),
    Route("risks.own", owner.accept, Kind.BUTTON),
    Route("risks.decline", owner.open_decline, Kind.BUTTON),
    Route("risks.not-mine", owner.decline, Kind.FORM),
    Route("risks.register", triage.register, Kind.BUTTON),
    Route("risks.merge", triage.open_merge, Kind.BUTTON),
    Route("risks.join", triage.merge, Kind.FORM),
    Route("risks.dismiss", triage.open_dismiss, Kind.BUTTON),
    Route("risks.set-aside", triage.dismiss, Kind.FORM),
    Route("risks.score", scores.open_score, Kind.BUTTON),
    Route("risks.rate", scores.rate, Kind.FORM, days=frozenset({"target_date"})),
    Route("risks.control", controls.open_control, Kind.BUTTON),
    Route("risks.add-control", controls.add_control, Kind.FORM),
    Route("risks.escalate", escalating.escalate, Kind.BUTTON),
    Route("risks.accept", acceptance.open_accept, Kind.BUTTON),
    Route("risks.tolerate", acceptance.accept, Kind.FORM, days=frozenset({"expiry"})),
    Route("risks.close", closing.open_close, Kind.BUTTON),
    Route("risks.ask-close", closing.ask, Kind.FORM),
    Route("risks.agree", closing.agree, Kind.BUTTON),
    Route("risks.keep-open", closing.open_keep, Kind.BUTTON),
    Route("risks.kept-open", closing.keep, Kind.FORM),
    Route("risks.reopen", acceptance.open_reopen, Kind.BUTTON),
    Route("risks.revive", acceptance.reopen, Kind.FORM),
)
