"""A config folder for a practice night: the real one with practice sites, firms and pictures."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from leads.beijing import BEIJING
from leads.model import AuthorisedUser
from practice.firms import AUTHORISED
from practice.photos import bank
from practice.truth import FAIR, FILES, MARKET, WALLED

SITES = {
    MARKET: """\
# Written for one practice night; the server's port changes every time.
name = "练习市场"
kind = "market"
spider = "market"
url = "{url}/market/"
search = "search?q={{query}}&page=1"
queries = [""]  # everything there is
expect = {market}
practice = true
""",
    FAIR: """\
# Written for one practice night; the server's port changes every time.
name = "练习展会"
kind = "fair"
spider = "fair"
url = "{url}/fair/"
search = "exhibitors?page=1"
expect = {fair}
practice = true
""",
    FILES: """\
# Written for one practice night. Without [terms]: its files are imported, nothing is visited.
name = "练习平台"
kind = "market"
spider = "market"
url = "https://push.example/"

[columns]  # of its complaint list; the other headings are guessed
"被举报商品" = "title"
"被举报网店" = "shop"
""",
}

_WALLED = """\
# Written for one practice night: a site that answers everything with a CAPTCHA.
name = "练习围墙"
kind = "market"
spider = "market"
url = "{url}/walled/"
search = "search?q={{query}}"
queries = [""]
practice = true
"""

EVENTS = {
    "campaigns/practice-campaign.toml": """\
# Written for one practice night: it always runs.
name = "练习专项"
owner = "练习"
rights = ["gi-shanxi-laochencu", "gi-pingyao-niurou", "gi-jishan-banzao"]
words = ["礼盒"]
sites = ["practice-market"]
source = "练习用"

[season]
once = [{began}, {ends}]
""",
    "fairs/practice-fair.toml": """\
# Written for one practice night: it is always open.
name = "练习展会"
place = "练习展馆"
first = {began}
last = {ends}
site = "practice-fair"
watch_days = 60
source = "练习用"
""",
}

COLUMNS = ("company", "uscc", "shops", "source", "verified", "valid_from", "valid_to")


def settle(config: Path, folder: Path, url: str, market: int, fair: int) -> Path:
    """Write to ``folder`` a copy of ``config`` that knows the practice server at ``url``.

    The night then runs as any other, on a config of its own: nothing is overridden in code. The
    market is expected to bring at least ``market`` listings, the fair ``fair``.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(config, folder)
    shutil.rmtree(folder / "sites", ignore_errors=True)
    (folder / "sites").mkdir()
    for site, entry in SITES.items():
        text = entry.format(url=url, market=market, fair=fair)
        (folder / "sites" / f"{site}.toml").write_text(text, encoding="utf-8")
    _add_events(folder)
    _add_bank(folder)
    (folder / "users").mkdir(exist_ok=True)
    for right, users in AUTHORISED.items():
        _add(folder / "users" / f"{right}.csv", users)
    return folder


def wall_off(folder: Path, url: str) -> None:
    """Add the site that shows nothing but CAPTCHA pages to a settled config."""
    path = folder / "sites" / f"{WALLED}.toml"
    path.write_text(_WALLED.format(url=url), encoding="utf-8")


def _add_events(folder: Path) -> None:
    """Put a campaign and a fair of these days in place of the real ones, which name real sites."""
    today = datetime.now(BEIJING).date()
    days = {"began": today - timedelta(days=1), "ends": today + timedelta(days=5)}
    for name, entry in EVENTS.items():
        path = folder / name
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        path.write_text(entry.format(**days), encoding="utf-8")


def _add_bank(folder: Path) -> None:
    """Write the references, and name each in the entry of its right."""
    shutil.rmtree(folder / "bank", ignore_errors=True)
    for name, data in bank():
        path = folder / "bank" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        kind, _, rest = name.partition("/")
        entry = folder / "rights" / f"{rest.partition('/')[0]}.toml"
        if kind != "allowed" and entry.is_file():
            line = f'{kind} = ["bank/{name}"]\n'
            entry.write_text(line + entry.read_text(encoding="utf-8"), encoding="utf-8")


def _add(path: Path, users: tuple[AuthorisedUser, ...]) -> None:
    rows: list[dict[str, str]] = []
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    rows += [
        {
            "company": user.company,
            "uscc": user.uscc or "",
            "shops": ";".join(user.shops),
            "source": "练习用虚构企业",
        }
        for user in users
    ]
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
