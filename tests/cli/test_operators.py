"""What operators type: `doctor`, `kb`, `db`, `manifest`, and how start-up fails."""

from __future__ import annotations

import json

import pytest

from knowledge import articles
from tests.cli.command import Command


def test_doctor_explains_each_finding_with_an_id_and_a_hint(thscp: Command) -> None:
    done = thscp("doctor")

    assert done.code == 0
    assert "warning slack.off" in done.out
    assert "warning people.no-secretariat" in done.out
    assert "THSCP_SECRETARIAT" in done.out


BROKEN = {
    "a database of an unknown kind": ({"database_url": "mysql://here/x"}, "database.unusable"),
    "a database that does not answer": ({"database_url": "postgresql://127.0.0.1:1/x"}, "database.unreachable"),
    "a folder that does not exist": ({"database_url": "sqlite:////nowhere/at/all.db"}, "database.unreachable"),
    "a setting that cannot be read": ({"log_level": "LOUD"}, "settings.invalid"),
    "a time zone that is none": ({"time_zone": "Narnia/North"}, "settings.invalid"),
    "a secretariat that is no id": ({"secretariat": "U0123"}, "settings.invalid"),
    "a secret without a token": ({"slack_signing_secret": "s"}, "slack.no-token"),
    "a token of another kind": ({"slack_bot_token": "xoxp-1", "slack_signing_secret": "s"}, "slack.wrong-token"),
    "a token without a door": ({"slack_bot_token": "xoxb-1"}, "slack.no-door"),
}


@pytest.mark.parametrize(("settings", "finding"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("command", ["doctor", "serve"])
def test_what_keeps_it_from_starting_is_named(
    thscp: Command, command: str, settings: dict[str, str], finding: str
) -> None:
    done = thscp(command, **settings)

    assert done.code == 1
    assert finding in done.out + done.err
    assert "Traceback" not in done.out + done.err


def test_a_wrong_setting_is_named_without_its_value(thscp: Command) -> None:
    done = thscp("doctor", secretariat="hunter2")

    assert "THSCP_SECRETARIAT" in done.err
    assert "hunter2" not in done.err


def test_the_shipped_articles_pass_the_check(thscp: Command) -> None:
    done = thscp("kb", "check")

    assert done.out.splitlines()[-1] == "90 articles read, 0 problems."
    assert done.code == 0


def test_an_approval_is_recorded_and_shown_with_the_answer(thscp: Command) -> None:
    approved = thscp("kb", "approve", "deputies", "--by", "Strategy Manager")
    again = thscp("kb", "approve", "deputies", "--by", "Strategy Manager")
    answer = thscp("ask", "deputies")

    assert approved.out == "Approved by the Strategy Manager: deputies.\n"
    assert again.out == "Approved by the Strategy Manager: nothing new.\n"
    assert "Approved by the Strategy Manager on" in answer.out
    assert "Not yet approved" not in answer.out


def test_a_withdrawn_article_is_listed_as_such_and_answers_no_more(thscp: Command) -> None:
    whole = (articles.shipped() / "deputies.md").read_text(encoding="utf-8")
    escalation = (articles.shipped() / "professional-escalation.md").read_text(encoding="utf-8")
    old = whole.replace("status: awaiting-approval", "status: withdrawn")
    after = thscp.with_articles(deputies=old, escalation=escalation)

    listed = after("kb", "list").out.splitlines()
    row = json.loads(after("ask", "--batch", "-", typed='{"q": "deputies"}\n').out)
    approved = after("kb", "approve", "--all", "--by", "Strategy Manager")

    assert [line.split()[:2] for line in listed] == [["deputies", "withdrawn"], ["escalation", "waits"]]
    assert (row["answered"], "deputies" in row["slugs"]) == (False, False)
    assert approved.out == "Approved by the Strategy Manager: escalation.\n"
    assert "2 articles read" in after("kb", "check").out


BROKEN_ARTICLES = {
    "a day that no calendar has": ("review_by: 2027", "review_by: 2027-02-30 #"),
    "a word for a list": ("aliases: [", "aliases: deputy #["),
}


@pytest.mark.parametrize(("good", "bad"), BROKEN_ARTICLES.values(), ids=BROKEN_ARTICLES)
def test_a_broken_article_is_reported_and_the_others_answer(thscp: Command, good: str, bad: str) -> None:
    whole = (articles.shipped() / "deputies.md").read_text(encoding="utf-8")
    assert good in whole
    shelf = thscp.with_articles(deputies=whole, broken=whole.replace(good, bad))

    answered = json.loads(shelf("ask", "--batch", "-", typed='{"q": "deputies"}\n').out)
    checked = shelf("kb", "check")

    assert answered["slugs"] == ["deputies"]
    assert checked.code == 1
    assert checked.out.startswith("broken: ")


def test_an_unknown_article_cannot_be_approved(thscp: Command) -> None:
    done = thscp("kb", "approve", "nonsense", "--by", "Strategy Manager")

    assert done.code != 0
    assert "There is no article 'nonsense'" in done.err


def test_an_unapproved_article_is_withheld_when_the_setting_says_so(thscp: Command) -> None:
    done = thscp("ask", "deputies", withhold_unapproved="true")

    assert "This answer waits for approval" in done.out
    assert "cover" not in done.out


def test_the_database_is_brought_up_to_date_and_checked(thscp: Command) -> None:
    before = thscp("db", "check")
    upgraded = thscp("db", "upgrade")
    after = thscp("db", "check")

    assert (before.code, upgraded.code, after.code) == (1, 0, 0)
    assert "up to date" in after.out


def test_the_slack_manifest_is_printed_and_written(thscp: Command) -> None:
    printed = thscp("manifest", "slack")
    thscp("manifest", "slack", "--out", "manifest.json")

    assert json.loads(printed.out)["features"]["slash_commands"][0]["command"] == "/thscp"
    assert json.loads((thscp.folder / "manifest.json").read_text()) == json.loads(printed.out)


@pytest.mark.parametrize("command", ["demo", "serve", "chat", "ask", "doctor", "kb check", "kb approve", "db upgrade"])
def test_every_command_explains_itself(thscp: Command, command: str) -> None:
    done = thscp(*command.split(), "--help")

    assert done.code == 0
    assert "Usage" in done.out
