import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from leads.faults import ConfigError
from matchers.image.seeing.bank import Bank
from matchers.image.seeing.decoding import decode
from matchers.image.seeing.fingerprint import fingerprint

Pixels = NDArray[np.uint8]
Put = Callable[[str, int], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bank").mkdir()
    return tmp_path / "bank"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def put(
    folder: Path, drawn: Callable[[int], Pixels], jpeg: Callable[[Pixels], bytes]
) -> Callable[[str, int], Path]:
    """Put a drawn picture into the bank."""

    def placed(source: str, number: int) -> Path:
        file = folder / source
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(jpeg(drawn(number)))
        return file

    return placed


@pytest.fixture
def sources(
    drawn: Callable[[int], Pixels], jpeg: Callable[[Pixels], bytes]
) -> Callable[[Bank, int], list[str]]:
    """Tell which references a drawn picture shows."""

    def told(bank: Bank, number: int) -> list[str]:
        photo = decode(jpeg(drawn(number)))
        return [match.source for match in bank.copies.find(photo, fingerprint(photo))]

    return told


Sources = Callable[[Bank, int], list[str]]


def test_the_same_files_give_the_same_version_wherever_they_lie(
    folder: Path, cache: Path, put: Put, tmp_path: Path
) -> None:
    put("photos/mark/a.jpg", 1)
    first = Bank.open(folder, cache)
    assert Bank.open(folder, tmp_path / "other").version == first.version
    folder.rename(tmp_path / "moved")
    assert Bank.open(tmp_path / "moved", cache).version == first.version


def test_a_new_photo_is_found_and_a_bank_already_open_keeps_what_it_has(
    folder: Path, cache: Path, put: Put, sources: Sources
) -> None:
    put("photos/mark/a.jpg", 1)
    old = Bank.open(folder, cache)
    put("photos/mark/b.jpg", 2)
    new = Bank.open(folder, cache)
    assert new.version != old.version
    assert [sources(old, n) for n in (1, 2)] == [["photos/mark/a.jpg"], []]
    assert [sources(new, n) for n in (1, 2)] == [["photos/mark/a.jpg"], ["photos/mark/b.jpg"]]


def test_changed_and_removed_photos_are_seen(
    folder: Path, cache: Path, put: Put, sources: Sources
) -> None:
    file = put("photos/mark/a.jpg", 1)
    gone = put("photos/mark/b.jpg", 2)
    Bank.open(folder, cache)
    put("photos/mark/a.jpg", 3)
    os.utime(file, ns=(1, 1))
    gone.unlink()
    bank = Bank.open(folder, cache)
    assert [sources(bank, n) for n in (1, 2, 3)] == [[], [], ["photos/mark/a.jpg"]]


def test_known_photos_are_not_read_again(
    folder: Path, cache: Path, put: Put, sources: Sources
) -> None:
    kept = put("photos/mark/a.jpg", 1)
    Bank.open(folder, cache)
    stat = kept.stat()
    kept.write_bytes(b"x" * stat.st_size)  # nobody notices, for its stamp is the same
    os.utime(kept, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    put("photos/mark/b.jpg", 2)
    bank = Bank.open(folder, cache)
    assert not bank.faults
    assert sources(bank, 1) == ["photos/mark/a.jpg"]


def test_one_photo_may_belong_to_two_rights(
    folder: Path, cache: Path, put: Put, sources: Sources
) -> None:
    put("photos/one/a.jpg", 1)
    put("photos/two/a.jpg", 1)
    assert sorted(sources(Bank.open(folder, cache), 1)) == ["photos/one/a.jpg", "photos/two/a.jpg"]


def test_a_broken_reference_is_told_by_name_and_the_rest_goes_on(
    folder: Path, cache: Path, put: Put, sources: Sources
) -> None:
    put("photos/mark/a.jpg", 1)
    put("photos/mark/half.jpg", 2).write_bytes(b"<html>no picture</html>")
    put("logos/mark/none.png", 2).write_bytes(b"")
    put("photos/nobody.jpg", 3)
    put("photos/Not A Right/a.jpg", 3)
    put("photos/mark/README.md", 3)
    for _ in range(2):  # told again when nothing is built
        bank = Bank.open(folder, cache)
        assert {fault.file: bool(fault.reason) for fault in bank.faults} == {
            "logos/mark/none.png": True,
            "photos/Not A Right/a.jpg": True,
            "photos/mark/half.jpg": True,
            "photos/nobody.jpg": True,
        }
        assert sources(bank, 1) == ["photos/mark/a.jpg"]


def test_marks_are_kept_ready_and_found_when_the_bank_is_opened_again(
    folder: Path, cache: Path, put: Put
) -> None:
    put("logos/mark/logo.jpg", 1)
    photo = decode((folder / "logos/mark/logo.jpg").read_bytes())
    for _ in range(2):
        found = Bank.open(folder, cache).logos.find(photo)
        assert [match.source for match in found] == ["logos/mark/logo.jpg"]


def test_an_empty_bank_finds_nothing(folder: Path, cache: Path, sources: Sources) -> None:
    bank = Bank.open(folder, cache)
    assert len(bank.logos) == 0
    assert sources(bank, 1) == []


def test_a_bank_that_is_not_there_is_an_error(folder: Path, cache: Path) -> None:
    with pytest.raises(ConfigError, match="没有这个图片库文件夹"):
        Bank.open(folder / "none", cache)


def test_the_bank_itself_is_left_alone(folder: Path, cache: Path, put: Put) -> None:
    put("photos/mark/a.jpg", 1)
    before = sorted(folder.rglob("*"))
    Bank.open(folder, cache)
    assert sorted(folder.rglob("*")) == before


def test_a_build_that_was_cut_short_is_begun_anew(
    folder: Path, cache: Path, put: Put, sources: Sources
) -> None:
    put("photos/mark/a.jpg", 1)
    (cache / "building").mkdir(parents=True)
    (cache / "building" / "references.json").write_text("[{")
    assert sources(Bank.open(folder, cache), 1) == ["photos/mark/a.jpg"]


def test_many_may_open_a_bank_at_once(
    folder: Path, cache: Path, put: Put, sources: Sources
) -> None:
    for number in range(6):
        put(f"photos/mark/{number}.jpg", number)
    opened: list[Bank] = []
    threads = [
        threading.Thread(target=lambda: opened.append(Bank.open(folder, cache))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({bank.version for bank in opened}) == 1
    assert [sources(bank, 4) for bank in opened] == [["photos/mark/4.jpg"]] * 4
