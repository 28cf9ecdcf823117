"""Fingerprints of whole pictures: imagehash's phash and a 256-bit DCT hash in the manner of PDQ.

The long hash follows Meta's PDQ (ThreatExchange, hashing.pdf): luminance, 64 x 64, the 16 x 16
lowest frequencies without the constant one, one bit each by the median. Its steps of shrinking are
OpenCV's, so it lies some 14 bits beside ``pdqhash`` and is not for exchange with other banks.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from matchers.image.seeing.decoding import Photo

_SIDE = 64
_ROW = np.arange(1, 17)[:, None] * (2 * np.arange(_SIDE) + 1) * (np.pi / (2 * _SIDE))
_DCT = (np.sqrt(2 / _SIDE) * np.cos(_ROW)).astype(np.float32)
_MIRROR = np.where(np.arange(1, 17) % 2, -1, 1).astype(np.float32)
"""Turning a picture left to right turns the sign of every odd horizontal frequency."""
_HASHED_SIDE = 512
"""Pixels of the long side from which phash is taken: Pillow shrinks larger pictures slowly."""


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
    grey = np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    small = np.asarray(cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)
    waves = _DCT @ small @ _DCT.T
    return Fingerprint(
        _phash(grey), _bits(waves).hex(), _bits(waves * _MIRROR).hex(), _quality(small)
    )


def distance(one: str, other: str) -> int:
    """Count the bits in which two hashes in hex differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def words(prints: list[str]) -> NDArray[np.uint8]:
    """Return 256-bit hashes in hex as rows of 32 bytes."""
    return np.frombuffer(bytes.fromhex("".join(prints)), np.uint8).reshape(len(prints), 32)


def _phash(grey: NDArray[np.uint8]) -> str:
    scale = _HASHED_SIDE / max(grey.shape)
    if scale < 1:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    return str(imagehash.phash(Image.fromarray(grey)))


def _bits(waves: NDArray[np.float32]) -> bytes:
    return np.packbits(waves > np.median(waves)).tobytes()


def _quality(small: NDArray[np.float32]) -> int:
    """Count the steps between neighbouring pixels as PDQ does: in whole hundredths, by ninety."""
    steps = [np.abs(np.trunc(np.diff(small, axis=axis) * 100 / 255)).sum() for axis in (0, 1)]
    return int(min(100, sum(steps) / 90))
