"""Pictures that more than one listing of the practice market is about, and a bank of references."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

from PIL import Image

from practice import emblems
from practice.pictures import Drawing, render

SHARED_VINEGAR = Drawing("bottle", "studio/vinegar")
"""Used by several sellers under one address."""

SHARED: Mapping[str, Drawing] = {"TB2xKc9aVinStudio01": SHARED_VINEGAR}
"""File stem to picture."""

HOLDERS: Mapping[str, Drawing] = {
    "brand-guanyun": Drawing("bag", "studio/guanyun", words=("冠云", "五香牛肉", "净含量500克")),
    "gi-shanxi-laochencu": Drawing("bag", "studio/cuyuan", words=("醋源老铺", "手工陈酿")),
}
"""Right holders' own photos by right."""

LOGOS = ("brand-fenjiu", "brand-laoganma", "brand-moutai")
"""Rights whose practice logo is in the bank."""

SEAL = "logos/gi-sign/seal.png"
"""Stands in the bank for the GI special mark, which belongs to no single right."""

PLACEHOLDER = Drawing("box", "placeholder", notice="暂无图片")
"""What the market shows where a seller has no picture: it says nothing of anybody."""


def bank() -> Iterator[tuple[str, bytes]]:
    """Yield the references that a night looks for: path in the bank and bytes."""
    for right, drawing in HOLDERS.items():
        yield f"photos/{right}/studio.jpg", render(drawing)
    for right in LOGOS:
        yield f"logos/{right}/logo.png", _png(emblems.logo(right))
    yield SEAL, _png(emblems.seal())
    yield "allowed/placeholder.jpg", render(PLACEHOLDER)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
