from collections.abc import Callable

import imagehash
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from matchers.image.seeing.archive import MOST_SAME, Archive
from matchers.image.seeing.decoding import Photo, decode
from matchers.image.seeing.fingerprint import Fingerprint, distance, fingerprint, words

Pixels = NDArray[np.uint8]
Draw = Callable[[int], Pixels]


def of(pixels: Pixels) -> Fingerprint:
    pixels = np.ascontiguousarray(pixels)
    return fingerprint(Photo(pixels, pixels.shape[1], pixels.shape[0]))


def test_the_short_hash_is_that_of_imagehash(drawn: Draw) -> None:
    for number in range(5):
        known = imagehash.phash(Image.fromarray(drawn(number)))
        assert distance(of(drawn(number)).phash, str(known)) <= 2


def test_the_mirrored_hash_is_that_of_the_mirrored_picture(drawn: Draw) -> None:
    for number in range(5):
        plain, turned = of(drawn(number)), of(drawn(number)[:, ::-1])
        assert distance(plain.mirrored, turned.pdq) <= 2
        assert distance(plain.pdq, turned.mirrored) <= 2


def test_another_size_and_quality_hardly_change_the_hash(
    drawn: Draw, jpeg: Callable[[Pixels], bytes]
) -> None:
    for number in range(5):
        small = np.asarray(Image.fromarray(drawn(number)).resize((300, 225)))
        assert distance(of(drawn(number)).pdq, fingerprint(decode(jpeg(small))).pdq) <= 16


def test_other_pictures_are_far(drawn: Draw) -> None:
    prints = [of(drawn(number)).pdq for number in range(20)]
    assert min(distance(a, b) for n, a in enumerate(prints) for b in prints[:n]) > 67


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_empty_picture_has_a_hash_that_says_nothing(grey: int) -> None:
    assert of(np.full((100, 160, 3), grey, np.uint8)).quality == 0


def test_quality_grows_with_what_is_to_be_seen(drawn: Draw) -> None:
    dim = (drawn(1) // 32 + 100).astype(np.uint8)
    assert of(dim).quality < 50 <= of(drawn(1)).quality == 100


def test_hashes_go_to_bytes_and_back(drawn: Draw) -> None:
    seen = of(drawn(3))
    assert len(seen.phash) == 16
    assert words([seen.pdq, seen.mirrored])[1].tobytes().hex() == seen.mirrored


def turned(pdq: str, bits: int) -> str:
    """Return the hash with so many bits changed, spread over all of it."""
    changed = sum(1 << (number * 37 % 256) for number in range(bits))
    return f"{int(pdq, 16) ^ changed:064x}"


def seen(pdq: str, quality: int = 100) -> Fingerprint:
    return Fingerprint("0" * 16, pdq, pdq, quality)


def test_the_archive_finds_what_is_near_nearest_first(drawn: Draw) -> None:
    pdq, archive = of(drawn(1)).pdq, Archive()
    for number, bits in enumerate((31, 0, 12, 32, 90)):
        archive.add(f"{number:064x}", seen(turned(pdq, bits)))
    found = archive.near(seen(pdq))
    assert [(int(sha256, 16), bits) for sha256, bits in found] == [(1, 0), (2, 12), (0, 31)]
    assert [bits for _, bits in archive.near(seen(pdq), most=15)] == [0, 12]


def test_the_archive_agrees_with_looking_at_every_picture() -> None:
    chance = np.random.default_rng(2)
    prints = chance.integers(0, 256, (3000, 32)).astype(np.uint8)
    prints[1500:] = prints[:1500]
    flipped = chance.integers(0, 256, (1500, 20))
    for row, bits in enumerate(flipped, start=1500):
        for bit in bits:
            prints[row, bit // 8] ^= 1 << (bit % 8)
    digests = np.arange(3000 * 8, dtype=np.uint32).view(np.uint8).reshape(3000, 32)
    archive = Archive(digests, prints)
    for row in range(0, 1500, 50):
        bits = np.bitwise_count(prints ^ prints[row]).sum(axis=1)
        expected = {
            (digests[at].tobytes().hex(), int(bits[at])) for at in np.flatnonzero(bits < 32)
        }
        assert set(archive.near(seen(prints[row].tobytes().hex()))) == expected


def test_a_hash_that_says_little_is_neither_kept_nor_looked_up(drawn: Draw) -> None:
    pdq, archive = of(drawn(1)).pdq, Archive()
    archive.add("0" * 64, seen(pdq, quality=49))
    assert len(archive) == 0
    archive.add("0" * 64, seen(pdq))
    assert archive.near(seen(pdq, quality=49)) == []
    assert archive.near(seen(pdq)) == [("0" * 64, 0)]


def test_a_placeholder_that_everybody_shows_is_kept_only_some_times(drawn: Draw) -> None:
    pdq = of(drawn(1)).pdq
    one_by_one, many = Archive(), MOST_SAME + 30
    for number in range(many):
        one_by_one.add(f"{number:064x}", seen(pdq))
    at_once = Archive(words([f"{number:064x}" for number in range(many)]), words([pdq] * many))
    assert len(one_by_one) == len(at_once) == MOST_SAME
    assert one_by_one.near(seen(pdq)) == at_once.near(seen(pdq))


def test_an_empty_archive_knows_nothing() -> None:
    assert Archive().near(seen("0" * 64)) == []
