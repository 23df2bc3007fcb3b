"""Batches for PyTorch's training loops (torch 1.13 or newer).

The order of samples. A stream is cut into blocks of `batch` samples: block g has samples start + g * batch and on. Of world_size
ranks, rank r takes blocks r, r + world_size, r + 2 * world_size, ...; step s of all ranks together is blocks s * world_size to
s * world_size + world_size - 1. A rank's blocks go in turn to its w workers: the i-th to worker i mod w, and torch's DataLoader
takes batches from its workers in the same turn. So every sample is in exactly one worker of one rank, a rank's sequence does not
depend on its workers, and reading the ranks in turn gives the sequence of a single process, for any number of either.
"""
import atexit
import inspect
import os
import queue
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from . import _runtime, distributed
from .engine import Engine, Ring, _whole
from .errors import GenerationError, InvalidArgumentError

__all__ = ["DataLoader", "SynthesisDataset"]

_ENGINE_OPTIONS = frozenset(inspect.signature(Engine).parameters) - {"slots", "as_torch", "debug", "image_format"}


class DataLoader:
    """Iterates over an engine's batches for ever, each made while the one before is used.

    Yields {"image": [B, 1, (D,) H, W], "label": uint8 [B, 1, (D,) H, W]} as torch tensors over slots of the loader's own: no
    copy. A batch is valid until the next one is asked for; clone() what shall stay. On a GPU the same holds for work that is put
    on torch's current stream.
    start: the first sample of the stream. steps: batches until StopIteration; None is endless. slots: batches in memory, at least
    2; one is used and the others are made ahead. rank, world_size: see gpusynth.distributed.place; by default the environment's.
    On the host a thread makes the batches: the interpreter's lock is free meanwhile. One iterator at a time: a new one goes on
    where the last one stood.
    """

    def __init__(self, engine: Engine, *, start: int = 0, steps: int | None = None, slots: int = 2,
                 rank: int | None = None, world_size: int | None = None) -> None:
        if not isinstance(engine, Engine):
            raise TypeError(f"engine is a {type(engine).__name__}; give a gpusynth.Engine.")
        self._engine = engine
        self._start = _whole(start, "start", 0, 2**64 - 1)
        self._steps = None if steps is None else _whole(steps, "steps", 0, 2**63)
        self._slots = _whole(slots, "slots", 2, 2**16)
        self.rank, self.world_size = distributed.place(rank, world_size)
        self._step = 0
        self._generation = 0

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        self._generation += 1
        return self._iterate(self._generation)

    def state_dict(self) -> dict[str, int]:
        """Where the stream stands: the batches handed out so far are behind it. Whole numbers only; the same on every rank."""
        return {"version": 1, "sample": self._first(self._step) - self.rank * self._engine.info.batch, "step": self._step}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Goes on from there, with this batch and number of ranks; iterators in use end."""
        if not isinstance(state, Mapping) or state.get("version") != 1 or not {"sample", "step"} <= state.keys():
            raise InvalidArgumentError(f"{state!r} is no state of a gpusynth DataLoader; give what state_dict() returned.")
        sample, step = _whole(state["sample"], "sample", 0, 2**64 - 1), _whole(state["step"], "step", 0, 2**63)
        self._generation += 1
        self._step = step
        # Wherever a step of other size stood: this stream's step has that sample first.
        self._start = sample - step * self.world_size * self._engine.info.batch

    def __reduce__(self) -> tuple[Any, ...]:
        return self._engine.__reduce__()

    def _first(self, step: int) -> int:
        return self._start + (step * self.world_size + self.rank) * self._engine.info.batch

    def _iterate(self, generation: int) -> Iterator[dict[str, torch.Tensor]]:
        source: type[_StreamAhead | _ThreadAhead] = _StreamAhead if self._engine._on_device else _ThreadAhead
        ahead = source(self._engine, self._slots, map(self._first, self._numbers()))
        try:
            for batch in ahead:
                if generation != self._generation:
                    return
                self._step += 1
                yield batch
                if generation != self._generation:
                    return
        finally:
            ahead.close()

    def _numbers(self) -> Iterator[int]:
        step = self._step
        while self._steps is None or step < self._steps:
            yield step
            step += 1


class _ThreadAhead:
    """Batches of the host: a thread fills the slots that are free."""

    def __init__(self, engine: Engine, slots: int, firsts: Iterator[int]) -> None:
        self._free: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(slots):
            self._free.put(True)
        self._thread = threading.Thread(
            target=self._work, args=(engine.ring(slots), firsts), name="gpusynth-prefetch", daemon=True)
        _running.add(self)
        self._thread.start()

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
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

    def _work(self, ring: Ring, firsts: Iterator[int]) -> None:
        try:
            for first in firsts:
                if not self._free.get():
                    return
                self._ready.put(_dictionary(*ring.fill(first)))
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


_running: "weakref.WeakSet[_ThreadAhead]" = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    # A thread that is in torch's C++ when the interpreter goes would abort the process.
    for ahead in list(_running):
        ahead.close()


class _StreamAhead:
    """Batches of a GPU: the next one is enqueued before this one is used, on the engine's stream."""

    def __init__(self, engine: Engine, slots: int, firsts: Iterator[int]) -> None:
        self._engine, self._ring, self._firsts = engine, engine.ring(slots), firsts

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        next_batch = self._enqueue()
        while next_batch is not None:
            batch = next_batch
            self._engine._stream_awaits()
            next_batch = self._enqueue()
            yield batch

    def _enqueue(self) -> dict[str, torch.Tensor] | None:
        first = next(self._firsts, None)
        return None if first is None else _dictionary(*self._ring.fill(first, is_awaited=False))

    def close(self) -> None:
        """Nothing of it waits."""


class SynthesisDataset(IterableDataset[dict[str, torch.Tensor]]):
    """Samples or batches for torch.utils.data.DataLoader, right under its workers and under distributed ranks.

        dataset = SynthesisDataset(preset="rasd-3d", size=96, batch=8, seed=7)
        loader = torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=2)

    Items are {"image": [B, 1, (D,) H, W] float32 from 0 to 1, "label": uint8 [B, 1, (D,) H, W]}, channel first; the last block
    may be smaller. batched=False gives single samples, [1, (D,) H, W] each, for DataLoader(batch_size=N): give batch=N here too,
    so that the order stays that of a single process.
    Each item has memory of its own, shared memory in a worker: torch sends it without a copy. device="cuda:0" makes tensors
    there, in the training process alone (num_workers=0): CUDA tensors are not sent between processes.
    start, samples: the stream has samples start to start + samples - 1, of all ranks together; None is endless. Choose a
    multiple of batch * world_size where all ranks must have as many steps (DDP waits for ever otherwise). Every iteration begins
    at start: set `start` before the next for other samples (with persistent workers, it is too late).
    rank, world_size: see gpusynth.distributed.place; read here, where the dataset is made, so that workers have their rank's.
    Other arguments are Engine's. The engine is made in the worker, so that fork and spawn both do, as long as the process that
    forks has made no engine itself; with threads=0 the workers share the cores.
    """

    def __init__(self, *, start: int = 0, samples: int | None = None, batched: bool = True, rank: int | None = None,
                 world_size: int | None = None, **engine: Any) -> None:
        super().__init__()
        unknown = engine.keys() - _ENGINE_OPTIONS
        if unknown:
            raise TypeError(
                f"SynthesisDataset has no {', '.join(sorted(unknown))}; of Engine's it has {', '.join(sorted(_ENGINE_OPTIONS))}.")
        inspect.signature(Engine).bind(**engine)
        self.start = _whole(start, "start", 0, 2**64 - 1)
        self.samples = None if samples is None else _whole(samples, "samples", 0, 2**64 - 1)
        self.batch = _whole(engine.setdefault("batch", 1), "batch", 1, 2**31 - 1)
        self.batched = batched
        self.rank, self.world_size = distributed.place(rank, world_size)
        self.options = engine

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        worker = get_worker_info()
        index, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        options = dict(self.options)
        device = str(options.get("device", "host"))
        device = device if device.startswith("cuda") else "cpu"
        if worker and device != "cpu":
            raise InvalidArgumentError(
                f"SynthesisDataset makes samples on {device} in the training process: give DataLoader num_workers=0, or use "
                "gpusynth.torch.DataLoader(engine).")
        if workers > 1 and not options.get("threads"):
            options["threads"] = max(1, _cores() // workers)
        end = None if self.samples is None else self.start + self.samples
        stride = self.world_size * workers * self.batch
        first = self.start + (self.rank + self.world_size * index) * self.batch
        with Engine(**options) as engine:
            while end is None or first < end:
                count = self.batch if end is None else min(self.batch, end - first)
                image = _new((count, 1, *engine.shape), torch.float32, device, worker is not None)
                label = _new((count, *engine.shape), torch.uint8, device, worker is not None)
                engine.generate(range(first, first + count), image, label)
                item = _dictionary(image, label)
                if self.batched:
                    yield item
                else:
                    yield from ({name: value[place] for name, value in item.items()} for place in range(count))
                first += stride


def _dictionary(image: torch.Tensor, label: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"image": torch.as_tensor(image), "label": torch.as_tensor(label).unsqueeze(1)}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _new(shape: tuple[int, ...], dtype: torch.dtype, device: str, is_shared: bool) -> torch.Tensor:
    if not is_shared:
        return torch.empty(shape, dtype=dtype, device=device)
    # As torch's own collation does it: what lies in shared memory is sent as a name.
    empty = torch.empty(0, dtype=dtype)
    storage = empty._typed_storage() if hasattr(empty, "_typed_storage") else empty.storage()
    shared = storage._new_shared(torch.Size(shape).numel())
    _reserve(shared, torch.Size(shape).numel() * empty.element_size())
    return empty.new(shared).resize_(shape)


def _reserve(storage: Any, size: int) -> None:
    # Where shared memory runs out (containers have 64 MB of it), writing to it would end the process.
    if not hasattr(os, "posix_fallocate") or torch.multiprocessing.get_sharing_strategy() != "file_descriptor":
        return
    try:
        os.posix_fallocate(storage._share_fd_cpu_()[0], 0, size)
    except OSError as error:
        raise GenerationError(
            f"This worker got no {size / 1e6:.1f} MB of shared memory for a batch ({error.strerror}). Give it more (docker run "
            "--shm-size=2g), or take a smaller batch, fewer workers or a smaller prefetch_factor.") from error
