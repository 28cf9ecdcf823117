"""What a picture showed is known when it comes again, unless something was written over it."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from leads.sight import Legible, Line, Sight
from matchers.image.seeing.decoding import Photo, decode
from matchers.image.seeing.fingerprint import fingerprint
from matchers.image.seeing.lettering import font
from matchers.image.seeing.repeats import Repeats
from practice.pictures import Drawing, render

PACK = Image.open(io.BytesIO(render(Drawing("bag", "repeated", words=("谷雨仓", "黄小米")))))
LINE = Line(text="谷雨仓", box=(100, 200, 80, 40), score=0.9)


def photo(image: Image.Image, quality: int = 90) -> Photo:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return decode(out.getvalue())


def written(word: str) -> Image.Image:
    image = PACK.copy()
    ImageDraw.Draw(image).text((240, 300), word, fill=(20, 20, 20), font=font(32))
    return image


@pytest.fixture
def known() -> Repeats:
    repeats = Repeats()
    first = photo(PACK)
    sight = Sight(
        sha256="1" * 64, legible=Legible.OK, width=first.width, height=first.height, lines=(LINE,)
    )
    repeats.remember(first, fingerprint(first), sight)
    return repeats


def test_a_picture_in_another_size_shows_the_same_in_its_own_pixels(known: Repeats) -> None:
    half = photo(PACK.resize((320, 320)), 70)
    sight = known.find(half, fingerprint(half))
    assert sight is not None
    assert sight.lines[0].box == (50, 100, 40, 20)


@pytest.mark.parametrize("change", [written("康师"), PACK.crop((0, 0, 600, 640)), PACK.rotate(180)])
def test_a_picture_that_was_changed_is_looked_at_anew(known: Repeats, change: Image.Image) -> None:
    changed = photo(change)
    assert known.find(changed, fingerprint(changed)) is None


def test_one_letter_makes_another_picture() -> None:
    repeats = Repeats()
    first, second = photo(written("康师")), photo(written("康帅"))
    sight = Sight(sha256="2" * 64, legible=Legible.OK, width=640, height=640)
    repeats.remember(first, fingerprint(first), sight)
    assert repeats.find(second, fingerprint(second)) is None


def test_animations_and_empty_pictures_are_never_taken_for_another(known: Repeats) -> None:
    first = photo(PACK)
    animated = replace(first, others=(first.pixels,))
    assert known.find(animated, fingerprint(animated)) is None
    blank = photo(Image.new("RGB", (300, 300), "white"))
    known.remember(blank, fingerprint(blank), Sight(sha256="3" * 64, legible=Legible.OK))
    assert known.find(blank, fingerprint(blank)) is None


def test_the_oldest_is_forgotten_first() -> None:
    repeats = Repeats(most=1)
    first, second = photo(PACK), photo(written("康师傅"))
    for digit, one in (("1", first), ("2", second)):
        sight = Sight(sha256=digit * 64, legible=Legible.OK, width=640, height=640)
        repeats.remember(one, fingerprint(one), sight)
    assert repeats.find(first, fingerprint(first)) is None
    assert repeats.find(second, fingerprint(second)) is not None
