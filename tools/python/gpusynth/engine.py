"""The engine: samples by number, written to slots of its own or to memory of the caller's."""
import ctypes
import importlib
import json
import operator
import os
import threading
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _abi, _runtime, distributed
from ._memory import Memory, address_of, aligned, look_at, numpy_name
from .errors import InvalidArgumentError, StaleBatchError, StaleError

_NO_STREAM = frozenset([None])
_FEW = 16  # samples whose keys Python writes sooner: between two batches numpy's code leaves the caches
_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()


@dataclass(frozen=True)
class EngineInfo:
    """What an engine is. shape is (depth, height, width) or (height, width); bytes are those of a whole batch."""
    dimensions: int
    shape: tuple[int, ...]
    batch: int
    labels: int
    threads: int
    image_format: str
    image_bytes: int
    label_bytes: int
    workspace_bytes: int


class Batch:
    """Samples in a slot: `image, label = batch`, or batch.image and batch.label.

    image: [B, 1, (D,) H, W], from 0 to 1 where the recipe normalises; label: uint8 [B, (D,) H, W]. Both are the slot's own
    memory, not copies: they hold this batch until the slot is used again, which is `slots` batches later.
    affine: float64 [B, 4, 4], read-only: where each sample lies. affine[n] takes a voxel (i, j, k, 1) to millimetres to the
    right, to the front and up (RAS+); i counts along W, j along H, k along D. Arrays are stored the other way round, so what a
    NIfTI file holds is the transpose: nibabel.Nifti1Image(image[n, 0].T, affine[n]), and label[n].T likewise.
    With debug=True, image and label raise StaleBatchError from then on, and arrays that were taken out before are filled with
    NaN and 255 (the slot goes on with new memory).
    """
    __slots__ = ("_image", "_label", "_is_stale", "affine", "first_sample", "__weakref__")

    def __init__(self, image: Any, label: Any, first_sample: int, affine: "np.ndarray[Any, Any]") -> None:
        self._image, self._label, self._is_stale, self.first_sample = image, label, False, first_sample
        self.affine = affine

    @property
    def image(self) -> Any:
        """The images, [B, 1, (D,) H, W]."""
        self._check()
        return self._image

    @property
    def label(self) -> Any:
        """The label maps, uint8 [B, (D,) H, W]."""
        self._check()
        return self._label

    def copy(self) -> "Batch":
        """The batch in memory of its own, which stays."""
        self._check()
        name = "copy" if isinstance(self._image, np.ndarray) else "clone"
        return Batch(getattr(self._image, name)(), getattr(self._label, name)(), self.first_sample, self.affine)

    def __iter__(self) -> Iterator[Any]:
        self._check()
        return iter((self._image, self._label))

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        self._check()
        return (self._image, self._label)[index]

    def _check(self) -> None:
        if self._is_stale:
            raise StaleBatchError(
                f"The batch from sample {self.first_sample} is gone: its slot holds a later one. Use a batch before `slots` more "
                "are made, give the engine more slots, or keep batch.copy().")


class _Slot:
    """Memory of one batch and its addresses."""
    __slots__ = ("image", "label", "image_address", "label_address", "batch")

    def __init__(self, image: Any, label: Any) -> None:
        self.image, self.label = image, label
        self.batch: Batch | None = None
        self.image_address, self.label_address = address_of(image), address_of(label)


class Ring:
    """Slots that batches are written to in turn. Engine.batch has one; Engine.ring() gives another."""

    def __init__(self, engine: "Engine", slots: int) -> None:
        self._engine = engine
        self._slots = [engine._new_slot() for _ in range(slots)]
        self._next = 0

    def fill(self, first_sample: int, count: int | None = None, *, is_awaited: bool = True) -> Batch:
        """Writes samples first_sample, first_sample + 1, ... (the engine's batch of them, or count) to the next slot.

        With slots on a GPU, torch's current stream waits for the batch; with is_awaited=False it does not yet.
        """
        engine = self._engine
        most = engine._batch
        if count is None:
            count = most
        elif count != most:
            count = _whole(count, "count", 1, most)
        # The quick way first: a call is worth a few microseconds.
        if type(first_sample) is not int or not 0 <= first_sample <= engine._last_first:
            first_sample = _whole(first_sample, "first_sample", 0, 2**64 - count)
        with engine._lock:
            if count <= _FEW:
                view, place = engine._keys_view, 0
                for sample in range(first_sample, first_sample + count):
                    view[place] = view[place + 1] = sample
                    place += 2
            else:
                engine._first[()] = first_sample
                np.add(engine._offsets, engine._first, engine._keys)
            return self._fill(count, first_sample, is_awaited)

    def fill_keys(self, keys: Any, *, is_awaited: bool = True) -> Batch:
        """Writes the samples of any keys, as Engine.generate() has them, to the next slot: [n] numbers, or [n, 2] pairs of
        (anatomy, appearance), n from 1 to the engine's batch. is_awaited as of fill()."""
        engine = self._engine
        table = _key_table(keys, engine._batch)
        with engine._lock:
            engine._keys[:len(table)] = table
            return self._fill(len(table), int(table[0, -1]), is_awaited)

    def stream_awaits(self) -> None:
        """torch's current stream goes no further before the last batch is there: what is_awaited=False has left out."""
        self._engine._stream_awaits()

    # The lock is held, and the engine's keys are those that are wanted.
    def _fill(self, count: int, first_sample: int, is_awaited: bool) -> Batch:
        engine, index = self._engine, self._next
        if engine._debug:
            self._retire(index)
        slot = self._slots[index]
        engine._write(engine._keys_address, count, slot.image_address, slot.label_address, is_awaited)
        self._next = (index + 1) % len(self._slots)
        affine = engine._affines(count)
        if count == engine._batch:
            batch = Batch(slot.image, slot.label, first_sample, affine)
        else:
            batch = Batch(slot.image[:count], slot.label[:count], first_sample, affine)
        if engine._debug:
            slot.batch = batch
        return batch

    def __reduce__(self) -> tuple[Any, ...]:
        return self._engine.__reduce__()

    # debug=True: whoever still holds the slot's arrays sees NaN, and not a later batch.
    def _retire(self, index: int) -> None:
        slot = self._slots[index]
        if slot.batch is None:
            return
        slot.batch._is_stale = True
        slot.batch._image = slot.batch._label = None
        poison = np.nan if self._engine._format != "bfloat16" or not isinstance(slot.image, np.ndarray) else 0x7FC0
        for array, value in ((slot.image, poison), (slot.label, 255)):
            array.fill(value) if isinstance(array, np.ndarray) else array.fill_(value)
        self._slots[index] = self._engine._new_slot()


class Engine:
    """Makes samples of a recipe. Sample n is the same whatever the batch, the threads, the order and the process.

    preset        name of a built-in recipe: "rasd-3d", "rasd-2d", "labelmap-3d", "synthseg-3d", "tubes-2d", "vessels-3d",
                  "ct-2d", "ct-3d", "gaussians-3d", "mri-2d", "mri-3d",
                  "anatomix-3d", "cornucopia-3d", "gaussians-soft-3d"; or
    recipe        path of a recipe in YAML, or its text; exactly one of both
    size          voxels: 96 (cube or square), (height, width) or (depth, height, width)
    batch         samples per batch. Changes memory and speed, never a sample
    seed          0 to 2**64 - 1, of every random number
    device        "host", "cuda:0", "opencl:0", "ilgpu-cpu"; "cuda" is this process's own GPU: gpusynth.distributed.cuda_device()
    threads       worker threads of the host device; 0 for one per core. Changes speed, never a sample
    labels        folder of label maps (NIfTI, PNG) to draw the anatomies from, or None; images are slices of volumes
    image_format  "float32"; "float16" and "bfloat16" on GPUs (bfloat16 as uint16 in numpy)
    slots         batches that batch() keeps before it uses memory again; at least 1
    as_torch      batches are torch tensors instead of numpy arrays. None: on cuda they are. Then the slots are on the GPU, and
                  batches are ordered with torch's current stream; the host does not wait
    clean         the recipe without its components that degrade an image (noise, blur, artefacts, bias fields). What is left draws as
                  before: a sample is the clean image of the sample that has the same key without it, and has its label map
    debug         a batch that is used after its slot was used again raises, and its arrays hold NaN. Costs new memory per batch

    Raises InvalidArgumentError and PlanError for what cannot be run, DeviceError for a device that is not there,
    RuntimeNotFoundError without .NET, ForkedProcessError in a process forked after the first engine was made.
    Threads may share an engine: they wait for each other. Other Python threads run while samples are made.
    """

    def __init__(
            self, preset: str | None = None, recipe: str | os.PathLike[str] | None = None, *, size: int | Sequence[int],
            batch: int = 1, seed: int = 0, device: str = "host", threads: int = 0,
            labels: str | os.PathLike[str] | None = None, image_format: str = "float32", slots: int = 2,
            as_torch: bool | None = None, clean: bool = False, debug: bool = False) -> None:
        self._options = dict(
            preset=preset, recipe=recipe, size=size, batch=batch, seed=seed, device=device, threads=threads, labels=labels,
            image_format=image_format, slots=slots, as_torch=as_torch, debug=debug)
        device = distributed.cuda_device() if device == "cuda" else device
        options = _abi.Options(struct_bytes=ctypes.sizeof(_abi.Options))
        options.recipe = _recipe_text(preset, recipe)
        options.labels = None if labels is None else _utf8(_path(labels, "labels"), "labels")
        options.device = _utf8(device, "device")
        options.size = (ctypes.c_int32 * 3)(*_sizes(size))
        options.batch = _whole(batch, "batch", 1, 2**31 - 1)
        options.threads = _whole(threads, "threads", 0, 2**31 - 1)
        options.seed = _whole(seed, "seed", 0, 2**64 - 1)
        self._format = str(image_format).removeprefix("torch.")
        if self._format not in _abi.IMAGE_FORMATS:
            raise InvalidArgumentError(f"image_format is {image_format!r}; it may be {', '.join(_abi.IMAGE_FORMATS)}.")
        options.flags = _abi.CLEAN if clean else 0
        options.image_format = _abi.IMAGE_FORMATS.index(self._format)
        self._slot_count = _whole(slots, "slots", 1, 2**16)
        self._is_cuda = device.startswith("cuda")
        as_torch = self._is_cuda if as_torch is None else bool(as_torch)
        self._torch = _import_torch(device) if as_torch else None
        self._on_device = self._is_cuda and as_torch
        options.slots_on_device = int(self._on_device)
        self._device, self._debug, self._lock = device, bool(debug), threading.RLock()
        self._own: Ring | None = None
        # Of a whole batch. Only samples of label maps lie in different places.
        self._affine: np.ndarray[Any, Any] | None = None
        self._has_maps = labels is not None

        self._abi = functions = _runtime.functions()
        handle = ctypes.c_uint64()
        functions.check(functions.create(ctypes.byref(options), ctypes.byref(handle)))
        self._handle = handle.value
        self._finalizer = weakref.finalize(self, _destroy, functions, self._handle, os.getpid())
        _engines.add(self)
        self._pid, self._is_closed = os.getpid(), False
        info = _abi.Info(struct_bytes=ctypes.sizeof(_abi.Info))
        functions.check(functions.info_of(self._handle, ctypes.byref(info)))
        self.info = EngineInfo(
            info.dimensions, tuple(info.shape[:info.dimensions]), info.batch, info.labels, info.threads,
            _abi.IMAGE_FORMATS[info.image_format], info.image_bytes, info.label_bytes, info.workspace_bytes)
        # Two numbers per sample: of the anatomy, and of the appearance.
        self._keys = np.zeros((info.batch, 2), np.uint64)
        self._first = np.zeros((), np.uint64)
        self._offsets = np.repeat(np.arange(info.batch, dtype=np.uint64), 2).reshape(info.batch, 2)
        self._batch, self._last_first, self._last_step = info.batch, 2**64 - info.batch, 2**64 // info.batch - 1
        self._shape = self.info.shape
        self._keys_address, self._keys_view = self._keys.ctypes.data, memoryview(self._keys.reshape(-1))

    @property
    def shape(self) -> tuple[int, ...]:
        """(depth, height, width) or (height, width)."""
        return self.info.shape

    @property
    def labels(self) -> int:
        """How many labels there are: they run from 0 to this less 1."""
        return self.info.labels

    def batch(self, step: int) -> Batch:
        """Samples step * B to step * B + B - 1, in the engine's next slot; `image, label = engine.batch(step)`.

        image is [B, 1, (D,) H, W] of the image format, from 0 to 1 where the recipe normalises; label is uint8 [B, (D,) H, W].
        They are valid until `slots` more batches were made; batch(step).copy() stays. Raises InvalidArgumentError for a step
        below 0, GenerationError, StaleError after close().
        """
        if type(step) is not int or not 0 <= step <= self._last_step:
            step = _whole(step, "step", 0, self._last_step)
        ring = self._own
        if ring is None:
            with self._lock:
                ring = self._own = self._own or self.ring(self._slot_count)
        return ring.fill(step * self._batch)

    def ring(self, slots: int = 2) -> Ring:
        """Slots beside those of batch(), with memory of their own."""
        self._check_open()
        return Ring(self, _whole(slots, "slots", 1, 2**16))

    def generate(self, keys: Any, image: Any, label: Any) -> None:
        """Writes samples to memory of the caller's.

        keys: [n] sample numbers, or [n, 2] pairs of (anatomy, appearance): sample 5 is (5, 5), and (5, 9) its anatomy in the
        appearance of sample 9. n is from 1 to the engine's batch.
        image: [n, 1, (D,) H, W] of the image format; label: uint8 [n, (D,) H, W]. numpy arrays or torch tensors, contiguous and
        writeable. For an engine whose slots are on the GPU, arrays there: torch tensors, or what has __dlpack__ (CuPy), in the
        order of torch's current stream; or what has only __cuda_array_interface__ (Numba): after its own stream and torch's,
        and the host waits until the samples are there.
        Raises InvalidArgumentError for anything else; where generation fails, what they hold is arbitrary.
        """
        table = _key_table(keys, self._batch)
        count = len(table)
        to_image = self._checked(image, (count, 1, *self._shape), self._format, "image")
        to_label = self._checked(label, (count, *self._shape), "uint8", "label")
        with self._lock:
            # Their libraries' own streams come first, too.
            for stream in {to_image.stream, to_label.stream} - _NO_STREAM:
                self._check_open()
                self._abi.check(self._abi.await_stream(self._handle, stream))
            self._keys[:count] = table
            self._write(self._keys_address, count, to_image.address, to_label.address)
            if not (to_image.is_ordered and to_label.is_ordered):
                self._abi.check(self._abi.complete(self._handle))

    def clean(self) -> "Engine":
        """Another engine of the same options with clean=True, with memory of its own: its sample of a key is the clean image of this
        one's sample of that key. To be closed by itself."""
        self._check_open()
        return Engine(**self._options, clean=True)

    def drawn(self, sample: int) -> dict[str, Any]:
        """What was drawn for a sample (from 0) of the engine's last batch, whoever made it."""
        sample = _whole(sample, "sample", 0, 2**31 - 1)
        with self._lock:
            self._check_open()
            if self._on_device:
                self._abi.check(self._abi.complete(self._handle))
            needed = ctypes.c_int64()
            self._abi.check(self._abi.drawn(self._handle, sample, None, 0, ctypes.byref(needed)))
            text = ctypes.create_string_buffer(needed.value)
            self._abi.check(self._abi.drawn(self._handle, sample, text, len(text), None))
        record: dict[str, Any] = json.loads(text.value)
        return record

    def affine(self, sample: int) -> "np.ndarray[Any, Any]":
        """Where a sample (from 0) of the engine's last batch lies, whoever made it: float64 [4, 4], as Batch.affine."""
        sample = _whole(sample, "sample", 0, 2**31 - 1)
        affine = np.empty((4, 4))
        with self._lock:
            self._check_open()
            self._abi.check(self._abi.affine(self._handle, sample, affine.ctypes.data))
        return affine

    def close(self) -> None:
        """Stops the engine and gives back its memory; batches that were made stay. May be called again."""
        _runtime.check_process()
        self._is_closed = True
        self._finalizer()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            "An engine cannot be pickled or copied: it stays in the process that made it. Make another from the same options; "
            "gpusynth.torch.SynthesisDataset does so in torch's workers.")

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        size = "x".join(map(str, self.shape))
        return f"<gpusynth.Engine {size} batch={self.info.batch} device={self._device}{' closed' if self._is_closed else ''}>"

    def _check_open(self) -> None:
        _runtime.check_process()
        if self._is_closed:
            raise StaleError("The engine is closed; make another.")

    # The lock is held. With slots on the GPU: after all that torch's current stream holds now, and before what it is given next.
    def _write(self, keys: int, count: int, image: int, label: int, is_awaited: bool = True) -> None:
        if self._pid != os.getpid() or self._is_closed:
            self._check_open()
        if self._on_device:
            self._abi.check(self._abi.await_stream(self._handle, self._stream()))
        code = self._abi.generate(self._handle, keys, count, image, label)
        if code:
            self._abi.check(code)
        if self._on_device and is_awaited:
            self._stream_awaits()

    # The lock is held, and the last batch has count samples.
    def _affines(self, count: int) -> "np.ndarray[Any, Any]":
        affine = self._affine
        if affine is None or self._has_maps:
            affine = np.empty((count, 4, 4)) if self._has_maps else np.empty((1, 4, 4))
            for sample in range(len(affine)):
                self._abi.check(self._abi.affine(self._handle, sample, affine[sample].ctypes.data))
            if not self._has_maps:
                affine = self._affine = np.repeat(affine, self._batch, axis=0)
            affine.flags.writeable = False
        return affine if count == len(affine) else affine[:count]

    def _stream_awaits(self) -> None:
        self._check_open()
        self._abi.check(self._abi.stream_awaits(self._handle, self._stream()))

    def _stream(self) -> int:
        return int(self._torch.cuda.current_stream(self._device).cuda_stream)

    def _new_slot(self) -> _Slot:
        shape = (self.info.batch, *self.shape)
        image_shape = (self.info.batch, 1, *self.shape)
        if self._on_device:
            torch = self._torch
            return _Slot(
                torch.empty(image_shape, dtype=getattr(torch, self._format), device=self._device),
                torch.empty(shape, dtype=torch.uint8, device=self._device))
        image = aligned(image_shape, np.dtype(numpy_name(self._format)))
        label = aligned(shape, np.dtype(np.uint8))
        if self._torch is None:
            return _Slot(image, label)
        image = self._torch.from_numpy(image.view(np.int16) if self._format == "bfloat16" else image)
        image = image.view(self._torch.bfloat16) if self._format == "bfloat16" else image
        return _Slot(image, self._torch.from_numpy(label))

    def _checked(self, array: Any, shape: tuple[int, ...], kind: str, name: str) -> Memory:
        def refuse(what: str) -> InvalidArgumentError:
            return InvalidArgumentError(f"{name} is {what}; give a contiguous, writeable {kind} array of shape {shape}"
                                        f"{' on ' + self._device if self._on_device else ' in host memory'}.")

        # The quick way first: what follows finds the words for a refusal.
        if type(array) is np.ndarray and not self._on_device and array.shape == shape and array.dtype == numpy_name(kind):
            flags = array.flags
            if flags.c_contiguous and flags.writeable:
                # In half the time of array.ctypes.data.
                return Memory(ctypes.addressof(ctypes.c_char.from_buffer(array)))
        memory = look_at(array, self._torch if self._on_device else None)
        if memory is None:
            raise refuse(f"a {type(array).__name__}")
        wanted = (kind, numpy_name(kind)) if not hasattr(array, "data_ptr") else (kind,)
        if memory.shape != shape or memory.kind not in wanted:
            raise refuse(f"{memory.kind} of shape {memory.shape}")
        here = (str(self._torch.device(self._device)), "cuda") if self._on_device else ("host",)
        if memory.device not in here:
            raise refuse(f"on {memory.device}")
        if memory.flaw:
            raise refuse(memory.flaw)
        return memory


def _renew_locks() -> None:
    # In a forked child: a lock that another thread held would stay held, and nobody would be told about the fork.
    for engine in list(_engines):
        engine._lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


def _destroy(functions: _abi.Functions, handle: int, pid: int) -> None:
    # Not in a forked child: there is no runtime in it.
    if os.getpid() == pid:
        functions.destroy(handle)


# What is written to [n, 2] numbers of 64 bits: the keys as [n, 1] or [n, 2].
def _key_table(keys: Any, most: int) -> "np.ndarray[Any, Any]":
    try:
        table = np.asarray(keys)
    except ValueError as error:
        raise InvalidArgumentError(f"keys are no table ({error}); give whole numbers, or pairs of them.") from None
    kind = table.dtype.kind
    is_whole = kind in "iu" or (kind == "O" and all(isinstance(key, int) for key in table.flat))
    if not is_whole or table.ndim not in (1, 2) or (table.ndim == 2 and table.shape[1] != 2) or not 1 <= len(table) <= most:
        raise InvalidArgumentError(
            f"keys are {table.dtype} of shape {table.shape}; give 1 to {most} (the batch) whole numbers, or pairs of them.")
    # Unsigned numbers are in the range, and signed ones are not too large for it. Python is quicker with the few there are.
    if kind != "u":
        numbers = table.ravel().tolist()
        if min(numbers) < 0 or (kind == "O" and max(numbers) >= 2**64):
            raise InvalidArgumentError(f"keys run from {min(numbers)} to {max(numbers)}; they may be from 0 to 2**64 - 1.")
    return table if table.ndim == 2 else table[:, None]


def _recipe_text(preset: str | None, recipe: str | os.PathLike[str] | None) -> bytes:
    if (preset is None) == (recipe is None):
        raise InvalidArgumentError(
            f"{'Both' if preset is not None else 'None'} of preset and recipe were given; give one: preset='rasd-3d', or "
            "recipe='mine.yaml'.")
    if preset is not None:
        return _utf8(preset, "preset")
    if isinstance(recipe, str) and "\n" in recipe:
        return _utf8(recipe, "recipe")
    try:
        with open(_path(recipe, "recipe"), encoding="utf-8") as file:
            return _utf8(file.read() + "\n", "recipe")
    # ValueError: bytes that are no UTF-8, or a zero character in the path.
    except (OSError, ValueError) as error:
        raise InvalidArgumentError(
            f"recipe: {recipe!r} cannot be read ({error}); give the path of a YAML file, or its text.") from error


def _path(path: Any, name: str) -> str | bytes:
    # Not a number, which open() takes for an open file.
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"{name} is a {type(path).__name__}; give a path.")
    return os.fspath(path)


def _utf8(text: Any, name: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"{name} is a {type(text).__name__}; give a str.")
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise InvalidArgumentError(f"{name} is no Unicode text ({error}).") from None
    if b"\0" in data:
        raise InvalidArgumentError(f"{name} has a zero character in it.")
    return data


def _sizes(size: Any) -> list[int]:
    try:
        sizes = [operator.index(size)]
    except TypeError:
        if isinstance(size, (str, bytes)) or not hasattr(size, "__iter__") or getattr(size, "shape", None) == ():
            raise TypeError(f"size is a {type(size).__name__}; give 96, (height, width) or (depth, height, width).") from None
        sizes = list(size)
    if not 1 <= len(sizes) <= 3:
        raise InvalidArgumentError(f"size has {len(sizes)} numbers; give 96, (height, width) or (depth, height, width).")
    return [_whole(side, "size", 1, 2**31 - 1) for side in sizes] + [0] * (3 - len(sizes))


def _whole(value: Any, name: str, least: int, most: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is a {type(value).__name__}; give a whole number.") from None
    if not least <= number <= most:
        raise InvalidArgumentError(f"{name} is {number}; it may be from {least} to {most}.")
    return number


def _import_torch(device: str) -> Any:
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise InvalidArgumentError(
            f"as_torch on device {device} needs torch, which cannot be imported ({error}): install it, or give as_torch=False "
            "for numpy arrays in host memory.") from error
