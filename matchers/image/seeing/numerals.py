"""Patent numbers and credit codes as machines misread them, put right by their check digit.

Only letters that stand for digits, or digits for letters, are ever exchanged: a digit read as
another digit stays, because a false number on a pack is just what is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

from matchers.text.credit_codes import is_credit_code
from matchers.text.patent_numbers import parse

_DIGITS = {
    "O": "0", "o": "0", "D": "0", "Q": "0", "I": "1", "l": "1", "i": "1", "|": "1", "!": "1",
    "Z": "2", "z": "2", "S": "5", "s": "5", "b": "6", "G": "6", "B": "8", "g": "9", "q": "9",
}  # fmt: skip
"""What a letter may have been, where only a digit can stand."""
_NEVER = {"O": "0", "o": "0", "I": "1", "l": "1", "S": "5", "s": "5", "Z": "2", "z": "2"}
"""Letters that no credit code has; Z and small letters were left out of it for this reason."""
_SAFE = frozenset("OoIl|")
"""Letters that can have been one digit only: with them a number is read, right or wrong."""
_MOST = 4
"""Characters exchanged in one number at most."""

_LOOSE = r"[0-9A-Za-z|!]"
_PATENT = re.compile(
    rf"(?P<zl>[ZzｚＺ2][LlI1|]\s?\.?)(?P<n>(?:19|20|[12I|l][9O0o]){_LOOSE}{{10}}[.,·:]?\s?[0-9XxOoIlSsBbZz])"
    r"(?![0-9A-Za-z])"
)
_CODE = re.compile(rf"(?<![0-9A-Za-z])(?:{_LOOSE} ?){{17}}{_LOOSE}(?![0-9A-Za-z])")


def repaired(text: str) -> str:
    """Return the text with numbers put right where exactly one reading holds."""
    return _CODE.sub(_code, _PATENT.sub(_patent, text))


def _patent(found: re.Match[str]) -> str:
    """Write as ``ZL202010123456.7``; as it stood where none or several readings hold."""
    written = re.sub(r"[\s.,·:]", "", found["n"])
    body = "".join(_DIGITS.get(char, char) for char in written[:-1])
    last = {"x": "X"}.get(written[-1], _DIGITS.get(written[-1], written[-1]))
    number = parse(f"{body}.{last}") if body.isdigit() else None
    changed = [a for a, b in zip(written, body + last, strict=True) if a.upper() != b]
    guessed = any(char not in _SAFE for char in changed)
    if number is None or len(changed) > _MOST or (guessed and not number.checks):
        return found.group()
    return f"ZL{body}.{last}"


def _code(found: re.Match[str]) -> str:
    """Return the one credit code that the characters may have been; else as it stood."""
    written = found.group().replace(" ", "")
    if is_credit_code(written):
        return written
    if sum(char.isdigit() for char in written) < 6:
        return found.group()
    held = list(dict.fromkeys(_holding(written, is_credit_code)))
    return held[0] if len(held) == 1 else found.group()


def _holding(written: str, holds: Callable[[str], bool]) -> Iterator[str]:
    """Yield readings that hold: digits in places 3 to 8, no letters that a code has not."""
    options: list[tuple[str, ...]] = []
    for place, char in enumerate(written):
        if 2 <= place < 8:
            options.append((_DIGITS.get(char, char),))
        elif char in _NEVER:
            options.append((_NEVER[char],))
        elif char in "B8":
            options.append(("B", "8"))
        else:
            options.append((char.upper(),))
    if sum(len(one) > 1 for one in options) > _MOST:
        return
    yield from filter(holds, map("".join, product(*options)))
