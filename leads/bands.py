"""Fingerprints of pictures cut into bands, so that near ones are found by equal bands.

Two 256-bit fingerprints that differ in fewer bits than there are bands have at least one band in
common (pigeonhole; Manku et al., WWW 2007, do so for near-duplicate pages). With 16 bands every
picture within 15 bits is found; of those 31 bits away, the usual limit of PDQ, about nine in ten.
"""

from __future__ import annotations

BANDS = 16
_DIGITS = 4
"""Hexadecimal digits of a band: 16 bits."""


def bands(fingerprint: str) -> list[str]:
    """Return ``<band>:<bits>`` in hexadecimal for each band of a 256-bit fingerprint."""
    return [f"{band:x}:{fingerprint[band * _DIGITS :][:_DIGITS]}" for band in range(BANDS)]


def distance(one: str, other: str) -> int:
    """Return in how many bits two fingerprints of the same length differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
