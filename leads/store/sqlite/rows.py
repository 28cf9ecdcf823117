"""Listings and leads as rows of the embedded store."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from leads import values
from leads.bands import bands
from leads.fields import FACETS, KINDS, Field, Kind
from leads.model import Lead, Listing, Triage
from leads.sight import Sight
from leads.sighting import Known, listing_id
from leads.store.sqlite.text import code, indexed

Cell = str | float | int | None

TEXTS = [field for field, kind in KINDS.items() if kind is Kind.TEXT]
RANKS = {Triage.LEAD: 0, Triage.REVIEW: 1, Triage.NONE: 2}
BATCH = 500
"""Values asked for in one statement."""

_COLUMNS = {field: field.value.replace(".", "_") for field in Field}
CODED = [field for field in FACETS if field is not Field.STATE]
"""Codes that are found by full-text search like words; the state changes too often for that."""
_SEVERAL = (Field.FINDING, Field.MATCHER, Field.BUREAU)
_PLAIN = [
    field
    for field, kind in KINDS.items()
    if kind is Kind.TERM and field not in (*_SEVERAL, Field.STATE)
]
_BETWEEN = "\x1e"
"""Between the values by which a lead is counted."""


def utc(time: datetime) -> str:
    """Return a time in the one form that sorts as text."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def column(field: Field) -> str:
    """Return the column of a field, of ``lead`` or of ``lead_text``."""
    return _COLUMNS[field]


def listing_row(known: Known) -> dict[str, Cell]:
    """Return the row of ``listing``.

    Raises:
        ValueError: the listing has no key.
    """
    listing = known.listing
    site, ref = listing.key
    return {
        "id": listing_id(site, ref),
        "site": site,
        "ref": ref,
        "title": listing.title,
        "seller": listing.seller_key,
        "price": float(listing.price.min) if listing.price else None,
        "first_seen": utc(known.first_seen),
        "last_seen": utc(known.last_seen),
        "misses": known.misses,
        "missed_at": utc(known.missed_at) if known.missed_at else None,
        "body": listing.model_dump_json(),
    }


def picture_rows(listing: Listing) -> list[tuple[str, str]]:
    """Return the rows of ``listing_picture``: each picture whose bytes are kept."""
    own = listing_id(*listing.key)
    return [(sha256, own) for sha256 in {p.sha256 for p in listing.pictures if p.sha256}]


def lead_row(lead: Lead, number: int) -> dict[str, Cell]:
    """Return the columns of ``lead`` but the state.

    Raises:
        ValueError: the listing has no key.
    """
    codes = values.codes(lead)
    seller = lead.listing.seller
    captured = lead.listing.captured_at
    return {
        "number": number,
        **{_COLUMNS[field]: codes[field][0] if codes[field] else None for field in _PLAIN},
        "rank": RANKS[lead.triage],
        "score": lead.score,
        "price": values.numbers(lead)[Field.PRICE],
        "found_at": utc(lead.found_at),
        "captured_at": utc(captured) if captured else None,
        "title": lead.listing.title,
        "right_name": lead.right_name,
        "seller_name": seller.name if seller else None,
        "counted": _BETWEEN.join(f"{field}={code}" for field in CODED for code in codes[field]),
    }


def text_row(lead: Lead, number: int, counted: str) -> list[Cell]:
    """Return the row of ``lead_text``: number, codes, then each field of text as it is indexed."""
    texts = values.texts(lead)
    codes = " ".join(map(code, counted.split(_BETWEEN)))
    return [number, codes, *(" ".join(map(indexed, texts[field])).strip() for field in TEXTS)]


def counted(state: str, others: str) -> list[str]:
    """Return ``field=value`` for each value by which a lead is counted.

    ``others`` is column ``counted`` of the lead: all values but the state.
    """
    return [f"state={state}", *others.split(_BETWEEN)]


def count_rows(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return what ``COUNT`` adds to the counters."""
    named = ((value.partition("="), leads) for value, leads in counts.items() if leads)
    return [(field, value, leads) for (field, _, value), leads in named]


def marks(values: Sequence[object]) -> str:
    """Return a question mark for each value, with commas between."""
    return ", ".join("?" * len(values))


def _insert(table: str, columns: Sequence[str], on_conflict: str = "") -> str:
    named = ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({named}) {on_conflict}"  # noqa: S608


def _upsert(table: str, key: str, columns: Sequence[str]) -> str:
    fresh = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return _insert(table, (key, *columns), f"ON CONFLICT ({key}) DO UPDATE SET {fresh}")


PUT_LISTING = _upsert(
    "listing", "id",
    ("site", "ref", "title", "seller", "price", "first_seen", "last_seen", "misses", "missed_at",
     "body"),
)  # fmt: skip
PUT_PICTURE = "INSERT OR IGNORE INTO listing_picture (sha256, listing) VALUES (?, ?)"
PUT_SIGHTING = """
    INSERT OR IGNORE INTO sighting (id, site, ref, at, change, before, after, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
PUT_LEAD = _upsert(
    "lead", "number",
    ("id", "site", "ref", "kind", "right_id", "seller", "seller_ref", "seller_uscc", "triage",
     "rank", "score", "price", "found_at", "captured_at", "title", "right_name", "seller_name",
     "counted"),
)  # fmt: skip
PUT_TEXT = f"""
    INSERT OR REPLACE INTO lead_text (rowid, codes, {", ".join(map(column, TEXTS))})
    VALUES (?, ?, {marks(TEXTS)})
"""  # noqa: S608  # our own column names
PUT_BODY = "INSERT OR REPLACE INTO lead_body (number, body) VALUES (?, ?)"
COUNT = """
    INSERT INTO facet (field, value, leads) VALUES (?, ?, ?)
    ON CONFLICT (field, value) DO UPDATE SET leads = leads + excluded.leads
"""
PUT_EXCLUSION = _upsert(
    "exclusion", "id",
    ("scope", "subject", "right_id", "matcher", "effect", "code", "reason", "decided_by", "second",
     "at", "until", "lifted_at", "body"),
)  # fmt: skip
PUT_SIGHT = """
    INSERT INTO sight (sha256, legible, bank, pdq, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (sha256) DO UPDATE SET
        legible = excluded.legible, bank = excluded.bank, pdq = excluded.pdq, body = excluded.body
"""


def put_sight(db: sqlite3.Connection, sight: Sight) -> None:
    """Write a sight and the bands of its fingerprint."""
    row = [sight.sha256, sight.legible.value, sight.bank, sight.pdq, sight.model_dump_json()]
    db.execute(PUT_SIGHT, row)
    ((number,),) = db.execute("SELECT number FROM sight WHERE sha256 = ?", [sight.sha256])
    db.execute("DELETE FROM sight_band WHERE sight = ?", [number])
    cut = bands(sight.pdq) if sight.pdq else []
    db.executemany("INSERT INTO sight_band (band, sight) VALUES (?, ?)", [(b, number) for b in cut])
