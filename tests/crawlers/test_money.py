"""Chinese prices: a table of what is written and what it means."""

import pytest

from crawlers.money import count, fen, price, price_range, sold

WRITTEN: list[tuple[object, str | None]] = [
    ("1999.00", "1999.00"),
    ("¥ 1,299.00", "1299.00"),
    ("115.00-138.00", "115.00-138.00"),
    ("115～138元", "115-138"),
    ("10.00元 至 20.00元", "10.00-20.00"),
    ("1.2万", "12000.00"),
    ("1.2-1.5万元", "12000.00-15000.00"),
    ("8000-1.2万", "8000-12000.00"),
    ("￥5.8万-6.2万", "58000.00-62000.00"),
    ("52.9起", "52.9"),
    ("￥99 券后￥59.9", "59.9"),
    ("券后￥59.9 原价￥99", "59.9"),
    ("原价99 现价 59", "59"),
    ("满300减30 ¥268", "268"),
    ("¥268 运费10元", "268"),
    ("已售200件 ¥268.00", "268.00"),
    ("¥12.5/斤", "12.5"),
    ("12元/2瓶", "12"),
    ("3斤 45元", "45"),
    ("2-99件 ¥1.74", "1.74"),
    ("１１５．００", "115.00"),
    (119.99, "119.99"),
    (5, "5"),
    # what is not given is None, never 0
    ("面议", None),
    ("价格面议", None),
    ("暂无报价", None),
    ("0", None),
    (0, None),
    ("0.00-0.00", None),
    ("0-20", "20"),
    ("", None),
    ("¥", None),
    (None, None),
    (True, None),
    ([5], None),
    ("9" * 100, None),
]

FOREIGN = [
    ("€ 97,39 - 128,72", "97.39-128.72", "EUR"),
    ("1.299,00 €", "1299.00", "EUR"),
    ("$5.99", "5.99", "USD"),
    ("US $3.20 - 4.10", "3.20-4.10", "USD"),
    ("HK$ 88", "88", "HKD"),
    ("¥88", "88", "CNY"),
]


def written(text: object, currency: str | None = None) -> str | None:
    found = price(text, currency)
    if found is None:
        return None
    return str(found.min) if found.min == found.max else f"{found.min}-{found.max}"


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_a_written_price_means_what_a_buyer_reads(text: object, expected: str | None) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(("text", "expected", "currency"), FOREIGN)
def test_a_sign_tells_the_currency(text: str, expected: str, currency: str) -> None:
    found = price(text)
    assert found is not None
    assert (written(text), found.currency) == (expected, currency)


def test_a_currency_that_is_given_wins_over_the_sign() -> None:
    found = price("$5.99", "CAD")
    assert found is not None
    assert found.currency == "CAD"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (5800, None, ("58.00", "58.00")),
        ("5800", "6800", ("58.00", "68.00")),
        (1, None, ("0.01", "0.01")),
        (0, None, None),
        ("0", "", None),
        ("58.00", None, None),
        (True, None, None),
        (-5, None, None),
    ],
)
def test_fen_are_hundredths_of_a_yuan(
    low: object, high: object, expected: tuple[str, str] | None
) -> None:
    found = fen(low, high)
    assert (found and (str(found.min), str(found.max))) == expected


def test_an_end_of_a_range_that_is_not_given_leaves_the_other() -> None:
    found = price_range("0", "20")
    assert found is not None
    assert (str(found.min), str(found.max)) == ("20", "20")
    assert price_range("0", None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8人付款", 8),
        ("1.5万+人付款", 15000),
        ("已售10万+件", 100_000),
        ("47144", 47144),
        (47144, 47144),
        ("3,850人付款", 3850),
        ("成交2.4万+元", None),
        ("-", None),
        ("", None),
    ],
)
def test_sales_are_counted_as_written(text: object, expected: int | None) -> None:
    assert count(text) == expected


def test_sales_keep_the_words_of_the_page() -> None:
    found = sold(" 1.5万+人付款 ")
    assert found is not None
    assert (found.count, found.text) == (15000, "1.5万+人付款")
    assert sold("") is None
    assert sold(None) is None
