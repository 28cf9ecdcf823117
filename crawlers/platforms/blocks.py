"""Log-in, CAPTCHA and risk pages: a visit that was refused, never a search without results."""

from __future__ import annotations

import re

from crawlers.page import Extractor, Page, Reading
from leads.model import Verdict

_ADDRESS = re.compile(
    r"//passport\.jd\.com/|//[\w.-]*jd\.com/[^?#]*risk_handler|//login\.(?:taobao|tmall|1688)\.com/"
    r"|//login\.m\.taobao\.com/|/punish\?[^#]*x5secdata=|//mobile\.(?:yangkeduo|pinduoduo)\.com/login\.html"
    r"|/psnl_verification|/pdd-go-to-app-pc",
    re.I,
)
_TITLE = re.compile(
    r"验证码|安全验证|人机验证|滑块验证|访问验证|身份验证|京东验证|请登录|访问受限|访问过于频繁|captcha"
    r"|verify you are human|just a moment|access denied|attention required|403 forbidden",
    re.I,
)
_LOGIN_TITLE = re.compile(r"登录|登陆|\blog ?in\b|\bsign ?in\b", re.I)
_MARKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"punish\?[^\"'<>]{0,400}x5secdata=|_____tmd_____"), "淘宝系风控验证页"),
    (re.compile(r"id=[\"']?nocaptcha|nc_1_wrapper"), "淘宝系滑块验证页"),
    (re.compile(r"psnl_verification|pdd-go-to-app-pc"), "拼多多验证页或跳转应用页"),
    (re.compile(r"cfe\.m\.jd\.com/[^\"'<>]{0,200}risk_handler"), "京东风控验证页"),
    (re.compile(r"访问行为有异常|操作过于频繁|访问过于频繁|被挤爆啦"), "访问频率限制页"),
    (re.compile(r"class=[\"'][^\"'>]{0,80}(?:captcha|nc-container)"), "验证码页"),
)
_REDIRECT = re.compile(
    r"(?:location(?:\.href)?\s*=|location\.replace\(|http-equiv=[\"']?refresh[^>]{0,80}url=)"
    r"\s*[\"']?(?P<url>[^\"'\s>]{1,2000})",
    re.I,
)
_JSON_REFUSAL = re.compile(
    r"FAIL_SYS_USER_VALIDATE|RGV587_ERROR|FAIL_SYS_SESSION_EXPIRED|\"error_?code\"\s*:\s*\"?(?:40001|54001|601)\b"
    r"|\"verify_auth_token\"",
)
_TITLE_TAG = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.I)
_LISTING = (
    "gl-item",
    "g_page_config",
    "TShop.Setup",
    "tb-main-title",
    "listOffer",
    "rawData",
    "__INIT_DATA",
    "sku-name",
    "__ICE_APP_CONTEXT__",
    "schema.org/Product",
    '"Product"',
    '"goods_list"',
    'content="product',
    "window.context",
)
"""What only a page with listing data carries."""
_SHORT = 30_000
"""Characters: a page without listing data that is longer is read for what it is."""


class Blocks(Extractor):
    """Recognises refusals by address, redirect, title and the marks each platform's page bears.

    A page that carries listing data is not blocked, whatever else it says: every shop page has a
    log-in link, and search pages load the risk script themselves.
    Marks: JD, Taobao, Tmall, 1688 and Pinduoduo as public code of 2024 to 2026 describes them.
    """

    name = "blocks"
    order = 10

    def claims(self, page: Page) -> bool:
        """Tell whether the page is a refusal."""
        return _why(page) is not None

    def read(self, page: Page) -> Reading:
        """Return the verdict ``blocked`` and what the page asks for."""
        return Reading(Verdict.BLOCKED, reason=f"{_why(page)}，未取得商品信息，待人工处理")


def has_listing(text: str) -> bool:
    """Tell whether a page carries listing data."""
    return any(mark in text for mark in _LISTING)


def _why(page: Page) -> str | None:
    if page.url and _ADDRESS.search(page.url):
        return "被转到登录或验证页"
    text = page.text
    if _JSON_REFUSAL.search(text, 0, 2000):
        return "接口要求登录或验证"
    if has_listing(text):
        return None
    redirect = _REDIRECT.search(text, 0, _SHORT)
    if redirect and len(text) < _SHORT and _ADDRESS.search(_absolute(redirect["url"])):
        return "被转到登录或验证页"
    title = _TITLE_TAG.search(text)
    if title and (word := _TITLE.search(title[1]) or _login(title[1], text)):
        return f"网站要求登录或验证（“{word.group()}”）"
    if len(text) < _SHORT:
        return next((name for mark, name in _MARKS if mark.search(text)), None)
    return None


def _login(title: str, text: str) -> re.Match[str] | None:
    password = len(text) < _SHORT or 'type="password"' in text
    return _LOGIN_TITLE.search(title) if password else None


def _absolute(url: str) -> str:
    return url.replace("\\/", "/") if "//" in url else f"//site{url}"
