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
