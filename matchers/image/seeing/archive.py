"""Where else a picture was seen: 256-bit fingerprints by the ten million, looked up by nearness.

Multi-index hashing (Norouzi et al. 2012) over sixteen words of sixteen bits: two fingerprints that
differ in at most fifteen bits share a word for certain, and at 31 bits nineteen times in twenty.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.fingerprint import Fingerprint, words

CLEAR = 50
"""Quality from which a fingerprint is kept and looked up: others are near to too much."""
MOST_SAME = 64
"""Pictures of one and the same fingerprint that are kept: a placeholder's would slow all others."""
_WORDS = 16


class Archive:
    """Fingerprints seen so far, held in memory; what is added is found from then on.

    Takes some 400 bytes a picture. Not to be added to and asked from several threads at once.
    """

    def __init__(
        self, digests: NDArray[np.uint8] | None = None, prints: NDArray[np.uint8] | None = None
    ) -> None:
        """Start with pictures of good quality: n x 32 bytes each of SHA-256 and of fingerprint."""
        self._index = faiss.IndexBinaryMultiHash(256, _WORDS, 256 // _WORDS)
        self._digests = bytearray()
        if digests is not None and prints is not None:
            rows = np.flatnonzero(_sames(prints) < MOST_SAME)
            self._keep(digests[rows], prints[rows])

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, sha256: str, seen: Fingerprint) -> None:
        """Remember a picture; one of low quality is not kept, its hash says too little."""
        if seen.quality < CLEAR:
            return
        print_ = words([seen.pdq])
        if len(self._within(print_, 0)) < MOST_SAME:
            self._keep(words([sha256]), print_)

    def near(self, seen: Fingerprint, most: int = 31) -> list[tuple[str, int]]:
        """Return pictures within ``most`` bits by SHA-256 with their distance, nearest first."""
        if seen.quality < CLEAR:
            return []
        found = self._within(words([seen.pdq]), most)
        return sorted(
            ((self._digests[32 * row : 32 * row + 32].hex(), bits) for row, bits in found),
            key=lambda pair: (pair[1], pair[0]),
        )

    def _within(self, print_: NDArray[np.uint8], most: int) -> list[tuple[int, int]]:
        if not self._index.ntotal:
            return []
        _, bits, rows = self._index.range_search(print_, most + 1)
        return [(int(row), int(far)) for row, far in zip(rows, bits, strict=True)]

    def _keep(self, digests: NDArray[np.uint8], prints: NDArray[np.uint8]) -> None:
        self._index.add(np.ascontiguousarray(prints))
        self._digests += digests.tobytes()


def _sames(prints: NDArray[np.uint8]) -> NDArray[Any]:
    """Return for each row how many rows before it are the same."""
    whole = np.ascontiguousarray(prints).view("S32").ravel()
    order = np.argsort(whole, kind="stable")
    fresh = np.flatnonzero(np.r_[True, whole[order][1:] != whole[order][:-1]])
    counts = np.diff(np.r_[fresh, len(order)])
    before = np.empty(len(order), np.int64)
    before[order] = np.arange(len(order)) - np.repeat(fresh, counts)
    return before
