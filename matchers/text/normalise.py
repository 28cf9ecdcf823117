"""Text as it is compared: disguise is undone, and every character knows where it came from.

Folded away: compatibility and full-width forms (NFKC), case, accents, traditional characters
(OpenCC's character table), variant and Japanese forms (own table). Dropped: everything that is
neither letter nor digit. Most texts hold no watched name, so only the folding is done at once;
offsets are worked out when a span is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import opencc

_VARIANTS = {
    pair[0]: pair[1]
    for line in (Path(__file__).parent / "data/variants.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for pair in line.split()
}
_SIMPLE = opencc.OpenCC("t2s")
_SHORT = 64
"""Characters of texts that come again in other listings: values of attributes, words of rights."""
_INVISIBLE = {"Cc", "Cf", "Cs", "Mn", "Me"}


def _fold(char: str) -> str:
    """Return what one character is compared as, "" if it is dropped."""
    if char in _VARIANTS:
        return _VARIANTS[char]
    folded = ""
    for part in unicodedata.normalize("NFKC", char).casefold():
        if part.isascii():
            folded += part if part.isalnum() else ""
        elif unicodedata.category(part)[0] in "LN":
            base = unicodedata.normalize("NFD", part)[0]
            folded += base if base.isascii() else _VARIANTS.get(part) or _simplified(part)
    return folded


def _simplified(char: str) -> str:
    simple = str(_SIMPLE.convert(char))
    return simple if len(simple) == 1 else char


class _Table(dict[int, str]):
    """Code point -> folded text, worked out once for each character that is met."""

    def __init__(self, kept: str = "") -> None:
        super().__init__({ord(char): char for char in kept})

    def __missing__(self, point: int) -> str:
        folded = _fold(chr(point))
        # Unassigned and private characters are not kept, so hostile text cannot fill the memory.
        if unicodedata.category(chr(point)) not in ("Cn", "Co", "Cs"):
            self[point] = folded
        return folded


_TABLE = _Table()


def _as_they_are() -> str:
    """Return the Chinese characters that are folded to themselves, all found at one go."""
    every = list(map(chr, range(0x4E00, 0xA000)))
    simple = str(_SIMPLE.convert("\n".join(every))).split("\n")
    return "".join(a for a, b in zip(every, simple, strict=True) if a == b and a not in _VARIANTS)


# Of most texts little is folded, and a pattern finds it sooner than a look at every character.
_FOLDED = re.compile(f"[^0-9a-z{_as_they_are()}]+")


@lru_cache(maxsize=4096)
def _in_short(run: str) -> str:
    return run.translate(_TABLE)


def _folded(run: re.Match[str]) -> str:
    said = run.group()
    return _in_short(said) if len(said) <= _SHORT else said.translate(_TABLE)


def _fold_all(raw: str) -> Plain:
    return Plain(raw, _FOLDED.sub(_folded, raw))


@dataclass(frozen=True)
class Plain:
    """A text and what it is compared as; ``text`` is ``raw`` folded."""

    raw: str
    text: str

    @cached_property
    def offsets(self) -> Sequence[int]:
        """For each character of ``text`` the index in ``raw`` it came from."""
        if self.raw == self.text:
            return range(len(self.raw))
        found: list[int] = []
        known = 0
        for run in _FOLDED.finditer(self.raw):
            found += range(known, run.start())
            known = run.end()
            for at in range(run.start(), known):
                found += [at] * len(_TABLE[ord(self.raw[at])])
        found += range(known, len(self.raw))
        return found

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw characters ``[start, end)`` behind the folded ones ``[start, end)``."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def gaps(self, start: int, end: int) -> tuple[str, ...]:
        """Return what was dropped between each two neighbours of ``[start, end)``, often ""."""
        return tuple([self.raw[a + 1 : b] for a, b in pairwise(self.offsets[start:end])])

    def before(self, start: int, size: int) -> str:
        """Return the ``size`` raw characters that stand before the folded position ``start``."""
        first = self.offsets[start]
        return self.raw[max(0, first - size) : first]

    def after(self, end: int, size: int) -> str:
        """Return the ``size`` raw characters that follow the folded span that ends at ``end``."""
        last = self.offsets[end - 1] + 1
        return self.raw[last : last + size]


def normalise(raw: str) -> Plain:
    """Fold a text for comparison; any string is accepted, lone surrogates and all."""
    return _short(raw) if len(raw) <= _SHORT else _long(raw)


_short = lru_cache(maxsize=16_384)(_fold_all)
_long = lru_cache(maxsize=32)(_fold_all)


@lru_cache(maxsize=4096)
def folded(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words of a right as they are compared; the same come with every listing."""
    return tuple(normalise(word).text for word in words)


def fold_table(kept: str) -> Mapping[int, str]:
    """Return a table for :meth:`str.translate` that folds, but keeps some signs as they are."""
    return _Table(kept)


def visible(gap: str) -> str:
    """Return the characters of a gap that a reader sees."""
    return "".join(c for c in gap if unicodedata.category(c) not in _INVISIBLE)


def disguises(plain: Plain, start: int, end: int, name: Plain) -> tuple[str, ...]:
    """Say in Chinese how ``[start, end)`` of a text differs from the ``name`` it folds to.

    Case is no disguise, nor is a hyphen, dot or space between Latin letters, nor any of these
    where the name itself has a gap.
    """
    first, last = plain.span(start, end)
    if plain.raw[first:last] == name.raw:
        return ()
    theirs, ours = plain.offsets[start:end], name.offsets
    changed = "".join(
        plain.raw[mine]
        for mine, other in zip(theirs, ours, strict=True)
        if plain.raw[mine] != name.raw[other]
    )
    found = dict.fromkeys(forms(changed))
    gaps = zip(plain.gaps(start, end), name.gaps(0, len(name.text)), pairwise(theirs), strict=True)
    for gap, own, (left, right) in gaps:
        latin = plain.raw[left].isascii() and plain.raw[right].isascii()
        if gap != own and not (set(gap) <= set(" -.'’&·・") and (own or latin)):
            found.update(dict.fromkeys(_gap(gap)))
    return tuple(found)


def forms(raw: str) -> tuple[str, ...]:
    """Say in Chinese which characters have an unusual form, each form once."""
    return tuple(dict.fromkeys(form for char in raw for form in _form(char)))


def _form(char: str) -> tuple[str, ...]:
    if char in _VARIANTS:
        return (f"异体字“{char}”",)
    compatible = unicodedata.normalize("NFKC", char)
    if "！" <= char <= "～":
        return (f"全角字符“{char}”",)
    if compatible != char:
        return (f"兼容字形“{char}”",)
    if not char.isascii() and _simplified(char) != char:
        return (f"繁体字“{char}”",)
    return ()


def _gap(gap: str) -> tuple[str, ...]:
    seen = visible(gap)
    if not seen:
        return ("夹有零宽字符",) if gap else ()
    if seen.isspace():
        return ("夹有空格",)
    signs = "".join(c for c in seen if not c.isspace())
    return (f"夹有符号“{signs}”",)
