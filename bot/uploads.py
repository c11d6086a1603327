"""The page behind an upload link: it takes one file, and says what is wrong with those that it cannot take."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from pathlib import PurePosixPath, PureWindowsPath

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.dispatcher import Dispatcher
from bot.pages import cards
from bot.pages.linked import Linked
from bot.pages.safety import SafetyHeaders
from handlers import uploads
from handlers.context import UserError
from handlers.files import MAX_BYTES, Upload
from handlers.messages import Card

TOO_LARGE, UNUSABLE = 413, 422
_WRAPPING = 10_000  # bytes around the file in what a browser sends
_HEARD_OUT = 20_000_000  # bytes after which a browser that sends too much is not listened to any more
_TOO_LARGE = UserError(f"The file is larger than {MAX_BYTES // 1_000_000} MB.", hint="Split it into smaller files.")


def routes(dispatcher: Dispatcher) -> list[BaseRoute]:
    """Return the routes of the upload page, for every server that gives out links."""
    page = _Page(dispatcher)
    return [
        Route("/uploads/{token}", page.show, methods=["GET"], middleware=[Middleware(SafetyHeaders)]),
        Route("/uploads/{token}", page.take, methods=["POST"], middleware=[Middleware(SafetyHeaders)]),
    ]


class _Page(Linked):
    """Passes files on through the dispatcher, and keeps none."""

    async def show(self, request: Request) -> Response:
        """Show the field for the file while the link is good."""
        try:
            return self._form(await self._upload(request))
        except UserError as error:
            return self._gone(error)

    async def take(self, request: Request) -> Response:
        """Take the file once; where something is wrong with it, say what and show the field again."""
        try:
            upload = await self._upload(request)
        except UserError as error:
            return self._gone(error)
        body = await _body(request)
        if body is None:
            return self._form(upload, _TOO_LARGE, status=TOO_LARGE)
        try:
            name, content = _file(request.headers.get("content-type", ""), body)
            stopped = await asyncio.to_thread(self._refusal, upload, name, content)
            card = stopped or await self._taken(request, name, content)
        except UserError as error:
            return self._form(upload, error, status=UNUSABLE)
        page = cards.page(card, partnership=self._dispatcher.house.partnership)
        return HTMLResponse(page, status_code=UNUSABLE if stopped else 200)

    async def _upload(self, request: Request) -> Upload:
        token = request.path_params["token"]
        return await self._dispatcher.in_transaction(lambda context: uploads.shown(context, token))

    async def _taken(self, request: Request, name: str, content: bytes) -> Card:
        token = request.path_params["token"]
        return await self._dispatcher.in_transaction(lambda context: uploads.take(context, token, name, content))

    def _refusal(self, upload: Upload, name: str, content: bytes) -> Card | None:
        """Look at the words of a file. It takes a second or two, so no transaction is open meanwhile."""
        parts = uploads.pieces(upload, name, content)
        dispatcher = self._dispatcher
        refused = uploads.refusal(upload, parts, dispatcher.screen_text, dispatcher.knowledge.contacts)
        if refused is None:
            return None
        card, found = refused
        dispatcher.count_stopped(found, "uploads.open")
        return card

    def _form(self, upload: Upload, problem: UserError | None = None, *, status: int = 200) -> Response:
        return self._html(
            "upload.html",
            status=status,
            upload=upload,
            problem=str(problem or ""),
            hint=problem.hint if problem else "",
            megabytes=MAX_BYTES // 1_000_000,
        )


async def _body(request: Request) -> bytes | None:
    """Read what a browser sends; None when it is too much, of which no more than the limit is kept at any time."""
    kept, heard = bytearray(), 0
    async for chunk in request.stream():
        heard += len(chunk)
        if heard <= MAX_BYTES + _WRAPPING:
            kept += chunk
        else:
            kept.clear()  # it is heard out, so that the browser shows our page and not a broken connection
        if heard > _HEARD_OUT:
            break
    return bytes(kept) if heard <= MAX_BYTES + _WRAPPING else None


def _file(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of the file in what a browser sent. Raises UserError when there is none."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("ascii", "replace")
    message = message_from_bytes(head + body, policy=policy.HTTP)
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_filename()
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            return PureWindowsPath(PurePosixPath(name).name).name, content
    raise UserError("No file was chosen.", hint="Choose a file, then press the button.")
