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

_WORST, _USUAL = 0.5, 0.7
"""How well the worst tenth of the sectors must agree, and half of them."""
_RINGS, _ANGLES, _SECTORS = 64, 256, 16
_LETTERS = 14
"""Strokes side by side along the rim, at least."""
_WORDS, _DRAWING = slice(40, 60), slice(4, 40)
"""Rings in which the words stand, and the drawing, of all from the middle to the rim."""

Wheel = NDArray[np.float32]
"""A row an angle, a column a ring."""


def unwrapped(patch: Patch, reach: float) -> Wheel:
    """Return a round patch unrolled: a row an angle, a column a ring from the middle outwards."""
    middle = (patch.shape[1] / 2, patch.shape[0] / 2)
    size = (_RINGS, _ANGLES)
    return cast(
        Wheel, cv2.warpPolar(patch.astype(np.float32), size, middle, reach, cv2.INTER_LINEAR)
    )


def genuine(seen: Patch, drawn: Patch) -> bool:
    """Tell whether what looks like the seal says and shows the same all around.

    Where it is covered (blank) it says nothing; as much must be seen as not.
    """
    reach = FINE / 2 * (SIDE - 2 * MARGIN) / SIDE
    wheels = [_uneven(unwrapped(patch, reach)) for patch in (seen, drawn)]
    return all(_holds(wheels[0][:, part], wheels[1][:, part]) for part in (_WORDS, _DRAWING))


def _holds(seen: Wheel, drawn: Wheel) -> bool:
    """Tell whether nothing contradicts in the ring of words, or in the drawing inside."""
    found = agreements(seen, drawn)
    said = found[~np.isnan(found)]
    return 2 * len(said) >= len(found) > 0 and bool(
        np.percentile(said, 10) >= _WORST and np.median(said) >= _USUAL
    )


def agreements(seen: Wheel, drawn: Wheel) -> NDArray[np.float64]:
    """Return how well each sector agrees, -1 to 1, moved a little to where it fits best.

    Sectors in which the reference shows nothing are left out; blank ones of the photo are NaN.
    """
    step = _ANGLES // _SECTORS
    floor = float((drawn**2).mean()) * 0.2
    contrast = float(np.sqrt((seen**2).mean() / ((drawn**2).mean() + 1e-6)))
    found = []
    for start in range(0, _ANGLES, step):
        here = slice(start, start + step)
        wanted = float((drawn[here] ** 2).mean())
        if wanted < floor:
            continue
        if float((seen[here] ** 2).mean()) < 0.15 * wanted * contrast**2:
            found.append(np.nan)
            continue
        found.append(
            max(
                _correlation(np.roll(seen, (down, right), (0, 1))[here], drawn[here])
                for down in (-3, -1, 0, 1, 3)
                for right in (-1, 0, 1)
            )
        )
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
