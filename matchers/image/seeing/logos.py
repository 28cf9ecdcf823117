"""Logos and seals inside photos: local features of all registered marks, pooled in one index.

A photo's SIFT points (RootSIFT, Arandjelovic and Zisserman 2012) vote for marks; a point counts
only where it is clearly nearer to one right's marks than to all others' (Lowe's ratio). Where a few
points agree on one affine place the mark is laid over it and compared edge by edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import faiss
import numpy as np
from numpy.typing import NDArray

from leads.sight import MatchKind, PictureMatch, Quad
from matchers.image.seeing import seals
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.fitting import Fit, Plane, fit
from matchers.image.seeing.renderings import SIDE, Artwork, artwork

LONG_SIDE = 900
"""Pixels of the longer side in which marks are looked for."""
_POINTS = 2500
_FAINT = 0.02
_MARK_POINTS = 300
"""Of each rendering."""
_NEIGHBOURS = 12
_RATIO = 0.85
_LEAST = 3
"""Points that must agree before a place is looked at."""
_NEAR = 6.0
"""Pixels by which a point may miss its place."""
_FLAT = 4000
"""Words up to which all are compared; more are searched in the nearest clusters only."""
_CERTAIN = ((3, 0.65), (5, 0.5), (10, 0.42))
"""How many points, and how alike at least."""
_REVIEW = 0.4

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Logo:
    """A registered mark of the bank, decoded."""

    right: str
    source: str
    """``logos/<right>/<file>``; a file named ``seal*`` is a seal and one named ``logo*`` is
    none; of others the artwork tells."""
    pixels: NDArray[np.uint8]
    """RGB, height x width x 3; transparent parts lie on white."""
    opaque: NDArray[np.uint8] | None = None
    """Alpha, height x width; None where the file has none: then paper is taken to be white."""


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a mark may stand."""

    mark: int
    inliers: int
    plane: Plane


class LogoIndex:
    """Registered marks to look for in photos; many threads may ask at once."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take up what :meth:`arrays` gave."""
        self._arrays = dict(arrays)
        self._rights = [str(one) for one in arrays["rights"]]
        self._sources = [str(one) for one in arrays["sources"]]
        self._parties = np.unique(arrays["rights"], return_inverse=True)[1]
        self._owners, self._points = arrays["owners"], arrays["points"]
        self._words: Any = faiss.deserialize_index(np.asarray(arrays["words"]))

    def __len__(self) -> int:
        return len(self._owners)

    @classmethod
    def build(cls, logos: Iterable[Logo]) -> LogoIndex:
        """Return an index of marks; one that has no features is never found."""
        marks = list(logos)
        art = [artwork(mark.pixels, mark.opaque) for mark in marks]
        found = [_described(sheet, _MARK_POINTS) for one in art for sheet in one.renderings]
        owners = [n // 4 for n, (points, _) in enumerate(found) for _ in points]
        empty = np.empty((0, SIDE, SIDE), np.uint8)
        return cls(
            {
                "rights": np.array([mark.right for mark in marks], dtype=str),
                "sources": np.array([mark.source for mark in marks], dtype=str),
                "seals": np.array(
                    [_is_seal(mark, one) for mark, one in zip(marks, art, strict=True)], bool
                ),
                "sizes": np.array([mark.pixels.shape[1::-1] for mark in marks], np.float64),
                "frames": np.array([(one.left, one.top, one.scale) for one in art], np.float64),
                "grey": np.stack([one.grey for one in art]) if art else empty,
                "solid": np.stack([one.solid for one in art]) if art else empty,
                "ink": np.stack([one.ink for one in art]) if art else empty,
                "owners": np.array(owners, np.int32),
                "points": _stacked([points for points, _ in found], 2),
                "words": _searchable(_stacked([words for _, words in found], 128)),
            }
        )

    def arrays(self) -> dict[str, Array]:
        """Return the index as plain arrays, to be kept on disk and mapped."""
        return self._arrays

    def find(self, photo: Photo) -> tuple[PictureMatch, ...]:
        """Return where the photo shows a mark, strongest first, one match a logo.

        Of marks that would lie in the same place only the one that fits best is told.
        """
        if not len(self):
            return ()
        grey, scale = _grey(photo)
        found: list[tuple[_Place, Fit]] = []
        for place in self._places(grey):
            laid = fit(grey, self._art(place.mark), place.plane)
            if laid.alike >= _REVIEW:
                found.append((place, laid))
        found.sort(key=lambda one: (-one[1].alike, one[0].mark))
        told: list[PictureMatch] = []
        for place, laid in found:
            match = self._match(place, laid, scale * photo.scale, photo)
            if match and not any(_overlap(match, other) > 0.5 for other in told):
                told.append(match)
        return tuple(sorted(told, key=lambda one: (not one.certain, -one.score, one.source)))

    def _places(self, grey: NDArray[np.uint8]) -> Iterator[_Place]:
        points, words = _described(grey, _POINTS)
        if len(points) < _LEAST:
            return
        away, near = self._words.search(words.astype(np.float32), min(_NEIGHBOURS, len(self)))
        party = self._parties[self._owners[near]]
        other = np.where((party != party[:, :1]) & (near >= 0), away, np.inf).min(axis=1)
        other = np.where(np.isinf(other), away.max(axis=1), other)
        clear = np.flatnonzero((near[:, 0] >= 0) & (away[:, 0] < _RATIO**2 * other))
        owners = self._owners[near[clear, 0]]
        for mark in np.unique(owners):
            mine = clear[owners == mark]
            place = _agreed(self._points[near[mine, 0]], points[mine], int(mark))
            if place:
                yield place

    def _art(self, mark: int) -> Artwork:
        kept, (left, top, scale) = self._arrays, self._arrays["frames"][mark]
        return Artwork(kept["grey"][mark], kept["solid"][mark], kept["ink"][mark], left, top, scale)

    def _match(self, place: _Place, laid: Fit, scale: float, photo: Photo) -> PictureMatch | None:
        """Return the record of a mark; ``scale`` is captured pixels by pixel searched."""
        left, top, size = self._arrays["frames"][place.mark]
        width, height = self._arrays["sizes"][place.mark]
        corners = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float64)
        sheet = (corners + 0.5) * size + (left, top) - 0.5
        placed = cv2.perspectiveTransform(sheet[None], laid.plane)[0] * scale
        box = _box(placed, photo)
        if box is None:
            return None
        seal = bool(self._arrays["seals"][place.mark])
        kind, certain, reason = _told(seal, place, laid)
        return PictureMatch(
            kind=kind,
            right=self._rights[place.mark],
            source=self._sources[place.mark],
            score=round(min(1.0, max(0.0, laid.alike)), 4),
            reason=reason,
            box=box,
            quad=_quad(placed),
            source_quad=_quad(corners),
            share=round(laid.share, 4),
            scale=float(np.sqrt(cv2.contourArea(placed.astype(np.float32)) / (width * height))),
            inliers=place.inliers,
            certain=certain,
        )


def _told(seal: bool, place: _Place, laid: Fit) -> tuple[MatchKind, bool, str]:
    """Return the kind, whether it is certain, and why."""
    how = f"{place.inliers}个特征点吻合，轮廓相似度{laid.alike:.0%}"
    if seal:
        if place.inliers >= 5 and seals.genuine(laid.seen, laid.drawn):
            return MatchKind.SEAL, True, f"疑似出现专用标志图样，可见部分的文字图案吻合（{how}）"
        return (
            MatchKind.SEAL_LIKE,
            False,
            f"版式与专用标志相似，文字图案不尽相符、被遮挡或不清（{how}）",
        )
    certain = any(place.inliers >= n and laid.alike >= least for n, least in _CERTAIN)
    return MatchKind.LOGO, certain, f"疑似出现注册标识图样（{how}）"


def _is_seal(mark: Logo, art: Artwork) -> bool:
    name = mark.source.rpartition("/")[2]
    if name.startswith(("seal", "logo")):
        return name.startswith("seal")
    return seals.is_seal(mark.pixels, art)


def _described(grey: NDArray[np.uint8], most: int) -> tuple[Array, Array]:
    """Return SIFT points (x, y) and their RootSIFT words in bytes."""
    finder = cv2.SIFT.create(most, contrastThreshold=_FAINT)
    found, words = finder.detectAndCompute(grey, None)
    if words is None:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.uint8)
    share = words / np.maximum(words.sum(axis=1, keepdims=True), 1e-6)
    rooted = np.minimum(np.sqrt(share) * 512, 255).astype(np.uint8)
    return np.array([one.pt for one in found], np.float32), rooted


def _searchable(words: Array) -> Array:
    """Return the words as a faiss index in bytes: all, or in clusters where they are many."""
    kind = faiss.ScalarQuantizer.QT_8bit_direct
    rows = words.astype(np.float32)
    if len(rows) <= _FLAT:
        index: Any = faiss.IndexScalarQuantizer(128, kind)
    else:
        clusters = int(min(4 * np.sqrt(len(rows)), len(rows) / 40))  # faiss trains on 39 a cluster
        index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatL2(128), 128, clusters, kind)
        index.cp.niter = 6
        index.nprobe = 16
    index.train(rows)
    index.add(rows)
    return np.asarray(faiss.serialize_index(index))


def _stacked(parts: list[Array], width: int) -> Array:
    return np.concatenate([*parts, np.empty((0, width), np.float32 if width == 2 else np.uint8)])


def _grey(photo: Photo) -> tuple[NDArray[np.uint8], float]:
    """Return the photo in grey, and how much larger its own pixels are counted."""
    grey = cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY)
    long = max(grey.shape)
    if long > LONG_SIDE:
        size = [max(1, round(side * LONG_SIDE / long)) for side in grey.shape[1::-1]]
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8), max(long, 1) / max(grey.shape)


def _agreed(sheet: Array, photo: Array, mark: int) -> _Place | None:
    """Return the place on which most points agree, None if none does."""
    if len(sheet) < _LEAST:
        return None
    best: _Place | None = None
    for guess in (cv2.estimateAffine2D, cv2.estimateAffinePartial2D):
        matrix, inliers = guess(
            sheet, photo, method=cv2.RANSAC, ransacReprojThreshold=_NEAR, maxIters=2000
        )
        if matrix is None or not _plausible(matrix):
            continue
        kept = inliers.ravel() > 0
        count = min(_apart(sheet[kept], 4), _apart(photo[kept], 3))
        if count >= _LEAST and (best is None or count > best.inliers):
            best = _Place(mark, count, np.vstack([matrix, (0, 0, 1)]))
    return best


def _apart(points: Array, step: int) -> int:
    """Count points, those in one cell of a grid once: repeated texture is one observation."""
    return len(np.unique((points // step).astype(np.int32), axis=0))


def _plausible(matrix: Array) -> bool:
    """Tell whether a mark may be printed so: not mirrored, not too small, large or squeezed."""
    if not np.isfinite(matrix).all() or np.linalg.det(matrix[:, :2]) <= 0:
        return False
    long, short = np.linalg.svd(matrix[:, :2])[1]
    return bool(short > 0.05 and long < 6 and long < 2.5 * short)


def _box(corners: Array, photo: Photo) -> tuple[int, int, int, int] | None:
    """Return what of the quad lies in the picture as x, y, width, height."""
    low = np.clip(corners.min(axis=0), 0, (photo.width, photo.height)).round().astype(int)
    high = np.clip(corners.max(axis=0), 0, (photo.width, photo.height)).round().astype(int)
    width, height = (high - low).tolist()
    return (int(low[0]), int(low[1]), width, height) if width > 1 and height > 1 else None


def _quad(corners: Array) -> Quad:
    a, b, c, d = ((round(float(x), 1), round(float(y), 1)) for x, y in corners)
    return a, b, c, d


def _overlap(one: PictureMatch, other: PictureMatch) -> float:
    """Return the common part of two boxes by what both cover."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = one.box, other.box
    wide = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    high = max(0, min(ay + ah, by + bh) - max(ay, by))
    common = wide * high
    return common / (aw * ah + bw * bh - common)
