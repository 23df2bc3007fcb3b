"""Batches for PyTorch's training loops (torch 1.13 or newer).

The order of samples. A stream is cut into blocks of `batch` samples: block g has samples start + g * batch and on. Of world_size
ranks, rank r takes blocks r, r + world_size, r + 2 * world_size, ...; step s of all ranks together is blocks s * world_size to
s * world_size + world_size - 1. A rank's blocks go in turn to its w workers: the i-th to worker i mod w, and torch's DataLoader
takes batches from its workers in the same turn. So every sample is in exactly one worker of one rank, a rank's sequence does not
depend on its workers, and reading the ranks in turn gives the sequence of a single process, for any number of either.

Ranks and devices. Which samples a rank gets is gpusynth.distributed.place(); which GPU makes them is the engine's device. "cuda" is
gpusynth.distributed.cuda_device(), cuda:LOCAL_RANK; "host" makes them with `threads` cores, which the ranks of a machine share.

Streams. With slots on a GPU a batch is written after all that torch's current stream held when it was asked for, and before what
that stream is given next: work on that stream needs no synchronisation, and the host does not wait. A side stream has to wait for
the current one before it uses the batch (side.wait_stream(torch.cuda.current_stream())), and the current one for it before the next
batch is asked for (torch.cuda.current_stream().wait_stream(side)). On the host a batch is there when it is handed out.

DLPack. Every tensor here is torch's own over the engine's slot: torch.utils.dlpack, cupy.from_dlpack and, of host memory,
numpy.from_dlpack take it without a copy. Engine.generate() writes to torch tensors and, on a GPU, to all that has __dlpack__; on the
host to what torch.from_dlpack or numpy.from_dlpack make of such, without a copy too. A capsule keeps the memory, and not the
samples: the slot's next batch overwrites them.
"""
import inspect
import itertools
import os
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from . import distributed
from ._ahead import ahead_of
from ._counted import Stream
from ._epochs import Epochs
from ._mixed_loader import MixedLoader
from ._tensors import check_dtypes, dictionary
from ._view_loader import ViewLoader
from .engine import Engine, _whole
from .errors import GenerationError, InvalidArgumentError

__all__ = ["DataLoader", "MixedLoader", "SynthesisDataset", "ViewLoader"]

# Samples between the epochs of an endless stream: none comes to the end of its own.
_ENDLESS = 2**40
_ENGINE_OPTIONS = frozenset(inspect.signature(Engine).parameters) - {"slots", "as_torch", "debug", "image_format"}


class DataLoader(Stream):
    """Iterates over an engine's batches, each made while the one before is used.

    Yields {"image": [B, 1, (D,) H, W], "label": uint8 [B, 1, (D,) H, W], "affine": float64 [B, 4, 4]} as torch tensors, image and
    label over slots of the loader's own: no copy. A batch is valid until the next one is asked for; clone() what shall stay. On a
    GPU the same holds for work that is put on torch's current stream. affine is Batch.affine, on the host.
    start: the first sample of the stream. steps: batches of an epoch; None is endless. Every iteration is an epoch of `steps`
    batches that were not there before; what one that was left early did not hand out comes in the next. repeat=True: every epoch
    has the same samples, as a set to validate with. slots: batches in memory, at least 2; one is used and the others are made
    ahead. rank, world_size: see gpusynth.distributed.place; by default the environment's.
    image_dtype, label_dtype: the tensors' types where the engine's own (float32, uint8) do not serve, torch.int64 for
    cross_entropy, say; they are converted, so that such a tensor is a copy, and yours.
    On the host a thread makes the batches: the interpreter's lock is free meanwhile. One iterator at a time: a new one ends the
    one before.
    """

    def __init__(self, engine: Engine, *, start: int = 0, steps: int | None = None, slots: int = 2,
                 rank: int | None = None, world_size: int | None = None, repeat: bool = False,
                 image_dtype: torch.dtype | None = None, label_dtype: torch.dtype | None = None) -> None:
        if not isinstance(engine, Engine):
            raise TypeError(f"engine is a {type(engine).__name__}; give a gpusynth.Engine.")
        super().__init__(engine.info.batch, start, steps, *distributed.place(rank, world_size), repeat)
        self._engine = engine
        self._slots = _whole(slots, "slots", 2, 2**16)
        self._dtypes = check_dtypes(image_dtype, label_dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._engine.__reduce__()

    def _batches(self, step: int, count: int | None) -> Any:
        numbers = itertools.count(step) if count is None else range(step, step + count)
        return ahead_of(self._engine, self._engine.ring(self._slots), self._slots, map(self._first, numbers),
                        lambda batch: dictionary(*batch, batch.affine, self._dtypes))


class SynthesisDataset(IterableDataset[dict[str, torch.Tensor]]):
    """Samples or batches for torch.utils.data.DataLoader, right under its workers and under distributed ranks.

        dataset = SynthesisDataset(preset="rasd-3d", size=96, batch=8, seed=7)
        loader = torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=2)

    Items are {"image": [B, 1, (D,) H, W] float32 from 0 to 1, "label": uint8 [B, 1, (D,) H, W], "affine": float64 [B, 4, 4]},
    channel first; the last block may be smaller. batched=False gives single samples, [1, (D,) H, W] each, for
    DataLoader(batch_size=N): give batch=N here too, so that the order stays that of a single process. image_dtype and label_dtype
    are other types of the tensors (torch.int64 for cross_entropy); affine is gpusynth.Batch.affine, on the host.
    Each item has memory of its own, shared memory in a worker: torch sends it without a copy. device="cuda:0" makes tensors
    there, in the training process alone (num_workers=0): CUDA tensors are not sent between processes.
    start, samples: an epoch has `samples` samples, of all ranks together; epoch e those from start + e * samples on. None is
    endless; its epochs begin 2**40 samples apart. Every iteration is the next epoch, whether the workers are new or persistent;
    set_epoch(e) chooses one, to go on with a run. repeat=True: every epoch has the same samples, as a set to validate with.
    len() is the number of items that this rank gets. Choose a multiple of batch * world_size where all ranks must have as many
    steps (DDP waits for ever otherwise).
    rank, world_size: see gpusynth.distributed.place; read here, where the dataset is made, so that workers have their rank's.
    Other arguments are Engine's. The engine is made in the worker, so that fork and spawn both do, as long as the process that
    forks has made no engine itself; with threads=0 the workers share the cores.
    """

    def __init__(self, *, start: int = 0, samples: int | None = None, batched: bool = True, rank: int | None = None,
                 world_size: int | None = None, repeat: bool = False, image_dtype: torch.dtype | None = None,
                 label_dtype: torch.dtype | None = None, **engine: Any) -> None:
        super().__init__()
        unknown = engine.keys() - _ENGINE_OPTIONS
        if unknown:
            raise TypeError(
                f"SynthesisDataset has no {', '.join(sorted(unknown))}; of Engine's it has {', '.join(sorted(_ENGINE_OPTIONS))}.")
        inspect.signature(Engine).bind(**engine)
        self.start = _whole(start, "start", 0, 2**64 - 1)
        self.samples = None if samples is None else _whole(samples, "samples", 0, 2**64 - 1)
        self.batch = _whole(engine.setdefault("batch", 1), "batch", 1, 2**31 - 1)
        self.batched, self.repeat = batched, bool(repeat)
        self.rank, self.world_size = distributed.place(rank, world_size)
        if engine.get("device") == "cuda":
            engine["device"] = distributed.cuda_device()
        self.options = engine
        self._dtypes = check_dtypes(image_dtype, label_dtype)
        self._epochs = Epochs()

    def set_epoch(self, epoch: int) -> None:
        """The next iteration is that epoch, and the ones after it follow. To be called between iterations, on every rank."""
        self._epochs.set(_whole(epoch, "epoch", 0, 2**63))

    def __len__(self) -> int:
        """Items of an epoch that this rank gets: batches, or samples with batched=False. Raises TypeError without samples."""
        if self.samples is None:
            raise TypeError("This SynthesisDataset has no length, for it has no end: give it samples=, those of an epoch.")
        blocks = -(-self.samples // self.batch)
        own = len(range(self.rank, blocks, self.world_size))
        if self.batched:
            return own
        # The last block may be smaller.
        is_last = own > 0 and (blocks - 1) % self.world_size == self.rank
        return own * self.batch - (blocks * self.batch - self.samples if is_last else 0)

    def __bool__(self) -> bool:
        # Of an endless one too, whose length cannot be asked for.
        return self.samples != 0

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
        # What is left of a worker's seed is that of its loader's iteration.
        epoch = self._epochs.begin(worker.seed - worker.id if worker else None, index)
        start = self.start + (0 if self.repeat else epoch * (_ENDLESS if self.samples is None else self.samples))
        end = None if self.samples is None else start + self.samples
        stride = self.world_size * workers * self.batch
        first = start + (self.rank + self.world_size * index) * self.batch
        if end is not None and first >= end:
            return
        with Engine(**options) as engine:
            while end is None or first < end:
                count = self.batch if end is None else min(self.batch, end - first)
                image = _new((count, 1, *engine.shape), torch.float32, device, worker is not None)
                label = _new((count, *engine.shape), torch.uint8, device, worker is not None)
                engine.generate(range(first, first + count), image, label)
                item = dictionary(image, label, engine._affines(count), self._dtypes)
                if self.batched:
                    yield item
                else:
                    yield from ({name: value[place] for name, value in item.items()} for place in range(count))
                first += stride


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
