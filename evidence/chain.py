"""The part of the custody log that a packet brings along."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from evidence.canonical import canonical_json
from evidence.custody import Custody, CustodyError, Excerpt
from evidence.exhibit import Exhibit
from leads.beijing import BEIJING


def chain(
    exhibits: Sequence[Exhibit], custody: Custody, *, competent: bool
) -> tuple[dict[str, bytes], Mapping[str, str]]:
    """Return the log about ``exhibits`` by file name, and its length and head for bag-info.txt.

    Lines about anything else are there without their records, so that the chain holds; lines that
    name officers only for a ``competent`` authority.

    Raises:
        CustodyError: the log is damaged. OSError: it cannot be read.
    """
    ids = {exhibit.record.id for exhibit in exhibits}
    if competent:
        ids |= {exhibit.lead for exhibit in exhibits}
    files: dict[str, bytes] = {}
    days = []
    total = 0
    for part in _parts(exhibits, ids, custody):
        day, last = part.path.stem, part.lines[-1]
        files[f"custody/{day}.jsonl"] = b"".join(line.text() for line in part.lines)
        for ending in (".head", ".head.pem", ".head.tsq", ".head.tsr"):
            file = part.path.with_suffix(ending)
            if file.is_file():
                files[f"custody/{file.name}"] = file.read_bytes()
        days.append(
            {
                "day": day,
                "first": part.lines[0].number,
                "before": part.before,
                "last": last.number,
                "head": last.link,
            }
        )
        total += len(part.lines)
    files["custody/chain.json"] = canonical_json({"schema": 1, "days": days})
    head = str(days[-1]["head"])
    return files, {"Custody-Lines": str(total), "Custody-Head": head}


def _parts(exhibits: Sequence[Exhibit], ids: Collection[str], custody: Custody) -> list[Excerpt]:
    """Return the days that know all captures; from the first day on, where clocks were wrong."""
    first = min(exhibit.record.captured_at for exhibit in exhibits).astimezone(BEIJING).date()
    for since in (first - timedelta(days=1), date.min):
        parts = list(custody.about(ids, since))
        known = {line.record.get("capture") for part in parts for line in part.lines if line.record}
        missing = [one.record.id for one in exhibits if one.record.id not in known]
        if not missing:
            return parts
    raise CustodyError(f"保管链中没有采集 {missing[0]}")
