"""Round seals and their imitations, drawn by the test."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from leads.sight import MatchKind, PictureMatch
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.lettering import font
from matchers.image.seeing.logos import Logo, LogoIndex
from matchers.image.seeing.renderings import artwork
from matchers.image.seeing.seals import is_seal

WORDS = "测试地理标志产品专用章"
RED = (196, 20, 30)


def seal(words: str = WORDS, *, hills: bool = True, ink: tuple[int, int, int] = RED) -> Image.Image:
    """A seal, 300 pixels wide on white: words around the rim, a drawing inside."""
    image = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(image)
    pen.circle((300, 300), 294, outline=ink, width=20)
    pen.circle((300, 300), 196, outline=ink, width=8)
    for number, letter in enumerate(words):
        angle = 2 * pi * number / len(words) - pi / 2
        tile = Image.new("L", (120, 120))
        ImageDraw.Draw(tile).text((60, 60), letter, 255, font(60, bold=True), anchor="mm")
        tile = tile.rotate(-(angle + pi / 2) * 180 / pi, Image.Resampling.BICUBIC)
        at = (round(300 + 236 * cos(angle)) - 60, round(300 + 236 * sin(angle)) - 60)
        image.paste(Image.new("RGB", tile.size, ink), at, tile)
    if hills:
        pen.polygon(((170, 370), (240, 210), (310, 370)), fill=ink)
        pen.polygon(((260, 370), (350, 170), (440, 370)), fill=(20, 110, 60))
    else:
        pen.regular_polygon((300, 270, 110), 5, rotation=20, fill=(210, 160, 30))
    for number in range(6):
        pen.ellipse((200 + 34 * number, 400, 224 + 34 * number, 414), fill=(210, 160, 30))
    return image.resize((300, 300), Image.Resampling.LANCZOS)


@pytest.fixture(scope="module")
def index() -> LogoIndex:
    return LogoIndex.build([Logo("gi-sign", "logos/gi-sign/mark.png", np.asarray(seal()))])


def seen(index: LogoIndex, art: Image.Image, side: int = 130) -> PictureMatch | None:
    """What is found of a seal on a label, printed small."""
    image = Image.new("RGB", (640, 480), (222, 214, 196))
    ImageDraw.Draw(image).rectangle((20, 20, 200, 440), fill=(90, 40, 30))
    image.paste(art.resize((side, side), Image.Resampling.LANCZOS), (360, 170))
    image = image.filter(ImageFilter.GaussianBlur(0.4))
    return next(iter(index.find(Photo(np.asarray(image), 640, 480, 1.0))), None)


def test_the_seal_itself_is_certain(index: LogoIndex) -> None:
    found = seen(index, seal())
    assert found is not None
    assert (found.kind, found.certain, found.right) == (MatchKind.SEAL, True, "gi-sign")
    assert np.allclose(found.box, (360, 170, 130, 130), atol=6)


def test_a_seal_with_one_letter_covered_is_still_known(index: LogoIndex) -> None:
    art = seal()
    ImageDraw.Draw(art).rectangle((112, 0, 188, 62), fill=(60, 90, 160))
    found = seen(index, art)
    assert found is not None and found.kind is MatchKind.SEAL


@pytest.mark.parametrize(
    "imitation",
    [
        seal("优质放心产品推荐用章"),
        seal("测试名优特色产品专用章"),
        seal(hills=False),
        seal("绿色食品监制协会推荐", hills=False),
    ],
    ids=["other-words", "four-letters", "other-drawing", "both"],
)
def test_an_imitation_is_never_called_genuine(index: LogoIndex, imitation: Image.Image) -> None:
    for side in (110, 200):
        found = seen(index, imitation, side)
        assert found is None or (found.kind, found.certain) == (MatchKind.SEAL_LIKE, False)


def test_a_near_imitation_is_shown_to_a_person(index: LogoIndex) -> None:
    found = seen(index, seal("测试名优特色产品专用章"))
    assert found is not None and found.kind is MatchKind.SEAL_LIKE
    assert "不尽相符" in found.reason


def test_which_reference_is_a_seal_is_told_by_its_art_and_by_its_name() -> None:
    def is_one(image: Image.Image) -> bool:
        pixels = np.asarray(image)
        return is_seal(pixels, artwork(pixels, None))

    bare = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(bare).circle((150, 150), 140, fill=RED)
    assert is_one(seal()) and is_one(seal("优质放心产品推荐用章", hills=False))
    assert not is_one(bare)
    assert not is_one(seal(ink=(20, 60, 140)))
    names = ("mark.png", "logo.png", "seal.png")
    marks = LogoIndex.build(Logo("a", f"logos/a/{name}", np.asarray(seal())) for name in names)
    assert marks.arrays()["seals"].tolist() == [True, False, True]
