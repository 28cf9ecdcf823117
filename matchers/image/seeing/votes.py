"""Which references a picture may show: its ORB words look up like words, and those vote.

The words of all references lie in faiss's inverted file; a vote counts for a reference together
with the turn and the growth that it implies (weak geometric consistency, Jegou et al. 2008), so
that chance votes scatter and those of a copy pile up.
"""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.features import Features

NEIGHBOURS = 4
"""Words of the bank that each word of a picture votes for, at most."""
MOST_BITS = 72
"""Bits of 256 by which two ORB words of one point differ, at most."""
TURNS = 16
GROWTHS = 12
"""Bins of turn (all round) and of growth (a factor of two each, from 1/64 to 64)."""
_ANGLE = 360 / TURNS
_SEED = 7


@dataclass(frozen=True)
class Candidate:
    """A view of the bank that a picture may show."""

    view: int
    votes: float
    turn: float
    """Degrees by which the view seems turned."""


PROBES = 4
"""Cells whose words a word of a picture is compared with."""
_FEW = 4096
"""Words below which all are compared."""
_MOST_CELLS = 4096


def filled(words: NDArray[np.uint8]) -> faiss.IndexBinaryIVF:
    """Return the words as an inverted file, each under its row number.

    Its cells lie around words drawn by lot: k-means takes minutes and finds no more copies.
    """
    cells = 1 if len(words) < _FEW else min(_MOST_CELLS, 2 << round(np.log2(len(words)) / 2))
    index = faiss.IndexBinaryIVF(faiss.IndexBinaryFlat(256), 256, cells)
    drawn = np.random.default_rng(_SEED).permutation(len(words))[:cells]
    index.quantizer.add(np.ascontiguousarray(words[np.sort(drawn)]))
    index.is_trained = True
    index.nprobe = min(PROBES, cells)
    if len(words):
        index.add(words)
    return index


class Votes:
    """The words of all views, as an inverted file."""

    def __init__(
        self, index: faiss.IndexBinary, points: NDArray[np.float32], starts: NDArray[np.int64]
    ) -> None:
        """``points`` are those of :class:`Features`, one view behind the other from ``starts``."""
        self._index = index
        self._points = points
        self._starts = starts

    def candidates(self, seen: Features, most: int) -> list[Candidate]:
        """Return the ``most`` views with most votes, most first."""
        if not len(seen) or not self._index.ntotal:
            return []
        bits, ids = self._index.search(seen.words, NEIGHBOURS)
        rows, ranks = np.nonzero((ids >= 0) & (bits <= MOST_BITS))
        if not len(rows):
            return []
        words = ids[rows, ranks]
        views = np.searchsorted(self._starts, words, side="right") - 1
        turns = (seen.points[rows, 2] - self._points[words, 2]) % 360
        growths = np.log2(seen.points[rows, 3] / self._points[words, 3]) + GROWTHS / 2
        return _tally(views, turns, growths, 1 / (1 + ranks), most)


def _tally(
    views: NDArray[np.int64],
    turns: NDArray[np.float32],
    growths: NDArray[np.float32],
    weights: NDArray[np.float64],
    most: int,
) -> list[Candidate]:
    seen, at = np.unique(views, return_inverse=True)
    turn = np.floor(turns / _ANGLE).astype(np.int64) % TURNS
    growth = np.clip(np.floor(growths), 0, GROWTHS - 1).astype(np.int64)
    bins = (at * TURNS + turn) * GROWTHS + growth
    count = len(seen) * TURNS * GROWTHS
    piles = np.bincount(bins, weights, count).reshape(len(seen), TURNS, GROWTHS)
    # A vote near the border of a bin counts for both sides.
    piles = piles + np.roll(piles, 1, axis=1)
    piles[:, :, 1:] += piles[:, :, :-1].copy()
    flat = piles.reshape(len(seen), -1)
    best = flat.argmax(axis=1)
    votes = flat[np.arange(len(seen)), best]
    order = np.argsort(-votes, kind="stable")[:most]
    return [
        Candidate(int(seen[row]), float(votes[row]), float(best[row] // GROWTHS * _ANGLE))
        for row in order
    ]
