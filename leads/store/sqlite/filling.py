"""Columns and tables that a step of the schema adds, filled from the records that are there."""

from __future__ import annotations

import sqlite3
from collections import Counter

from leads.model import Lead, Listing, Visit
from leads.sight import Sight
from leads.sighting import listing_id
from leads.store import record_id
from leads.store.sqlite import rows


def listings(db: sqlite3.Connection) -> None:
    """Give every listing its id, and note the pictures it shows."""
    for rowid, body in db.execute("SELECT rowid, body FROM listing").fetchall():
        listing = Listing.model_validate_json(body)
        db.execute("UPDATE listing SET id = ? WHERE rowid = ?", [listing_id(*listing.key), rowid])
        db.executemany(rows.PUT_PICTURE, rows.picture_rows(listing))


def leads(db: sqlite3.Connection) -> None:
    """Index the texts of every lead, and count all leads by value."""
    counts: Counter[str] = Counter()
    found = "SELECT number, state, body FROM lead JOIN lead_body USING (number)"
    for number, state, body in db.execute(found):
        lead = Lead.model_validate_json(body)
        row = rows.lead_row(lead, number)
        db.execute("UPDATE lead SET counted = ? WHERE number = ?", [row["counted"], number])
        db.execute(rows.PUT_TEXT, rows.text_row(lead, number, str(row["counted"])))
        counts.update(rows.counted(state, str(row["counted"])))
    db.executemany(rows.COUNT, rows.count_rows(counts))


def visits(db: sqlite3.Connection) -> None:
    """Give every visit its id; the very same one told twice becomes one."""
    seen: set[str] = set()
    for number, body in db.execute("SELECT number, body FROM visit").fetchall():
        own = record_id(Visit.model_validate_json(body))
        if own in seen:
            db.execute("DELETE FROM visit WHERE number = ?", [number])
        else:
            db.execute("UPDATE visit SET id = ? WHERE number = ?", [own, number])
        seen.add(own)


def sights(db: sqlite3.Connection) -> None:
    """Write every sight anew, with the bands of its fingerprint."""
    for (body,) in db.execute("SELECT body FROM old_sight").fetchall():
        rows.put_sight(db, Sight.model_validate_json(body))
