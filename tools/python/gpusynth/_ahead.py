"""Batches that are made while the one before is used."""
import atexit
import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from . import _runtime
from .engine import Engine

# What is handed out of what a ring has filled.
Make = Callable[[Any], dict[str, Any]]
# A Ring, or what has its fill(first, is_awaited=...) and stream_awaits().
Rings = Any


def ahead_of(engine: Engine, ring: Rings, slots: int, firsts: Iterator[int], make: Make) -> "StreamAhead | ThreadAhead":
    """What a ring fills from each first number on, ahead of its use."""
    return StreamAhead(ring, firsts, make) if engine._on_device else ThreadAhead(ring, slots, firsts, make)


class ThreadAhead:
    """Batches of the host: a thread fills the slots that are free."""

    def __init__(self, ring: Rings, slots: int, firsts: Iterator[int], make: Make) -> None:
        self._free: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(slots):
            self._free.put(True)
        self._thread = threading.Thread(
            target=self._work, args=(ring, firsts, make), name="gpusynth-prefetch", daemon=True)
        _running.add(self)
        self._thread.start()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            # In a forked child there is no thread to wait for.
            _runtime.check_process()
            batch = self._ready.get()
            if batch is None:
                return
            if isinstance(batch, BaseException):
                raise batch
            yield batch
            # Whoever asks for the next batch is done with this one.
            self._free.put(True)

    def _work(self, ring: Rings, firsts: Iterator[int], make: Make) -> None:
        try:
            for first in firsts:
                if not self._free.get():
                    return
                self._ready.put(make(ring.fill(first)))
            self._ready.put(None)
        except BaseException as error:  # Whatever it is belongs to the thread that iterates.
            self._ready.put(error)

    def close(self) -> None:
        # Behind at most `slots` tokens: those batches are made and dropped.
        while not self._free.empty():
            try:
                self._free.get_nowait()
            except queue.Empty:
                break
        self._free.put(False)
        self._thread.join()


_running: "weakref.WeakSet[ThreadAhead]" = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    # A thread that is in torch's C++ when the interpreter goes would abort the process.
    for ahead in list(_running):
        ahead.close()


class StreamAhead:
    """Batches of a GPU: the next one is enqueued before this one is used, on the engine's stream."""

    def __init__(self, ring: Rings, firsts: Iterator[int], make: Make) -> None:
        self._ring, self._firsts, self._make = ring, firsts, make

    def __iter__(self) -> Iterator[dict[str, Any]]:
        next_batch = self._enqueue()
        while next_batch is not None:
            self._ring.stream_awaits()
            batch = self._make(next_batch)
            next_batch = self._enqueue()
            yield batch

    def _enqueue(self) -> Any:
        first = next(self._firsts, None)
        return None if first is None else self._ring.fill(first, is_awaited=False)

    def close(self) -> None:
        """Nothing of it waits."""
