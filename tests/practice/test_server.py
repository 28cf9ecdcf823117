"""How the practice market answers over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from practice.case import Case, Door, Shape
from practice.cases import CASES
from practice.catalogue import Market
from practice.offer import Offer
from practice.packs import SIDE
from practice.server import Served, serve

Get = Callable[..., Any]


def item(market: Market, door: Door) -> Offer:
    return next(offer for offer in market if offer.door is door)


def offer_of(market: Market, case: Case) -> Offer:
    return next(offer for offer in market if offer.case is case)


def test_it_listens_on_loopback_only(served: Served):
    assert served.url.startswith("http://127.0.0.1:")


def test_every_open_item_answers_at_its_own_address(market: Market, get: Get):
    for offer in market:
        if offer.door is Door.OPEN:
            answer = get(offer.listing.url)
            assert answer.status == 200
            assert offer.shape is Shape.LIVE or offer.ref in answer.text
            assert get(offer.listing.seller.url).status == 200


def test_tracking_parameters_change_nothing(market: Market, get: Get):
    for offer in market.search("", 1).offers:
        if offer.door is Door.OPEN:
            joint = "&" if "?" in offer.listing.url else "?"
            tracked = get(f"{offer.listing.url}{joint}spm=a230r.1&clk1=7")
            assert tracked.body == get(offer.listing.url).body


def test_a_guarded_item_shows_a_captcha_with_status_200(market: Market, get: Get):
    answer = get(item(market, Door.CAPTCHA).listing.url)
    assert answer.status == 200
    assert "nc_1_wrapper" in answer.text
    assert "验证码" in answer.text


def test_a_members_only_item_sends_to_the_log_in(market: Market, get: Get):
    answer = get(item(market, Door.LOGIN).listing.url)
    assert answer.status == 302
    assert "请登录" in get(answer.headers["Location"]).text


def test_a_failing_item_recovers_at_the_second_visit():
    with serve() as fresh:
        visit = _getter(fresh)
        url = item(fresh.market, Door.FLAKY).listing.url
        assert [visit(url), visit(url), visit(url)] == [503, 200, 200]


def test_a_broken_item_stays_broken_and_a_slow_one_comes(market: Market, get: Get):
    broken = item(market, Door.BROKEN).listing.url
    assert [get(broken).status, get(broken).status] == [500, 500]
    assert get(item(market, Door.SLOW).listing.url).status == 200


def test_a_scripted_item_gets_its_data_from_the_api(market: Market, get: Get):
    offer = next(offer for offer in market if offer.shape is Shape.LIVE)
    assert json.loads(get(f"/market/api/item/{offer.ref}").body)["data"]["title"]
    other = next(offer for offer in market if offer.shape is Shape.JD)
    assert get(f"/market/api/item/{other.ref}").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/market/item/1.html",
        "/market/item.htm",
        "/market/item.htm?id=%00",
        "/market/goods/999999999999",
        "/market/shop/x",
        "/market/img/x.jpg",
        "/market/img/shared/x.jpg",
        "/market/img/../../etc/passwd.jpg",
        "/fair/exhibitor/1",
        "/fair/img/1_0.jpg",
    ],
)
def test_an_unknown_address_is_404(get: Get, path: str):
    assert get(path).status == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "99999999999999999999", "%C2%B2"])
def test_a_senseless_page_number_is_the_first_page(get: Get, page: str):
    assert get(f"/market/search?page={page}").body == get("/market/search").body
    assert get(f"/fair/exhibitors?page={page}").body == get("/fair/exhibitors").body


def test_a_page_beyond_the_last_is_empty(get: Get):
    assert '"noresult": {"status": "show"' in get("/market/search?page=5").text
    assert "<tbody>\n</tbody>" in get("/fair/exhibitors?page=3").text


def test_robots_are_kept_out_of_the_private_part_only(get: Get):
    answer = get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /market/private/\n" in answer.text
    assert "Crawl-delay: " in answer.text
    assert get("/market/private/favourites").status == 200


def test_the_fair_leads_from_page_to_page_to_exhibitors(market: Market, get: Get):
    assert 'rel="next" href="/fair/exhibitors?page=2"' in get("/fair/exhibitors").text
    last = get("/fair/exhibitors?page=2").text
    assert 'rel="next"' not in last
    for stand in market.exhibitor_page(2):
        assert f"/fair/exhibitor/{stand.ref}" in last
        assert get(f"/fair/exhibitor/{stand.ref}").status == 200


def test_pictures_are_pictures_and_may_be_cached(market: Market, get: Get):
    for listing in (market.offer(0).listing, next(market.exhibits()).listing):
        url = listing.pictures[0].url
        answer = get(url)
        assert Image.open(io.BytesIO(answer.body)).size == (SIDE, SIDE)
        assert "max-age" in answer.headers["Cache-Control"]
        assert get(url, **{"If-None-Match": answer.headers["ETag"]}).status == 304


def test_one_picture_is_missing_and_one_is_a_web_page(market: Market, get: Get):
    missing = offer_of(market, CASES["longer-name"]).listing.pictures[0].url
    assert get(missing).status == 404
    page = get(offer_of(market, CASES["boomerang"]).listing.pictures[0].url)
    assert page.headers["Content-Type"] == "image/jpeg"
    assert page.body.startswith(b"<html>")


def test_every_picture_of_every_listing_answers(market: Market, get: Get):
    for offer in (*market, *market.exhibits()):
        for picture in offer.listing.pictures:
            assert get(picture.url).status in (200, 404)
        assert get(offer.listing.pictures[0].url.replace("_0.jpg", "_7.jpg")).status in (200, 404)


def test_a_copied_picture_is_not_the_same_file(market: Market, get: Get):
    genuine = offer_of(market, CASES["guanyun-flagship"]).listing.pictures[0].url
    copied = offer_of(market, CASES["photo-copied"]).listing.pictures[0].url
    assert get(genuine).body != get(copied).body


def test_headers_tell_no_truth(market: Market, get: Get):
    names = {name for offer in market for name in get(offer.listing.pictures[0].url).headers}
    names |= {name for offer in market for name in get(offer.listing.url).headers}
    assert names <= {
        "Cache-Control",
        "Content-Length",
        "Content-Type",
        "Date",
        "ETag",
        "Last-Modified",
        "Location",
        "Retry-After",
        "Server",
    }


def test_visits_are_counted_by_path(served: Served, get: Get):
    before = served.visits["/market/login"]
    get("/market/login?x=1")
    get("/market/login?x=2")
    assert served.visits["/market/login"] == before + 2


def test_a_taken_port_is_an_error_and_leaves_nothing_open(served: Served):
    port = int(served.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), serve(port=port):
        pass


def _getter(served: Served) -> Callable[[str], int]:
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    def visit(path: str) -> int:
        connection = HTTPConnection(urlsplit(served.url).netloc)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    return visit
