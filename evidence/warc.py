"""A capture as WARC 1.1 (ISO 28500:2017): the request and the response as they went over the wire.

Written by hand and not by warcio: its writer puts headers into a form of its own, and the bytes of
a packet must be the same every time. Headers that let a session be taken over are left out; the
names of what is missing stand in the metadata record.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from uuid import NAMESPACE_URL, uuid5

from leads.model import Evidence, Exchange


def warc(record: Evidence, exchange: Exchange, body: bytes) -> bytes:
    """Return the WARC of one capture; the same capture always gives the same bytes.

    Args:
        record: the capture's record. exchange: what went over the wire.
        body: the body as received.
    """
    url, at = record.url or exchange.requested, record.captured_at.astimezone(UTC)
    date = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    ids = {kind: _id(record.id, kind) for kind in ("request", "response", "metadata")}
    common = {"WARC-Date": date, "WARC-Target-URI": url}
    if record.peer:
        common["WARC-IP-Address"] = record.peer
    facts = exchange.model_dump(mode="json", exclude={"request", "response"})
    facts |= {"capture": record.id, "session": record.session}
    return b"".join(
        (
            _record(
                "response",
                ids["response"],
                common | {"Content-Type": "application/http; msgtype=response"},
                (exchange.response or "").encode("latin-1") + body,
            ),
            _record(
                "request",
                ids["request"],
                common
                | {
                    "Content-Type": "application/http; msgtype=request",
                    "WARC-Concurrent-To": ids["response"],
                },
                (exchange.request or "").encode("latin-1"),
            ),
            _record(
                "metadata",
                ids["metadata"],
                {
                    "WARC-Date": date,
                    "WARC-Target-URI": url,
                    "WARC-Refers-To": ids["response"],
                    "Content-Type": "application/json",
                },
                json.dumps(facts, ensure_ascii=False, sort_keys=True).encode(),
            ),
        )
    )


def _record(kind: str, name: str, headers: Mapping[str, str], block: bytes) -> bytes:
    digest = base64.b32encode(hashlib.sha1(block).digest()).decode()  # noqa: S324  # WARC's own
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": name,
        **headers,
        "WARC-Block-Digest": f"sha1:{digest}",
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def _id(capture: str, kind: str) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'markwatch:{capture}:{kind}')}>"
