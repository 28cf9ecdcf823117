"""The second crawl of a market: what is known and not due is left alone, the rest is looked at."""

import sqlite3
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from evidence.vault import Vault
from leads.sighting import Change
from leads.store import Store, open_store

pytestmark = pytest.mark.night

Start = Callable[[], Any]
Run = Callable[..., Any]

SITE = "practice-market"
PICTURE = b"\xff\xd8\xff\xe0"


def stock(market: Any, *refs: str) -> None:
    for ref in refs:
        market.item(ref, f"/market/{ref}.jpg")
        market.page(f"/market/{ref}.jpg", PICTURE + ref.encode())
    market.results(*refs)


def all_are_due(folder: Path) -> None:
    """Let the days pass until every listing is due."""
    with sqlite3.connect(folder / "ledger.db") as db:
        db.execute("UPDATE listing SET due = '2020-01-01' WHERE due IS NOT NULL")


def asked(market: Any) -> list[str]:
    """Return what was asked for since the last time, but for robots.txt."""
    paths = sorted(path for _, path in market.asked if path != "/robots.txt")
    market.asked.clear()
    return paths


def opened(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder / 'markwatch.db'}")


def test_known_listings_are_looked_at_when_they_are_due_or_their_price_is_new(
    loopback: Start, crawl: Run, tmp_path: Path
) -> None:
    market = loopback()
    stock(market, "a", "b")
    crawl(market, folder=tmp_path)
    asked(market)

    stock(market, "a", "b", "c")
    market.answers["/market/search"] = dearer(market.answers["/market/search"], "a")
    done = crawl(market, folder=tmp_path)
    assert done.code == 0, done.stderr
    assert asked(market) == ["/market/a", "/market/c", "/market/c.jpg", "/market/search"]
    assert "2 条商品，另有 1 条未变未重读" in done.stdout
    with opened(tmp_path) as store:
        known = store.known(SITE, "b")
        assert known
        assert known.last_seen > known.first_seen
        before = known.last_seen

    all_are_due(tmp_path)
    market.results("a")
    done = crawl(market, folder=tmp_path)
    assert done.code == 0, done.stderr
    assert asked(market) == ["/market/a", "/market/b", "/market/c", "/market/search"]
    with opened(tmp_path) as store:
        known = store.known(SITE, "b")
        assert known
        assert known.last_seen > before
        assert known.listing.pictures[0].sha256  # not fetched again, but known


def dearer(answer: Callable[[BaseHTTPRequestHandler], None], ref: str) -> Any:
    """Return the answer with another price of one listing, of the same length."""

    def other(request: BaseHTTPRequestHandler) -> None:
        whole, request.wfile = request.wfile, Changing(request.wfile, ref)  # type: ignore[assignment]
        answer(request)
        request.wfile = whole

    return other


class Changing:
    """A file that writes another price for one listing."""

    def __init__(self, file: Any, ref: str) -> None:
        self.file = file
        self.ref = ref

    def write(self, data: bytes) -> None:
        before, mark, after = data.partition(f'"nid": "{self.ref}"'.encode())
        self.file.write(before + mark + after.replace(b"12.50", b"13.50", 1))

    def flush(self) -> None:
        self.file.flush()


FATES: dict[str, tuple[int, str, bool]] = {
    "not-found": (404, "<h1>没有</h1>", True),
    "gone": (410, "<h1>没有</h1>", True),
    "taken-down": (200, "<h2>很抱歉，您查看的商品已下架</h2>", True),
    "broken": (500, "<h1>系统繁忙</h1>", False),
    "captcha": (200, "<title>请完成安全验证</title>", False),
    "empty": (200, "", False),
    "forbidden": (403, "<h1>禁止</h1>", False),
}
"""What the second and third night find at an address, and whether the listing is surely gone."""


def test_only_what_is_surely_gone_is_missed_and_left_alone_until_a_list_has_it_again(
    loopback: Start, crawl: Run, tmp_path: Path
) -> None:
    market = loopback()
    stock(market, "a", *FATES)
    crawl(market, folder=tmp_path)
    there = market.answers["/market/gone"]
    market.results("a")
    for ref, (status, body, _) in FATES.items():
        market.page(f"/market/{ref}", body, status)
    for _ in range(2):
        all_are_due(tmp_path)
        crawl(market, folder=tmp_path)
    with opened(tmp_path) as store:
        vanished = {one.ref for one in store.sightings() if one.change is Change.VANISHED}
    assert vanished == {ref for ref, (_, _, gone) in FATES.items() if gone}

    asked(market)
    all_are_due(tmp_path)
    market.answers["/market/gone"] = there
    market.results("a", "gone")
    crawl(market, folder=tmp_path)
    assert not {f"/market/{ref}" for ref in vanished - {"gone"}} & set(asked(market))
    with opened(tmp_path) as store:
        changes = [one.change for one in store.sightings(of=(SITE, "gone"))]
    assert changes == [Change.VANISHED, Change.RELISTED]


def test_an_unchanged_page_is_evidence_by_the_word_of_its_server(
    loopback: Start, crawl: Run, tmp_path: Path
) -> None:
    market = loopback()
    stock(market, "a")
    whole = market.answers["/market/a"]
    conditions: list[tuple[str | None, str | None]] = []
    day = "Sun, 22 Nov 2026 01:00:00 GMT"

    def conditional(request: BaseHTTPRequestHandler) -> None:
        condition = request.headers["If-None-Match"], request.headers["If-Modified-Since"]
        conditions.append(condition)
        if condition == ('"v1"', day):
            request.send_response(304)
            request.send_header("ETag", '"v1"')
            request.end_headers()
        else:
            marked(request, whole)

    def marked(request: BaseHTTPRequestHandler, answer: Any) -> None:
        send = request.send_response

        def with_validators(code: int, message: str | None = None) -> None:
            send(code, message)
            request.send_header("ETag", '"v1"')
            request.send_header("Last-Modified", day)

        request.send_response = with_validators  # type: ignore[method-assign]
        answer(request)

    market.answers["/market/a"] = conditional
    first = crawl(market, folder=tmp_path).listings["a"]
    all_are_due(tmp_path)
    done = crawl(market, folder=tmp_path)
    assert done.code == 0, done.stderr
    again = done.listings["a"]
    assert conditions == [(None, None), ('"v1"', day)]
    once = {"captured_at": None, "capture": None}
    assert again.model_copy(update=once) == first.model_copy(update=once)

    vault = Vault(tmp_path / "vault")
    record, before = vault.record(again.capture or ""), vault.record(first.capture or "")
    assert (record.status, before.status) == (304, 200)
    assert record.sha256 == before.sha256
    assert record.id != before.id
    assert record.exchange
    assert record.exchange.response
    assert record.exchange.response.startswith("HTTP/1.0 304")
    assert record.exchange.body
    assert vault.bytes(record.exchange.body) == b""

    vault.blob(record.sha256).unlink()  # then nothing is left that the server could confirm
    all_are_due(tmp_path)
    assert crawl(market, folder=tmp_path).code == 0
    assert conditions[2:] == [(None, None)]
    assert vault.bytes(record)


def test_a_store_that_was_emptied_is_filled_again_and_then_nothing_is_left_to_take_up(
    loopback: Start, crawl: Run, tmp_path: Path
) -> None:
    market = loopback()
    stock(market, "a", "b")
    crawl(market, folder=tmp_path)
    for file in tmp_path.glob("markwatch.db*"):
        file.unlink()
    assert sorted(crawl(market, folder=tmp_path).listings) == ["a", "b"]
    done = crawl(market, folder=tmp_path, words=["--resume"])
    assert (done.code, done.stdout) == (0, "")
    assert "没有未做完的采集" in done.stderr
    assert crawl(market, folder=tmp_path, words=[SITE, "--resume"]).code == 2
