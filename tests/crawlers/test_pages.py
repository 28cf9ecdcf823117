"""Every folder in tests/fixtures/pages: a page, what is known of it, what must be read from it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crawlers.extract import extract, extractors
from crawlers.page import Page, Reading

PAGES = Path(__file__).parent.parent / "fixtures" / "pages"
FOLDERS = sorted(folder for folder in PAGES.iterdir() if folder.is_dir())


def page_of(folder: Path) -> tuple[Page, str | None]:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    (file,) = folder.glob("page.*")
    page = Page(file.read_bytes(), meta.get("url"), meta.get("content_type"))
    return page, meta.get("site")


def shown(reading: Reading) -> Mapping[str, Any]:
    """A reading as ``reading.json`` writes it: what is absent is left out."""
    seller = reading.seller.model_dump(mode="json", exclude_none=True) if reading.seller else None
    fields = {
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "missing": list(reading.missing),
        "seller": seller,
        "follow": list(reading.follow),
        "next_page": reading.next_page,
    }
    listings = [one.model_dump(mode="json", exclude_defaults=True) for one in reading.listings]
    return {**{key: value for key, value in fields.items() if value}, "listings": listings}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_page_gives_what_its_folder_says(folder: Path) -> None:
    page, site = page_of(folder)
    expected = json.loads((folder / "reading.json").read_text(encoding="utf-8"))
    assert shown(extract(page, site)) == expected


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_only_good_pages_give_listings_and_others_say_why(folder: Path) -> None:
    reading = extract(*page_of(folder))
    if reading.verdict not in ("ok", "partial"):
        assert not reading.listings
    if reading.verdict != "ok":
        assert reading.reason
    for listing in reading.listings:
        assert listing.title.strip()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_site_that_is_crawled_names_its_listings(folder: Path) -> None:
    page, _ = page_of(folder)
    assert {listing.site for listing in extract(page, "practice").listings} <= {"practice"}


def test_no_fixture_page_leaks_a_contact_into_its_reading() -> None:
    readings = "".join((folder / "reading.json").read_text(encoding="utf-8") for folder in FOLDERS)
    for contact in ("王某", "李某", "13800000000", "13900000000", "0571-00000000"):
        assert contact not in readings


def test_every_extractor_reads_some_fixture_page() -> None:
    claimed = {
        next((e.name for e in extractors() if e.claims(page_of(folder)[0])), None)
        for folder in FOLDERS
        if page_of(folder)[0].body.strip()
    }
    assert {extractor.name for extractor in extractors()} <= claimed


def test_block_pages_are_asked_first_and_generic_markup_last() -> None:
    names = [extractor.name for extractor in extractors()]
    assert names[0] == "blocks"
    assert names.index("jd-item") < names.index("schema-org") < names.index("licence")


DOC = Path(__file__).parents[2] / "docs" / "platforms.md"
COLUMNS = (
    *("ref", "price", "sold", "brand", "attributes", "description", "category", "pictures"),
    *("name", "shop_ref", "company", "uscc", "location", "origin", "ships_from", "factory"),
    *("follow", "next_page"),
)


def rows_of_the_table() -> list[tuple[list[str], set[str]]]:
    cells = [line.strip("|").split("|") for line in DOC.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in cells if len(row) == len(COLUMNS) + 2 and "●" in "".join(row)]
    return [
        (
            re.findall(r"`([^`]+)`", row[1]),
            {name for name, cell in zip(COLUMNS, row[2:], strict=True) if "●" in cell},
        )
        for row in rows
    ]


def fields_in(folder: str) -> set[str]:
    expected = json.loads((PAGES / folder / "reading.json").read_text(encoding="utf-8"))
    sellers = [expected.get("seller", {}), *(one.get("seller", {}) for one in expected["listings"])]
    found = {key for record in (expected, *expected["listings"], *sellers) for key in record}
    if not any("ref" in one for one in expected["listings"]):
        found.discard("ref")
    return found | ({"shop_ref"} if any("ref" in seller for seller in sellers) else set())


def test_the_table_in_the_docs_says_what_the_fixtures_show() -> None:
    table = rows_of_the_table()
    assert len(table) > 20
    for folders, marked in table:
        shown = set().union(*map(fields_in, folders)) & set(COLUMNS)
        assert marked == shown, folders
