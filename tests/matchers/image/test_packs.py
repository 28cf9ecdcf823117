"""Look-alike packs that the test draws itself."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from matchers.image.seeing.decoding import Photo
from matchers.image.seeing.packs import PackIndex, flattened


def pack(band: str, body: str, at: int) -> Image.Image:
    image = Image.new("RGB", (300, 400), body)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, at, 300, at + 90), fill=band)
    pen.ellipse((90, 200, 210, 320), fill="white")
    return image


def photo(image: Image.Image) -> Photo:
    return Photo(np.asarray(image), *image.size, 1.0)


KNOWN = {
    "photos/a/red.jpg": pack("gold", "darkred", 40),
    "photos/b/green.jpg": pack("white", "darkgreen", 60),
    "photos/c/blue.jpg": pack("orange", "navy", 250),
}
INDEX = PackIndex.build((source, photo(image)) for source, image in KNOWN.items())


def on_white(image: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (800, 800), "white")
    sheet.paste(image.rotate(0), (240, 180))
    return sheet


def test_a_pack_of_like_colours_and_layout_ranks_first() -> None:
    alike = on_white(pack("khaki", "firebrick", 55))
    best = INDEX.ranked(photo(alike))[0]
    assert best.source == "photos/a/red.jpg"
    assert 0 <= best.score <= 1


def test_a_pack_seen_askew_is_laid_flat() -> None:
    sheet = Image.new("RGB", (500, 500), (230, 230, 232))
    ImageDraw.Draw(sheet).polygon(((120, 80), (400, 130), (380, 430), (90, 400)), fill="darkgreen")
    front = flattened(np.asarray(sheet))
    assert front.shape == (256, 256, 3)
    assert np.abs(front[10:-10, 10:-10].astype(int) - (0, 100, 0)).mean() < 6


def test_no_more_are_ranked_than_asked_and_an_empty_index_ranks_none() -> None:
    some = photo(on_white(KNOWN["photos/c/blue.jpg"]))
    assert len(INDEX.ranked(some, most=2)) == 2
    assert PackIndex.build([]).ranked(some) == ()
    assert PackIndex(INDEX.arrays()).ranked(some) == INDEX.ranked(some)
