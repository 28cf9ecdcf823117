"""The files of a night: the same for the same market, readable, and silent about the truth."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from crawlers.extract import extract
from crawlers.files import open_file
from leads.model import Finding, Verdict
from practice.case import Door, Shape
from practice.cases import CASES, PUSHED
from practice.catalogue import ROWS, Market
from practice.files import COMPLAINANTS, COOKIE, write_files
from practice.truth import FILES, MARKET, Need

URL = "http://127.0.0.1:4711"


@pytest.fixture(scope="module")
def files(market: Market, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of the default market, by the end of their names."""
    written = write_files(market, tmp_path_factory.mktemp("files"), URL)
    return {path.suffix: path for path in written}


def test_the_same_market_writes_the_same_bytes(files: dict[str, Path], tmp_path: Path):
    again = write_files(Market(), tmp_path, URL)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files.values()]


def test_a_workbook_does_not_tell_when_it_was_made(files: dict[str, Path]):
    with zipfile.ZipFile(files[".xlsx"]) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-11-22T09:30:00Z</dcterms:modified>" in parts.read("docProps/core.xml")


def test_another_market_writes_other_files(files: dict[str, Path], tmp_path: Path):
    other = {path.suffix: path for path in write_files(Market(seed=8), tmp_path, URL)}
    assert other.keys() == files.keys()
    for suffix in files.keys() - {".html"}:
        assert other[suffix].read_bytes() != files[suffix].read_bytes()


def test_each_file_lies_in_the_folder_of_its_site(files: dict[str, Path]):
    assert {suffix: path.parent.name for suffix, path in files.items()} == {
        ".xlsx": FILES,
        ".csv": FILES,
        ".html": MARKET,
        ".mhtml": MARKET,
        ".har": MARKET,
    }


def rows_of(path: Path) -> list[list[str | None]]:
    """The rows of a sheet below its headings."""
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode("gbk"), newline="")))[1:]
    sheet = load_workbook(path).worksheets[0]
    return [list(map(str, row)) for row in sheet.iter_rows(values_only=True)][2:]


@pytest.mark.parametrize(("sheet", "suffix"), [(0, ".xlsx"), (1, ".csv")])
def test_a_sheet_holds_each_pushed_offer_and_one_faulty_row(
    market: Market, files: dict[str, Path], sheet: int, suffix: str
):
    rows = rows_of(files[suffix])
    assert len(rows) == ROWS + 1
    offers = market.pushed(sheet)
    for offer in offers:
        assert any({offer.ref, offer.listing.title} <= set(row) for row in rows)
    reading = extract(next(open_file(files[suffix])), columns={"被举报商品": "title"})
    assert reading.verdict is Verdict.PARTIAL
    assert [one.ref for one in reading.listings] == [offer.ref for offer in offers]
    assert (reading.reason or "").startswith("1 行未收录")


def test_every_row_names_who_complained(files: dict[str, Path]):
    for suffix in (".xlsx", ".csv"):
        for row in rows_of(files[suffix]):
            assert any(set(complainant) <= set(row) for complainant in COMPLAINANTS)


def test_every_sheet_holds_misuse_and_decoys_and_its_truth_needs_the_files(market: Market):
    truths = {truth.ref: truth for truth in market.truth() if truth.site == FILES}
    for sheet, names in enumerate(PUSHED):
        ours = [truths[offer.ref] for offer in market.pushed(sheet) if offer.ref in truths]
        assert sorted(truth.why for truth in ours) == sorted(CASES[name].why for name in names)
        assert {bool(truth.rights) for truth in ours} == {True, False}
        assert all(Need.FILES in truth.needs for truth in ours)
    assert not any(Need.FILES in t.needs for t in market.truth() if t.site != FILES)


def test_the_list_in_gbk_loses_no_character():
    for seed in range(60):
        for offer in Market(seed).pushed(1):
            offer.listing.title.encode("gbk")


def test_what_an_officer_saved_is_the_page_behind_the_wall_in_every_shape(tmp_path: Path):
    shapes: set[tuple[str, Shape]] = set()
    for seed in range(24):
        market = Market(seed)
        saved = {path.suffix: path for path in write_files(market, tmp_path / str(seed), URL)}
        for offer in market.guarded():
            suffix = ".mhtml" if offer.door is Door.CAPTCHA else ".har"
            page = next(open_file(saved[suffix]))
            (listing,) = extract(page, site=MARKET).listings
            assert page.url == f"{URL}{offer.listing.url}"
            assert (listing.ref, listing.title) == (offer.ref, offer.listing.title)
            shapes.add((suffix, offer.shape))
    still = (Shape.JD, Shape.TAOBAO, Shape.TMALL, Shape.STORE)
    assert shapes == {(suffix, shape) for suffix in (".mhtml", ".har") for shape in still}


def test_what_an_officer_saved_first_is_the_wall_at_the_same_address(
    market: Market, files: dict[str, Path]
):
    (offer,) = (offer for offer in market.guarded() if offer.door is Door.CAPTCHA)
    page = next(open_file(files[".html"]))
    assert page.home == f"{URL}{offer.listing.url}"
    assert extract(page).verdict is Verdict.BLOCKED


def test_a_har_bears_the_log_in_of_the_officer(files: dict[str, Path]):
    log = json.loads(files[".har"].read_bytes())["log"]
    assert all(entry["request"]["headers"][0]["value"] == COOKIE for entry in log["entries"])


def test_a_market_without_guarded_items_has_sheets_only(tmp_path: Path):
    market = next(market for seed in range(99) if not (market := Market(seed, 1)).guarded())
    assert {path.suffix for path in write_files(market, tmp_path, URL)} == {".xlsx", ".csv"}


def test_no_file_tells_the_truth(market: Market, files: dict[str, Path]):
    secret = {finding.value for finding in Finding} | {"疑似", "侵权", "decoy", "misuse", "truth"}
    for truth in market.truth():
        secret |= {truth.why, *truth.rights} - {"patent", "tobacco"}
    for path in files.values():
        body = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                body = b"".join(map(parts.read, parts.namelist()))
        raw = body.decode("gbk" if path.suffix == ".csv" else "utf-8")
        text = "\n".join([path.name, raw, *(page.text for page in open_file(path))])
        assert not [word for word in secret if word in text]
