"""What a lead holds in each field it can be searched by: the one place every store asks."""

from __future__ import annotations

from datetime import datetime

from leads.fields import Field
from leads.model import Lead, Seller


def texts(lead: Lead) -> dict[Field, tuple[str, ...]]:
    """Return the texts of each field of kind ``TEXT``; no phrase runs from one into the next."""
    listing = lead.listing
    seller = listing.seller or Seller()
    return {
        Field.TITLE: _given(listing.title),
        Field.DESCRIPTION: _given(listing.description),
        Field.BRAND: _given(listing.brand),
        Field.CATEGORY: _given(*listing.category),
        Field.ATTRIBUTES: tuple(f"{name} {value}" for name, value in listing.attributes),
        Field.SELLER_NAME: _given(seller.name),
        Field.SELLER_COMPANY: _given(seller.company),
        Field.SELLER_LOCATION: _given(seller.location),
        Field.ORIGIN: _given(listing.origin),
        Field.SHIPS_FROM: _given(listing.ships_from),
        Field.FACTORY: _given(listing.factory),
        Field.RIGHT_NAME: _given(lead.right_name),
        Field.REASON: tuple(hit.reason for hit in lead.hits),
        Field.DEFENCE: tuple(str(defence) for hit in lead.hits for defence in hit.defences),
    }


def codes(lead: Lead) -> dict[Field, tuple[str, ...]]:
    """Return the values of each field of kind ``TERM`` but the state, each once.

    Raises:
        ValueError: the listing has no site, or neither number nor address.
    """
    listing = lead.listing
    seller = listing.seller or Seller()
    site, ref = listing.key
    return {
        Field.ID: (lead.id,),
        Field.SITE: (site,),
        Field.REF: (ref,),
        Field.KIND: (listing.kind,),
        Field.RIGHT_ID: (lead.right,),
        Field.SELLER: _given(listing.seller_key),
        Field.SELLER_REF: _given(seller.ref),
        Field.SELLER_USCC: _given(seller.uscc),
        Field.FINDING: tuple(dict.fromkeys(hit.finding.value for hit in lead.hits)),
        Field.MATCHER: tuple(dict.fromkeys(hit.matcher for hit in lead.hits)),
        Field.BUREAU: tuple(dict.fromkeys(route.bureau for route in lead.routes)),
        Field.TRIAGE: (lead.triage.value,),
    }


def numbers(lead: Lead) -> dict[Field, float | None]:
    """Return each field of kind ``NUMBER``."""
    price = lead.listing.price
    return {Field.SCORE: lead.score, Field.PRICE: float(price.min) if price else None}


def times(lead: Lead) -> dict[Field, datetime | None]:
    """Return each field of kind ``TIME``."""
    return {Field.FOUND_AT: lead.found_at, Field.CAPTURED_AT: lead.listing.captured_at}


def _given(*values: str | None) -> tuple[str, ...]:
    return tuple(value for value in values if value)
