"""Approval of articles: people of the partnership approve a wording, engineers do not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from db import approvals, audit
from handlers.context import UserError
from knowledge.articles import Library


def approve(session: Session, library: Library, slugs: Iterable[str], *, by: str, at: datetime) -> list[str]:
    """Record that a role approved the present wording of articles; return the slugs that were not approved before.

    Raises UserError when an article does not exist; then nothing is recorded.
    """
    wanted = list(slugs)
    if unknown := [slug for slug in wanted if slug not in library.articles]:
        raise UserError(f"There is no article '{unknown[0]}'.", hint="'thscp kb list' names them all.")
    done = []
    for slug in wanted:
        digest = library.articles[slug].digest
        if approvals.approve(session, slug=slug, digest=digest, by=by, at=at):
            audit.add(session, at=at, actor=by, action="approved", subject=f"article {slug}", wording=digest)
            done.append(slug)
    return done
