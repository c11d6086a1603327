"""GOV.UK Notify's API on this machine, as far as an e-mail needs it, which a test tells what to do."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 2  # notifications a page; Notify itself gives 250
Json = dict[str, Any]


class FakeNotify:
    """`notify.refuses(429)`, `notify.hangs_up_after_taking()`, `notify.ends(reference, "permanent-failure")`."""

    def __init__(self) -> None:
        self.sent: list[Json] = []
        self.asked = 0
        self.url = ""
        self._asked = threading.Condition()
        self._refuses = 0
        self._takes_first = False
        self._hangs_up = False
        self._late = 0.0

    def refuses(self, status: int, *, after_taking: bool = False) -> None:
        """Answer with a status, perhaps after the message was taken all the same."""
        self._refuses, self._takes_first = status, after_taking

    def hangs_up_after_taking(self) -> None:
        """Take a message, then cut the connection."""
        self._hangs_up = True

    def answers_late(self, seconds: float) -> None:
        """Take so long for each answer."""
        self._late = seconds

    def works(self) -> None:
        """Do again what Notify does."""
        self._refuses, self._hangs_up, self._late = 0, False, 0.0

    def ends(self, reference: str, status: str) -> None:
        """Say from now on that the message with a reference ended so."""
        for one in self.sent:
            if one["reference"] == reference:
                one["status"] = status

    def was_asked(self, *, times: int) -> None:
        """Wait until it was asked so often for what it took."""
        with self._asked:
            assert self._asked.wait_for(lambda: self.asked >= times, timeout=10)

    def takes(self, message: Json) -> tuple[int, Json]:
        """Return what a message is answered with; 0 for a connection that is cut."""
        time.sleep(self._late)
        if self._refuses and not self._takes_first:
            return self._refuses, _error(self._refuses)
        message |= {"id": str(uuid.uuid4()), "status": "created"}
        self.sent.append(message)
        if self._hangs_up:
            return 0, {}
        return (self._refuses, _error(self._refuses)) if self._refuses else (201, {"id": message["id"]})

    def lists(self, query: dict[str, list[str]]) -> tuple[int, Json]:
        """Return one page of the messages that were taken, newest first."""
        with self._asked:
            self.asked += 1
            self._asked.notify_all()
        if self._refuses:
            return self._refuses, _error(self._refuses)
        rows = list(reversed(self.sent))
        if "reference" in query:
            rows = [row for row in rows if row["reference"] == query["reference"][0]]
        if "status" in query:
            rows = [row for row in rows if row["status"].endswith("-failure")]
        if "older_than" in query:
            ids = [row["id"] for row in rows]
            rows = rows[ids.index(query["older_than"][0]) + 1 :]
        return 200, {"notifications": [{**row, "type": "email"} for row in rows[:PAGE]], "links": {}}


def _error(status: int) -> Json:
    return {"status_code": status, "errors": [{"error": "Error", "message": "told to"}]}


@contextmanager
def serving(notify: FakeNotify) -> Iterator[FakeNotify]:
    """Run it on a free port of this machine."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answers(*notify.takes(json.loads(body)))

        def do_GET(self) -> None:
            self._answers(*notify.lists(parse_qs(urlsplit(self.path).query)))

        def _answers(self, status: int, what: Json) -> None:
            self.close_connection = True
            if not status:
                return
            content = json.dumps(what).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                return  # whoever asked did not wait

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    notify.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield notify
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
