"""Who does the work on this machine: this process, or some of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Protocol, Self, TypeVar

from leads.store.archive import Stretch

R = TypeVar("R")
Do = Callable[[bytes, Stretch], R]
"""A function of a module: of a task, pickled, and a stretch."""

MOST_LOST = 3
"""How often in a row processes may die before anything is done."""


class CrewError(Exception):
    """The work cannot be done by these workers; the message says why, in Chinese."""


class Crew(Protocol):
    """Workers, while it is entered."""

    def each(self, do: Do[R], task: bytes, over: Iterable[Stretch]) -> Iterator[tuple[Stretch, R]]:
        """Yield what is done of each stretch, in any order, only a few ahead of who asks.

        Raises:
            CrewError: there are no workers any more, or they die of the work.
        """

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Alone:
    """This process itself."""

    def each(self, do: Do[R], task: bytes, over: Iterable[Stretch]) -> Iterator[tuple[Stretch, R]]:
        """See :meth:`Crew.each`."""
        for stretch in over:
            yield stretch, do(task, stretch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Processes:
    """So many processes of this machine; those that die are replaced, and their work done again."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._made()

    def each(self, do: Do[R], task: bytes, over: Iterable[Stretch]) -> Iterator[tuple[Stretch, R]]:
        """See :meth:`Crew.each`."""
        waiting, lost = deque(over), 0
        begun: dict[Future[R], Stretch] = {}
        while waiting or begun:
            try:
                while waiting and len(begun) < 2 * self._workers:
                    future = self._pool.submit(do, task, waiting[0])
                    begun[future] = waiting.popleft()
                for future in wait(begun, return_when=FIRST_COMPLETED).done:
                    done = future.result()
                    lost = 0
                    yield begun.pop(future), done
            except BrokenProcessPool as broken:
                lost += 1
                if lost > MOST_LOST:
                    raise CrewError("工作进程反复异常退出，请检查内存是否充足") from broken
                waiting.extendleft(begun.values())
                begun.clear()
                self._pool.shutdown()
                self._pool = self._made()

    def _made(self) -> ProcessPoolExecutor:
        # Spawned: what else this process has open, threads and files, stays its own.
        spawning = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, spawning, initializer=_follow)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _follow() -> None:
    """Leave Ctrl-C to the parent, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
