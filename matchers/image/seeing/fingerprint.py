"""Fingerprints of whole pictures: imagehash's phash and a 256-bit DCT hash in the manner of PDQ.

``fingerprint(photo) -> Fingerprint`` is what a sight keeps; ``distance(a, b)`` compares two hashes.
"""

from __future__ import annotations

from dataclasses import dataclass

from matchers.image.seeing.decoding import Photo


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of one picture, in hex, as a sight keeps them."""

    phash: str
    """imagehash's 64-bit perceptual hash: 16 digits."""
    pdq: str
    """256 bits: 64 digits."""
    mirrored: str
    """The 256 bits of the picture mirrored left to right."""
    quality: int
    """0 to 100; below 50 the hashes say little."""


def fingerprint(photo: Photo) -> Fingerprint:
    """Return the fingerprint of a picture."""
    raise NotImplementedError


def distance(one: str, other: str) -> int:
    """Count the bits in which two hashes in hex differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
