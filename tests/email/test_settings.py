"""What `thscp doctor` says about the settings of e-mail, and which platforms they switch on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.findings import Level, examine
from bot.settings import Settings

SMTP: dict[str, Any] = {"smtp_url": "smtp://bot:hidden@mail.example", "mail_from": "Safeguarding <bot@bot.example>"}
NOTIFY: dict[str, Any] = {"notify_api_key": "key", "notify_template_id": "template"}
WHOLE: dict[str, Any] = {"public_url": "https://bot.example", "mail_reply_to": "secretariat@bot.example"}
ERRORS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, set()),
    "a mail server": (SMTP | WHOLE, set()),
    "Notify": (NOTIFY | WHOLE, set()),
    "both": (SMTP | NOTIFY | WHOLE, {"email.two-ways"}),
    "a server without a sender": ({"smtp_url": "smtp://mail.example"} | WHOLE, {"email.no-sender"}),
    "a sender that is none": (SMTP | WHOLE | {"mail_from": "nobody"}, {"email.no-sender"}),
    "a sender alone": ({"mail_from": "bot@bot.example"} | WHOLE, {"email.half-set"}),
    "a server that is none": (SMTP | WHOLE | {"smtp_url": "mail.example"}, {"email.server"}),
    "a key without a template": ({"notify_api_key": "key"} | WHOLE, {"email.no-template"}),
    "a template alone": ({"notify_template_id": "template"} | WHOLE, {"email.half-set"}),
}
WARNINGS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing missing": (SMTP | WHOLE, set()),
    "no public address": (SMTP | WHOLE | {"public_url": ""}, {"email.no-links"}),
    "no https": (SMTP | WHOLE | {"public_url": "http://bot.example"}, {"email.open-links"}),
    "no replies": (SMTP | WHOLE | {"mail_reply_to": ""}, {"email.no-replies"}),
    "in the open": (SMTP | WHOLE | {"smtp_url": "smtp://mail.example?starttls=none"}, {"email.no-tls"}),
    "in the open on this machine": (SMTP | WHOLE | {"smtp_url": "smtp://127.0.0.1?starttls=none"}, set()),
}


def found(level: Level, given: dict[str, Any]) -> set[str]:
    settings = Settings(_env_file=None, database_url="sqlite://", **given)
    findings = examine(settings, date(2026, 11, 21), thorough=False)
    assert not [one for one in findings if "hidden" in str(one)]
    return {one.id for one in findings if one.level is level and one.id.startswith("email.")}


@pytest.mark.parametrize(("given", "expected"), ERRORS.values(), ids=ERRORS)
def test_settings_that_cannot_work_stop_the_start(given: dict[str, Any], expected: set[str]) -> None:
    assert found(Level.ERROR, given) == expected


@pytest.mark.parametrize(("given", "expected"), WARNINGS.values(), ids=WARNINGS)
def test_settings_that_leave_something_out_are_named(given: dict[str, Any], expected: set[str]) -> None:
    assert found(Level.WARNING, given) == expected


@pytest.mark.parametrize(
    ("given", "by"),
    {"off": ({}, ""), "smtp": (SMTP, "smtp"), "notify": (NOTIFY, "notify"), "both": (SMTP | NOTIFY, "")}.values(),
    ids=["off", "smtp", "notify", "both"],
)
def test_e_mail_is_reached_when_exactly_one_thing_sends(given: dict[str, Any], by: str) -> None:
    settings = Settings(_env_file=None, **given)

    assert settings.mails_by == by
    assert ("email" in settings.reached) is bool(by)
