"""Round seals like the GI special mark: which references are such, and whether one is genuine.

Imitations keep the rings and the layout and change the words or the drawing, so a seal is unwrapped
(polar), what is the same at every angle is taken away, and each sector of the ring must agree.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matchers.image.seeing.fitting import FINE, Patch
from matchers.image.seeing.renderings import MARGIN, SIDE, Artwork

GENUINE = 0.75
"""Share of the sectors that must agree."""
_AGREES = 0.5
_RINGS, _ANGLES, _SECTORS = 64, 256, 16
_LETTERS = 14
"""Strokes side by side along the rim, at least."""
_WORDS = slice(36, 62)
"""Rings in which the words stand, of all from the middle to the rim."""

Wheel = NDArray[np.float32]
"""A row an angle, a column a ring."""


def unwrapped(patch: Patch, reach: float) -> Wheel:
    """Return a round patch unrolled: a row an angle, a column a ring from the middle outwards."""
    middle = (patch.shape[1] / 2, patch.shape[0] / 2)
    size = (_RINGS, _ANGLES)
    return cast(
        Wheel, cv2.warpPolar(patch.astype(np.float32), size, middle, reach, cv2.INTER_LINEAR)
    )


def sectors(seen: Patch, drawn: Patch) -> NDArray[np.float64]:
    """Return how well each sector of a seal agrees with the reference, -1 to 1.

    Sectors of the ring of words and of the drawing inside alike; those in which the reference
    shows nothing are left out.
    """
    reach = FINE / 2 * (SIDE - 2 * MARGIN) / SIDE
    wheels = [unwrapped(patch, reach) for patch in (seen, drawn)]
    ring, drawing = _WORDS, slice(4, _WORDS.start)
    found = [_agreements(wheels[0][:, part], wheels[1][:, part]) for part in (ring, drawing)]
    return np.concatenate(found)


def genuine(seen: Patch, drawn: Patch) -> bool:
    """Tell whether what looks like the seal says and shows the same all around."""
    found = sectors(seen, drawn)
    return bool(len(found)) and float((found > _AGREES).mean()) >= GENUINE


def _agreements(seen: Wheel, drawn: Wheel) -> NDArray[np.float64]:
    """Correlate sector by sector, each moved a little to where it fits best."""
    a, b = _uneven(seen), _uneven(drawn)
    step = _ANGLES // _SECTORS
    found = []
    floor = float((b**2).mean()) * 0.2
    for start in range(0, _ANGLES, step):
        want = b[start : start + step]
        if float((want**2).mean()) < floor:
            continue
        best = max(
            _correlation(np.roll(a, (down, right), (0, 1))[start : start + step], want)
            for down in (-2, 0, 2)
            for right in (-1, 0, 1)
        )
        found.append(best)
    return np.array(found)


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
