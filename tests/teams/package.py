"""Microsoft's own package for Adaptive Cards, in Node: what it finds wrong with cards."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

PACKAGE = Path(str(resources.files("bot.pages"))) / "static" / "adaptivecards.min.js"
_CHECK = Path(__file__).parent / "check.js"
_TIMEOUT = 60


def problems(cards: Sequence[Any]) -> list[list[str]]:
    """Return what the package finds wrong with each card; one process looks at all of them."""
    node = shutil.which("node") or compute_driver_executable()[0]
    ran = subprocess.run(
        [node, str(_CHECK), str(PACKAGE)], input=json.dumps(cards), capture_output=True, text=True, timeout=_TIMEOUT,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [list(found) for found in json.loads(ran.stdout)]
