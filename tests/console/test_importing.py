"""import: files come in by the same door as a crawl, and bring no more than a lead needs."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.importing import import_
from evidence.vault import Vault
from leads.query import All
from leads.registry import ConfigError
from leads.store import open_store

SHEET = """\ufeff商品标题,商品ID,店铺名称,价格,产地,举报人
【康 師·傅】牛肉面 5连包,9901,邻里超市,19.9,河北,王某某 13900000000
手工挂面,9902,邻里超市,面议,,李某某
,9903,邻里超市,1,,
"""


def take(folder: Path, *files: Path, site: str = "taobao", code: int = 0) -> Result:
    where = ["--store", f"sqlite:///{folder / 'db'}", "--vault", str(folder / "vault")]
    result = CliRunner().invoke(
        import_, [*map(str, files), "--as", site, *where], standalone_mode=False
    )
    if result.exception:
        raise result.exception
    assert result.return_value == code, result.stderr
    return result


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "推送.csv"
    path.write_text(SHEET, encoding="utf-8")
    return path


def test_a_faulty_row_is_named_and_the_rest_is_kept(tmp_path: Path, sheet: Path) -> None:
    result = take(tmp_path, sheet, code=1)
    assert "第 4 行" in result.stderr
    assert "2 条商品，1 条线索" in result.stdout


def test_importing_twice_is_one_listing_and_one_lead(tmp_path: Path, sheet: Path) -> None:
    take(tmp_path, sheet, code=1)
    take(tmp_path, sheet, code=1)
    with open_store(f"sqlite:///{tmp_path / 'db'}") as store:
        assert store.totals()["listings"] == 2
        assert store.totals()["leads"] == 1


def test_who_complained_is_kept_nowhere(tmp_path: Path, sheet: Path) -> None:
    take(tmp_path, sheet, code=1)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != sheet]
    assert kept
    assert not [path for path in kept if b"13900000000" in path.read_bytes()]


def test_every_imported_listing_has_its_proof(tmp_path: Path, sheet: Path) -> None:
    take(tmp_path, sheet, code=1)
    vault = Vault(tmp_path / "vault")
    with open_store(f"sqlite:///{tmp_path / 'db'}") as store:
        listings = list(store.listings())
        (lead,) = store.find(All())
    for listing in [*listings, lead.lead.listing]:
        evidence = vault.record(listing.capture or "")
        assert evidence.how == "file"
        assert listing.title in vault.bytes(evidence).decode()


def test_a_missing_or_damaged_file_does_not_stop_the_others(tmp_path: Path, sheet: Path) -> None:
    broken = tmp_path / "坏.zip"
    broken.write_bytes(b"PK\x03\x04 nonsense")
    result = take(tmp_path, tmp_path / "没有.csv", broken, tmp_path, sheet, code=1)
    assert [
        name for name in ("没有.csv", "坏.zip", tmp_path.name) if name not in result.stderr
    ] == []
    assert "2 条商品" in result.stdout


def test_a_site_may_say_what_its_columns_mean(tmp_path: Path) -> None:
    config = tmp_path / "config"
    site = 'name="平台"\nkind="market"\nspider="market"\nurl="https://p.example/"\n[columns]\n'
    copy_config(config)
    (config / "sites" / "push.toml").write_text(site + '"货" = "title"\n"号" = "ref"\n', "utf-8")
    (tmp_path / "a.csv").write_text("号,货\n7,【康 師·傅】牛肉面\n", "utf-8")
    where = ["--store", f"sqlite:///{tmp_path / 'db'}", "--vault", str(tmp_path / "vault")]
    words = [str(tmp_path / "a.csv"), "--as", "push", "--config", str(config), *where]
    result = CliRunner().invoke(import_, words, standalone_mode=False)
    assert "1 条商品，1 条线索" in result.stdout

    (config / "sites" / "push.toml").write_text(site + '"货" = "titel"\n', "utf-8")
    refused = CliRunner().invoke(import_, words, standalone_mode=False)
    assert isinstance(refused.exception, ConfigError)
    assert "columns.货" in str(refused.exception)


def copy_config(folder: Path) -> None:
    shutil.copytree(Path(__file__).parent.parent.parent / "config", folder)


def test_a_file_whose_name_is_no_text_is_imported(tmp_path: Path, sheet: Path) -> None:
    named_in_gbk = tmp_path / os.fsdecode("推送.csv".encode("gbk"))
    sheet.rename(named_in_gbk)
    assert "2 条商品" in take(tmp_path, named_in_gbk, code=1).stdout
