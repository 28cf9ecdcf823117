"""What a picture shows: decoded or refused, its fingerprints, and every mark, copy and word in it.

A sight belongs to the bytes alone (their SHA-256) and to the bank it was held against, so it is
worked out once and kept; a listing's hits are read from its pictures' sights.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated

from pydantic import Field

from leads.model import Id, Record

Point = tuple[float, float]
"""x and y in pixels of a picture as captured, after its EXIF turn."""

Quad = tuple[Point, Point, Point, Point]
"""Corners clockwise from the top left, as they lie."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Legible(StrEnum):
    """What became of a picture's bytes."""

    OK = "ok"
    TRUNCATED = "truncated"
    """Cut short; what came was read."""
    REFUSED = "refused"
    """Not a picture we read, or one that would harm: the reason is kept."""


class Depth(IntEnum):
    """What a picture is looked at for; each depth includes those before and takes far longer."""

    COPIES = 0
    MARKS = 1
    """Logos and seals as well."""
    WORDS = 2


class MatchKind(StrEnum):
    """What of a right a picture shows."""

    COPY = "copy"
    LOGO = "logo"
    SEAL = "seal"
    """The GI special mark itself."""
    SEAL_LIKE = "seal-like"
    """Laid out as the GI special mark, but not it, or unreadable: for a person."""


class PictureMatch(Record):
    """One place where a picture meets a reference of the bank, with all that can be drawn."""

    kind: MatchKind
    right: Id
    source: str
    """The reference's path inside the bank, as ``photos/<right>/<file>``."""
    score: float = Field(ge=0, le=1)
    reason: str
    """Why, in words for an officer; says 疑似."""
    box: tuple[int, int, int, int]
    """x, y, width, height of the matched part of the picture as captured."""
    quad: Quad
    """The matched part of the picture."""
    source_quad: Quad
    """The same part of the reference, in its pixels."""
    mirrored: bool = False
    share: float = Field(ge=0, le=1)
    """How much of the reference's area is seen."""
    scale: float = Field(gt=0)
    """Size in the picture by size in the reference."""
    inliers: int = Field(ge=0)
    certain: bool
    """False: shown to a reviewer, never flagged by itself."""


class Line(Record):
    """A line of writing read in a picture."""

    text: str
    box: tuple[int, int, int, int]
    """x, y, width, height in pixels of the picture as captured."""
    score: float = Field(ge=0, le=1)


class Sight(Record):
    """What one picture shows."""

    sha256: Sha256
    legible: Legible
    reason: str = ""
    """Why it was refused, in Chinese."""
    width: int = Field(ge=0, default=0)
    height: int = Field(ge=0, default=0)
    phash: str | None = Field(default=None, pattern=r"^[0-9a-f]{16}$")
    """imagehash's 64-bit perceptual hash."""
    pdq: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """256-bit DCT hash in the manner of PDQ."""
    quality: int = Field(ge=0, le=100, default=0)
    """Of the fingerprint, as PDQ counts it: below 50 it says little."""
    bank: str = ""
    """Version of the bank the matches were found in."""
    allowed: str | None = None
    """Reference of the negative bank that explains the picture: nothing is matched then."""
    matches: tuple[PictureMatch, ...] = ()
    lines: tuple[Line, ...] = ()
    """Words, where they were looked for."""
    read: bool = False
    """Whether marks and words were looked for."""
