"""What the pages look like, read with nothing but the standard library."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from leads.model import DefenceCode, Finding
from practice.case import Door, Shape
from practice.catalogue import Market
from practice.offer import Offer
from practice.pages import fair, jd, live, search, shop, store, taobao, tmall
from practice.pages.markup import Raw, fill, js_string, script_json
from practice.server import SHAPES

VOCABULARY = re.compile(
    "|".join(
        map(
            re.escape,
            (
                *(finding.value for finding in Finding),
                *(defence.value for defence in DefenceCode),
                *("decoy", "truth", "misuse", "infring", "gi-", "brand-kang", "疑似", "侵权"),
            ),
        )
    ),
    re.IGNORECASE,
)


def of(market: Market, shape: Shape) -> list[Offer]:
    return [o for o in market if o.shape is shape and o.door is Door.OPEN]


def test_the_same_offer_is_the_same_page():
    for ours, theirs in zip(Market(seed=3), Market(seed=3), strict=True):
        assert SHAPES[ours.shape](ours) == SHAPES[theirs.shape](theirs)


def test_jd_has_a_literal_with_bare_keys_and_no_price(market: Market):
    for offer in of(market, Shape.JD):
        text = jd.page(offer).data.decode()
        assert re.search(rf"\bskuid: {offer.ref},", text)
        name = re.search(r"name: '((?:\\u[0-9a-f]{4})*)'", text)
        assert name is not None
        assert json.loads(f'"{name[1]}"') == offer.listing.title
        assert offer.listing.price is not None
        assert str(offer.listing.price.min) not in text


def test_taobao_has_its_attributes_in_a_list(market: Market):
    for offer in of(market, Shape.TAOBAO):
        text = unescape(taobao.page(offer).data.decode())
        assert f'data-title="{offer.listing.title}"' in text
        for name, value in offer.listing.attributes:
            assert f'<li title="{value}">{name}:\xa0{value}</li>' in text


def test_tmall_is_strict_json_in_gbk_and_loses_no_character(market: Market):
    case = next(o for o in market if "🍶" in o.listing.title or "✨" in o.listing.title)
    for offer in (*of(market, Shape.TMALL), case):
        body = tmall.page(offer)
        assert body.content_type == "text/html; charset=GBK"
        text = body.data.decode("gbk")
        assert f'<h1 data-spm="1000983">\n{offer.listing.title}\n</h1>' in unescape(text)
        setup, _ = json.JSONDecoder().raw_decode(text, text.index("TShop.Setup(") + 12)
        assert setup["itemDO"]["title"] == offer.listing.title
        assert setup["itemDO"]["itemId"] == offer.ref


def test_an_independent_shop_says_it_in_json_ld(market: Market):
    kinds = set()
    for offer in of(market, Shape.STORE):
        scripts = re.findall(
            r"<script[^>]*ld\+json[^>]*>(.*?)</script>", store.page(offer).data.decode(), re.S
        )
        product = json.loads(scripts[1])
        kinds.add(product["offers"]["@type"])
        assert product["name"] == offer.listing.title
        assert product["sku"] == offer.ref
    assert kinds == {"Offer", "AggregateOffer"}


def test_a_scripted_page_says_nothing_before_its_scripts_run(market: Market):
    (offer,) = of(market, Shape.LIVE)
    shell = live.page(offer).data.decode()
    assert offer.listing.title not in shell
    assert all(value not in shell for _, value in offer.listing.attributes)
    data = json.loads(live.data(offer).data)["data"]
    assert data["title"] == offer.listing.title
    assert data["props"] == [list(pair) for pair in offer.listing.attributes]


def test_search_pages_hold_every_listing_once_beside_the_advertisement(market: Market):
    refs = []
    for number in (1, 2, 3, 4):
        results = market.search("", number)
        text = search.page(results).data.decode()
        found = re.search(r"g_page_config = (\{.*\});\n", text)
        assert found is not None
        mods = json.loads(found[1])["mods"]
        advertised, *rest = mods["itemlist"]["data"]["auctions"]
        assert advertised["nid"] == rest[-1]["nid"]
        assert advertised["detail_url"] != rest[-1]["detail_url"]
        assert mods["pager"]["data"] == {
            "pageSize": 20,
            "totalPage": 4,
            "currentPage": number,
            "totalCount": 80,
        }
        refs += [auction["nid"] for auction in rest]
    assert refs == [offer.ref for offer in market]


@pytest.mark.parametrize("query", ["山西老陈醋", "康师傅", "华为手机壳", "小米"])
def test_a_search_with_words_brings_the_goods_they_speak_of(market: Market, query: str):
    results = market.search(query, 1)
    assert 0 < results.total < market.size
    assert any(name in query for offer in results.offers for name in offer.listing.title)


def test_a_search_for_nothing_known_is_empty_and_says_so(market: Market):
    results = market.search("不存在的货", 1)
    assert results.offers == ()
    assert '"noresult": {"status": "show"' in search.page(results).data.decode()


def test_a_shop_page_shows_the_licence_where_there_is_one(market: Market):
    licensed = set()
    for offer in market:
        seller = offer.listing.seller
        assert seller is not None
        assert seller.ref is not None
        text = shop.page(seller.ref, market.shop(seller.ref)).data.decode()
        licensed.add(offer.firm.licensed)
        assert f'<h1 class="shop-name" data-shop-id="{seller.ref}">{seller.name}</h1>' in text
        assert (offer.firm.company in text) == offer.firm.licensed
        assert ("统一社会信用代码" in text) == (seller.uscc is not None)
    assert licensed == {True, False}


def test_an_exhibitor_page_tells_the_firm_and_its_exhibits(market: Market):
    for number in (1, 2):
        for stand in market.exhibitor_page(number):
            text = unescape(fair.exhibitor(stand).data.decode())
            assert stand.firm.company in text
            assert stand.booth in text
            for exhibit in stand.exhibits:
                assert exhibit.listing.title in text
                assert f'id="exhibit-{exhibit.ref}"' in text


def test_texts_cannot_break_out_of_where_they_stand():
    hostile = "</script><b title='x'>\"\\'\n&amp;"
    assert fill("<p title='$t'>$t</p>", t=hostile).count("<") == 2
    assert fill("$t", t=Raw("<i>")) == "<i>"
    assert "<" not in script_json({"t": hostile})
    assert json.loads(script_json({"t": hostile})) == {"t": hostile}
    assert re.fullmatch(r"'(\\u[0-9a-f]{4})*'", js_string(hostile + "🍶"))


def test_no_page_and_no_address_tells_the_truth(market: Market):
    pages: list[str] = []
    for offer in market:
        body = SHAPES[offer.shape](offer)
        pages += [body.data.decode(body.content_type.partition("charset=")[2]), repr(offer.listing)]
        if offer.shape is Shape.LIVE:
            pages.append(live.data(offer).data.decode())
        seller = offer.listing.seller
        assert seller is not None
        pages.append(shop.page(seller.ref or "", offer.firm).data.decode())
    for number in (1, 2, 3, 4):
        pages.append(search.page(market.search("", number)).data.decode())
        stands = market.exhibitor_page(number)
        pages.append(fair.exhibitors(stands, number, 2, market.exhibitors).data.decode())
        pages += [fair.exhibitor(stand).data.decode() for stand in stands]
    for page in pages:
        assert not VOCABULARY.search(page), VOCABULARY.search(page)
