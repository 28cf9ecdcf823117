"""The other doors: every kind of file leads to the same page; bad ones are refused in a line."""

import base64
import csv
import gzip
import io
import json
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
from openpyxl import Workbook

from crawlers.extract import extract
from crawlers.files import open_file
from crawlers.page import Unreadable

URL = "https://item.taobao.com/item.htm?id=562200000178"
HTML = """<html><head><meta charset="gbk"><title>x</title></head><body>
<h3 class="tb-main-title" data-title="手作竹编果盘">x</h3><em class="tb-rmb-num">149.00</em>
<div class="tb-shop-name"><a href="//zhuli.taobao.com" title="竹里馆手作">x</a></div>
</body></html>"""
GBK = HTML.encode("gbk")


def http(body: bytes, *headers: str, kind: str = "text/html; charset=GBK") -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(block: bytes, kind: str = "response", url: str = URL) -> bytes:
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Length: {len(block)}"
    )
    return head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


INFO = record(b"software: x\r\n", "warcinfo")
PICTURE = record(http(b"\xff\xd8\xff" * 99, kind="image/jpeg"), url="https://img.example/a.jpg")
REQUEST = record(b"GET / HTTP/1.1\r\n\r\n", "request")
WARC = INFO + REQUEST + PICTURE + record(http(GBK))
WARC_GZ = b"".join(map(gzip.compress, (INFO, PICTURE, record(http(GBK)))))
CHUNKED = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (50, GBK[:50], len(GBK) - 50, GBK[50:])
BR = record(http(brotli.compress(GBK), "Content-Encoding: br"))
DEFLATED = record(http(zlib.compress(GBK)[2:-4], "Content-Encoding: deflate"))
HAR = {
    "log": {
        "version": "1.2",
        "entries": [
            {"request": {"url": "https://x.example/a.js"}, "response": {"content": {
                "mimeType": "application/javascript", "text": "define([1],function(){})"}}},
            {"request": {"url": "https://x.example/a.png"}, "response": {"content": {
                "mimeType": "image/png", "encoding": "base64", "text": "iVBORw0KGgo="}}},
            {"request": {"url": URL}, "response": {"content": {
                "mimeType": "text/html;charset=GBK", "text": HTML}}},
        ],
    }
}  # fmt: skip
HAR_BASE64 = json.loads(json.dumps(HAR))
HAR_BASE64["log"]["entries"][2]["response"]["content"].update(
    text=base64.b64encode(GBK).decode(), encoding="base64"
)
MHTML = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: "
    + URL.encode()
    + b"\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related; type="text/html"; boundary="b--1"\r\n\r\n'
    b"----b--1--x\r\n\r\n--b--1\r\nContent-Type: text/html; charset=gbk\r\n"
    b"Content-Transfer-Encoding: base64\r\nContent-Location: "
    + URL.encode()
    + b"\r\n\r\n"
    + base64.encodebytes(GBK)
    + b"\r\n--b--1\r\n"
    b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
    b"--b--1--\r\n"
)
SAVED = f"<!-- saved from url=(0048){URL} -->\n".encode() + GBK


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def wacz() -> bytes:
    package = b'{"profile":"data-package"}'
    lines = b'{"format":"json-pages-1.0"}\n'
    return zipped(
        {"archive/data.warc.gz": WARC_GZ, "pages/pages.jsonl": lines, "datapackage.json": package},
        0,
    )


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


SAME: dict[str, bytes] = {
    "page.html": SAVED,
    "page.html.gz": gzip.compress(SAVED),
    "page.mhtml": MHTML,
    "record.har": json.dumps(HAR).encode(),
    "record-without-a-name": json.dumps(HAR, indent=1).encode(),
    "base64.har": json.dumps(HAR_BASE64).encode(),
    "crawl.warc": WARC,
    "crawl.warc.gz": WARC_GZ,
    "chunked.warc": record(http(CHUNKED, "Transfer-Encoding: chunked")),
    "unchunked.warc": record(http(GBK, "Transfer-Encoding: chunked")),
    "gzip.warc": record(http(gzip.compress(GBK), "Content-Encoding: gzip")),
    "brotli.warc": BR,
    "deflate.warc": DEFLATED,
    "case.wacz": wacz(),
    "pages.zip": zipped({"a/page.html": SAVED, "a/picture.jpg": b"\xff\xd8"}),
}


@pytest.mark.parametrize("name", SAME)
def test_a_page_is_the_same_through_every_door(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(SAME[name])
    (page,) = open_file(tmp_path / name)
    (listing,) = extract(page).listings
    assert listing.title == "手作竹编果盘"
    assert listing.url == URL
    assert listing.seller is not None
    assert listing.seller.name == "竹里馆手作"


def test_answers_of_an_interface_are_told_from_scripts(tmp_path: Path) -> None:
    answer = b'mtopjsonp2({"data":{"item":{"itemId":"1","title":"x"},"seller":{"shopName":"y"}}})'
    kind = "application/javascript"
    (tmp_path / "a.warc").write_bytes(
        record(http(b"require([1])", kind=kind))
        + record(http(b"!function(){}()", kind=kind))
        + record(http(answer, kind=kind))
    )
    (page,) = open_file(tmp_path / "a.warc")
    assert extract(page).listings[0].title == "x"


def test_a_workbook_is_read_sheet_by_sheet_with_numbers_as_written(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["商品ID", "商品标题", "价格"])
    book.active.append([13812345678, "竹编果盘", 39.9])
    book.active.append([1381234567890123.0, "竹编灯罩", "面议"])
    book.create_sheet("空表")
    book.create_sheet("二").append(["展品名称", "参展商"])
    book["二"].append(["竹编提篮", "林间竹木厂"])
    book.save(tmp_path / "a.xlsx")
    first, second = (extract(page) for page in open_file(tmp_path / "a.xlsx"))
    assert [listing.ref for listing in first.listings] == ["13812345678", "1381234567890123"]
    assert str(first.listings[0].price and first.listings[0].price.min) == "39.9"
    assert first.listings[1].price is None
    assert second.listings[0].kind == "exhibit"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_is_read_in_any_of_the_usual_forms(
    encoding: str, delimiter: str, tmp_path: Path
) -> None:
    text = io.StringIO()
    rows = [["商品标题", "店铺名称", "价格"], ["竹编果盘\n大号", "竹里馆", "￥1,299.00"]]
    csv.writer(text, delimiter=delimiter).writerows(rows)
    (tmp_path / "a.csv").write_bytes(text.getvalue().encode(encoding))
    (page,) = open_file(tmp_path / "a.csv")
    (listing,) = extract(page).listings
    assert (listing.title, str(listing.price and listing.price.min)) == ("竹编果盘 大号", "1299.00")


def linked(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return file.getvalue()


def encrypted() -> bytes:
    body = bytearray(zipped({"a.html": GBK}))
    body[6] |= 1
    body[body.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


def spoilt_member() -> bytes:
    body = bytearray(zipped({"a.html": GBK * 9}, 0))
    body[200] ^= 1
    return bytes(body)


LAUGHS = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
BOMB_XML = f'<!DOCTYPE x [<!ENTITY a0 "lol">{LAUGHS}]><worksheet>&a12;</worksheet>'


def laughing_workbook() -> bytes:
    source = zipfile.ZipFile(io.BytesIO(workbook([["商品标题", "价格"], ["x", 1]])))
    members = {name: source.read(name) for name in source.namelist()}
    return zipped({**members, "xl/worksheets/sheet1.xml": BOMB_XML.encode()})


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "climbs.zip": (lambda: zipped({"a.html": GBK, "../../x.html": GBK}), "unsupported", "指向包外"),
    "absolute.zip": (lambda: zipped({"/etc/x.html": GBK}), "unsupported", "指向包外"),
    "drive.zip": (lambda: zipped({"C:\\x.html": GBK}), "unsupported", "指向包外"),
    "backslash.zip": (lambda: zipped({"a\\..\\..\\x.html": GBK}), "unsupported", "指向包外"),
    "link.zip": (lambda: linked("a.html"), "unsupported", "符号链接"),
    "secret.zip": (encrypted, "unsupported", "加密"),
    "bomb.zip": (lambda: zipped({"a.html": b"\0" * 80_000_000}), "unsupported", "炸弹"),
    "cut.zip": (lambda: zipped({"a.html": GBK})[:-30], "damaged", "损坏"),
    "spoilt.zip": (spoilt_member, "damaged", "a.html"),
    "cut.warc": (lambda: WARC[:-100], "damaged", "第 4 条"),
    "cut.warc.gz": (lambda: WARC_GZ[:-60], "damaged", "损坏"),
    "spoilt.warc.gz": (lambda: WARC_GZ[:100] + b"xx" + WARC_GZ[102:], "damaged", "损坏"),
    "bomb.warc.gz": (
        lambda: gzip.compress(record(http(b"\0" * 80_000_000, kind="image/png"))),
        "unsupported",
        "炸弹",
    ),
    "lying.warc": (lambda: WARC.replace(b"-Length: ", b"-Length: -", 1), "damaged", "第 1 条"),
    "no-log.har": (lambda: b'{"a":1}', "damaged", "log"),
    "cut.har": (lambda: json.dumps(HAR).encode()[:-40], "damaged", "HAR"),
    "deep.har": (lambda: b'{"log":' + b"[" * 200_000, "damaged", "HAR"),
    "empty.mhtml": (lambda: b"MIME-Version: 1.0\r\n\r\n", "damaged", "MHTML"),
    "cut.xlsx": (lambda: workbook([["商品标题", "价格"]])[:-50], "damaged", "损坏"),
    "false.xlsx": (lambda: zipped({"xl/workbook.xml": b"<a"}), "damaged", "XLSX"),
    "laughing.xlsx": (laughing_workbook, "damaged", "XLSX"),
    "old.xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "unsupported", ".xlsx"),
    "list.pdf": (lambda: b"%PDF-1.7\n", "unsupported", "PDF"),
    "cut.html.gz": (lambda: gzip.compress(GBK)[:-20], "damaged", "损坏"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    build, verdict, reason = REFUSED[name]
    (tmp_path / name).write_bytes(build())
    with pytest.raises(Unreadable) as refused:
        list(open_file(tmp_path / name))
    assert refused.value.verdict == verdict
    assert reason in refused.value.reason


def test_what_was_read_before_the_damage_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(record(http(GBK)) * 2 + record(http(GBK))[:-100])
    pages = open_file(tmp_path / "a.warc")
    assert extract(next(pages)).listings
    assert extract(next(pages)).listings
    with pytest.raises(Unreadable, match="第 3 条"):
        next(pages)


def missing(folder: Path) -> Path:
    return folder / "none.html"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


@pytest.mark.parametrize(
    ("place", "reason"),
    [(lambda folder: folder, "文件夹"), (pipe, "不是普通文件"), (missing, "没有这个文件")],
)
def test_what_is_no_file_is_refused(
    place: Callable[[Path], Path], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable, match=reason):
        list(open_file(place(tmp_path)))


def test_an_empty_file_is_an_empty_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").touch()
    (page,) = open_file(tmp_path / "a.html")
    assert extract(page).verdict == "empty"


def test_a_body_that_unpacks_to_more_than_a_page_is_not_unpacked_whole(tmp_path: Path) -> None:
    body = gzip.compress(b"<p>x</p>" * 20_000_000)
    (tmp_path / "a.warc").write_bytes(record(http(body, "Content-Encoding: gzip")))
    (page,) = open_file(tmp_path / "a.warc")
    reading = extract(page)
    assert reading.verdict == "unsupported"
    assert "过大" in (reading.reason or "")


def test_cells_that_look_like_code_stay_text(tmp_path: Path) -> None:
    cells: Iterator[str] = iter(["=cmd|' /C calc'!A0", "__import__('os')", "@SUM(1)"])
    rows = [["商品标题", "店铺名称"], *([cell, "y"] for cell in cells)]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (tmp_path / "a.csv").write_text(text.getvalue(), encoding="utf-8")
    (page,) = open_file(tmp_path / "a.csv")
    assert [listing.title for listing in extract(page).listings] == [row[0] for row in rows[1:]]


def test_a_site_can_fix_what_its_columns_mean(tmp_path: Path) -> None:
    rows = [["货", "店", "钱（分）", "投诉人"], ["竹编果盘", "竹里馆", "5800", "王某某"]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (tmp_path / "a.csv").write_text(text.getvalue(), encoding="utf-8")
    (page,) = open_file(tmp_path / "a.csv")
    assert extract(page).verdict == "unsupported"
    fixed = {"货": "title", "店": "shop", "钱（分）": "price_fen"}
    (listing,) = extract(page, "practice", fixed).listings
    assert (listing.title, str(listing.price and listing.price.min)) == ("竹编果盘", "58.00")
    assert "王某某" not in listing.model_dump_json()


def test_every_line_of_a_json_lines_file_is_read(tmp_path: Path) -> None:
    lines = [
        f'{{"title": "手工挂面 {number}", "id": "{number}", "price": "9.9"}}' for number in range(3)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n\n", "utf-8")
    readings = [extract(page, site="push") for page in open_file(tmp_path / "a.jsonl")]
    assert [listing.ref for reading in readings for listing in reading.listings] == ["0", "1", "2"]
