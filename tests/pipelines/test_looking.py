"""Pictures are looked at in other processes, once each, and what one dies of costs one picture."""

import hashlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads.model import Listing, Picture
from leads.sight import Depth, Legible, Sight
from pipelines.looking import CLOSELY, Eyes, wanted
from practice.photos import HOLDERS, bank
from practice.pictures import render

DIGESTS = [f"{number:x}" * 64 for number in range(1, 6)]


def sight(digest: str, bank: str = "v", *, read: bool = True) -> Sight:
    return Sight(sha256=digest, legible=Legible.OK, bank=bank, read=read)


def asked(*sights: Sight) -> dict[str, Depth]:
    listing = Listing(title="x", pictures=[Picture(sha256=d) for d in (*DIGESTS, DIGESTS[0])])
    return dict(wanted(listing, {one.sha256: one for one in sights}, "v"))


def test_first_pictures_are_looked_at_closely_and_the_rest_for_copies() -> None:
    depths = [Depth.WORDS] * CLOSELY + [Depth.COPIES] * (len(DIGESTS) - CLOSELY)
    assert asked() == dict(zip(DIGESTS, depths, strict=True))


def test_what_was_seen_is_not_looked_at_again_unless_bank_or_depth_differ() -> None:
    seen = [
        sight(DIGESTS[0]),
        sight(DIGESTS[1], read=False),
        sight(DIGESTS[2], bank="older"),
        sight(DIGESTS[3], read=False),
    ]
    assert set(asked(*seen)) == {DIGESTS[1], DIGESTS[2], DIGESTS[4]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("looking")
    for name, data in bank():
        (folder / "bank" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "bank" / name).write_bytes(data)
    (folder / "page.jpg").write_text("<html>请登录</html>", encoding="utf-8")
    (folder / "photo.jpg").write_bytes(render(HOLDERS["brand-guanyun"]))
    return folder


@pytest.fixture(scope="module")
def eyes(folder: Path) -> Iterator[Eyes]:
    eyes = Eyes(folder / "bank", folder / "cache", processes=1)
    yield eyes
    eyes.close()


def look(eyes: Eyes, path: Path) -> Sight:
    return eyes.look(hashlib.sha256(str(path).encode()).hexdigest(), path).result(timeout=120)


def test_a_picture_of_the_bank_is_a_copy_with_its_words_and_fingerprints(
    eyes: Eyes, folder: Path
) -> None:
    seen = look(eyes, folder / "photo.jpg")
    assert (seen.legible, seen.bank, seen.read) == (Legible.OK, eyes.version, True)
    assert [(match.right, match.certain) for match in seen.matches] == [("brand-guanyun", True)]
    assert "冠云" in "".join(line.text for line in seen.lines)
    assert seen.phash and seen.pdq


def test_what_is_no_picture_is_refused_with_its_reason(eyes: Eyes, folder: Path) -> None:
    seen = look(eyes, folder / "page.jpg")
    assert (seen.legible, "网页" in seen.reason) == (Legible.REFUSED, True)


def test_a_file_that_is_gone_is_refused_and_the_next_is_seen(eyes: Eyes, folder: Path) -> None:
    assert look(eyes, folder / "gone.jpg").legible is Legible.REFUSED
    assert look(eyes, folder / "photo.jpg").legible is Legible.OK


def test_a_picture_that_a_new_process_dies_of_is_refused(folder: Path) -> None:
    eyes = Eyes(folder / "bank", folder / "cache", processes=1)
    for child in _children():
        os.kill(child, signal.SIGKILL)
    lost = look(eyes, folder / "photo.jpg")
    assert lost.legible is Legible.REFUSED
    assert "异常退出" in lost.reason
    assert look(eyes, folder / "photo.jpg").legible is Legible.OK
    eyes.close()


def test_a_process_that_dies_of_what_it_saw_before_costs_no_picture(
    eyes: Eyes, folder: Path
) -> None:
    look(eyes, folder / "page.jpg")
    for child in _children():
        os.kill(child, signal.SIGKILL)
    assert look(eyes, folder / "photo.jpg").legible is Legible.OK


def _children() -> list[int]:
    """Processes of this one that look at pictures."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = status.read_bytes().split(b"\0")
            parent = int(status.with_name("stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if b"pipelines.eye" in words and parent == os.getpid():
            found.append(int(status.parent.name))
    return found


def test_without_a_bank_pictures_are_only_read(tmp_path: Path, folder: Path) -> None:
    eyes = Eyes(tmp_path / "none", tmp_path / "cache", processes=1)
    seen = look(eyes, folder / "photo.jpg")
    eyes.close()
    assert not seen.matches
    assert "冠云" in "".join(line.text for line in seen.lines)
