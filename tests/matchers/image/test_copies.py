from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from leads.sight import MatchKind, PictureMatch
from matchers.image.seeing.bank import Bank
from matchers.image.seeing.decoding import decode
from matchers.image.seeing.fingerprint import fingerprint

Pixels = NDArray[np.uint8]
Draw = Callable[[int], Pixels]
Encode = Callable[[Pixels], bytes]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, drawn: Draw, jpeg: Encode) -> Bank:
    """A bank of photos 0 to 7, with 20 and 21 allowed, and 30 both watched and allowed."""
    bank = tmp_path_factory.mktemp("bank")
    for place, numbers in (("photos/mark", (*range(8), 30)), ("allowed", (20, 21, 30))):
        (bank / place).mkdir(parents=True)
        for number in numbers:
            (bank / place / f"{number}.jpg").write_bytes(jpeg(drawn(number)))
    return Bank.open(bank, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def ask(known: Bank, jpeg: Encode) -> Callable[[Pixels], tuple[PictureMatch, ...]]:
    def asked(pixels: Pixels) -> tuple[PictureMatch, ...]:
        photo = decode(jpeg(np.ascontiguousarray(pixels)))
        return known.copies.find(photo, fingerprint(photo))

    return asked


@pytest.fixture
def explained(known: Bank, jpeg: Encode) -> Callable[[Pixels], str | None]:
    def asked(pixels: Pixels) -> str | None:
        photo = decode(jpeg(np.ascontiguousarray(pixels)))
        return known.copies.explained(photo, fingerprint(photo))

    return asked


Ask = Callable[[Pixels], tuple[PictureMatch, ...]]


def sized(photo: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def bannered(photo: Pixels) -> Pixels:
    made = photo.copy()
    made[280:] = (200, 20, 30)
    return made


def framed(photo: Pixels) -> Pixels:
    return np.pad(photo, ((60, 60), (60, 60), (0, 0)), constant_values=90)


def laid(photo: Pixels, ground: Pixels, left: int, top: int, width: int) -> Pixels:
    small = sized(photo, width, width * 3 // 4)
    made = sized(ground, 800, 600)
    made[top : top + len(small), left : left + width] = small
    return made


def turned(photo: Pixels) -> Pixels:
    way = cv2.getRotationMatrix2D((240, 180), 17, 0.8)
    return np.asarray(cv2.warpAffine(photo, way, (480, 360), borderValue=(255,) * 3), np.uint8)


# What was done to photo 3, whether it is mirrored, how much of it is seen at least and at most.
DONE: dict[str, tuple[Callable[[Pixels, Pixels], Pixels], bool, float, float]] = {
    "nothing": (lambda ours, _: ours, False, 0.95, 1),
    "mirrored": (lambda ours, _: ours[:, ::-1], True, 0.95, 1),
    "mirrored and cropped": (lambda ours, _: ours[60:300, 80:400][:, ::-1], True, 0.35, 0.65),
    "left half": (lambda ours, _: ours[:, :240], False, 0.4, 0.65),
    "small": (lambda ours, _: sized(ours, 200, 150), False, 0.9, 1),
    "banner": (lambda ours, _: bannered(ours), False, 0.6, 0.9),
    "frame": (lambda ours, _: framed(ours), False, 0.9, 1),
    "turned": (lambda ours, _: turned(ours), False, 0.8, 1),
    "grey": (lambda ours, _: ours.mean(axis=2, keepdims=True).repeat(3, 2), False, 0.9, 1),
    "dark": (lambda ours, _: ours // 2, False, 0.9, 1),
    "inverted": (lambda ours, _: 255 - ours, False, 0.95, 1),
    "in another picture": (lambda ours, other: laid(ours, other, 520, 30, 240), False, 0.8, 1),
}


@pytest.mark.parametrize("name", DONE)
def test_a_copy_is_found_whatever_was_done_to_it(ask: Ask, drawn: Draw, name: str) -> None:
    make, mirrored, least, most = DONE[name]
    (match,) = ask(make(drawn(3), drawn(100)).astype(np.uint8))
    assert (match.kind, match.right, match.source) == (MatchKind.COPY, "mark", "photos/mark/3.jpg")
    assert match.certain
    assert match.mirrored == mirrored
    assert least <= match.share <= most
    assert "疑似" in match.reason


def test_the_match_tells_where_it_lies_in_both_pictures(ask: Ask, drawn: Draw) -> None:
    (match,) = ask(laid(drawn(3), drawn(100), left=520, top=30, width=240))
    assert match.scale == pytest.approx(0.5, abs=0.03)
    assert match.box == pytest.approx((520, 30, 240, 180), abs=25)
    for (x, y), (u, v) in zip(match.quad, match.source_quad, strict=True):
        assert (x, y) == pytest.approx((520 + u / 2, 30 + v / 2), abs=6)


def test_corners_of_a_mirrored_match_belong_together(ask: Ask, drawn: Draw) -> None:
    (match,) = ask(drawn(3)[:, ::-1])
    for (x, y), (u, v) in zip(match.quad, match.source_quad, strict=True):
        assert (x, y) == pytest.approx((480 - u, v), abs=6)


def test_places_are_told_in_pixels_as_captured(ask: Ask, drawn: Draw) -> None:
    (match,) = ask(sized(framed(drawn(3)), 2400, 1920))
    assert match.scale == pytest.approx(4, abs=0.2)
    assert match.box == pytest.approx((240, 240, 1920, 1440), abs=80)


def test_two_photos_in_one_picture_are_two_matches(ask: Ask, drawn: Draw) -> None:
    beside = np.hstack([drawn(2), drawn(5)])
    assert {match.source for match in ask(beside)} == {"photos/mark/2.jpg", "photos/mark/5.jpg"}


def test_other_pictures_show_nothing(ask: Ask, drawn: Draw) -> None:
    for number in range(200, 215):
        assert not ask(drawn(number))


@pytest.mark.parametrize("grey", [0, 200, 255])
def test_an_empty_picture_shows_nothing(ask: Ask, grey: int) -> None:
    assert not ask(np.full((300, 400, 3), grey, np.uint8))


def test_an_allowed_picture_explains_itself_in_any_size(
    explained: Callable[[Pixels], str | None], drawn: Draw
) -> None:
    assert explained(drawn(20)) == "allowed/20.jpg"
    assert explained(sized(drawn(20), 300, 225)) == "allowed/20.jpg"
    assert explained(drawn(3)) is None
    assert explained(drawn(22)) is None


def test_a_photo_laid_into_an_allowed_picture_is_still_found(
    explained: Callable[[Pixels], str | None], ask: Ask, drawn: Draw
) -> None:
    shown = laid(drawn(3), drawn(20), left=20, top=400, width=200)
    assert explained(shown) is None
    assert [match.source for match in ask(shown)] == ["photos/mark/3.jpg"]


def test_part_of_a_licensed_photo_is_no_copy(ask: Ask, drawn: Draw) -> None:
    assert not ask(drawn(30)[40:320, 60:440])


def test_allowed_pictures_are_never_matches(ask: Ask, drawn: Draw) -> None:
    assert not ask(framed(drawn(21)))
