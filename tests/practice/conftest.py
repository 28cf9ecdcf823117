"""The default market, served once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from practice.catalogue import Market
from practice.server import Served, serve


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        charset = self.headers["Content-Type"].partition("charset=")[2] or "utf-8"
        return self.body.decode(charset)


Get = Callable[..., Answer]


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serve() as served:
        yield served


@pytest.fixture(scope="session")
def market(served: Served) -> Market:
    return served.market


@pytest.fixture(scope="session")
def get(served: Served) -> Iterator[Get]:
    connection = HTTPConnection(urlsplit(served.url).netloc)

    def ask(path: str, **headers: str) -> Answer:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())

    yield ask
    connection.close()
