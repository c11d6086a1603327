"""What people can type, press and send about escalations, and who may. It is part of the one table."""

from __future__ import annotations

import re

from db.people import SECRETARIAT, Role
from handlers.access import DISPUTES
from handlers.escalations import differences, disputes, drafts, fork, steps
from handlers.routing import Kind, Route

DECIDE = SECRETARIAT | {Role.STATUTORY_PARTNER}
COUNTED_FOR = SECRETARIAT | {Role.SCRUTINEER, Role.CHAIR, Role.STATUTORY_PARTNER}
_REF = re.compile(r"ESC-[0-9]{4}-[0-9]{1,6}|", re.IGNORECASE)

ROUTES = (
    Route("escalate", fork.show, Kind.VERB, help="Escalate something: choose which of four things it is."),
    Route(
        "escalation", steps.show_typed, Kind.VERB, help="Escalate something, or see one by its reference.", takes=_REF
    ),
    Route("disputes", disputes.show_all, Kind.VERB, DISPUTES, help="See disputes between statutory partners."),
    Route("differences", differences.show, Kind.VERB, COUNTED_FOR, help="See how often practitioners disagreed."),
    Route("escalation.fork", fork.show, Kind.BUTTON),
    Route("escalation.child", fork.child, Kind.BUTTON),
    Route("escalation.partners", fork.partners, Kind.BUTTON),
    Route("escalation.speak", fork.speak, Kind.BUTTON, unrecorded=True),
    Route("escalation.new", drafts.open_new, Kind.BUTTON),
    Route("escalation.begin", drafts.begin, Kind.FORM),
    Route("escalation.show", steps.show, Kind.BUTTON),
    Route("escalation.more", steps.more, Kind.BUTTON),
    Route("escalation.step", steps.step, Kind.BUTTON),
    Route("escalation.take", steps.take, Kind.FORM),
    Route("escalation.decide", steps.decide, Kind.FORM, DECIDE, procedural=True, days=frozenset({"on", "due_on"})),
    Route("difference.open", differences.open_count, Kind.BUTTON),
    Route("difference.count", differences.count, Kind.FORM),
    Route("dispute.open", disputes.open_new, Kind.BUTTON, DISPUTES),
    Route("dispute.log", disputes.log, Kind.FORM, DISPUTES),
    Route("dispute.list", disputes.show_all, Kind.BUTTON, DISPUTES),
    Route("dispute.show", disputes.show, Kind.BUTTON, DISPUTES),
    Route("dispute.change", disputes.open_change, Kind.BUTTON, DISPUTES),
    Route("dispute.keep", disputes.keep, Kind.FORM, DISPUTES, days=frozenset({"on"})),
)
