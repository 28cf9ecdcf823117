"""What sellers do to a photo they took from somebody else: 82 ways in 11 families, repeatable."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from bench.montage import (
    banner,
    block,
    collage,
    frame,
    inset,
    letterbox,
    mark,
    page,
    price,
    printed,
    soft,
    stickers,
)
from bench.retouching import (
    GREY,
    RED,
    WHITE,
    Attack,
    Pixels,
    Scene,
    anywhere,
    blur,
    centre,
    coded,
    hue,
    inverted,
    light,
    long,
    mirror,
    mosaic,
    noise,
    palette,
    posters,
    sharp,
    side,
    size,
    square,
    tilt,
    tint,
    turn,
    twice,
)

FAMILIES: dict[str, dict[str, Attack]] = {
    "codec": {
        **{f"jpeg {q}": partial(coded, kind="JPEG", quality=q) for q in (70, 40, 20, 10)},
        "webp 30": partial(coded, kind="WEBP", quality=30),
        "64 colours": palette,
        "coded twice": twice,
    },
    "resize": {
        **{f"to {side} px": partial(long, side=side) for side in (1000, 500, 320, 200)},
        "wider by a quarter": partial(size, x=1.25, y=1),
        "flatter by a quarter": partial(size, x=1, y=0.75),
    },
    "crop": {
        **{f"centre {a:.0%}": partial(centre, area=a) for a in (0.9, 0.7, 0.5)},
        **{f"anywhere {a:.0%}": partial(anywhere, area=a) for a in (0.8, 0.65, 0.5)},
        "left fifth off": partial(side, left=0.2),
        "top third off": partial(side, top=0.33),
        "bottom half off": partial(side, bottom=0.5),
        "square": square,
    },
    "mirror": {
        "mirror": mirror,
        "mirror, jpeg 40": partial(mirror, then=partial(coded, kind="JPEG", quality=40)),
        "mirror, crop 70%": partial(mirror, then=partial(anywhere, area=0.7)),
        "mirror, banner": partial(mirror, then=partial(banner, share=0.15)),
        "mirror, frame": partial(mirror, then=partial(frame, edge=0.08)),
    },
    "rotate": {
        **{f"{d} degrees": partial(turn, degrees=d) for d in (2, 5, 10, 20, 45, 90, 180)},
        "10 degrees, on grey": partial(turn, degrees=-10, ground=GREY),
        "tilted 5%": partial(tilt, by=0.05),
        "tilted 10%": partial(tilt, by=0.1),
    },
    "colour": {
        "brighter": partial(light, gain=1.3, plus=15),
        "darker": partial(light, gain=0.55),
        "more contrast": partial(light, gain=1.6, plus=-76),
        "less contrast": partial(light, gain=0.5, plus=64),
        "gamma 0.5": partial(light, gamma=0.5),
        "gamma 2": partial(light, gamma=2.0),
        "hue by 60": partial(hue, shift=30),
        "hue by 180": partial(hue, shift=90),
        "grey": partial(hue, saturation=0.0),
        "vivid": partial(hue, saturation=1.8),
        "warm": partial(tint, colour=(255, 170, 60), share=0.25),
        "inverted": inverted,
    },
    "quality": {
        **{f"noise {by}": partial(noise, by=by) for by in (8, 20)},
        **{f"blur {by}": partial(blur, by=by) for by in (1.5, 3)},
        "8 steps": partial(posters, steps=8),
        "sharpened": sharp,
        "a third and back": mosaic,
    },
    "overlay": {
        "watermark": partial(mark, share=0.5, often=False),
        "watermarks": partial(mark, share=0.35, often=True),
        "banner 15%": partial(banner, share=0.15),
        "banner 30%": partial(banner, share=0.3),
        "banner on top": partial(banner, share=0.2, top=True),
        "price": price,
        "3 stickers": partial(stickers, count=3),
        "8 stickers": partial(stickers, count=8),
        "block of 20%": partial(block, share=0.2),
    },
    "frame": {
        "white 5%": partial(frame, edge=0.05),
        "red 12%": partial(frame, edge=0.12, ground=RED),
        "grey 25%": partial(frame, edge=0.25, ground=GREY),
        "on a photo": partial(frame, edge=0.12, ground=None),
        "letterbox, white": partial(letterbox, ground=WHITE),
        "letterbox, black": partial(letterbox, ground=(0, 0, 0)),
    },
    "compose": {
        "2x2": partial(collage, count=2),
        "3x3": partial(collage, count=3),
        "inset 50%": partial(inset, width=0.5),
        "inset 35%": partial(inset, width=0.35),
        "inset 25%": partial(inset, width=0.25),
        "print": printed,
    },
    "listing": {
        "page": partial(page, wide=False),
        "wide page": partial(page, wide=True),
        "dark page": partial(page, wide=True, dark=True),
        "soft page": soft,
    },
}
"""Attacks by family and name; every photo is then saved as JPEG at 85."""


def attacked(photo: Pixels, attack: Attack, others: Sequence[Pixels], seed: int) -> Pixels:
    """Return what an attack makes of a photo; the same seed gives the same picture."""
    return attack(photo, Scene(np.random.default_rng(seed), others))
