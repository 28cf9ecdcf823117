"""Every scene of the practice market, the stands of the practice fair, the sheets it pushes."""

from __future__ import annotations

from collections.abc import Mapping

from practice.case import Case
from practice.cases.brand import BRAND
from practice.cases.fences import FENCES
from practice.cases.gi import GI
from practice.cases.honest import HONEST
from practice.cases.later import LATER
from practice.cases.shown import SHOWN

CASES: Mapping[str, Case] = {**GI, **BRAND, **HONEST, **LATER, **SHOWN, **FENCES}
"""By name; the name is for people and never reaches a page."""

STANDS: tuple[tuple[str | None, str | None, str | None], ...] = (
    ("vinegar-plain", None, None),
    ("vinegar-code", None, None),
    ("beef-inner-mongolia", None, "photo-copied"),
    ("beef-company", None, None),
    ("laoganma-stars", "kangshifu-dots", None),
    ("fenjiu-wide", None, "logo-on-pack"),
    ("apple-coop", None, None),
    ("liurenhetao", None, "ingredient"),
    ("guanyun-flagship", None, None),
)
"""What the exhibitors of the fair show beside ordinary goods; None for these.

A stand belongs to the firm that its first case names, else to an ordinary firm.
"""

PUSHED = (
    (
        *("vinegar-hebei", "beef-zero-width", "moutai-emoji", "kangshuaifu", "shop-name"),
        *("vinegar-code", "kangshifu-flagship", "compatible", "ingredient"),
    ),
    # The second sheet is GBK: nothing that this charset lacks.
    (
        *("apple-luochuan", "huili-dash", "millet-repacked", "fenjiu-wide", "laoganniang"),
        *("millet-shop", "other-millet", "boomerang", "delivery-beef"),
    ),
)
"""What is on each sheet that a platform pushes, beside ordinary goods."""
