"""What a night leaves: a record, metrics that a strict reader takes, a report that asks nobody."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from console.night.keeping import METRICS, REPORT, keep
from console.night.metrics import metrics
from console.night.report import report
from leads.model import Triage, Verdict
from leads.nights import FILE, Flood, Found, Night, PageKind, SiteNight, Unseen, read_night

ROOT = Path(__file__).parents[2]
BEGAN = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script><img src=http://evil.example/x>\u202e{{7*7}}\\"\n}'


def night(day: int = 22, text: str = "练习市场", **changed: object) -> Night:
    when, moved = date(2026, 11, day), timedelta(days=day - 22)
    site = SiteNight(
        site="practice-market", name=text, listings=88, new=4, changed=8, relisted=1, unchanged=75,
        vanished=2, read=80, visits={Verdict.OK: 90, Verdict.BLOCKED: 3}, finish="finished",
        fields={"title": 1.0, "price": 0.9}, leads=30,
        kinds=(PageKind(form="/item/#.html", listings=20, fields={"title": 1.0}),),
    )  # fmt: skip
    usual: dict[str, object] = {
        "id": f"{when}",
        "day": when,
        "began": BEGAN + moved,
        "ended": BEGAN + moved + timedelta(minutes=95),
        "sites": (site,),
        "matchers": {"names": 20, "imitation": 10},
        "found": 7,
    }
    return Night.model_validate(usual | changed)


def hostile() -> Night:
    return night(
        text=HOSTILE,
        shortfalls=(HOSTILE,),
        notices=(HOSTILE,),
        matchers={HOSTILE: 3},
        excluded={HOSTILE: 1},
        waiting=2,
        unseen=(Unseen(site=HOSTILE, url=f"javascript:{HOSTILE}", reason=HOSTILE),),
        quarantined=(Flood(scope="rule", subject=HOSTILE, leads=9, allowed=1, reason=HOSTILE),),
        strongest=(
            Found(
                lead="L000000000000", site=HOSTILE, site_name=HOSTILE, title=HOSTILE,
                right_name=HOSTILE, triage=Triage.LEAD, score=0.9, reason=HOSTILE,
            ),
        ),
    )  # fmt: skip


# ---------------------------------------------------------------------------- files


def test_a_night_leaves_three_files_that_are_whole(tmp_path: Path):
    assert keep(tmp_path, night(), [night(21)]) is None
    assert {path.name for path in (tmp_path / "2026-11-22").iterdir()} == {FILE, METRICS, REPORT}
    assert read_night(tmp_path, "2026-11-22") == night()


def test_a_night_that_is_run_again_replaces_what_it_left(tmp_path: Path):
    keep(tmp_path, night(), [])
    keep(tmp_path, night(found=9), [])
    assert read_night(tmp_path, "2026-11-22").found == 9
    assert "markwatch_night_new_leads 9\n" in (tmp_path / "2026-11-22" / METRICS).read_text()


def test_without_templates_the_night_is_kept_and_what_is_missing_is_said(tmp_path: Path):
    """In a process that has no Jinja2, as after an installation without the extra."""
    (tmp_path / "night.json").write_text(night().model_dump_json(), encoding="utf-8")
    script = (
        "import sys, importlib.util as u\n"
        "real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'jinja2' else real(name, *a)\n"
        "sys.modules['jinja2'] = sys.modules['markupsafe'] = None\n"
        "from pathlib import Path\n"
        "from console.night.keeping import keep\n"
        "from leads.nights import Night\n"
        "folder = Path(sys.argv[1])\n"
        "night = Night.model_validate_json((folder / 'night.json').read_bytes())\n"
        "print(keep(folder, night, []))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0, run.stderr
    assert "pip install 'markwatch[console]'" in run.stdout
    left = {path.name for path in (tmp_path / "2026-11-22").iterdir()}
    assert left == {FILE, METRICS}


# ---------------------------------------------------------------------------- report


class Reader(HTMLParser):
    """Collects what a page could load or run, and what it says."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.drawn = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.drawn += tag in ("svg", "style")
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]

    def handle_endtag(self, tag: str) -> None:
        self.drawn -= tag in ("svg", "style")

    def handle_data(self, data: str) -> None:
        if not self.drawn:
            self.text += data


@pytest.mark.parametrize("made", [night, hostile])
def test_a_report_loads_nothing_and_runs_nothing(made):
    page = report(made(), [night(21)])
    reader = Reader(page)
    assert not reader.tags & {"script", "img", "link", "iframe", "object", "form", "base"}
    assert reader.links == []
    assert not {name for name in reader.attributes if name.startswith("on") or name == "style"}
    assert "default-src 'none'" in page
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_text_from_outside_is_shown_as_what_it_is():
    text = Reader(report(hostile(), [])).text
    assert "<script>alert(1)</script>" in text
    assert "{{7*7}}" in text
    assert "\u202e" not in text
    assert "⟨U+202E⟩" in text


def test_a_report_says_what_the_record_says():
    text = " ".join(Reader(report(night(shortfalls=("京东：已中断",)), [night(21)])).text.split())
    assert "2026-11-22（周日）" in text
    assert "这一夜未达标 京东：已中断" in text
    assert "商品88平常 88" in text
    assert "练习市场 88 4 8 2 1 30 93 完成".replace(" ", "") in text.replace(" ", "")


def test_a_fine_night_says_so():
    assert "这一夜正常" in report(night(), [])


def test_the_first_night_has_nothing_to_be_compared_with():
    assert "平常" not in Reader(report(night(), [])).text.replace("低于往常", "")


# ---------------------------------------------------------------------------- metrics

_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{((?:{_LABEL}(?:,{_LABEL})*)?)\}})? (\S+)")
_META = re.compile(r"# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|[-+]?inf|nan", re.I)
Samples = dict[tuple[str, tuple[str, ...]], float]


def parsed(text: str) -> Samples:
    """Read OpenMetrics text 1.0 as its ABNF and rules demand; only gauges and infos are known."""
    assert text.endswith("# EOF\n")
    samples: Samples = {}
    families: dict[str, dict[str, str]] = {}
    current = ""
    for line in text.removesuffix("# EOF\n").splitlines():
        if meta := _META.fullmatch(line):
            kind, name, said = meta.groups()
            if name != current:
                assert name not in families, f"family comes twice: {name}"
                families[name] = {}
                current = name
            assert kind not in families[name], line
            families[name][kind] = said
            continue
        found = _SAMPLE.fullmatch(line)
        assert found, f"no sample: {line!r}"
        name, labels, value = found.groups()
        assert _NUMBER.fullmatch(value), line
        told = families[current]
        suffix = {"gauge": "", "info": "_info"}[told["TYPE"]]
        assert name == current + suffix, f"{name} stands with {current}"
        if "UNIT" in told:
            assert current.endswith("_" + told["UNIT"])
        each = tuple(sorted(re.findall(_LABEL, labels or "")))
        names = [label.partition("=")[0] for label in each]
        assert len(names) == len(set(names))
        assert (name, each) not in samples, f"sample comes twice: {line}"
        samples[name, each] = float(value)
    return samples


@pytest.mark.parametrize("made", [night, hostile])
def test_metrics_are_what_a_strict_reader_takes(made):
    text = metrics(made())
    samples = parsed(text)
    assert len(samples) == sum(not line.startswith("#") for line in text.splitlines())


def test_metrics_say_what_the_record_says():
    samples = parsed(metrics(night(shortfalls=("一", "二"))))
    assert samples["markwatch_night_success", ()] == 0
    assert samples["markwatch_night_shortfalls", ()] == 2
    assert samples["markwatch_night_duration_seconds", ()] == 95 * 60
    assert samples["markwatch_night_ended_seconds", ()] == night().ended.timestamp()
    site = 'site="practice-market"'
    assert samples["markwatch_night_listings", ('change="relisted"', site)] == 1
    assert samples["markwatch_night_pages", (site, 'verdict="blocked"')] == 3
    assert samples["markwatch_night_pages", (site, 'verdict="failed"')] == 0
    assert samples["markwatch_night_fill_ratio", ('field="price"', site)] == 0.9
    assert samples["markwatch_night_info", ('id="2026-11-22"', 'shard="1/1"')] == 1


def test_a_record_is_json_that_others_can_read(tmp_path: Path):
    keep(tmp_path, night(), [])
    record = json.loads((tmp_path / "2026-11-22" / FILE).read_text(encoding="utf-8"))
    assert record["id"] == "2026-11-22"
    assert record["sites"][0]["visits"] == {"ok": 90, "blocked": 3}
