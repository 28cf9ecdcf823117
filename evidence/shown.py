"""Text from outside made safe to look at: nothing in it hides, reverses or becomes markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html import escape

from leads.model import Span

_CONTEXT = 30
"""Characters shown to the left and right of a span."""
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn"}


def spelt(text: str) -> str:
    """Return ``text`` with control, bidirectional and invisible characters spelt out."""
    return "".join(map(_visible, text))


def plain(text: str) -> str:
    """Return ``text`` as HTML, spelt out as :func:`spelt` does."""
    return escape(spelt(text))


def marked(text: str, spans: Iterable[Span]) -> str:
    """Return ``text`` as HTML with the characters of ``spans`` in ``<mark>``."""
    inside = {at for span in spans for at in range(span.start, min(span.end, len(text)))}
    edges = [at for at in range(1, len(text)) if (at in inside) != (at - 1 in inside)]
    parts = zip([0, *edges], [*edges, len(text)], strict=True)
    return "".join(
        f"<mark>{plain(text[start:end])}</mark>" if start in inside else plain(text[start:end])
        for start, end in parts
    )


def excerpt(text: str, span: Span) -> str:
    """Return the span of ``text`` in its surroundings as HTML."""
    start = max(0, span.start - _CONTEXT)
    end = min(len(text), span.end + _CONTEXT)
    moved = span.model_copy(update={"start": span.start - start, "end": span.end - start})
    left, right = "…" * (start > 0), "…" * (end < len(text))
    return left + marked(text[start:end], [moved]) + right


def shortened(text: str, most: int) -> str:
    """Return at most ``most`` characters as they are, and say so where there were more."""
    return text if len(text) <= most else f"{text[:most]}……（共 {len(text)} 个字符）"


def one_line(text: str) -> str:
    """Return ``text`` for a terminal or a cell: on one line, without hidden characters."""
    return "".join(char for char in " ".join(text.split()) if not _hides(char))


@lru_cache(maxsize=8192)
def _visible(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩" if _hides(char) else char


def _hides(char: str) -> bool:
    # Mn: variation selectors and stacked accents, which also hide.
    return char not in " \u3000" and unicodedata.category(char) in _HIDDEN
