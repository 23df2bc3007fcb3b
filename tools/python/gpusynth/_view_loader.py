"""Batches of views for PyTorch's training loops."""
import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch

from . import distributed
from ._ahead import ahead_of
from ._counted import Stream
from ._records import collated
from ._tensors import check_dtypes, dictionary
from .engine import Batch, Engine, _whole
from .errors import InvalidArgumentError
from .views import View


class ViewLoader(Stream):
    """Iterates over items that are seen in several views: two appearances of one anatomy, say, for a contrastive objective.

        loader = gpusynth.torch.ViewLoader(engine, gpusynth.views.pair, drawn=["gamma"])
        for batch in loader:
            first, second = batch["first"], batch["second"]     # first["label"] and second["label"] are equal

    Yields a dictionary of the views by name, {"first": {...}, "second": {...}}; of each view, for the step's B items in their order:
        image   [B, 1, (D,) H, W] of the engine's type, from 0 to 1 where the recipe normalises
        label   uint8 [B, 1, (D,) H, W]
        affine  float64 [B, 4, 4], gpusynth.Batch.affine, on the host
        keys    int64 [B, 2] on the host, anatomy and appearance; those of 2**63 and more have their bits, as negative numbers
        drawn   only where it is asked for, on the host: what was drawn for each sample by the manifest's names ("gamma", "biasStd"):
                float32 [B], or [B, N] of lists, NaN behind shorter ones; flags are 0 and 1, and texts (a label map's name) lists
                of B. NaN where a sample is without the component. Ground truth for objectives that regress it

    engine: its batch B is that of items; each view is made by itself. views: View by name, such as gpusynth.views.pair. Clean views
    are made by a second engine, engine.clean(), which this loader makes and owns. drawn: names of what is wanted, each of which is in
    every batch then ([B] of NaN for one that none of its samples has), or True for all that a sample of the batch has. On a GPU the
    host then waits for each batch.
    start: the first item. steps, slots, repeat, rank, world_size, image_dtype, label_dtype: as of DataLoader, items in the place of
    samples, and the order of items is that of its samples: rank r of R has items start + (s R + r) B and on at step s. What is
    yielded is valid until the next batch is asked for, as there; state_dict() and load_state_dict() go on to the bit.
    """

    def __init__(self, engine: Engine, views: Mapping[str, View], *, drawn: bool | Iterable[str] = False, start: int = 0,
                 steps: int | None = None, slots: int = 2, rank: int | None = None, world_size: int | None = None,
                 repeat: bool = False, image_dtype: torch.dtype | None = None, label_dtype: torch.dtype | None = None) -> None:
        if not isinstance(engine, Engine):
            raise TypeError(f"engine is a {type(engine).__name__}; give a gpusynth.Engine.")
        if not isinstance(views, Mapping) or not all(isinstance(view, View) for view in views.values()):
            raise TypeError("views must be a dictionary of gpusynth.views.View by name, such as gpusynth.views.pair.")
        if not views:
            raise InvalidArgumentError("views is empty; give one at least, such as gpusynth.views.sample.")
        if isinstance(drawn, str):
            raise TypeError(f"drawn is a str; give a list of names, [{drawn!r}].")
        super().__init__(engine.info.batch, start, steps, *distributed.place(rank, world_size), repeat)
        self._slots = _whole(slots, "slots", 2, 2**16)
        self._views = dict(views)
        self._names = drawn if isinstance(drawn, bool) else tuple(drawn)
        self._dtypes = check_dtypes(image_dtype, label_dtype)
        self._engine = engine
        self._clean = engine.clean() if any(view.clean for view in views.values()) else None

    def __reduce__(self) -> tuple[Any, ...]:
        return self._engine.__reduce__()

    def _batches(self, step: int, count: int | None) -> Any:
        numbers = itertools.count(step) if count is None else range(step, step + count)
        rings = {name: (view, self._clean if view.clean else self._engine) for name, view in self._views.items()}
        ring = _ViewRing(rings, self._slots, self._batch, self._names is not False)
        return ahead_of(self._engine, ring, self._slots, map(self._first, numbers), self._made)

    def _made(self, made: dict[str, tuple[Batch, Any, Any]]) -> dict[str, dict[str, Any]]:
        names = None if isinstance(self._names, bool) else self._names
        return {
            view: {**dictionary(*batch, batch.affine, self._dtypes), "keys": torch.from_numpy(keys.view("int64")),
                   **({} if records is None else {"drawn": collated(records, names)})}
            for view, (batch, keys, records) in made.items()}


class _ViewRing:
    """A ring of slots for each view."""

    def __init__(self, views: Mapping[str, tuple[View, Any]], slots: int, batch: int, is_drawn: bool) -> None:
        self._views = [(name, view, engine, engine.ring(slots)) for name, (view, engine) in views.items()]
        self._batch, self._is_drawn = batch, is_drawn

    def fill(self, first: int, *, is_awaited: bool = True) -> dict[str, tuple[Batch, Any, Any]]:
        made = {}
        for name, view, engine, ring in self._views:
            keys = view.keys(first, self._batch)
            # Records are those of the engine's last batch: nobody may make another between the two.
            with engine._lock if self._is_drawn else contextlib.nullcontext():
                batch = ring.fill_keys(keys, is_awaited=is_awaited)
                records = [engine.drawn(sample) for sample in range(self._batch)] if self._is_drawn else None
            made[name] = batch, keys, records
        return made

    def stream_awaits(self) -> None:
        for engine in {id(engine): engine for _, _, engine, _ in self._views}.values():
            engine._stream_awaits()
