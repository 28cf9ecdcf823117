"""``metrics.prom`` of a night, for whoever watches machines: the OpenMetrics text format 1.0.

A file for the text collector of a node exporter; every number is a gauge of the last night.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from leads.model import Verdict
from leads.nights import Night


class Sample(NamedTuple):
    """One number, and of what."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()


class Family(NamedTuple):
    """Samples of one name; the unit, where it has one, ends the name."""

    name: str
    help: str
    samples: Iterable[Sample]
    unit: str = ""


def metrics(night: Night) -> str:
    """Return the metrics of a night as text."""
    labels = (("id", night.id), ("shard", night.shard or "1/1"))
    lines = [
        "# TYPE markwatch_night info",
        "# HELP markwatch_night Which night the other numbers are of.",
        f"markwatch_night_info{_labels(labels)} 1",
    ]
    for family in _families(night):
        lines.append(f"# TYPE {family.name} gauge")
        if family.unit:
            lines.append(f"# UNIT {family.name} {family.unit}")
        lines.append(f"# HELP {family.name} {family.help}")
        lines += [f"{family.name}{_labels(one.labels)} {one.value:.12g}" for one in family.samples]
    return "\n".join((*lines, "# EOF", ""))


def _families(night: Night) -> Iterator[Family]:
    name = "markwatch_night"
    sites = night.sites
    seconds = (night.ended - night.began).total_seconds()
    ended = night.ended.timestamp()
    yield Family(f"{name}_ended_seconds", "When it ended.", [Sample(ended)], "seconds")
    yield Family(f"{name}_duration_seconds", "How long it took.", [Sample(seconds)], "seconds")
    fine = Sample(float(not night.shortfalls))
    yield Family(f"{name}_success", "1 where nothing fell short, else 0.", [fine])
    yield Family(
        f"{name}_shortfalls", "In how many ways it fell short.", [Sample(len(night.shortfalls))]
    )
    yield Family(
        f"{name}_listings",
        "Listings seen, by what became of them.",
        [
            Sample(count, (("site", site.site), ("change", change)))
            for site in sites
            for change, count in (
                ("new", site.new),
                ("changed", site.changed),
                ("relisted", site.relisted),
                ("unchanged", site.unchanged),
            )
        ],
    )
    yield Family(
        f"{name}_vanished_listings",
        "Listings missed for the second time.",
        [Sample(site.vanished, (("site", site.site),)) for site in sites],
    )
    yield Family(
        f"{name}_pages",
        "Addresses by what their last visit came to.",
        [
            Sample(site.visits.get(verdict, 0), (("site", site.site), ("verdict", verdict.value)))
            for site in sites
            for verdict in Verdict
        ],
    )
    yield Family(
        f"{name}_fill_ratio",
        "Share of the listings read that have a field.",
        [
            Sample(rate, (("site", site.site), ("field", field)))
            for site in sites
            for field, rate in site.fields.items()
        ],
        "ratio",
    )
    yield Family(
        f"{name}_errors",
        "Exceptions in a spider or a pipeline.",
        [Sample(site.errors, (("site", site.site),)) for site in sites],
    )
    yield Family(
        f"{name}_leads",
        "Leads from listings read, by matcher.",
        [Sample(count, (("matcher", matcher),)) for matcher, count in night.matchers.items()],
    )
    yield Family(f"{name}_new_leads", "Leads found for the first time.", [Sample(night.found)])
    yield Family(f"{name}_waiting_pages", "Pages for a person.", [Sample(night.waiting)])
    yield Family(
        f"{name}_quarantined", "Rules and pictures held back.", [Sample(len(night.quarantined))]
    )


def _labels(labels: tuple[tuple[str, str], ...]) -> str:
    if not labels:
        return ""
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{told}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
