"""A cluster with moods: a real engine behind a server that can be busy or hang up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from leads.model import Finding, Hit, Lead, Listing, Triage, lead_id

NIGHT = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


def made(number: int, **fields: Any) -> Lead:
    ref = str(number)
    hit = Hit(
        right="gi", name="某醋", finding=Finding.GI_NAME, matcher="names", score=0.9, reason="疑似"
    )
    listing = Listing(site="taobao", ref=ref, title=f"老陈醋 {ref}", captured_at=NIGHT)
    known = {
        "id": lead_id("taobao", ref, "gi"),
        "right": "gi",
        "right_name": "某醋",
        "listing": listing,
        "triage": Triage.LEAD,
        "score": 0.9,
        "hits": (hit,),
        "law_day": date(2026, 11, 22),
        "found_at": NIGHT,
    }
    return Lead.model_validate({**known, **fields})


@pytest.fixture
def make_lead() -> Any:
    """``make_lead(number, **fields)``."""
    return made


class Moody(ThreadingHTTPServer):
    """Passes requests on to ``behind``; those whose path holds ``where`` meet ``moods`` first.

    A mood is a status to answer instead, ``hang up`` before the request is passed on, or ``lose``
    the answer after it was.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = urlsplit(behind)
        self.moods: deque[int | str] = deque()
        self.where = "/_bulk"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{self.behind.path}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Moody

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mood = None
        if self.server.where in self.path and self.server.moods:
            mood = self.server.moods.popleft()
        if mood == "hang up":
            self.close_connection = True
            return
        if isinstance(mood, int):
            self.answer(mood, {"Content-Type": "application/json"}, b'{"error":{"type":"busy"}}')
            return
        there = HTTPConnection(str(self.server.behind.hostname), self.server.behind.port)
        there.request(self.command, self.path, body, dict(self.headers))
        told = there.getresponse()
        read = told.read()
        there.close()
        if mood == "lose":
            self.close_connection = True
            return
        self.answer(told.status, dict(told.getheaders()), read)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name in ("content-type", "X-elastic-product", "Content-Type"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def moody(elastic: str) -> Iterator[Moody]:
    """An empty store's address on the shared engine, behind a server with moods."""
    with Moody(elastic) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
