"""Chinese prices and sales figures: what is written becomes a number, what is not stays None."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from leads.model import Price, Sold

_SCALE = {"": 1, "k": 1000, "千": 1000, "w": 10_000, "万": 10_000, "亿": 100_000_000}
_CURRENCIES = (
    ("HKD", r"HKD|HK\$|港[币元]"),
    ("TWD", r"TWD|NT\$|新?台币"),
    ("USD", r"USD|US\s?\$|美[元金]|\$"),
    ("EUR", r"EUR|€|欧元"),
    ("GBP", r"GBP|£|英镑"),
    ("JPY", r"JPY|円|日元"),
    ("CNY", r"CNY|RMB|人民币|¥|元|块"),
)
_SIGN = "|".join(pattern for _, pattern in _CURRENCIES)
_AMOUNT = (
    rf"(?P<before{{n}}>{_SIGN})?\s*(?P<number{{n}}>\d[\d,.]{{{{0,20}}}})"
    rf"\s*(?P<scale{{n}}>[万千亿wWkK](?![a-zA-Z]))?\s*(?P<after{{n}}>{_SIGN})?"
)
_PRICE = re.compile(
    rf"(?<![\d.,])(?<!/){_AMOUNT.format(n=1)}"
    rf"(?:\s*(?:-|~|–|—|至|到)\s*{_AMOUNT.format(n=2)})?\s*(?P<unit>[件个人套起])?"
)
_NOT_THE_PRICE = re.compile(
    r"(?:原价|市场价|参考价|划线价|专柜价|吊牌价|门市价|定金|订金|运费|邮费|已售|销量|月销|立减|优惠券?|满)"
    r"[^\d¥元]{0,4}[¥￥]?\s*[\d.,]{1,20}\s*[万千]?(?:元|减\s*\d{1,9})?"
)
_PREFERRED = re.compile(r"(?:券后|到手|折后|活动价|秒杀价|拼团价|现价|促销价)")
_COUNT = re.compile(r"(\d[\d,]{0,15}(?:\.\d{1,4})?)\s*([万千亿wWkK](?![a-zA-Z]))?\s*(\+)?\s*(元)?")


def price(text: object, currency: str | None = None) -> Price | None:
    """Return the price a text names: single, range (115-138), 1.2万, 52.9起, 券后59.

    Amounts after 券后, 到手 and the like win; those after 原价, 运费 and the like do not count.
    ``currency`` wins over a sign in the text; without both it is CNY. 面议, an empty text and zero
    (as sites write "not given") are None, never 0. Numbers keep their decimals as written.
    """
    if text is None or isinstance(text, bool | dict | list):
        return None
    plain = unicodedata.normalize("NFKC", str(text)[:200])
    shown = _NOT_THE_PRICE.sub(" ", plain)
    preferred = _PREFERRED.search(shown)
    found = _best(shown[preferred.end() :]) if preferred else None
    found = found or _best(shown)
    if found is None:
        return None
    low = _amount(found["number1"], found["scale1"])
    high = _amount(found["number2"], found["scale2"]) if found["number2"] else low
    if low is None or high is None or not high:
        return None
    if found["scale2"] and not found["scale1"]:  # 1.2-1.5万 shares its 万, 8000-1.2万 does not
        shared = _amount(found["number1"], found["scale2"])
        low = shared if shared is not None and shared <= high else low
    marks = " ".join(filter(None, found.group("before1", "after1", "before2", "after2")))
    return Price(
        min=min(low, high) or high, max=max(low, high), currency=currency or _currency(marks)
    )


def price_range(low: object, high: object, currency: str | None = None) -> Price | None:
    """Return the price between two written prices; one that is missing or 0 is as if not given."""
    ends = [end for end in (price(low, currency), price(high, currency)) if end]
    return _spanning(ends)


def fen(low: object, high: object = None) -> Price | None:
    """Return the price for whole numbers of fen (1/100 yuan); 0 and nonsense are None."""
    amounts = [
        Price(min=amount, max=amount)
        for value in (low, high)
        if isinstance(value, int | str)
        and re.fullmatch(r"[1-9]\d{0,14}", str(value))
        and (amount := Decimal(str(value)).scaleb(-2))
    ]
    return _spanning(amounts)


def lowest_to_highest(prices: list[Price]) -> Price | None:
    """Return the price from the lowest to the highest of several, in the first one's currency."""
    return _spanning(prices)


def count(text: object) -> int | None:
    """Return the first count in a text: 8人付款 is 8, 1.5万+ is 15000; 2.4万元 is no count."""
    if isinstance(text, bool):
        return None
    for number, scale, _, yuan in _COUNT.findall(unicodedata.normalize("NFKC", str(text)[:200])):
        if not yuan:
            return int(Decimal(number.replace(",", "")) * _SCALE[scale.lower()])
    return None


def sold(text: object) -> Sold | None:
    """Return how much was sold, with the page's own words; None where there are none."""
    if text is None or isinstance(text, bool | dict | list):
        return None
    shown = " ".join(str(text).split())[:100]
    return Sold(count=count(shown), text=shown) if shown else None


def _best(text: str) -> re.Match[str] | None:
    """The first amount with a currency mark, else the first that counts no things."""
    found = list(_PRICE.finditer(text))
    marked = (m for m in found if any(m.group("before1", "after1", "before2", "after2")))
    plain = (m for m in found if m["unit"] in (None, "起"))
    return next(marked, None) or next(plain, None)


def _amount(number: str, scale: str | None) -> Decimal | None:
    number = number.rstrip(".,")
    if "," in number and "." in number:
        decimal = max(number.rfind(","), number.rfind("."))
        whole, part = number[:decimal], number[decimal + 1 :]
        number = f"{re.sub('[.,]', '', whole)}.{part}"
    elif re.fullmatch(r"\d{1,9},\d{1,2}", number):
        number = number.replace(",", ".")
    number = number.replace(",", "")
    if not re.fullmatch(r"\d{1,15}(?:\.\d{1,6})?", number):
        return None
    if not scale:
        return Decimal(number)
    return (Decimal(number) * _SCALE[scale.lower()]).quantize(Decimal("0.01"))


def _currency(marks: str) -> str:
    return next((code for code, pattern in _CURRENCIES if re.search(pattern, marks)), "CNY")


def _spanning(prices: list[Price]) -> Price | None:
    if not prices:
        return None
    return Price(
        min=min(p.min for p in prices),
        max=max(p.max for p in prices),
        currency=prices[0].currency,
    )
