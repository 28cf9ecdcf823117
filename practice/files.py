"""The files of a practice night: sheets that a platform pushes, pages that an officer saved."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.encoders import encode_base64, encode_quopri
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urljoin
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from leads.model import Price, Seller
from practice import pictures
from practice.case import Door
from practice.catalogue import Market
from practice.offer import Offer
from practice.pages import walls
from practice.pages.markup import Body
from practice.server import SHAPES
from practice.truth import FILES, MARKET

PLATFORM = "https://push.example/"
"""The platform that pushes the sheets; it answers nobody."""
COMPLAINANTS = (("演练甲", "13900000001"), ("演练乙", "13900000002"), ("演练丙", "13900000003"))
"""Who complained, invented: name and telephone stand in the sheets, and may be kept nowhere."""
COOKIE = "practice_session=7f3a90c2e1d84b56"
"""How the officer was logged in; stands in the HAR, and may be kept nowhere."""

_DAY = datetime(2026, 11, 22, 9, 30)  # workbooks know no time zones
_NOON = "2026-11-22T12:00:00.000+08:00"

Row = dict[str, str | float | int | None]


def write_files(market: Market, folder: Path, url: str) -> tuple[Path, ...]:
    """Write the files that one night takes in beside its crawl; the same market, the same bytes.

    Each lies in a folder named after the site that it is imported as::

        practice-files/平台推送.xlsx     12 offers, and a row without a title
        practice-files/投诉举报.csv      12 offers (GBK), and a row with a cell too many
        practice-market/<number>.html   the CAPTCHA that an officer saved at first
        practice-market/<number>.mhtml  the page behind it
        practice-market/<number>.har    the page behind the log-in, as the officer's browser got it

    ``url`` is where the market is served. A market too small for guarded items has no saved pages.
    They come in the order in which they were made.
    """
    push, complaints = market.pushed(0), market.pushed(1)
    made = {
        f"{FILES}/平台推送.xlsx": _workbook(push, _complainants(market, 0)),
        f"{FILES}/投诉举报.csv": _list(complaints, _complainants(market, 1)),
    }
    for offer in market.guarded():
        stem = f"{MARKET}/{offer.ref}"
        address = urljoin(url, offer.listing.url)
        if offer.door is Door.CAPTCHA:
            made[f"{stem}.html"] = _saved(walls.CAPTCHA, address)
            made[f"{stem}.mhtml"] = _mhtml(offer, address)
        else:
            made[f"{stem}.har"] = _har(offer, address)
    for name, data in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in made)


# ---------------------------------------------------------------------------- sheets


def _complainants(market: Market, sheet: int) -> list[tuple[str, str]]:
    rng = Random(f"{market.seed}/complainants/{sheet}")
    return [rng.choice(COMPLAINANTS) for _ in market.pushed(sheet)]


def _workbook(offers: Sequence[Offer], complainants: Sequence[tuple[str, str]]) -> bytes:
    """Return what a platform pushes: a title above the headings, numbers as numbers."""
    rows = [_pushed_row(*pair) for pair in zip(offers, complainants, strict=True)]
    rows.insert(len(rows) // 2, {**rows[0], "商品标题": None})
    workbook = Workbook(write_only=True)
    workbook.properties.created = workbook.properties.modified = _DAY
    sheet = workbook.create_sheet("推送清单")
    sheet.append(["演练平台商品推送清单（2026年第47周）"])
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    return _packed(workbook)


def _packed(workbook: Workbook) -> bytes:
    """Return the workbook's bytes without the minute of its making, which ``save`` notes twice."""
    dated, undated = io.BytesIO(), io.BytesIO()
    ExcelWriter(workbook, ZipFile(dated, "w")).save()
    with ZipFile(dated) as old, ZipFile(undated, "w") as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name), old.read(name), ZIP_DEFLATED)
    return undated.getvalue()


def _pushed_row(offer: Offer, complainant: tuple[str, str]) -> Row:
    listing, seller = offer.listing, offer.listing.seller or Seller()
    return {
        "商品ID": listing.ref,
        "商品标题": listing.title,
        "商品链接": urljoin(PLATFORM, listing.url),
        "店铺名称": seller.name,
        "店铺ID": seller.ref,
        "企业名称": seller.company,
        "统一社会信用代码": seller.uscc,
        "所在地": seller.location,
        "商品品牌": listing.brand,
        "产地": listing.origin,
        "发货地": listing.ships_from,
        "配料": dict(listing.attributes).get("配料"),
        "商品价格(元)": _number(listing.price),
        "月销量": listing.sold.count if listing.sold else None,
        "商品类目": "|".join(listing.category),
        "举报人": complainant[0],
        "举报人电话": complainant[1],
    }


def _list(offers: Sequence[Offer], complainants: Sequence[tuple[str, str]]) -> bytes:
    """Return a list of complaints as an older system writes it out: CSV in GBK."""
    rows = [_complaint(*pair) for pair in zip(offers, complainants, strict=True)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    for number, row in enumerate(rows):
        writer.writerow(row.values())
        if number == len(rows) // 2:
            writer.writerow([*row.values(), "见附件"])
    return text.getvalue().encode("gbk")


def _complaint(offer: Offer, complainant: tuple[str, str]) -> Row:
    listing, seller = offer.listing, offer.listing.seller or Seller()
    return {
        "被举报商品": listing.title,
        "商品编号": listing.ref,
        "商品网址": urljoin(PLATFORM, listing.url),
        "被举报网店": seller.name,
        "主体名称": seller.company,
        "信用代码": seller.uscc,
        "商标": listing.brand,
        "原产地": listing.origin,
        "发货地": listing.ships_from,
        "售价(元)": _number(listing.price),
        "举报人姓名": complainant[0],
        "联系电话": complainant[1],
    }


def _number(price: Price | None) -> str | float | None:
    if price and price.min != price.max:
        return f"{price.min}-{price.max}"
    return float(price.min) if price else None


# ---------------------------------------------------------------------------- saved pages


def _saved(page: Body, address: str) -> bytes:
    """Return a page as a browser saves it: with a comment that says where it is from."""
    comment = f"<!DOCTYPE html>\n<!-- saved from url=({len(address):04d}){address} -->"
    return page.data.replace(b"<!DOCTYPE html>", comment.encode(), 1)


def _mhtml(offer: Offer, address: str) -> bytes:
    """Return an item with its pictures in one file (RFC 2557), headers as Chromium writes them."""
    page = SHAPES[offer.shape](offer)
    whole = MIMEMultipart(
        "related", boundary=f"----MultipartBoundary--{offer.ref}----", type="text/html"
    )
    whole["From"] = "<Saved by Blink>"
    whole["Snapshot-Content-Location"] = address
    whole["Date"] = "Sun, 22 Nov 2026 12:00:00 +0800"
    html = _part(page, address)
    encode_quopri(html)
    whole.attach(html)
    for picture, drawing in zip(offer.listing.pictures, offer.drawings, strict=True):
        image = _part(Body(pictures.render(drawing), "image/jpeg"), urljoin(address, picture.url))
        encode_base64(image)
        whole.attach(image)
    return whole.as_bytes()


def _part(body: Body, address: str) -> MIMENonMultipart:
    main, _, sub = body.content_type.partition(";")[0].partition("/")
    charset = body.content_type.partition("charset=")[2]
    part = MIMENonMultipart(main, sub)
    if charset:
        part.set_param("charset", charset)
    part["Content-Location"] = address
    part.set_payload(body.data)
    return part


def _har(offer: Offer, address: str) -> bytes:
    """Return a browser's record (HAR 1.2) of an item, its first picture, and a beacon it sends."""
    page = SHAPES[offer.shape](offer)
    charset = page.content_type.partition("charset=")[2]
    picture = base64.b64encode(pictures.render(offer.drawings[0])).decode()
    html = {"mimeType": page.content_type, "text": page.data.decode(charset)}
    image = {"mimeType": "image/jpeg", "text": picture, "encoding": "base64"}
    beacon = {"mimeType": "application/json", "text": '{"code":0}'}
    log = {
        "version": "1.2",
        "creator": {"name": "Browser", "version": "1.0"},
        "pages": [],
        "entries": [
            _entry(address, html),
            _entry(urljoin(address, offer.listing.pictures[0].url), image),
            _entry(urljoin(address, "/market/beacon?type=view"), beacon),
        ],
    }
    return json.dumps({"log": log}, ensure_ascii=False, indent=2).encode()


def _entry(address: str, content: Mapping[str, str]) -> dict[str, Any]:
    return {
        "startedDateTime": _NOON,
        "time": 35,
        "request": {
            "method": "GET",
            "url": address,
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Cookie", "value": COOKIE}],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Set-Cookie", "value": COOKIE}],
            "cookies": [],
            "content": {"size": len(content["text"]), **content},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 1, "wait": 30, "receive": 4},
    }
