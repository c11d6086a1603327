"""`thscp bulletin`: a bulletin that was written in a file is checked, and becomes a draft."""

from __future__ import annotations

import pytest

from tests.cli.command import Command

FILE = """---
kind: urgent
title: The form has moved: use the new one
---
## What has happened
The form has moved.
## What to do now
- Use the new form.
"""


def test_a_good_file_passes_the_checks(thscp: Command) -> None:
    thscp.file("good.md", FILE)

    done = thscp("bulletin", "check", "good.md")

    assert (done.code, done.out.strip()) == (0, "The checks found nothing to put right.")


def test_what_has_to_be_put_right_is_said_with_its_place_and_the_command_fails(thscp: Command) -> None:
    thscp.file("bad.md", FILE.replace("The form has moved.", "See [here](https://example.org)."))

    done = thscp("bulletin", "check", "bad.md")

    assert done.code == 1
    assert "Put right, What has happened: The link 'here' says nothing by itself." in done.out


@pytest.mark.parametrize("command", [["check"], ["draft", "--by", "slack:U1"]], ids=["check", "draft"])
def test_a_file_that_cannot_be_read_is_refused_with_its_line(thscp: Command, command: list[str]) -> None:
    thscp.file("broken.md", FILE.replace("## What to do now", "## What to do"))

    done = thscp("bulletin", *command, "broken.md", secretariat="slack:U1")

    assert done.code == 1
    assert "Line 7: There is no section 'What to do'. Did you mean 'What to do now'" in done.err


def test_a_file_becomes_a_draft_of_somebody_of_the_secretariat(thscp: Command) -> None:
    thscp.file("good.md", FILE)

    done = thscp("bulletin", "draft", "good.md", "--by", "slack:U1", secretariat="slack:U1")

    assert done.code == 0
    assert "The form has moved: use the new one" in done.out
    assert "State: A draft" in done.out


def test_nobody_else_can_have_a_draft(thscp: Command) -> None:
    thscp.file("good.md", FILE)

    done = thscp("bulletin", "draft", "good.md", "--by", "slack:U2", secretariat="slack:U1")

    assert done.code == 1
    assert "Nobody of the secretariat is enrolled under that name." in done.err


def test_details_of_a_child_in_a_file_are_refused(thscp: Command) -> None:
    thscp.file("bad.md", FILE.replace("The form has moved.", "Her NHS number is 943 476 5919."))

    done = thscp("bulletin", "draft", "bad.md", "--by", "slack:U1", secretariat="slack:U1")

    assert done.code == 1
    assert "943" not in done.out + done.err
    assert "Nothing of the file was kept" in done.out
