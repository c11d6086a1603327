"""The playground on a port of this machine, for a real browser."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from bot.server import Server

WAIT = 20


def free_socket() -> tuple[socket.socket, str]:
    """Return a socket on loopback that nobody else has, and its address as browsers write it."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def serving(server: Server, listening: socket.socket) -> Iterator[None]:
    """Serve in a thread of its own until the block ends."""
    config = uvicorn.Config("unused", log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    web = uvicorn.Server(config)
    ready = threading.Event()

    async def run() -> None:
        async with server.running() as asgi:
            config.app = asgi
            serving = asyncio.create_task(web.serve(sockets=[listening]))
            while not web.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            ready.set()
            await serving

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="playground")
    thread.start()
    try:
        assert ready.wait(WAIT), "the playground did not start"
        yield
    finally:
        web.should_exit = True
        thread.join(WAIT)
