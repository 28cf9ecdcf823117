"""What a paper consists of, before it is set in Word or as PDF.

Texts from outside enter a paper only through :func:`said`, :func:`cell` and :func:`marks`, which
spell out what hides and shorten what is endless.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from evidence.shown import shortened, spelt
from leads.model import Span

LONGEST = 500
"""Characters shown of any text from outside."""
BLANK = "＿＿＿＿＿＿"
"""What an officer fills in."""


class Piece(NamedTuple):
    """Text, highlighted or not."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph, ``indent``-ed by two characters, as official papers are."""

    pieces: tuple[Piece, ...]
    indent: bool = True
    kept: bool = False
    """Stays on the page of what follows."""


@dataclass(frozen=True, slots=True)
class Head:
    """A heading of the first level: 一、…"""

    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; a ``code`` is set small, so that a digest fits on a line."""

    pieces: tuple[Piece, ...]
    code: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; ``widths`` are shares, ``headed`` says that the first row names the columns."""

    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]
    headed: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, safely encoded anew, with its caption."""

    jpeg: bytes
    size: tuple[float, float]
    """Width and height in millimetres."""
    caption: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Up to two pictures side by side."""

    items: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """Issuing office and day, set to the right below the text."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Annex:
    """A new page with a title of its own: 附件."""

    title: str


Block = Para | Head | Grid | Figures | Signed | Annex


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: ``role`` is its file name without ending, by what it is and never by content."""

    role: str
    office: str
    title: str
    number: str | None
    blocks: tuple[Block, ...]


def said(text: str | None) -> str:
    """Return a text from outside as it may stand in a sentence; 未载明 where there is none."""
    return spelt(shortened(text, LONGEST)) if text else "未载明"


def para(text: str, *, indent: bool = True, kept: bool = False) -> Para:
    """Return a paragraph of our own words."""
    return Para((Piece(text),), indent, kept)


def cell(text: str | None, *, code: bool = False) -> Cell:
    """Return a cell with a text from outside."""
    return Cell((Piece(said(text)),), code)


def marks(text: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Return the first characters of ``text`` as pieces, those of ``spans`` highlighted."""
    end = min(len(text), LONGEST)
    inside = {at for span in spans for at in range(span.start, min(span.end, end))}
    edges = [0, *(at for at in range(1, end) if (at in inside) != (at - 1 in inside)), end]
    pieces = [
        Piece(spelt(text[start:stop]), start in inside)
        for start, stop in pairwise(edges)
        if stop > start
    ]
    if len(text) > end:
        pieces.append(Piece(f"……（共 {len(text)} 个字符）"))
    return tuple(pieces)


def fields(rows: Sequence[tuple[str, str | Cell | None]]) -> Grid:
    """Return a table of names and values."""
    return Grid(
        tuple(
            (cell(name), value if isinstance(value, Cell) else cell(value)) for name, value in rows
        ),
        widths=(2, 7),
    )


def table(names: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> Grid:
    """Return a table whose first row names the columns."""
    head = tuple(cell(name) for name in names)
    return Grid((head, *(tuple(row) for row in rows)), tuple(widths), headed=True)
