"""Round seals like the GI special mark: which references are such, and whether one is genuine.

Imitations keep the rings and the layout and change words or drawing. So a seal is unwrapped (polar)
and compared sector by sector, by fine strokes only: letters of another wording are blobs as large,
and rings are the same at every angle. Measured: the same letters agree as well as all others do
(0.92 of the median), other letters half as well, and what is covered does not agree at all.
"""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.fitting import FINE, Patch
from matchers.image.seeing.renderings import MARGIN, SIDE, Artwork

_CLEAR = 0.75
"""How well half of the sectors with words must agree; less is too blurred to tell."""
_SAME = 0.92
"""Of the median: sectors that agree so well show the same letters."""
_COVERED = 0.45
"""Sectors that agree less show nothing of the seal; what lies between shows other letters."""
_HIDDEN = 0.25
"""Part of the words that may be covered: behind more, other letters may stand."""
_OTHER_LETTERS = 1
"""Sectors with other letters at most: where a cover ends there may be one."""
_DRAWN, _WORST_DRAWN = 0.66, 0.45
"""How well half of the drawing must agree, and its three worst sectors."""
_RINGS, _ANGLES, _SECTORS = 64, 256, 16
_LETTERS = 14
"""Strokes side by side along the rim, at least."""
_WORDS, _DRAWING = slice(43, 57), slice(4, 38)
"""Rings in which the words stand, and the drawing, of all from the middle to the rim."""

Wheel = NDArray[np.float32]
"""A row an angle, a column a ring."""


def unwrapped(patch: NDArray[Any], reach: float) -> Wheel:
    """Return a round patch unrolled: a row an angle, a column a ring from the middle outwards."""
    middle = ((patch.shape[1] - 1) / 2, (patch.shape[0] - 1) / 2)
    size = (_RINGS, _ANGLES)
    wheel = cv2.warpPolar(patch.astype(np.float32), size, middle, reach, cv2.INTER_LINEAR)
    return cast(Wheel, wheel)


def genuine(seen: Patch, drawn: Patch) -> bool:
    """Tell whether what looks like the seal says and shows the same all around.

    It may be covered in part; what shows other letters or another drawing is not genuine, nor what
    is too blurred to tell.
    """
    reach = FINE / 2 * (SIDE - 2 * MARGIN) / SIDE
    photo, seal = (_uneven(unwrapped(_strokes(patch), reach)) for patch in (seen, drawn))
    return _says_the_same(agreements(photo[:, _WORDS], seal[:, _WORDS])) and _shows_the_same(
        agreements(photo[:, _DRAWING], seal[:, _DRAWING])
    )


def _says_the_same(found: NDArray[np.float64]) -> bool:
    usual = float(np.median(found)) if len(found) else 0.0
    same = found >= _SAME * usual
    other = ~same & (found >= _COVERED)
    hidden = int((found < _COVERED).sum())
    readable = usual >= _CLEAR and hidden <= _HIDDEN * len(found)
    return readable and int(other.sum()) <= _OTHER_LETTERS


def _shows_the_same(found: NDArray[np.float64]) -> bool:
    if not len(found):
        return False
    worst = np.sort(found)[:3]
    return float(np.median(found)) >= _DRAWN and float(worst.mean()) >= _WORST_DRAWN


def agreements(seen: Wheel, drawn: Wheel) -> NDArray[np.float64]:
    """Return how well each sector agrees, -1 to 1, moved a little to where it fits best.

    Sectors in which the reference shows nothing are left out.
    """
    step = _ANGLES // _SECTORS
    floor = float((drawn**2).mean()) * 0.3
    found = []
    for start in range(0, _ANGLES, step):
        here = slice(start, start + step)
        if float((drawn[here] ** 2).mean()) >= floor:
            found.append(
                max(
                    _correlation(np.roll(seen, (down, right), (0, 1))[here], drawn[here])
                    for down in range(-3, 4)
                    for right in (-1, 0, 1)
                )
            )
    return np.array(found, np.float64)


def _strokes(patch: Patch) -> NDArray[np.float32]:
    """Keep what is as fine as the strokes of letters: neither their size nor the light counts."""
    soft = patch.astype(np.float32)
    fine = cv2.GaussianBlur(soft, (0, 0), 0.7) - cv2.GaussianBlur(soft, (0, 0), 2.5)
    return cast(NDArray[np.float32], fine)


def _uneven(wheel: Wheel) -> Wheel:
    """Take away what is the same at every angle: the rings themselves."""
    return cast(Wheel, wheel - np.median(wheel, axis=0, keepdims=True))


def _correlation(one: Wheel, other: Wheel) -> float:
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / norm if norm > 1e-3 else 0.0


def is_seal(pixels: NDArray[np.uint8], art: Artwork) -> bool:
    """Tell whether a reference is a red round seal with words along its rim."""
    return _is_round(art) and _is_red(pixels) and _letters_around(art) >= _LETTERS


def _is_round(art: Artwork) -> bool:
    """Tell whether the outline fills its circle and leaves the corners of its square free."""
    outline, _ = cv2.findContours(
        (art.ink > 128).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    if not outline:
        return False
    largest = max(outline, key=cv2.contourArea)
    (_, _), radius = cv2.minEnclosingCircle(largest)
    return bool(cv2.contourArea(largest) > 0.93 * np.pi * radius**2 and radius > SIDE * 0.35)


def _is_red(pixels: NDArray[np.uint8]) -> bool:
    """Tell whether most of what is coloured is red."""
    hue, colourful, bright = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV))
    inked = (colourful > 90) & (bright > 60)
    red = inked & ((hue < 10) | (hue > 168))
    return bool(inked.any()) and red.sum() > 0.4 * inked.sum()


def _letters_around(art: Artwork) -> int:
    """Count what stands apart along the rim: runs of ink between gaps, on the best ring."""
    sheet = art.grey.astype(np.uint8)
    wheel = unwrapped(sheet, (SIDE - 2 * MARGIN) / 2)
    counts = []
    for ring in range(_WORDS.start + 4, _WORDS.stop - 4):
        line = wheel[:, ring]
        low, high = np.percentile(line, (5, 95))
        if high - low < 60:
            continue
        dark = line < (low + high) / 2
        counts.append(int((dark & ~np.roll(dark, 1)).sum()))
    return max(counts, default=0)
