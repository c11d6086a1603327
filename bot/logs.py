"""Structured logs on standard error: constant sentences with data beside them, never what people wrote."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType

import structlog

_ROOT = Path(__file__).parents[1]
_OURS = ("bot", "handlers", "knowledge", "db")


def configure(level: str) -> None:
    """Write one JSON line for each event from this level up; libraries only from WARNING up."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    # a library may log a message body or a token when it debugs itself
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s", stream=sys.stderr, force=True)


def place(error: BaseException) -> str:
    """Return the file and line of our own code in which an error arose, without a value: db/people.py:120."""
    found, step = "", error.__traceback__
    while step:
        found = _ours(step) or found
        step = step.tb_next
    return found


def _ours(step: TracebackType) -> str:
    path = Path(step.tb_frame.f_code.co_filename)
    if not path.is_relative_to(_ROOT) or path.relative_to(_ROOT).parts[0] not in _OURS:
        return ""  # a library, even one that is installed beside us
    return f"{path.relative_to(_ROOT).as_posix()}:{step.tb_lineno}"
