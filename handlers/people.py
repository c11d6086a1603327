"""Who is enrolled. So far: the secretariat that the settings name, so that somebody is there from the start."""

from __future__ import annotations

from collections.abc import Iterable

from db import people
from db.people import Identity, Role
from handlers.context import Context


def bootstrap(context: Context, secretariat: Iterable[Identity]) -> None:
    """Enrol the identities of THSCP_SECRETARIAT as coordinators, once each; those who left stay without roles."""
    for identity in secretariat:
        if not people.has_left(context.session, identity, on=context.today):
            people.enrol(context.session, identity, name="Secretariat", roles=[Role.COORDINATOR], on=context.today)
