"""Unified social credit codes, GB 32100-2015."""

from __future__ import annotations

import re

_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z][0-9A-Z]\d{6}[0-9A-Z]{10}(?![0-9A-Za-z])")


def is_credit_code(text: str) -> bool:
    """Tell whether a code of 18 characters holds: weights 3^i, check digit 31 - sum mod 31."""
    if len(text) != 18 or any(char not in _DIGITS for char in text):
        return False
    total = sum(_DIGITS.index(char) * pow(3, place, 31) for place, char in enumerate(text[:17]))
    return _DIGITS[-total % 31] == text[17]


def codes_in(text: str) -> tuple[str, ...]:
    """Return what stands in a text like a credit code, well formed or not."""
    return tuple(_CODE.findall(text))
