"""Records as documents: ``body`` is the whole record, everything else is for searching."""

from __future__ import annotations

import logging
import os
import re
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from leads import values
from leads.bands import bands
from leads.exclusions import Exclusion
from leads.fields import Field
from leads.model import Judgement, Lead, Listing, State, Triage, Visit
from leads.quality import REFUTED, UPHELD
from leads.sight import Sight
from leads.sighting import Known, Sighting, listing_id
from leads.store import record_id
from leads.store.elastic.condition import microseconds
from leads.words import simplified, words

Document = dict[str, Any]

_UPHELD = {**dict.fromkeys(REFUTED, 0.0), **dict.fromkeys(UPHELD, 1.0)}
"""Whether people found there is something in the lead, where they have said so."""

RANKS = {Triage.LEAD: 0, Triage.REVIEW: 1, Triage.NONE: 2}

_LONGEST = 8000
"""Characters of a code that are indexed: the engine takes 32,766 bytes, a query has 2,000."""
_LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Decided:
    """Where a lead stands and by whose word; as it is new before anyone judged."""

    state: State = State.NEW
    judgements: int = 0
    last: Mapping[str, str] = field(default_factory=dict)
    """When, by whom and why, under the names of the fields."""


def decided_by(judgement: Judgement, number: int) -> Decided:
    """Return how a lead stands after its ``number``-th judgement, counted from 0."""
    return Decided(
        judgement.state,
        number + 1,
        {
            "judged_at": _date(judgement.at),
            "judged_by": judgement.by[:_LONGEST],
            "judged_because": judgement.reason,
        },
    )


def decided(source: Document) -> Decided:
    """Return how the lead of a document stands."""
    last = {name: source[name] for name in source if name.startswith("judged_")}
    return Decided(State(source["state"]), source["judgements"], last)


def lead_document(lead: Lead, standing: Decided) -> Document:
    """Return a lead with where it stands.

    Raises:
        ValueError: the listing has no site, or neither number nor address.
    """
    texts = values.texts(lead)
    numbers = values.numbers(lead)
    captured = lead.listing.captured_at
    return _filled(
        {
            **{of.value: list(found) for of, found in texts.items()},
            **{f"words.{of.value}": _cut(found) for of, found in texts.items()},
            **{of.value: _codes(found) for of, found in values.codes(lead).items()},
            "title_terms": list(terms(lead.listing.title)),
            "listing": listing_id(*lead.listing.key),
            "rank": RANKS[lead.triage],
            "score": lead.score,
            "price": _number(numbers[Field.PRICE]),
            "state": standing.state.value,
            "upheld": _UPHELD.get(standing.state),
            "judgements": standing.judgements,
            **standing.last,
            "found_at": _date(lead.found_at),
            "found_us": microseconds(lead.found_at),
            "captured_at": captured and _date(captured),
            "captured_us": captured and microseconds(captured),
            "law_day": lead.law_day.isoformat(),
            "pictures": _pictures(lead.listing),
            "url": defanged(lead.listing.url),
            "console_url": f"{_console()}/leads/{lead.id}",
            "body": lead.model_dump_json(),
        }
    )


def known_document(known: Known) -> Document:
    """Return a listing with when it was there."""
    listing = known.listing
    site, ref = listing.key
    return _filled(
        {
            "key": listing_id(site, ref),
            "site": site[:_LONGEST],
            "ref": ref[:_LONGEST],
            "kind": listing.kind,
            "title": listing.title,
            "title_terms": list(terms(listing.title)),
            "seller": listing.seller_key and listing.seller_key[:_LONGEST],
            "seller.name": listing.seller and listing.seller.name,
            "price": _number(float(listing.price.min) if listing.price else None),
            "first_seen": _date(known.first_seen),
            "last_seen": _date(known.last_seen),
            "last_us": microseconds(known.last_seen),
            "misses": known.misses,
            "missed_at": known.missed_at and _date(known.missed_at),
            "vanished": known.vanished,
            "pictures": _pictures(listing),
            "url": defanged(listing.url),
            "body": known.model_dump_json(),
        }
    )


def sighting_document(sighting: Sighting) -> Document:
    """Return what changed about a listing."""
    return _filled(
        {
            "key": record_id(sighting),
            "listing": listing_id(sighting.site, sighting.ref),
            "site": sighting.site[:_LONGEST],
            "ref": sighting.ref[:_LONGEST],
            "at": _date(sighting.at),
            "at_us": microseconds(sighting.at),
            "change": sighting.change.value,
            "before": sighting.before,
            "after": sighting.after,
            "body": sighting.model_dump_json(),
        }
    )


def judgement_document(judgement: Judgement, number: int) -> Document:
    """Return a lead's ``number``-th judgement, counted from 0."""
    return {
        "key": judgement_key(judgement.lead, number),
        "lead": judgement.lead,
        "number": number,
        "state": judgement.state.value,
        "reason": judgement.reason,
        "by": judgement.by[:_LONGEST],
        "at": _date(judgement.at),
        "body": judgement.model_dump_json(),
    }


def judgement_key(lead: str, number: int) -> str:
    """Return the key that a lead's ``number``-th judgement has in every store."""
    return f"{lead}.{number:04}"


def visit_document(visit: Visit) -> Document:
    """Return what came of a page."""
    return _filled(
        {
            "key": record_id(visit),
            "site": visit.site[:_LONGEST],
            "url": defanged(visit.url),
            "verdict": visit.verdict.value,
            "reason": visit.reason,
            "listings": visit.listings,
            "door": visit.door,
            "at": _date(visit.at),
            "at_us": microseconds(visit.at),
            "body": visit.model_dump_json(),
        }
    )


def sight_document(sight: Sight) -> Document:
    """Return what a picture shows, its fingerprints both as bits and in bands."""
    return _filled(
        {
            "key": sight.sha256,
            "legible": sight.legible.value,
            "reason": sight.reason,
            "width": sight.width,
            "height": sight.height,
            "phash": sight.phash,
            "phash_bits": sight.phash,
            "pdq": sight.pdq,
            "pdq_bits": sight.pdq,
            "bands": bands(sight.pdq) if sight.pdq else None,
            "quality": sight.quality,
            "bank": sight.bank[:_LONGEST],
            "allowed": sight.allowed and sight.allowed[:_LONGEST],
            "right": sorted({match.right for match in sight.matches}),
            "match": sorted({match.kind.value for match in sight.matches}),
            "text": [line.text for line in sight.lines],
            "read": sight.read,
            "body": sight.model_dump_json(),
        }
    )


def exclusion_document(exclusion: Exclusion) -> Document:
    """Return what is not to be shown again."""
    lifted = exclusion.lifted_at
    return _filled(
        {
            "key": exclusion.id,
            "scope": exclusion.scope.value,
            "subject": exclusion.subject,
            "right.id": exclusion.right and exclusion.right[:_LONGEST],
            "matcher": exclusion.matcher and exclusion.matcher[:_LONGEST],
            "effect": exclusion.effect.value,
            "code": exclusion.code,
            "reason": exclusion.reason,
            "by": exclusion.by[:_LONGEST],
            "second": exclusion.second and exclusion.second[:_LONGEST],
            "at": _date(exclusion.at),
            "at_us": microseconds(exclusion.at),
            "until": exclusion.until and exclusion.until.isoformat(),
            "lifted_at": lifted and _date(lifted),
            "lifted_by": exclusion.lifted_by and exclusion.lifted_by[:_LONGEST],
            "lifted_reason": exclusion.lifted_reason,
            "body": exclusion.model_dump_json(),
        }
    )


@lru_cache(maxsize=4096)  # a listing, and each of its leads
def terms(text: str) -> tuple[str, ...]:
    """Return the words of a title that a tag cloud may count, each once."""
    plain = unicodedata.normalize("NFKC", text).translate(simplified())
    cut = _jieba().lcut(plain)
    folded = dict.fromkeys("".join(words(term)) for term in cut)
    return tuple(term[:_LONGEST] for term in folded if len(term) > 1 and not term.isdecimal())


def defanged(url: str | None) -> str | None:
    """Return an address so that nothing makes a link of it: ``hxxps://shop[.]example/1``."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in {"http", "https"}:
        shown = parts._replace(scheme="hxxp" + parts.scheme[4:])
        return shown._replace(netloc=parts.netloc.replace(".", "[.]")).geturl()[:_LONGEST]
    return re.sub(r"[:.]", r"[\g<0>]", url)[:_LONGEST]


@cache
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


@cache
def _console() -> str:
    return os.environ.get("MARKWATCH_CONSOLE_URL", "http://127.0.0.1:8088").rstrip("/")


def _filled(document: Document) -> Document:
    """Return a document without empty fields; a list of one is written as that one."""
    return {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in document.items()
        if value not in (None, [], "")
    }


def _cut(texts: tuple[str, ...]) -> list[str]:
    return [cut for text in texts if (cut := _spaced(text))]


@lru_cache(maxsize=4096)  # the same categories, places, names and reasons come again and again
def _spaced(text: str) -> str:
    return " ".join(words(text))


def _codes(found: tuple[str, ...]) -> list[str]:
    return [code[:_LONGEST] for code in found]


def _pictures(listing: Listing) -> list[str]:
    return sorted({picture.sha256 for picture in listing.pictures if picture.sha256})


def _number(number: float | None) -> float | None:
    return None if number is None else max(-_LARGEST, min(number, _LARGEST))


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
