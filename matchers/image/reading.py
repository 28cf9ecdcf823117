"""Lines read in pictures, taken to the text matchers as attributes and brought back with boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from leads.model import Box, Finding, Hit, Listing, Span
from leads.sight import Line, Sight
from matchers.text.fields import IN_PICTURE

_NAMES = {
    Finding.BRAND_IDENTICAL,
    Finding.BRAND_IMITATION,
    Finding.GI_NAME,
    Finding.GI_ORIGIN,
    Finding.GI_EVOCATION,
}
"""What becomes of these is a name read in the picture; other findings stay what they are."""
_MOST = 0.59
"""Score at most, short of a lead: a reader's slip looks just like an imitation."""
_SURE = {Finding.MARK_CLAIM}
"""Findings that rest on whole phrases, not on single letters or digits."""
_LEAST_SURE = 0.5
"""Lines that were read less surely are not taken for words."""
_INSIDE = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")


class Read(NamedTuple):
    """A line and the picture it stands in."""

    picture: str
    """SHA-256."""
    line: Line


def lines_of(sights: Sequence[Sight]) -> tuple[Read, ...]:
    """Return what was read surely enough, picture by picture."""
    return tuple(
        Read(sight.sha256, line)
        for sight in sights
        for line in sight.lines
        if line.score >= _LEAST_SURE and line.text.strip()
    )


def with_lines(listing: Listing, read: Sequence[Read]) -> Listing:
    """Return the listing with each line as a further attribute.

    Packs are printed with wide spaces; between Chinese characters they mean nothing.
    """
    extra = tuple((IN_PICTURE, _INSIDE.sub("", one.line.text)) for one in read)
    return listing.model_copy(update={"attributes": (*listing.attributes, *extra)})


def in_picture(hit: Hit, listing: Listing, read: Sequence[Read]) -> Hit | None:
    """Return a hit on the listing with its lines as one on the pictures; None if it is on text."""
    places: list[Box] = []
    spans: list[Span] = []
    for span in hit.spans:
        number = _line(span, listing)
        if number is None:
            spans.append(span)
        else:
            places.append(Box(picture=read[number].picture, box=read[number].line.box))
    if not places:
        return None
    named = hit.finding in _NAMES
    return hit.model_copy(
        update={
            "finding": Finding.PICTURE_TEXT if named else hit.finding,
            "score": hit.score if hit.finding in _SURE else min(hit.score, _MOST),
            "reason": f"{hit.reason}文字由机器识读，可能有误，请对照图片。",
            "spans": tuple(spans),
            "boxes": tuple(dict.fromkeys(places)),
        }
    )


def _line(span: Span, listing: Listing) -> int | None:
    """Return the number of the line that a span lies in, None for a text of the listing's own."""
    kind, _, number = span.field.partition(".")
    own = len(listing.attributes)
    return int(number) - own if kind == "attributes" and int(number) >= own else None
