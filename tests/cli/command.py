"""A small language for running `thscp` as a person would, in a folder of its own."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from tests.cli.warm import WARM


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """Runs `thscp` in a folder, with settings from keyword arguments and nothing of the tester's environment."""

    folder: Path
    starts: str = "from bot.cli import main; main()"

    def with_articles(self, **texts: str) -> Command:
        """Return a `thscp` that was shipped with these articles in place of its own."""
        shelf = self.folder / "articles"
        shelf.mkdir()
        for slug, text in texts.items():
            (shelf / f"{slug}.md").write_text(text, encoding="utf-8")
        shipped = f"import pathlib, knowledge.articles as kept; kept.shipped = lambda: pathlib.Path({str(shelf)!r})"
        return replace(self, starts=f"{shipped}; {self.starts}")

    def file(self, name: str, text: str) -> None:
        """Put a file into the folder."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def environment(self, **settings: str) -> dict[str, str]:
        """Return an environment with these THSCP_ settings and no others."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("THSCP_")}
        return {**plain, "COLUMNS": "200", **{f"THSCP_{name.upper()}": value for name, value in settings.items()}}

    def __call__(self, *words: str, typed: str = "", **settings: str) -> Done:
        """Run a command with these settings; `typed` is its standard input."""
        with tempfile.TemporaryDirectory(prefix="thscp-streams-") as folder:
            streams = Path(folder)
            (streams / "in").write_text(typed, encoding="utf-8")
            environment = self.environment(**settings)
            code = WARM.run(self.starts, words, folder=self.folder, environment=environment, streams=streams)
            out, err = ((streams / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Done(code, out, err)
