"""The command that holds pictures against a bank of references: match-pictures."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path

import click

from leads.faults import why
from leads.sight import Depth, Legible, MatchKind, PictureMatch, Sight
from pipelines.looking import Eyes

KINDS = {MatchKind.COPY: "copy", MatchKind.LOGO: "logo", MatchKind.SEAL: "logo"}
"""How hits are called here; what is only like a seal is never one."""
_AHEAD = 64
"""Pictures that are handed out before the first of them is told."""


@click.command("match-pictures", short_help="比对图片与参照图片库")
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--bank",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="参照图片库：photos/<权利>/*、logos/<权利>/*、allowed/*。",
)
@click.option(
    "--draw",
    type=click.Path(file_okay=False, path_type=Path),
    help="把每处匹配画成左右对照的 PNG，存入此目录。",
)
@click.option(
    "--cache",
    default="var/banks",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="存放参照图片库索引的目录。",
)
def match_pictures(pictures: tuple[Path, ...], bank: Path, draw: Path | None, cache: Path) -> int:
    """逐张比对图片：是否复制了权利人图片，是否出现注册标识。逐张给出一行 JSON，不联网。

    “hits”为疑似命中，“review”须人工辨认；无法识别的图片写明原因，此时退出码为 1。

    例：  markwatch match-pictures --bank config/bank 商品图.jpg --draw 对照图
    """
    own = hashlib.sha256(str(bank.resolve()).encode()).hexdigest()[:16]
    eyes = Eyes(bank, cache / own, processes=os.cpu_count())
    for fault in eyes.faults:
        click.echo(fault, err=True)
    short = bool(eyes.faults)
    for number, (picture, sight) in enumerate(_seen(pictures, eyes), start=1):
        click.echo(json.dumps(told(picture, sight), ensure_ascii=False))
        short = short or isinstance(sight, str) or sight.legible is not Legible.OK
        if draw and not isinstance(sight, str):
            _draw(picture, sight, bank, draw, number)
        if number % 100 == 0:
            click.echo(f"已比对 {number} / {len(pictures)} 张", err=True)
    eyes.close()
    return int(short)


def told(picture: Path, sight: Sight | str) -> dict[str, object]:
    """Return the record of a picture: hits, what a person should look at, why it was not read."""
    record: dict[str, object] = {"picture": str(picture), "hits": []}
    if isinstance(sight, str):
        return {**record, "refused": sight}
    record["hits"] = [_hit(match) for match in sight.matches if _is_hit(match)]
    if review := [_hit(match) for match in sight.matches if not _is_hit(match)]:
        record["review"] = review
    if sight.allowed:
        record["allowed"] = sight.allowed
    if sight.legible is Legible.REFUSED:
        record["refused"] = sight.reason
    if sight.legible is Legible.TRUNCATED:
        record["truncated"] = True
    return record


def _is_hit(match: PictureMatch) -> bool:
    return match.certain and match.kind in KINDS


def _hit(match: PictureMatch) -> dict[str, object]:
    return {
        "right": match.right,
        "kind": KINDS.get(match.kind, str(match.kind)),
        "source": match.source,
        "score": match.score,
        "box": list(match.box),
        "reason": match.reason,
    }


def _seen(pictures: Iterable[Path], eyes: Eyes) -> Iterator[tuple[Path, Sight | str]]:
    """Yield each picture with what it shows, in order, or why it cannot be read."""
    begun: deque[tuple[Path, Future[Sight] | str]] = deque()
    for picture in pictures:
        begun.append((picture, _begin(picture, eyes)))
        if len(begun) > _AHEAD:
            yield _done(*begun.popleft())
    while begun:
        yield _done(*begun.popleft())


def _begin(picture: Path, eyes: Eyes) -> Future[Sight] | str:
    try:
        with picture.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as refused:
        return why(refused)
    return eyes.look(digest, picture, Depth.MARKS)


def _done(picture: Path, look: Future[Sight] | str) -> tuple[Path, Sight | str]:
    return picture, look if isinstance(look, str) else look.result()


def _draw(picture: Path, sight: Sight, bank: Path, folder: Path, number: int) -> None:
    """Write a sheet for each match: number of the picture, its name, the reference."""
    from matchers.image.seeing.decoding import decode
    from matchers.image.seeing.drawing import side_by_side

    if not sight.matches:
        return
    folder.mkdir(parents=True, exist_ok=True)
    shown = decode(picture.read_bytes())
    for match in sight.matches:
        reference = decode((bank / match.source).read_bytes())
        name = f"{number:05}-{picture.stem[:60]}-{match.source.replace('/', '_')}.png"
        side_by_side(picture.name, shown, reference, match).save(folder / name)


COMMANDS = (match_pictures,)
