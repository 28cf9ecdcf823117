"""Workers of a Dask cluster, on this machine or many; needs the extra ``cluster``.

TLS and time limits are Dask's own configuration (``distributed.comm``). Every worker must reach the
store by the address that is given here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any, Self

from leads.store.archive import Stretch
from pipelines.rematch.crew import CrewError, Do, R

PATIENCE = 30
"""Seconds to wait for a scheduler, and for its first worker."""


class Cluster:
    """The workers of the scheduler at an address, else so many processes of our own.

    Raises:
        CrewError: the extra is not installed, nobody answers, or there are no workers.
    """

    def __init__(self, scheduler: str | None, workers: int) -> None:
        self._dask = _distributed()
        with ExitStack() as opened:
            where = scheduler or opened.enter_context(
                self._dask.LocalCluster(workers, threads_per_worker=1, dashboard_address=None)
            )
            try:
                self._client = opened.enter_context(self._dask.Client(where, timeout=PATIENCE))
                self._client.wait_for_workers(1, timeout=PATIENCE)
            except (OSError, ValueError, TimeoutError) as error:
                raise CrewError(f"Dask 集群 {scheduler or '本机'} 不可用：{error}") from error
            self._opened = opened.pop_all()

    @property
    def size(self) -> int:
        """How many workers there are, counted by their threads."""
        return int(sum(self._client.ncores().values()))

    def each(self, do: Do[R], task: bytes, over: Iterable[Stretch]) -> Iterator[tuple[Stretch, R]]:
        """See :meth:`pipelines.rematch.crew.Crew.each`."""
        # A step of its own, so that the task goes once to each worker and outlives any of them.
        shared = self._client.submit(bytes, task, pure=False)
        waiting = iter(over)
        ahead = 2 * max(1, self.size)
        begun = {self._begin(do, shared, one): one for one in islice(waiting, ahead)}
        done = self._dask.as_completed(begun)
        for future in done:
            try:
                result = future.result()
            except self._dask.KilledWorker as error:
                raise CrewError("Dask 工作进程反复异常退出，请检查内存是否充足") from error
            yield begun.pop(future), result
            for one in islice(waiting, 1):
                following = self._begin(do, shared, one)
                begun[following] = one
                done.add(following)

    def _begin(self, do: Do[R], shared: Any, stretch: Stretch) -> Any:
        return self._client.submit(do, shared, stretch, pure=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")  # an extra, and not typed
    except ImportError as error:
        raise CrewError(
            "缺少使用 Dask 集群的组件，请先运行 pip install 'markwatch[cluster]'"
        ) from error
