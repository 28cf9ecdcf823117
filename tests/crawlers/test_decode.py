"""Charsets: what a page says of itself, what its bytes say, and text that was ruined before."""

import pytest

from crawlers.decode import bomb, decode, ruined

TEXT = "<p>竹编果盘，东阳手作，礼盒包邮，产地浙江省东阳市</p>"


def page(label: str | None, charset: str) -> bytes:
    head = f'<meta charset="{label}">' if label else ""
    return (head + TEXT).encode(charset)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (page("utf-8", "utf-8"), None),
        (page("gb2312", "gbk"), None),
        (page("gbk", "gb18030"), None),
        (page(None, "gbk"), "text/html; charset=GB2312"),
        (page(None, "utf-8"), None),
        (page(None, "gbk"), None),
        (page("big5", "gbk"), "text/html; charset=gbk"),
        (b"\xef\xbb\xbf" + page("gbk", "utf-8"), "text/html; charset=gbk"),
        (TEXT.encode("utf-16"), None),
        # a label that the bytes contradict
        (page("gbk", "utf-8"), None),
        (page("utf-8", "gbk"), None),
        (page(None, "utf-8"), "text/html; charset=ISO-8859-1"),
        # labels that are none
        (page("no-such-charset", "utf-8"), None),
        (page("hex", "utf-8"), "text/html; charset=rot13"),
        (page("punycode", "gbk"), None),
        (b" " * 5000 + page("big5", "utf-8"), None),
    ],
)
def test_a_page_is_read_in_the_charset_it_really_is_in(
    body: bytes, content_type: str | None
) -> None:
    assert TEXT in decode(body, content_type)


def test_one_broken_character_does_not_change_the_charset() -> None:
    body = page("utf-8", "utf-8").replace("包邮".encode(), b"\xe5\x8c", 1) + TEXT.encode()
    assert decode(body).endswith(TEXT)
    assert "\ufffd" in decode(body)


def test_bytes_of_no_charset_are_read_all_the_same() -> None:
    assert "\ufffd" in decode(bytes(range(128, 256)) * 3)


@pytest.mark.parametrize(
    "spoilt",
    [
        TEXT.encode("gbk").decode("utf-8", "replace"),
        TEXT.encode("gbk").decode("latin-1"),
        TEXT.encode().decode("latin-1"),
        TEXT.encode().decode("cp1252", "replace"),
        TEXT.encode().decode("gb18030", "replace"),
        TEXT.encode("gbk").decode("utf-8", "replace").encode().decode("gb18030", "replace"),
    ],
)
def test_text_ruined_by_a_wrong_charset_is_told(spoilt: str) -> None:
    assert ruined(spoilt)


@pytest.mark.parametrize(
    "sound",
    [
        TEXT,
        "",
        "plain ASCII",
        "Kühlgeräte für größere Räume, élève, Ménagère",
        TEXT * 20 + "截断的字\ufffd",
        "汾　酒 ★☆〓 ①②③ Ⅷ ㎏ 50℃",
        "한국어 상품 설명입니다",
        "日本語の商品説明です。",
    ],
)
def test_sound_text_is_not_called_ruined(sound: str) -> None:
    assert not ruined(sound)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 200_000,
        "<div></span>" * 20_000,
        "<div " + " ".join(f"a{n}=1" for n in range(50_000)) + ">",
        "<div" + "".join(f'/a{n}="x"' for n in range(50_000)) + ">",
        "<div>" + "".join(f"<font size={n}>" for n in range(3000)) + "</div>" + "<p>x</p>" * 3000,
    ],
)
def test_markup_made_to_exhaust_a_parser_is_refused(markup: str) -> None:
    assert bomb(markup)


@pytest.mark.parametrize(
    "markup",
    [
        "<ul>" + "<li><a href=/x><b>名</b></a>" * 20_000 + "</ul>",
        "<table>" + "<tr><td>1<td>2" * 20_000,
        "<script>var a='" + "x y " * 50_000 + "'</script>",
        "<p>" + "<i id='a1'>字</i>" * 20_000,
    ],
)
def test_large_but_honest_markup_is_not(markup: str) -> None:
    assert bomb(markup) is None
