"""Logos in photos that the test draws itself."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from leads.sight import MatchKind
from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.logos import Logo, LogoIndex


def drawn(key: str, side: int = 300) -> Image.Image:
    """A mark of polygons, arcs and lines on white, all its own."""
    rng, image = Random(key), Image.new("RGB", (side, side), "white")  # noqa: S311  # a drawing
    pen = ImageDraw.Draw(image)
    for _ in range(12):
        x, y, r = rng.randrange(50, side - 50), rng.randrange(50, side - 50), rng.randint(12, 45)
        shade = tuple(rng.randrange(170) for _ in range(3))
        pen.regular_polygon((x, y, r), rng.randint(3, 6), rng.randrange(90), fill=shade)
        pen.arc((x - r, y - r, x + r, y + r), rng.randrange(360), 300, fill="white", width=5)
    return image


def ground(key: str) -> Image.Image:
    """A table with things on it."""
    rng, image = Random(key), Image.new("RGB", (640, 480), (188, 170, 150))  # noqa: S311  # a drawing
    pen = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, r = rng.randrange(640), rng.randrange(480), rng.randint(5, 50)
        pen.ellipse((x, y, x + r, y + r), fill=tuple(rng.randrange(90, 230) for _ in range(3)))
    return image


def photo(image: Image.Image, scale: float = 1.0) -> Photo:
    width, height = round(image.width * scale), round(image.height * scale)
    return Photo(np.asarray(image), width, height, scale)


@pytest.fixture(scope="module")
def index() -> LogoIndex:
    marks = [(key, np.asarray(drawn(key))) for key in ("one", "two", "three")]
    return LogoIndex.build(Logo(key, f"logos/{key}/mark.png", pixels) for key, pixels in marks)


def test_a_logo_on_a_label_is_found_where_it_is(index: LogoIndex) -> None:
    scene = ground("table")
    scene.paste(drawn("two").resize((150, 150), Image.Resampling.LANCZOS), (400, 200))
    [found] = index.find(photo(scene, scale=2.0))
    assert (found.kind, found.right, found.certain) == (MatchKind.LOGO, "two", True)
    assert found.source == "logos/two/mark.png"
    assert np.allclose(found.quad, ((800, 400), (1100, 400), (1100, 700), (800, 700)), atol=12)
    assert np.allclose(found.box, (800, 400, 300, 300), atol=12)
    assert found.scale == pytest.approx(1.0, abs=0.05)
    assert "疑似" in found.reason


def test_a_turned_and_covered_logo_is_found(index: LogoIndex) -> None:
    art = drawn("three")
    ImageDraw.Draw(art).rectangle((0, 0, 300, 60), fill=(200, 30, 40))
    scene = ground("shelf")
    scene.paste(art.resize((190, 190)).rotate(15, fillcolor=(255, 255, 255)), (60, 120))
    assert [found.right for found in index.find(photo(scene))] == ["three"]


def test_what_is_not_registered_is_not_found(index: LogoIndex) -> None:
    scene = ground("hall")
    scene.paste(drawn("stranger").resize((200, 200)), (300, 100))
    assert not [found for found in index.find(photo(scene)) if found.certain]


def test_a_mirrored_logo_is_not_called_the_logo(index: LogoIndex) -> None:
    scene = ground("glass")
    scene.paste(drawn("one").transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((200, 200)), (9, 9))
    assert not [found for found in index.find(photo(scene)) if found.certain]


def test_an_index_kept_as_arrays_finds_the_same(index: LogoIndex) -> None:
    scene = ground("table")
    scene.paste(drawn("one").resize((160, 160)), (30, 30))
    assert LogoIndex(index.arrays()).find(photo(scene)) == index.find(photo(scene)) != ()


def test_nothing_registered_and_nothing_to_see_are_no_faults(index: LogoIndex) -> None:
    blank = photo(Image.new("RGB", (300, 200), "white"))
    assert LogoIndex.build([]).find(blank) == ()
    assert index.find(blank) == ()
    flat = LogoIndex.build([Logo("flat", "logos/flat/a.png", np.full((50, 60, 3), 255, np.uint8))])
    assert flat.find(photo(ground("table"))) == ()
