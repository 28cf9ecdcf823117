"""Listings and leads as rows of the embedded store, and the statements that write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from leads.fields import KINDS, Field, Kind
from leads.model import Lead, Listing, Seller, Triage
from leads.words import words

Cell = str | float | int | None

_RANK = {Triage.LEAD: 0, Triage.REVIEW: 1, Triage.NONE: 2}
_TAGS = (Field.FINDING, Field.MATCHER, Field.BUREAU)

SEE = """
    INSERT INTO listing (site, ref, title, seller, price, first_seen, last_seen, body)
    VALUES (:site, :ref, :title, :seller, :price, :seen, :seen, :body)
    ON CONFLICT (site, ref) DO UPDATE SET
        title = excluded.title, seller = excluded.seller, price = excluded.price,
        last_seen = excluded.last_seen, body = excluded.body
    WHERE excluded.last_seen >= last_seen
"""
SEEN_EARLIER = """
    UPDATE listing SET first_seen = :seen WHERE site = :site AND ref = :ref AND first_seen > :seen
"""

_FRESH = (
    "triage", "rank", "score", "right_id", "right_name", "title", "site", "ref", "kind", "seller",
    "seller_name", "seller_ref", "seller_uscc", "price", "captured_at",
)  # fmt: skip
PUT_LEAD = f"""
    INSERT INTO lead (id, found_at, body, {", ".join(_FRESH)})
    VALUES (:id, :found_at, :body, {", ".join(f":{name}" for name in _FRESH)})
    ON CONFLICT (id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _FRESH)},
        found_at = min(found_at, excluded.found_at),
        body = CASE
            WHEN excluded.found_at <= found_at THEN excluded.body
            ELSE json_set(excluded.body, '$.found_at', json_extract(body, '$.found_at'))
        END
"""  # noqa: S608  # our own column names
_TEXTS = {f: f.value.replace(".", "_") for f, kind in KINDS.items() if kind is Kind.TEXT}
PUT_WORDS = f"""
    INSERT OR REPLACE INTO lead_words (number, {", ".join(_TEXTS.values())})
    VALUES (:number, {", ".join(f":{name}" for name in _TEXTS.values())})
"""  # noqa: S608  # our own column names


def utc(time: datetime) -> str:
    """Return a time in the one form that sorts as text."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def column(field: Field) -> str:
    """Return the column of a field that has one value."""
    return field.value.replace(".", "_")


def is_tag(field: Field) -> bool:
    """Tell whether a field may have several values, and so lives in ``lead_tag``."""
    return field in _TAGS


def listing_row(listing: Listing, now: datetime) -> dict[str, Cell]:
    """Return what ``SEE`` writes; a listing without time of capture is seen ``now``.

    Raises:
        ValueError: it has no key.
    """
    site, ref = listing.key
    return {
        "site": site,
        "ref": ref,
        "title": listing.title,
        "seller": listing.seller_key,
        "price": _price(listing),
        "seen": utc(listing.captured_at or now),
        "body": listing.model_dump_json(),
    }


def lead_row(lead: Lead) -> dict[str, Cell]:
    """Return the columns of ``lead`` but number and state.

    Raises:
        ValueError: the listing has no key.
    """
    listing = lead.listing
    site, ref = listing.key
    seller = listing.seller or Seller()
    return {
        "id": lead.id,
        "triage": lead.triage.value,
        "rank": _RANK[lead.triage],
        "score": lead.score,
        "right_id": lead.right,
        "right_name": lead.right_name,
        "title": listing.title,
        "site": site,
        "ref": ref,
        "kind": listing.kind,
        "seller": listing.seller_key,
        "seller_name": seller.name,
        "seller_ref": seller.ref,
        "seller_uscc": seller.uscc,
        "price": _price(listing),
        "found_at": utc(lead.found_at),
        "captured_at": utc(listing.captured_at) if listing.captured_at else None,
        "body": lead.model_dump_json(),
    }


def word_row(lead: Lead) -> dict[str, str]:
    """Return the columns of ``lead_words`` but number."""
    found = _texts(lead)
    return {name: _spaced(found[field]) for field, name in _TEXTS.items()}


def tags(lead: Lead) -> set[tuple[str, str]]:
    """Return ``(field, value)`` of the fields that may have several values."""
    return (
        {(Field.FINDING.value, hit.finding.value) for hit in lead.hits}
        | {(Field.MATCHER.value, hit.matcher) for hit in lead.hits}
        | {(Field.BUREAU.value, route.bureau) for route in lead.routes}
    )


def _price(listing: Listing) -> float | None:
    return float(listing.price.min) if listing.price else None


def _texts(lead: Lead) -> dict[Field, Iterable[str | None]]:
    listing = lead.listing
    seller = listing.seller or Seller()
    return {
        Field.TITLE: (listing.title,),
        Field.DESCRIPTION: (listing.description,),
        Field.BRAND: (listing.brand,),
        Field.CATEGORY: listing.category,
        Field.ATTRIBUTES: (f"{name} {value}" for name, value in listing.attributes),
        Field.SELLER_NAME: (seller.name,),
        Field.SELLER_COMPANY: (seller.company,),
        Field.SELLER_LOCATION: (seller.location,),
        Field.ORIGIN: (listing.origin,),
        Field.SHIPS_FROM: (listing.ships_from,),
        Field.FACTORY: (listing.factory,),
        Field.RIGHT_NAME: (lead.right_name,),
        Field.REASON: (hit.reason for hit in lead.hits),
        Field.DEFENCE: (str(defence) for hit in lead.hits for defence in hit.defences),
    }


def _spaced(texts: Iterable[str | None]) -> str:
    # Two blanks between texts: words that follow one another never cross from one into the next.
    return "".join(f" {' '.join(cut)} " for text in texts if text and (cut := words(text)))
