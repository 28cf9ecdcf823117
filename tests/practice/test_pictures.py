"""The pictures are drawn the same every time, and differ where they should."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from practice.goods import Pack
from practice.pictures import Drawing, Treatment, render


@pytest.mark.parametrize("pack", get_args(Pack))
def test_the_same_drawing_is_the_same_bytes(pack: Pack):
    drawing = Drawing(pack, "1")
    first = render(drawing)
    render.cache_clear()
    assert render(drawing) == first
    assert first.startswith(b"\xff\xd8")


def test_what_is_drawn_makes_a_difference():
    plain = Drawing("bottle", "1")
    drawings = [
        plain,
        replace(plain, key="2"),
        replace(plain, emblem="brand-fenjiu"),
        replace(plain, emblem="brand-moutai"),
        replace(plain, words=("HUAWEI",)),
        replace(plain, words=("老干妈", "风味豆豉")),
        replace(plain, seal="genuine"),
        replace(plain, seal="imitated"),
        replace(plain, seal="genuine", code="91140430YL00000123"),
        *(replace(plain, treatment=treatment) for treatment in get_args(Treatment)),
        replace(plain, notice="暂无图片"),
    ]
    assert len({render(drawing) for drawing in drawings}) == len(drawings)
