"""What `thscp export` writes, and how it says that it cannot."""

from __future__ import annotations

import pytest

from tests.cli.command import Command


@pytest.mark.parametrize("ref", ["BUL-2026-001", "ESC-1", "x"])
def test_a_bulletin_that_is_not_there_is_named_and_no_file_is_written(thscp: Command, ref: str) -> None:
    done = thscp("export", "bulletin", ref, "--out", "report.xlsx")

    assert done.code == 1
    assert f"There is no bulletin {ref}." in done.err
    assert not (thscp.folder / "report.xlsx").exists()


@pytest.mark.parametrize("form", ["docx", "xlsx", "csv", "json"])
@pytest.mark.parametrize("kind", ["escalations", "risks"])
def test_an_empty_register_is_exported_as_an_empty_file(thscp: Command, kind: str, form: str) -> None:
    done = thscp("export", kind, "--format", form, "--out", f"out.{form}")

    assert (done.code, f"0 {kind} were written" in done.out) == (0, True)
    assert (thscp.folder / f"out.{form}").read_bytes()


def test_the_audit_trail_and_what_is_kept_about_somebody_are_written_to_files(thscp: Command) -> None:
    thscp.file("people.csv", "name,agency,roles,slack\nAnn One,Example Council,member,U0ANNABCD\n")
    thscp("import", "people", "people.csv")

    person = thscp("export", "person", "slack:U0ANNABCD", "--out", "ann.json")
    trail = thscp("export", "audit", "--format", "csv", "--out", "audit.csv")

    assert (person.code, trail.code) == (0, 0)
    assert "Ann One" in (thscp.folder / "ann.json").read_text(encoding="utf-8")
    assert "exported,person:1" in (thscp.folder / "audit.csv").read_text(encoding="utf-8-sig")


def test_a_person_whom_nobody_knows_is_named_and_no_file_is_left(thscp: Command) -> None:
    done = thscp("export", "person", "slack:U0NOBODY", "--out", "nobody.json")

    assert done.code == 1
    assert "Nobody is known as slack:U0NOBODY." in done.err
    assert [path.name for path in thscp.folder.iterdir() if "nobody" in path.name] == []


@pytest.mark.parametrize("kind", ["risks", "audit"])
def test_a_folder_that_is_not_there_is_named_without_a_trace(thscp: Command, kind: str) -> None:
    done = thscp("export", kind, "--out", "nowhere/out.xlsx")

    assert done.code == 1
    assert "cannot be written: No such file or directory." in done.err
    assert "Traceback" not in done.err
