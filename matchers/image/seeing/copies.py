"""Copies of known photos: from hashes and votes of local features to a match that can be drawn.

A whole copy is told by its hash; any other by votes of its ORB points, the one way on which they
agree, and the shading along it. Nothing is called a copy by points alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import faiss
import numpy as np
from numpy.typing import NDArray

from leads.sight import MatchKind, PictureMatch, Point, Quad
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.features import Grey, orb, shrunk
from matchers.image.seeing.fingerprint import Fingerprint, words
from matchers.image.seeing.geometry import Fit, Way, fit
from matchers.image.seeing.shading import BLOCKS, THUMB, Shading, blocks_of, shading
from matchers.image.seeing.views import Reference, Shelf
from matchers.image.seeing.votes import Votes

SIDE = 800
"""Pixels of a picture's long side for its points."""
POINTS = 800
CANDIDATES = 6
"""Views that are weighed by their votes, at most."""
LEAST_VOTES = 6.0
"""Votes from which a candidate is weighed; chance brings some ten, a copy mostly over fifty."""

CLEAR = 50
"""Quality from which a fingerprint is compared."""
SAME = 31
"""Bits of 256 up to which two fingerprints are of one picture (Meta's threshold of PDQ)."""
NEAR = 67
"""Bits up to which they may be."""

SURE_INLIERS, SURE_HULL, SURE_WEIGHT = 10, 0.01, 8.0
"""From here on a match is flagged. The hull is a share of the reference's area, the weight that of
points and shading together: inliers times what the cosine has above :data:`CHANCE`."""
EVERYWHERE = 0.65
"""Cosine over all that lies in the picture from which the fewest points are enough: small pictures
have few, and chance does not reach half of it."""
CHANCE = 0.3
"""Cosine that outlines on a plain ground reach when they happen to lie alike."""
LEAST_INLIERS, LEAST_COSINE = 7, 0.4
"""From here on it is shown to a person."""
WHOLE_COSINE = 0.6
"""The same where no points but a near hash speak: over the whole picture."""
EXPLAINED = 16.0
"""Grey levels by which any block of a picture may differ from an allowed one."""


@dataclass(frozen=True, eq=False)
class _Found:
    """A reference's view in the picture, as measured."""

    view: int
    way: Way
    """From the view's pixels to those in which the picture's points count."""
    inliers: int
    cosine: float
    shades: Shading
    blocks: NDArray[np.bool_]
    """Where the reference is seen."""
    certain: bool

    @property
    def score(self) -> float:
        trust = self.inliers / (self.inliers + 4) if self.inliers else 0.9
        return round(min(1.0, max(0.0, trust * (1 + self.cosine) / 2)), 3)


class CopyIndex:
    """References to hold pictures against; many threads may ask at once."""

    def __init__(
        self, references: Sequence[Reference], shelf: Shelf, index: faiss.IndexBinary
    ) -> None:
        """``index`` holds the words of ``shelf`` under their row numbers."""
        self._references = references
        self._shelf = shelf
        self._votes = Votes(index, shelf.points, shelf.starts)
        self._free = np.array([reference.right is None for reference in references], np.bool_)
        self._usable = np.asarray(shelf.quality >= CLEAR)

    def explained(self, photo: Photo, seen: Fingerprint) -> str | None:
        """Return the source of the allowed picture that this picture, as a whole, is.

        A photo laid into an allowed picture is not explained: every part has to be the same.
        """
        if seen.quality < CLEAR or not self._free.any():
            return None
        bits = _bits(self._shelf.prints, seen.pdq)
        grey = np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY))
        thumb = cv2.resize(grey, (THUMB, THUMB), interpolation=cv2.INTER_AREA).astype(np.float32)
        for row in np.flatnonzero(self._free & self._usable & (bits <= SAME)):
            off = cv2.absdiff(thumb, self._shelf.thumbs[row].astype(np.float32))
            if cv2.resize(off, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA).max() <= EXPLAINED:
                return self._references[int(row)].source
        return None

    def find(self, photo: Photo, seen: Fingerprint) -> tuple[PictureMatch, ...]:
        """Return where the picture shows a reference, strongest first, one match a reference."""
        grey, scale = shrunk(np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY)), SIDE)
        best: dict[int, _Found] = {}
        for found in [*self._by_points(grey), *self._by_hash(grey, seen)]:
            row = found.view // 2
            if row not in best or _rank(found) > _rank(best[row]):
                best[row] = found
        free = [found for row, found in best.items() if self._free[row]]
        copies = [
            found
            for row, found in best.items()
            if not self._free[row] and not any(self._covers(other, found) for other in free)
        ]
        copies.sort(key=_rank, reverse=True)
        return tuple(self._match(found, photo, photo.scale / scale) for found in copies)

    def _by_points(self, grey: Grey) -> Iterator[_Found]:
        seen = orb(grey, POINTS)
        for candidate in self._votes.candidates(seen, CANDIDATES):
            if candidate.votes >= LEAST_VOTES:
                view = self._shelf.view(candidate.view)
                lies = fit(seen, view, candidate.turn)
                if lies and lies.inliers >= LEAST_INLIERS:
                    yield from self._weighed(grey, candidate.view, lies)

    def _weighed(self, grey: Grey, view: int, lies: Fit) -> Iterator[_Found]:
        width, height = self._size(view)
        spanned = blocks_of(lies.hull, width, height)
        shades = self._shades(grey, view, lies.way)
        cosine = shades.over(spanned)
        if cosine < LEAST_COSINE:
            return
        hull = float(cv2.contourArea(lies.hull)) / (width * height)
        weight = lies.inliers * (cosine - CHANCE)
        enough = lies.inliers >= SURE_INLIERS and hull >= SURE_HULL and weight >= SURE_WEIGHT
        everywhere = shades.over(np.ones_like(spanned)) >= EVERYWHERE
        certain = enough or everywhere
        yield _Found(view, lies.way, lies.inliers, cosine, shades, shades.around(spanned), certain)

    def _by_hash(self, grey: Grey, seen: Fingerprint) -> Iterator[_Found]:
        """Yield references that the picture as a whole is, or may be; one inverted too."""
        if seen.quality < CLEAR:
            return
        for side, print_ in enumerate((seen.pdq, seen.mirrored)):
            bits = _bits(self._shelf.prints, print_)
            for shown, far in ((grey, bits), (255 - grey, 256 - bits)):
                for row in np.flatnonzero(self._usable & (far <= NEAR))[:CANDIDATES]:
                    view = 2 * int(row) + side
                    width, height = self._size(view)
                    way = np.diag([grey.shape[1] / width, grey.shape[0] / height, 1.0])[:2]
                    whole = np.ones((BLOCKS, BLOCKS), np.bool_)
                    shades = self._shades(shown, view, way)
                    cosine = shades.over(whole)
                    if cosine >= (LEAST_COSINE if far[row] <= SAME else WHOLE_COSINE):
                        sure = cosine >= WHOLE_COSINE
                        yield _Found(view, way, 0, cosine, shades, whole, sure)

    def _shades(self, grey: Grey, view: int, way: Way) -> Shading:
        width, height = self._size(view)
        grown = np.diag([width / THUMB, height / THUMB, 1.0])
        return shading(grey, self._shelf.thumb(view), way @ grown)

    def _size(self, view: int) -> tuple[int, int]:
        width, height = self._shelf.sizes[view // 2]
        return int(width), int(height)

    def _covers(self, allowed: _Found, copy: _Found) -> bool:
        """Tell whether an allowed picture fits as well where a copy seems to lie."""
        if not allowed.certain or allowed.inliers < 0.8 * copy.inliers:
            return False
        ours, theirs = (np.array(self._corners(found)[0], np.float32) for found in (copy, allowed))
        shared, _ = cv2.intersectConvexConvex(ours, theirs)
        if shared < 0.8 * cv2.contourArea(ours):
            return False
        back = cv2.invertAffineTransform(allowed.way)
        there = blocks_of(ours @ back[:, :2].T + back[:, 2], *self._size(allowed.view))
        return allowed.shades.over(there) >= copy.cosine - 0.15

    def _corners(self, found: _Found) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the corners of what is seen: in the picture, and in the view as it was captured.

        Corner by corner the same; pixels of the picture are those in which its points count.
        """
        width, height = self._size(found.view)
        rows, columns = np.nonzero(found.blocks)
        left, right = columns.min() / BLOCKS * width, (columns.max() + 1) / BLOCKS * width
        top, bottom = rows.min() / BLOCKS * height, (rows.max() + 1) / BLOCKS * height
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        source = corners.copy()
        if found.view % 2:
            source[:, 0] = width - source[:, 0]
        return corners @ found.way[:, :2].T + found.way[:, 2], source

    def _match(self, found: _Found, photo: Photo, scale: float) -> PictureMatch:
        """Return what was found in pixels as captured; ``scale`` is by pixel of the points."""
        reference = self._references[found.view // 2]
        grown = float(self._shelf.scales[found.view // 2])
        corners, source = self._corners(found)
        width, height = self._size(found.view)
        share = float(np.ptp(source[:, 0]) * np.ptp(source[:, 1])) / (width * height)
        quad = _quad(corners * scale, photo.width, photo.height)
        size = float(np.sqrt(np.linalg.det(found.way[:, :2]))) * scale / grown
        return PictureMatch(
            kind=MatchKind.COPY,
            right=reference.right or "",
            source=reference.source,
            score=found.score,
            reason=_reason(found, share, size),
            box=_box(quad),
            quad=quad,
            source_quad=_quad(source * grown, round(width * grown), round(height * grown)),
            mirrored=bool(found.view % 2),
            share=min(1.0, share),
            scale=size,
            inliers=found.inliers,
            certain=found.certain,
        )


def _rank(found: _Found) -> tuple[bool, int, float]:
    return found.certain, found.inliers, found.cosine


def _bits(prints: NDArray[np.uint8], other: str) -> NDArray[np.int64]:
    """Count the bits by which a fingerprint differs from each of many."""
    return np.asarray(np.bitwise_count(prints ^ words([other])).sum(axis=1, dtype=np.int64))


def _quad(corners: NDArray[np.float64], width: int, height: int) -> Quad:
    """Return corners as points, none outside a picture of that size."""
    held = np.clip(corners, 0, [width, height]).round(1)
    a, b, c, d = ((float(x), float(y)) for x, y in held)
    return a, b, c, d


def _box(quad: Sequence[Point]) -> tuple[int, int, int, int]:
    left, top = (int(min(point[axis] for point in quad)) for axis in (0, 1))
    right, bottom = (round(max(point[axis] for point in quad)) for axis in (0, 1))
    return left, top, max(1, right - left), max(1, bottom - top)


def _reason(found: _Found, share: float, size: float) -> str:
    how = "镜像翻转后，" if found.view % 2 else ""
    points = f"{found.inliers}处特征点位置吻合" if found.inliers else "整幅画面指纹吻合"
    seen = f"画面明暗吻合度{found.cosine:.0%}，可见参照图约{share:.0%}，缩放至{size:.2f}倍"
    doubt = "" if found.certain else "；吻合处较少，须人工辨认"
    return f"疑似复制参照图片：{how}{points}，{seen}{doubt}。"
