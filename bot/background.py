"""Work that starts when a platform has its answer: kept, waited for at the end, and never lost in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

log = structlog.get_logger()
Work = Callable[[], Coroutine[object, object, None]]


class Background:
    """The tasks of one adapter. It lives as long as the adapter; `code_of` says what may be logged of an error."""

    def __init__(self, code_of: Callable[[Exception], str]) -> None:
        self._code_of = code_of
        self._held: ContextVar[list[tuple[str, Work]] | None] = ContextVar("held", default=None)
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def after_response(self) -> Iterator[None]:
        """Hold back what is begun inside, until leaving: the response comes first."""
        held: list[tuple[str, Work]] = []
        token = self._held.set(held)
        try:
            yield
        finally:
            self._held.reset(token)
            for name, work in held:
                self._start(name, work)

    async def respond(
        self, answer: Callable[[Request], Awaitable[Response]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer one request of the web; what it began starts once the answer is out. Who hung up gets none."""
        with self.after_response():
            try:
                response = await answer(Request(scope, receive))
            except ClientDisconnect:
                return
            await response(scope, receive, send)

    def begin(self, name: str, work: Work) -> None:
        """Run work after the response that is being made, or at once where there is none."""
        held = self._held.get()
        if held is None:
            self._start(name, work)
        else:
            held.append((name, work))

    async def drain(self, seconds: float) -> None:
        """Wait until nothing runs, for at most so long; what still runs then is cancelled and reported."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
                log.error("background work cut off", work=task.get_name())
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self, name: str, work: Work) -> None:
        task = asyncio.create_task(self._reported(name, work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reported(self, name: str, work: Work) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - nobody else would ever see it
            name_of_error, code = type(error).__name__, self._code_of(error)
            log.error("background work failed", work=name, error=name_of_error, code=code)
