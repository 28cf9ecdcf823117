"""Records as bytes, always the same for the same record, so that they can be hashed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leads.model import Record


def canonical(record: Record) -> bytes:
    """Return ``record`` as one line of UTF-8 JSON with sorted keys."""
    return canonical_json(record.model_dump(mode="json"))


def canonical_list(records: Sequence[Record]) -> bytes:
    """Return ``records`` as one line of UTF-8 JSON."""
    return canonical_json([record.model_dump(mode="json") for record in records])


def canonical_json(value: object) -> bytes:
    """Return a JSON value as one line of UTF-8 with sorted keys."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"
