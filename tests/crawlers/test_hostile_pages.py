"""Pages made to break the reader: every one gets a verdict, none an exception."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.extract import LARGEST_PAGE, extract, extractors
from crawlers.page import Page

DEEP = 200_000
WIDE = "\u3000" * 300_000


def config(text: str) -> bytes:
    return f"<html><script>g_page_config = {text};</script></html>".encode()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested tags": lambda: b"<div>" * DEEP,
    "nested tables": lambda: b"<table><tr><td>" * DEEP,
    "nested lists with a claim": lambda: b"<ul id=J_goodsList><li class=gl-item>" * 100_000,
    "nested microdata": lambda: (
        b'<p itemscope itemtype="http://schema.org/Product"><b itemprop="name">' * 5_000
    ),
    "copied formatting": lambda: (
        "".join(f"<font size={n}>" for n in range(5000)).join(("<div>", "</div>"))
        + "<p>x</p>" * 5000
    ).encode(),
    "too many attributes": lambda: (
        "<div " + " ".join(f"a{n}" for n in range(200_000)) + ">"
    ).encode(),
    "nested JSON": lambda: b"[" * DEEP,
    "nested JSON objects": lambda: b'{"a":' * DEEP,
    "nested JSON in a script": lambda: config('{"mods":' + '{"a":' * DEEP),
    "nested literal in a script": lambda: (
        b"<script>var pageConfig = { product: {a:" + b"[" * DEEP + b"</script>"
    ),
    "nested JSON-LD": lambda: (
        b'<script type="application/ld+json">{"@type":"Product","a":' + b"[" * DEEP + b"</script>"
    ),
    "rows without a table": lambda: b"<tr><td>" * 100_000,
    "a table of one wide row": lambda: b"<table><tr>" + b"<td>1" * 100_000 + b"<tr><td>2</table>",
    "too large": lambda: b"<p>x</p>" * (LARGEST_PAGE // 8 + 1),
    "NUL bytes": lambda: b"\0" * 100_000,
    "a picture": lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 50,
    "only a byte order mark": lambda: b"\xef\xbb\xbf",
    "lone surrogates": lambda: config(
        r'{"mods":{"itemlist":{"data":{"auctions":[{"nid":"1","raw_title":"\ud800\udc","view_price":"1"}]}}}}'
    ),
    "numbers for words": lambda: config(
        '{"mods":{"itemlist":{"data":{"auctions":[{"nid":1,"raw_title":5,"view_price":[1],"nick":{}}]}}}}'
    ),
    "lists for objects": lambda: config('{"mods":{"itemlist":[{"data":"x"}],"pager":7}}'),
    "setup of nothing": lambda: b"<script>TShop.Setup({});</script>",
    "null product": lambda: b"<script>var pageConfig = { compatible: 1, product: {} };</script>",
    "an enormous number": lambda: config(
        '{"mods":{"itemlist":{"data":{"auctions":[{"nid":' + "9" * 4000 + ',"raw_title":"x"}]}}}}'
    ),
    # text on which a careless pattern takes the square of its length
    "scripts without an end": lambda: b"<script" * 60_000,
    "contexts without an end": lambda: (
        b"window.contextPath;" + b"window.context=(function" * 100_000
    ),
    "spaces after a claim": lambda: b"pageConfig={" + b" " * 2_000_000,
    "wide spaces in a category": lambda: (
        f'<script type="application/ld+json">{{"@type":"Product","name":"x","category":"a{WIDE}b"}}'
    ).encode(),
    "wide spaces in a label": lambda: f"企业名称<li>a{WIDE}b</li>".encode(),
    "wide spaces in a title": lambda: (
        f"企业名称<title>a{WIDE}b</title><h1 class=shop-name>x".encode()
    ),
    "wide spaces in a cell": lambda: f"商品标题,店铺,类别\nx,y,a{WIDE}b\n".encode(),
    "a long number in a link": lambda: (
        f"<table><tr><td>企业名称<td>展位号<tr><td><a href='//x/{'a' * 300_000}!'>x</a><td>1"
    ).encode(),
    "nested lists of text": lambda: "企业名称".encode() + "<ul><li>标签名称：".encode() * 2400,
    "nested tables of text": lambda: "企业名称".encode() + "<table><tr><td>标签：".encode() * 4900,
    "nested definitions": lambda: "企业名称".encode() + "<dl><dd>标签名称：".encode() * 4900,
    "nested boxes": lambda: (
        b'<meta property="og:type" content="product"><meta property="og:title" content="x">'
        + b"<ul class=attr><li>" * 4900
    ),
    "nested items": lambda: (
        b'itemprop<div itemscope itemtype="http://schema.org/Product" itemprop=x>' * 4900
    ),
    "a literal of comments": lambda: b"var pageConfig = {product: {" + b"/*" * 500_000,
    "a literal of quotes": lambda: b"var pageConfig = {product: {a:" + b"'\\" * 500_000,
    "a mail address without an end": lambda: (
        b'{"_embedded":{"b2b:shops":[{"name":"x","description":"' + b"a." * 100_000 + b'@"}]}}'
    ),
    "addresses that are none": lambda: (
        b'<link rel="canonical" href="http://[::1"><meta property="og:type" content="product">'
        b'<meta property="og:title" content="x"><meta property="og:image" content="javascript:1">'
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_gets_a_verdict(name: str) -> None:
    reading = extract(Page(HOSTILE[name]()))
    assert reading.verdict in ("damaged", "unsupported", "empty", "partial", "ok")
    for listing in reading.listings:
        assert listing.title
        listing.model_dump_json().encode()


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_random_bytes_get_a_verdict(body: bytes) -> None:
    extract(Page(body))


KEYS = st.sampled_from(
    ["mods", "itemlist", "data", "auctions", "nid", "raw_title", "title", "price", "name", "offers"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
SHELLS = [
    "g_page_config = {};",
    "TShop.Setup({})",
    "var pageConfig = {{product: {}}};",
    '</script><script type="application/ld+json">{}',
]


@given(JSON, st.sampled_from(SHELLS))
@settings(max_examples=200, deadline=None)
def test_data_of_any_shape_gets_a_verdict(value: object, shell: str) -> None:
    text = json.dumps(value)
    extract(Page(f"<html><script>{shell.format(text)}</script>".encode()))
    extract(Page(text.encode(), content_type="application/json"))


def test_an_address_that_leads_into_the_inside_is_never_made_from_a_script_link() -> None:
    page = Page(b'<a href="javascript:alert(1)">x</a>', url="https://shop.example/")
    for link in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a/b",
    ):
        assert page.absolute(link) is None
    assert page.absolute("//img.example/a.jpg") == "https://img.example/a.jpg"
    assert page.absolute("?page=2") == "https://shop.example/?page=2"


def test_extractors_are_found_by_the_scan_and_have_names_of_their_own() -> None:
    names = [extractor.name for extractor in extractors()]
    assert len(names) == len(set(names)) >= 10
