"""Words in pictures that the test writes itself, and numbers as machines misread them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.lettering import font
from matchers.image.seeing.numerals import repaired
from matchers.image.seeing.words import Reader, has_text


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


def label(*lines: tuple[str, int, int, int]) -> Photo:
    """A label with lines: text, x, y, size; captured twice as large as decoded."""
    image = Image.new("RGB", (600, 400), (240, 232, 214))
    pen = ImageDraw.Draw(image)
    for text, x, y, size in lines:
        pen.text((x, y), text, fill=(120, 20, 20), font=font(size, bold=size > 40))
    return Photo(np.asarray(image), 1200, 800, 2.0)


def test_lines_are_read_in_order_with_their_places(reader: Reader) -> None:
    lines = reader.read(label(("山西特产：500克", 60, 300, 26), ("平遥牛肉", 150, 60, 70)))
    assert [line.text for line in lines] == ["平遥牛肉", "山西特产:500克"]
    x, y, width, height = lines[0].box
    assert abs(x - 300) < 30 and abs(y - 140) < 50
    assert abs(width - 560) < 60 and abs(height - 140) < 60


def test_a_photo_without_writing_says_nothing(reader: Reader) -> None:
    slope = Image.radial_gradient("L").resize((600, 400)).convert("RGB")
    bare = Photo(np.asarray(slope), 600, 400, 1.0)
    assert not has_text(bare)
    assert reader.read(bare) == ()
    assert has_text(label(("老陈醋", 100, 100, 60)))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("专利号:ZL2O2230442794.0", "专利号:ZL202230442794.0"),
        ("ZL20142O788137 8", "ZL201420788137.8"),
        ("ZL201420788137.8", "ZL201420788137.8"),
        ("ZL2014207B8137.9", "ZL2014207B8137.9"),  # no reading of it holds
        ("ZL201420788137.9", "ZL201420788137.9"),  # a false number is left false
        ("9l3700OO163O477270", "913700001630477270"),
        ("91370000163O477271", "91370000163O477271"),  # no reading of it holds
        ("400-820-8820", "400-820-8820"),
        ("BOIL GOOD SLOGAN", "BOIL GOOD SLOGAN"),
    ],
)
def test_numbers_are_put_right_only_where_one_reading_holds(read: str, meant: str) -> None:
    assert repaired(read) == meant
