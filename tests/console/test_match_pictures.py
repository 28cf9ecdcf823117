"""Pictures against a bank, by the command as a user types it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from practice.cases.shown import SHOWN
from practice.photos import bank
from practice.pictures import Drawing, render

ROOT = Path(__file__).parents[2]
MISUSE = {
    "photo-copied": ("brand-guanyun", "copy"),
    "photo-framed": ("brand-guanyun", "copy"),
    "photo-collage": ("gi-shanxi-laochencu", "copy"),
    "photo-inset": ("gi-shanxi-laochencu", "copy"),
    "logo-on-pack": ("brand-fenjiu", "logo"),
    "logo-with-maker": ("brand-laoganma", "logo"),
}
HONEST = ("logo-unwatched", "pack-alike", "placeholder", "words-on-bag", "letters-on-pack")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank, pictures to hold against it, and what is none."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, data in bank():
        path = folder / "bank" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for name in (*MISUSE, *HONEST):
        drawing = SHOWN[name].picture
        assert drawing is not None
        (folder / f"{name}.jpg").write_bytes(render(drawing))
    whole = render(Drawing("bag", "cut short"))
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "page.jpg").write_text("<!DOCTYPE html>请登录", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, records and messages for all of it, and for a file that is not there."""
    names = [*(f"{name}.jpg" for name in (*MISUSE, *HONEST)), "cut.jpg", "page.jpg", "gone.jpg"]
    run = subprocess.run(
        [sys.executable, "-m", "console.cli", "match-pictures", "--bank", folder / "bank",
         "--cache", folder / "cache", "--alike", "--draw", folder / "drawn",
         *(folder / name for name in names)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr


def test_every_picture_gets_a_line_in_order_and_what_fell_short_shows(
    folder: Path, told: tuple[int, list[dict[str, Any]], str]
) -> None:
    code, records, errors = told
    assert "Traceback" not in errors
    names = [*MISUSE, *HONEST, "cut", "page", "gone"]
    assert [record["picture"] for record in records] == [str(folder / f"{n}.jpg") for n in names]
    assert code == 1
    cut, page, gone = records[-3:]
    assert cut["truncated"]
    assert "网页" in page["refused"]
    assert gone["refused"]


def test_copies_and_logos_are_found_and_honest_pictures_are_not(
    told: tuple[int, list[dict[str, Any]], str],
) -> None:
    found = {
        Path(record["picture"]).stem: {(hit["right"], hit["kind"]) for hit in record["hits"]}
        for record in told[1]
    }
    assert {name: found[name] for name in MISUSE} == {n: {hit} for n, hit in MISUSE.items()}
    assert not any(found[name] for name in HONEST)


def test_a_hit_says_where_and_why(told: tuple[int, list[dict[str, Any]], str]) -> None:
    for record in told[1]:
        for hit in record["hits"]:
            left, top, width, height = hit["box"]
            assert left >= 0 and top >= 0 and width > 0 and height > 0
            assert left + width <= 640 and top + height <= 640
            assert "疑似" in hit["reason"]
            assert 0 < hit["score"] <= 1


def test_an_allowed_picture_is_named(told: tuple[int, list[dict[str, Any]], str]) -> None:
    (placeholder,) = [one for one in told[1] if one["picture"].endswith("placeholder.jpg")]
    assert placeholder["allowed"] == "allowed/placeholder.jpg"


def test_each_hit_is_drawn_beside_its_reference(
    folder: Path, told: tuple[int, list[dict[str, Any]], str]
) -> None:
    drawn = sorted((folder / "drawn").glob("*.png"))
    assert len(drawn) >= len(MISUSE)
    with Image.open(drawn[0]) as sheet:
        assert sheet.width > 1000


def test_a_bank_that_is_not_there_is_wrong_use(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "console.cli", "match-pictures", "--bank", folder / "none", "x.jpg"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "Traceback" not in run.stderr


def test_packs_alike_are_ranked_for_a_person_and_are_no_hits(
    told: tuple[int, list[dict[str, Any]], str],
) -> None:
    _, records, _ = told
    by_name = {Path(record["picture"]).stem: record for record in records}
    ranked = by_name["pack-alike"]["alike"]
    assert ranked
    assert len(ranked) <= 5
    assert [one["score"] for one in ranked] == sorted((o["score"] for o in ranked), reverse=True)
    assert all(one["source"].startswith("photos/") for one in ranked)
    assert by_name["pack-alike"]["hits"] == []
    assert "alike" not in by_name["page"]
