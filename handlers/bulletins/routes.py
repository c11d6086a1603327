"""What people can type, press and send about bulletins, and who may. It is part of the one table."""

from __future__ import annotations

import re

from db.people import SECRETARIAT
from handlers.bulletins import (
    approval,
    archive,
    board,
    by_file,
    chasing,
    corrections,
    drafts,
    preview,
    reading,
    report,
    schedule,
    sending,
    series,
)
from handlers.bulletins.draft import READ
from handlers.bulletins.states import APPROVERS, PAUSERS
from handlers.routing import Kind, Route

_WORDS = re.compile(r".{,80}")  # that a bulletin speaks of; what is longer is a question
_REF = re.compile(r"BUL-[0-9]{4}-[0-9]{1,6}|", re.IGNORECASE)
_DAY = frozenset({"day", "read_by"})

ROUTES = (
    Route("bulletin", board.list_drafts, Kind.VERB, SECRETARIAT, help="Write bulletins and send them.", takes=_REF),
    Route("bulletins", archive.list_sent, Kind.VERB, help="Read the bulletins that were sent.", takes=_WORDS),
    Route("scheduled", schedule.list_scheduled, Kind.VERB, PAUSERS, help="See what is scheduled, and pause it."),
    Route("bulletins.archive", archive.list_sent, Kind.BUTTON),
    Route("bulletins.whole", archive.show_whole, Kind.BUTTON),
    Route(READ, reading.note, Kind.BUTTON),
    Route("bulletins.list", board.list_drafts, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.open", board.open_one, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.more", board.more, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.new", drafts.open_new, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.begin", drafts.begin, Kind.FORM, SECRETARIAT, procedural=True),
    Route("bulletins.details", drafts.open_details, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.change", drafts.change, Kind.FORM, SECRETARIAT, procedural=True, days=_DAY),
    Route("bulletins.sections", drafts.sections, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.write", drafts.open_section, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.keep", drafts.keep, Kind.FORM, SECRETARIAT, procedural=True),
    Route("bulletins.picture", drafts.open_picture, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.illustrate", drafts.illustrate, Kind.FORM, SECRETARIAT, procedural=True),
    Route("bulletins.preview", preview.show, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.file", by_file.fetch, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.test", sending.try_out, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.submit", drafts.submit, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.approve", approval.approve, Kind.BUTTON, APPROVERS),
    Route("bulletins.return", approval.open_return, Kind.BUTTON, APPROVERS),
    Route("bulletins.give-back", approval.give_back, Kind.FORM, APPROVERS, procedural=True),
    Route("bulletins.look", preview.look, Kind.BUTTON),
    Route("bulletins.agreement", approval.open_agreement, Kind.BUTTON),
    Route("bulletins.agree", approval.agree, Kind.FORM),
    Route("bulletins.readers", schedule.show_readers, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.when", schedule.open_when, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.schedule", schedule.schedule, Kind.FORM, SECRETARIAT, days=_DAY),
    Route("bulletins.now", schedule.open_now, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.send", schedule.send_now, Kind.FORM, SECRETARIAT),
    Route("bulletins.scheduled", schedule.list_scheduled, Kind.BUTTON, PAUSERS),
    Route("bulletins.pause", schedule.pause, Kind.BUTTON, PAUSERS),
    Route("bulletins.go-on", schedule.go_on, Kind.BUTTON, PAUSERS),
    Route("bulletins.stop", schedule.open_stop, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.cancel", schedule.cancel, Kind.FORM, SECRETARIAT),
    Route("bulletins.report", report.show, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.export", report.export, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.repeat", series.open_repeat, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.begin-series", series.begin, Kind.FORM, SECRETARIAT),
    Route("bulletins.series", series.show, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.end-series", series.end, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.edit-series", series.open_edit, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.change-series", series.change, Kind.FORM, SECRETARIAT, procedural=True),
    Route("bulletins.chase", chasing.show, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.remind", chasing.remind, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.remind-some", chasing.open_some, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.remind-agencies", chasing.remind_some, Kind.FORM, SECRETARIAT),
    Route("bulletins.correct", corrections.correct, Kind.BUTTON, SECRETARIAT),
    Route("bulletins.again", corrections.again, Kind.BUTTON, SECRETARIAT),
)
