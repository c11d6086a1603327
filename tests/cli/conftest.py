"""The command line, ready to be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Command


@pytest.fixture
def thscp(tmp_path: Path) -> Command:
    """`thscp`, in an empty folder."""
    return Command(tmp_path)
