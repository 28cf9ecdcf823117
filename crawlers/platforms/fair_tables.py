"""Fairs: exhibitor and exhibit lists as tables, broken ones included, and exhibitors' own pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from selectolax.lexbor import LexborNode

from crawlers.page import Extractor, Page, Reading, attribute, clean, words
from crawlers.platforms import columns
from crawlers.platforms.labels import holds
from crawlers.platforms.licence import seller_of
from leads.model import Listing, Seller, Verdict

_ROW = re.compile(r"<tr[\s>]", re.I)
_NEXT = re.compile(r"下一页|下页|后一页|next|›|»|>", re.I)
_FAIR_OR_GOODS = re.compile(r"展|摊位|商品|产品|货|宝贝|exhibit|booth|stand|product|goods", re.I)
_WIDEST = 100
_MOST_REPAIRED = 5_000
"""Rows that are given to the slow, forgiving parser."""


class Cell(NamedTuple):
    """One cell of a table: its words, its first link, its first picture."""

    text: str | None
    href: str | None
    picture: str | None


class FairTables(Extractor):
    """Any page with a table whose headings name exhibitors, exhibits or offers."""

    name = "fair-tables"
    order = 92

    def claims(self, page: Page) -> bool:
        """Tell whether there is a table row at all."""
        return _ROW.search(page.text) is not None

    def read(self, page: Page) -> Reading:
        """Return a listing for each row; ``follow`` leads to the rows' own pages.

        The rows of an exhibitor's own page, which shows its licence, are offered by that exhibitor.
        """
        seller = seller_of(page)
        own = seller if seller and seller.uscc else None
        listings: list[Listing] = []
        follow: dict[str, None] = {}
        for rows in tables(page):
            headings = [cell.text for cell in rows[0]]
            meant = columns.guess(headings) if _speaks_of_goods(page, headings) else {}
            for row in rows[1:] if meant else ():
                if len(row) > 1:
                    listings.append(_listing(page, headings, meant, row, own))
                    follow.update((url, None) for url in _links(page, row, meant))
        if not listings:
            return Reading(Verdict.UNSUPPORTED, reason="没有可识别的展商或展品表格")
        return Reading(
            Verdict.OK,
            tuple(listings),
            seller=own,
            follow=tuple(follow) if own is None else (),
            next_page=next_page(page),
        )


def tables(page: Page) -> Iterator[list[list[Cell]]]:
    """Yield every table's rows; where the markup lost rows, they come from a forgiving parser."""
    if len(page.tree.css("tr")) < len(_ROW.findall(page.text)) <= _MOST_REPAIRED:
        yield from _repaired(page)
        return
    for table in page.tree.css("table"):
        rows = [] if holds(table, "table") else [_cells(row) for row in table.css("tr")]
        rows = [row for row in rows if row]
        if len(rows) > 1:
            yield rows


def next_page(page: Page) -> str | None:
    """Return the address of a list's next page: ``rel=next``, else a pager's link that says so."""
    link = page.tree.css_first('a[rel="next"], link[rel="next"]')
    if link is None:
        pager = page.tree.css("[class*=pag] a, [class*=next] a, a[class*=next], nav a")
        link = next((a for a in pager if _NEXT.fullmatch(words(a) or "")), None)
    return page.absolute(attribute(link, "href"))


def _repaired(page: Page) -> Iterator[list[list[Cell]]]:
    """Rows without a table, cells without an end: BeautifulSoup on lxml keeps them as written."""
    rows: list[list[Cell]] = []
    for row in BeautifulSoup(page.text, "lxml").find_all("tr"):
        cells = [
            cell for cell in row.find_all(["th", "td"], limit=_WIDEST) if isinstance(cell, Tag)
        ]
        if cells:
            rows.append([_soup_cell(cell) for cell in cells])
    if len(rows) > 1:
        yield rows


def _soup_cell(cell: Tag) -> Cell:
    link, image = cell.find("a", href=True), cell.find("img", src=True)
    return Cell(
        clean(cell.get_text(" ")),
        clean(link["href"]) if isinstance(link, Tag) else None,
        clean(image["src"]) if isinstance(image, Tag) else None,
    )


def _speaks_of_goods(page: Page, headings: list[str | None]) -> bool:
    """A table of companies alone is an exhibitor list only where it, or its page, says so."""
    said = " ".join(filter(None, (*headings, page.first("title"), page.first("h1, h2"))))
    return _FAIR_OR_GOODS.search(said) is not None


def _cells(row: LexborNode) -> list[Cell]:
    return [
        Cell(
            words(cell),
            attribute(cell.css_first("a"), "href"),
            attribute(cell.css_first("img"), "data-src", "src"),
        )
        for cell in row.css("th, td")[:_WIDEST]
    ]


def _listing(
    page: Page,
    headings: list[str | None],
    meant: columns.Columns,
    row: list[Cell],
    own: Seller | None,
) -> Listing:
    said = columns.listing(page, headings, meant, [cell.text for cell in row])
    link = next(_links(page, row, meant), None)
    ref = said.ref or (_number(link) if link else None)
    seller = own or said.seller
    if seller and own is None and "title" not in meant.values():  # the row is about the exhibitor
        seller = seller.model_copy(update={"ref": ref, "url": seller.url or link})
    return said.model_copy(
        update={
            "kind": "exhibit" if own else said.kind,
            "ref": ref,
            "url": said.url or link,
            "seller": seller,
            "pictures": said.pictures or page.pictures(*(cell.picture for cell in row)),
        }
    )


def _number(link: str) -> str | None:
    """The last part of an address's path, as a site's own number."""
    last = urlsplit(link).path.rstrip("/").rpartition("/")[2]
    return clean(last.partition(".")[0]) if len(last) < 100 else None


def _links(page: Page, row: list[Cell], meant: columns.Columns) -> Iterator[str]:
    """Links of the cells that name the exhibit, the exhibitor or the page itself, first first."""
    for number, cell in enumerate(row):
        if meant.get(number) in ("title", "company", "shop", "url", "ref") or number not in meant:
            link = page.absolute(cell.href)
            if link:
                yield link
