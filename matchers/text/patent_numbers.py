"""Chinese patent numbers, old and new form (ZC 0006-2003)."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


class Type(Enum):
    """What is protected; the value is what officers read."""

    INVENTION = "发明"
    UTILITY = "实用新型"
    DESIGN = "外观设计"


_TYPES = {
    "1": Type.INVENTION,
    "2": Type.UTILITY,
    "3": Type.DESIGN,
    "8": Type.INVENTION,
    "9": Type.UTILITY,
}


class Number(NamedTuple):
    """A patent number of right form."""

    digits: str
    """Without check digit: YYYYTNNNNNNN, or YYTNNNNN filed before October 2003."""
    check: str | None
    """Check digit as written, None if it is left out."""
    type: Type
    year: int
    """Year of filing."""

    @property
    def checks(self) -> bool:
        """Whether the check digit holds; true where none is written."""
        return self.check is None or self.check == check_digit(self.digits)

    @property
    def last_year(self) -> int:
        """The last year in which it can have been in force: 20, 10 or 15 years from filing.

        Designs filed before June 2021 have 10 years (from memory), those of 2021 are taken for 15.
        """
        if self.type is Type.DESIGN:
            return self.year + (10 if self.year < 2021 else 15)
        return self.year + (20 if self.type is Type.INVENTION else 10)

    @property
    def extension(self) -> int:
        """Years by which 专利法 art. 42 may have lengthened it."""
        return 5 if self.type is Type.INVENTION else 0


def check_digit(digits: str) -> str:
    """Return the check digit: digits times 2 to 9, then 2 to 5, mod 11, ten written X."""
    total = sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False))
    return "0123456789X"[total % 11]


def parse(text: str) -> Number | None:
    """Read a number however it is spaced; None if it has not the form of a patent number."""
    written = re.sub(r"[ \-]", "", text).upper()
    body, dot, check = written.partition(".")
    if not dot and len(body) in (9, 13):
        body, check = body[:-1], body[-1]
    if len(body) not in (8, 12) or not body.isdigit() or len(check) > 1:
        return None
    kind = _TYPES.get(body[4] if len(body) == 12 else body[2])
    if kind is None or (check and check not in "0123456789X"):
        return None
    short = int(body[:2])
    year = int(body[:4]) if len(body) == 12 else 1900 + short if short >= 85 else 2000 + short
    return Number(body, check or None, kind, year)
