"""The practice market from night to night: what changes is known, and shown."""

from __future__ import annotations

from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from leads.registry import Registry
from matchers.engine import Engine
from practice.case import Door, Shape
from practice.catalogue import Market
from practice.offer import Offer
from practice.server import Served, serve


def offers(market: Market) -> dict[str, Offer]:
    return {offer.ref: offer for offer in market}


@pytest.mark.parametrize("size", [1, 7, 80, 400])
def test_the_changes_of_a_night_are_what_differs_from_the_night_before(size: int):
    before: dict[str, Offer] = {}
    last: dict[str, Offer] = {}
    """As each was when it was there last."""
    for night in range(1, 7):
        now = offers(Market(size=size, night=night))
        if night > 1:
            changes = Market(size=size, night=night).changes(night)
            seen = now.keys() & last.keys()
            price = {r for r in seen if now[r].listing.price != last[r].listing.price}
            title = {r for r in seen if now[r].listing.title != last[r].listing.title}
            assert changes.new == now.keys() - last.keys()
            assert changes.left == before.keys() - now.keys()
            assert changes.back | changes.relisted == now.keys() & last.keys() - before.keys()
            assert changes.repriced == price
            assert changes.retitled == title
        before, last = now, last | now


def test_two_nights_away_is_vanished_and_relisted_one_is_not():
    there = [set(offers(Market(night=night))) for night in range(1, 7)]
    for night in range(3, 7):
        changes = Market(night=night).changes(night)
        one, two = there[night - 2], there[night - 3]
        assert changes.vanished == two - one - there[night - 1]
        assert changes.back <= two - one
        assert not changes.relisted & (one | two)


def test_everything_happens_within_four_nights():
    happened = [Market(night=4).changes(night) for night in (2, 3, 4)]
    for what in ("new", "repriced", "retitled", "left", "vanished", "back", "relisted"):
        assert any(getattr(changes, what) for changes in happened), what


def test_a_later_night_tells_the_same_of_an_earlier_one():
    assert Market(night=6).changes(3) == Market(night=3).changes(3)
    with pytest.raises(KeyError):
        Market().changes(1)


def test_a_changed_title_changes_nothing_of_what_is_true(watched: Registry):
    engine, first = Engine(watched), offers(Market())
    later = offers(Market(night=6))
    at = datetime(2026, 11, 22, tzinfo=UTC)
    for ref in first.keys() & later.keys():
        then, now = first[ref].listing, later[ref].listing
        if then.title != now.title:
            told = [
                {(lead.right, lead.triage) for lead in engine.leads(listing, at)}
                for listing in (then, now)
            ]
            assert told[0] == told[1], now.title


class Visitor:
    def __init__(self, served: Served) -> None:
        self.host = urlsplit(served.url).netloc

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection(self.host)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
            return response.status, dict(response.getheaders()), body
        finally:
            connection.close()


def test_what_is_gone_is_not_found_or_said_to_be_taken_down():
    with serve(night=2) as served:
        visitor, first = Visitor(served), offers(Market())
        gone = [first[ref] for ref in served.market.changes(2).left]
        answers = [visitor.get(offer.listing.url) for offer in gone]
        assert {status for status, _, _ in answers} == {200, 404}
        assert all("已下架" in body for status, _, body in answers if status == 200)
        pages = [visitor.get(f"/market/search?q=&page={page}")[2] for page in range(1, 6)]
        assert not [offer.ref for offer in gone if any(offer.ref in page for page in pages)]


def test_an_item_answers_304_until_something_happens_to_it():
    with serve() as served:
        visitor = Visitor(served)
        given = {
            offer.ref: visitor.get(offer.listing.url)[1]
            for offer in served.market
            if offer.door is Door.OPEN and offer.shape is not Shape.LIVE
        }
    with serve(night=2) as served:
        visitor, changes = Visitor(served), served.market.changes(2)
        for offer in served.market:
            if offer.ref not in given or offer.ref in changes.repriced - changes.retitled:
                continue  # some shapes show no price: nothing on the page tells
            etag, modified = given[offer.ref]["ETag"], given[offer.ref]["Last-Modified"]
            expected = 200 if offer.ref in changes.retitled else 304
            url = offer.listing.url
            assert visitor.get(url, **{"If-None-Match": etag})[0] == expected
            assert visitor.get(url, **{"If-Modified-Since": modified})[0] == expected


def test_a_walled_site_answers_everything_with_a_captcha():
    with serve() as served:
        for path in ("/walled/", "/walled/search?q=x", "/walled/item/1.html"):
            status, _, body = Visitor(served).get(path)
            assert status == 200
            assert "验证码" in body
