"""What a site asks of its visitors, and what its entry allows: seen from the server's side."""

import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from leads.beijing import BEIJING

pytestmark = pytest.mark.night

Start = Callable[[], Any]
Run = Callable[..., Any]

TERMS = """
[terms]
contact = "演练联系人"
impact_assessment = "演练评估一号"
approver = "演练批准人"
window = ["{start}", "{end}"]
daily_pages = {pages}
"""


def terms(start: timedelta, end: timedelta, pages: int = 1000) -> str:
    """Return terms with a window that begins and ends so long from now."""
    now = datetime.now(BEIJING)
    return TERMS.format(start=f"{now + start:%H:%M:%S}", end=f"{now + end:%H:%M:%S}", pages=pages)


def slowly(answer: Callable[[BaseHTTPRequestHandler], None]) -> Any:
    """Return an answer that takes a twentieth of a second."""

    def later(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.05)
        answer(request)

    return later


def test_retry_after_is_honoured(loopback: Start, crawl: Run) -> None:
    market = loopback()
    refs = [f"r{number}" for number in range(60)]
    for ref in refs:
        market.item(ref)
        market.answers[f"/market/{ref}"] = slowly(market.answers[f"/market/{ref}"])
    market.results(*refs)
    open_again = market.answers["/market/r59"]
    market.page("/market/r59", "later", 429, Retry_After="2")
    refuse = market.answers["/market/r59"]
    refused: list[float] = []

    def busy(request: BaseHTTPRequestHandler) -> None:
        refused.append(time.monotonic())
        refuse(request)
        market.answers["/market/r59"] = open_again

    market.answers["/market/r59"] = busy
    done = crawl(market)
    assert done.code == 0, done.stderr
    assert len(done.listings) == 60
    (moment,) = refused
    later = [asked for asked, _ in market.asked if asked >= moment]
    assert len(later) > 20
    assert max(after - before for before, after in pairwise(later)) > 1.5
    assert "网站请求 2 秒后再来" in done.stderr


def test_a_site_that_asks_for_hours_is_left_alone(loopback: Start, crawl: Run) -> None:
    market = loopback()
    market.page("/market/search", "later", 503, Retry_After="7200")
    done = crawl(market)
    assert done.code == 1
    assert "被网站拦截" in done.stderr
    assert len(market.times("/market/search")) == 1


def test_crawl_delay_is_honoured(loopback: Start, crawl: Run) -> None:
    market = loopback()
    market.page("/robots.txt", "User-agent: *\nCrawl-delay: 0.3", Content_Type="text/plain")
    for ref in ("c1", "c2", "c3", "c4"):
        market.item(ref, "/market/c.jpg")
    market.results("c1", "c2", "c3", "c4")
    done = crawl(market)
    assert done.code == 0, done.stderr
    moments = [moment for moment, _ in market.asked]
    assert len(moments) == 7  # robots.txt, search, four items, one picture
    assert min(later - sooner for sooner, later in pairwise(moments)) > 0.28


def test_five_blocked_pages_in_a_row_stop_the_crawl(loopback: Start, crawl: Run) -> None:
    market = loopback()
    market.page("/robots.txt", "User-agent: *\nCrawl-delay: 0.3", Content_Type="text/plain")
    refs = [f"b{number}" for number in range(30)]
    for ref in refs:
        market.page(f"/market/{ref}", "<title>请完成安全验证</title>")
    market.results(*refs)
    done = crawl(market)
    assert done.code == 1
    assert "连续被网站拦截，已停止，被拦截的网页待人工处理" in done.stderr
    assert 7 <= len(market.asked) < 12  # robots.txt, search, five, and what was under way


def test_a_blocked_search_is_never_a_search_without_results(loopback: Start, crawl: Run) -> None:
    market = loopback()
    market.page("/market/search", "<title>请登录</title>")
    done = crawl(market)
    assert done.code == 1
    assert "没有一页可以读取" in done.stderr


@pytest.mark.parametrize("status", [500, 429])
def test_rules_that_cannot_be_had_forbid_everything(
    loopback: Start, crawl: Run, status: int
) -> None:
    market = loopback()
    market.results("x")
    market.page("/robots.txt", "", status)
    done = crawl(market)
    assert done.code == 1
    assert "robots.txt 无法取得，按规定不采集" in done.stderr
    assert {path for _, path in market.asked} == {"/robots.txt"}


def test_a_site_without_terms_is_not_visited(loopback: Start, crawl: Run, tmp_path: Path) -> None:
    market = loopback()
    done = crawl(market, instead={"practice = true": ""})
    assert done.code == 2
    assert "practice-market.toml：terms：" in done.stderr.replace(": ", "：")
    assert "不得采集" in done.stderr
    assert market.asked == []


def test_nothing_is_fetched_outside_the_window(loopback: Start, crawl: Run) -> None:
    market = loopback()
    market.results("w")
    done = crawl(market, terms(timedelta(hours=1), timedelta(hours=2)))
    assert done.code == 1
    assert "不在允许的时段内" in done.stderr
    assert market.asked == []


def test_a_crawl_ends_when_its_window_closes(loopback: Start, crawl: Run) -> None:
    market = loopback()
    refs = [f"w{number}" for number in range(30)]
    for ref in refs:
        market.item(ref)
    market.results(*refs)
    closing = time.monotonic() + 8
    done = crawl(market, terms(timedelta(hours=-1), timedelta(seconds=8)))
    assert done.code == 1
    assert "允许的时段" in done.stderr
    assert [path for moment, path in market.asked if moment > closing + 1] == []


def test_the_daily_budget_holds_over_runs_and_counts_pictures(
    loopback: Start, crawl: Run, tmp_path: Path
) -> None:
    market = loopback()
    for ref in ("d1", "d2", "d3"):
        market.item(ref, f"/market/{ref}.jpg")
        market.page(f"/market/{ref}.jpg", b"\xff\xd8\xff\xe0", Content_Type="image/jpeg")
    market.results("d1", "d2", "d3")
    entry = terms(timedelta(hours=-1), timedelta(hours=1), pages=3)
    first = crawl(market, entry, tmp_path)
    assert first.code == 1
    assert "当日页数已用完" in first.stderr
    assert len([path for _, path in market.asked if path != "/robots.txt"]) == 3
    asked = len(market.asked)
    second = crawl(market, entry, tmp_path)
    assert second.code == 1
    assert "当日页数已用完" in second.stderr
    assert len(market.asked) == asked


def test_the_last_pages_of_a_day_are_kept_for_known_listings_that_are_due(
    loopback: Start, crawl: Run, tmp_path: Path
) -> None:
    market, news = loopback(), [f"n{number}" for number in range(30)]
    for ref in ("k1", "k2", "k3", *news):
        market.item(ref)
    market.results("k1", "k2", "k3")
    entry = terms(timedelta(hours=-1), timedelta(hours=1), pages=8)
    assert crawl(market, entry, tmp_path).code == 0  # four pages of the day are spent
    with sqlite3.connect(tmp_path / "ledger.db") as ledger:
        ledger.execute("UPDATE listing SET due = '2026-01-01'")
    market.results(*news)
    results = market.answers["/market/search"]

    def late(request: BaseHTTPRequestHandler) -> None:
        time.sleep(2)
        results(request)

    market.answers["/market/search"] = late
    done = crawl(market, entry, tmp_path)
    assert "当日页数已用完" in done.stderr
    assert [len(market.times(f"/market/{ref}")) for ref in ("k1", "k2", "k3")] == [2, 2, 2]
    assert not any(market.times(f"/market/{ref}") for ref in news)
