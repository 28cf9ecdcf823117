"""A Dask cluster finds what this machine finds, though one of its workers is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from leads.model import Lead
from leads.registry import Registry
from leads.store import open_store
from pipelines.rematch.cluster import Cluster
from pipelines.rematch.crew import CrewError
from pipelines.rematch.drive import rematch
from pipelines.rematch.progress import Progress, progress_file
from pipelines.rematch.task import Task, crowded

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
FOUND = datetime(2026, 11, 22, tzinfo=UTC)
Plain = Mapping[str, str]


class Running(NamedTuple):
    """A scheduler on loopback and its workers, each a process of its own."""

    address: str
    workers: list[subprocess.Popen[str]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Running]:
    """A cluster of two workers, as an operator starts it, without nannies and dashboards."""
    file = tmp_path / "scheduler.json"
    common = ["--host", "127.0.0.1", "--scheduler-file", str(file), "--no-dashboard"]
    scheduler = _dask("scheduler", *common, "--port", "0", log=tmp_path / "scheduler.log")
    worker = ["--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path / "dask")]
    workers = [_dask("worker", *common, *worker, log=tmp_path / f"worker{n}.log") for n in range(2)]
    try:
        yield Running(_address(file), workers)
    finally:
        for process in (*workers, scheduler):
            process.kill()
        for process in (*workers, scheduler):
            process.wait()


def test_a_worker_killed_in_the_middle_costs_no_lead(
    cluster: Running,
    an_archive: Callable[[], str],
    few: Registry,
    expected: Mapping[str, Lead],
    plain: Callable[[Mapping[str, Lead]], Plain],
    leads_in: Callable[[str], Plain],
) -> None:
    url = an_archive()
    with open_store(url) as store:
        task = Task(url, few, FOUND, sellers=crowded(store.sellers_showing()))
        with (
            Progress(progress_file(url), task.digest, FOUND, resume=False) as progress,
            Cluster(cluster.address, 2) as crew,
        ):
            for done, _ in enumerate(rematch(task, store, crew, progress, size=5)):
                if done == 4:
                    cluster.workers[0].send_signal(signal.SIGKILL)
            assert crew.size == 1
    assert progress.counts == (240, len(expected), 0)
    assert leads_in(url) == plain(expected)


def test_without_a_scheduler_the_command_starts_a_cluster_of_its_own_and_ends_it(
    an_archive: Callable[[], str], leads_in: Callable[[str], Plain]
) -> None:
    local, dask = an_archive(), an_archive()
    for url, words in ((local, ()), (dask, ("--engine", "dask", "--workers", "2"))):
        command = [sys.executable, "-m", "console.cli", "rematch", "--store", url, *words]
        with subprocess.Popen(
            [*command, "--config", str(ROOT / "config")], cwd=ROOT, start_new_session=True
        ) as run:
            assert run.wait() == 0
        _wait_until_gone(run.pid)
    assert leads_in(local) == leads_in(dask) != {}


def test_a_cluster_that_is_not_there_or_empty_is_told_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pipelines.rematch.cluster.PATIENCE", 1)
    with pytest.raises(CrewError, match=r"Dask 集群 tcp://127\.0\.0\.1:1 不可用"):
        Cluster("tcp://127.0.0.1:1", 1)
    file = tmp_path / "alone.json"
    common = ["--host", "127.0.0.1", "--scheduler-file", str(file), "--no-dashboard"]
    scheduler = _dask("scheduler", *common, "--port", "0", log=tmp_path / "alone.log")
    try:
        with pytest.raises(CrewError, match="不可用"):
            Cluster(_address(file), 1)
    finally:
        scheduler.kill()
        scheduler.wait()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CrewError, match=r"pip install 'markwatch\[cluster\]'"):
        Cluster(None, 1)


def _dask(role: str, *words: str, log: Path) -> subprocess.Popen[str]:
    with log.open("w") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", role, *words],
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )


def _address(file: Path) -> str:
    for _ in range(600):
        if file.exists() and file.stat().st_size:
            return str(json.loads(file.read_text())["address"])
        time.sleep(0.1)
    raise AssertionError(f"no scheduler: {file}")


def _wait_until_gone(session: int) -> None:
    """Wait until the last process of a session is gone, its helpers a moment after itself."""
    for _ in range(200):
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("processes are left")
