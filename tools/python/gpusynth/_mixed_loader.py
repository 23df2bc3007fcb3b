"""Real and synthetic samples in one stream, at an exact ratio."""
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from ._counted import Counted
from .engine import _whole
from .errors import InvalidArgumentError

Convert = Callable[[Any], Mapping[str, Any]]


class MixedLoader(Counted):
    """Mixes a loader of real data with one of synthetic samples, exactly and in an order that is a function of the step.

        mixed = gpusynth.torch.MixedLoader(real, gpusynth.torch.DataLoader(engine), ratio=(1, 3), steps=1000)
        for batch in mixed:
            batch["image"], batch["label"], batch["is_real"]

    ratio: (real, synthetic), whole numbers: (1, 3) is one real for every three synthetic. Of the first s of the stream,
    floor(s real / (real + synthetic)) are real, for every s: they are spread as evenly as whole numbers can be, and a synthetic one
    comes first. (1, 0) and (0, 1) have one side alone.
    batch: None mixes whole batches, each being real or synthetic, as its loader gave it; N mixes samples in batches of N, which are
    copies: of the tensors that both sides have, whose types and shapes must fit each other (image_dtype and label_dtype of the
    synthetic loader serve). Order within a batch is that of the stream.
    Yields the dictionary of the loader with "is_real", bool [B] on the host.

    real: a torch DataLoader or any iterable of batches. It is iterated over again where it ends, and real_epoch counts how often it
    was. set_epoch(epoch) is called before, where it, its sampler, batch_sampler or data set has one. Its shuffling is seeded by (seed, epoch),
    a generator that the loader was given included: torch's random state is set for the beginning of an epoch and put back.
    convert: what makes {"image": [B, C, ...], "label": ...} of a real batch. Without it, a dictionary is taken as it is, a tuple or list
    of two as image and label, a tensor as image alone.
    synthetic: a gpusynth.torch.DataLoader or, with batch=None, a ViewLoader. Give it steps=None: where it has an end, it begins its next epoch.
    steps: batches of an epoch of this loader; None is endless. As of DataLoader, each iteration goes on where the last one stopped.

    state_dict() and load_state_dict() go on from there: the synthetic side at once, the real side by reading what it had read of its
    epoch again. That is the same to the bit where a real batch depends on nothing but the seeding above (augmentation by workers does:
    torch seeds them so; augmentation in this process goes on with torch's own random state). Of several ranks each makes its own: the same
    steps are real on all.
    """

    def __init__(self, real: Iterable[Any], synthetic: Any, *, ratio: tuple[int, int], batch: int | None = None,
                 steps: int | None = None, seed: int = 0, convert: Convert | None = None) -> None:
        super().__init__(steps)
        if not hasattr(synthetic, "state_dict"):
            raise TypeError(f"synthetic is a {type(synthetic).__name__}; give a gpusynth.torch.DataLoader or ViewLoader.")
        shares = tuple(ratio) if isinstance(ratio, (tuple, list)) else ()
        if len(shares) != 2:
            raise TypeError(f"ratio is {ratio!r}; give two whole numbers, (1, 3) for one real to three synthetic.")
        self._real_share, other = (_whole(share, "ratio", 0, 2**31 - 1) for share in shares)
        self._shares = self._real_share + other
        if self._shares == 0:
            raise InvalidArgumentError("ratio is (0, 0); give (real, synthetic) with one above 0.")
        self._size = None if batch is None else _whole(batch, "batch", 1, 2**31 - 1)
        seed = _whole(seed, "seed", 0, 2**63 - 1)
        self._real = _Side(lambda epoch: _iterate_real(real, seed, epoch, convert or _converted), "real")
        self._synthetic, self._synthetic_loader = _Side(lambda _: iter(synthetic), "synthetic"), synthetic
        # The synthetic side's state before the batch that is in use.
        self._before = synthetic.state_dict()

    @property
    def real_epoch(self) -> int:
        """How often the real loader was begun again: 0 in its first epoch."""
        return self._real.epoch

    def is_real(self, number: int) -> bool:
        """Whether batch `number` of the stream (or sample, with batch=N) is a real one; counted from 0."""
        share, shares = self._real_share, self._shares
        return (number + 1) * share // shares > number * share // shares

    def state_dict(self) -> dict[str, Any]:
        """Where both sides stand: batches handed out so far are behind it. Whole numbers only."""
        return {"version": 1, **self._counts(), "synthetic": self._before if self._synthetic.used else self._synthetic_loader.state_dict(),
                "synthetic_used": self._synthetic.used, "real_epoch": self._real.epoch, "real_batches": self._real.batches,
                "real_used": self._real.used}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from there, with loaders of the same kind; iterators in use end. What is left of the epoch comes first."""
        self._set_counts(state, "synthetic", "synthetic_used", "real_epoch", "real_batches", "real_used")
        self._synthetic_loader.load_state_dict(state["synthetic"])
        self._before = state["synthetic"]
        self._synthetic.go_to(0, 0, _whole(state["synthetic_used"], "synthetic_used", 0, 2**31))
        self._real.go_to(*(_whole(state[name], name, 0, 2**63) for name in ("real_epoch", "real_batches", "real_used")))

    def _batches(self, step: int, count: int | None) -> Iterator[dict[str, Any]]:
        for number in itertools.count(step) if count is None else range(step, step + count):
            yield self._whole_batch(number) if self._size is None else self._samples(number * self._size, self._size)

    def _whole_batch(self, number: int) -> dict[str, Any]:
        is_real = self.is_real(number)
        batch = dict((self._real if is_real else self._synthetic).next())
        # Of views, each has a dictionary of its own.
        tensors = [part for value in batch.values() for part in (value.values() if isinstance(value, Mapping) else [value])
                   if isinstance(part, torch.Tensor) and part.dim()]
        if not tensors:
            raise InvalidArgumentError(f"{'real' if is_real else 'synthetic'} gave a batch without a tensor; give convert=.")
        length = len(batch["image"] if isinstance(batch.get("image"), torch.Tensor) else tensors[0])
        return {**batch, "is_real": torch.full((length,), is_real)}

    def _samples(self, first: int, count: int) -> dict[str, Any]:
        kinds = [self.is_real(number) for number in range(first, first + count)]
        parts = {is_real: self._take(is_real, kinds.count(is_real)) for is_real in sorted(set(kinds))}
        names = _common(parts)
        # Where each sample of the stream's order lies, the synthetic ones standing before the real ones.
        places, real = [], kinds.count(False)
        synthetic = 0
        for is_real in kinds:
            places.append(real if is_real else synthetic)
            real, synthetic = real + is_real, synthetic + (not is_real)
        order = torch.tensor(places)
        joined = {name: torch.cat([piece[name] for pieces in parts.values() for piece in pieces]) for name in names}
        return {**{name: value[order.to(value.device)] for name, value in joined.items()}, "is_real": torch.tensor(kinds)}

    # Samples of one side, in pieces: copies, for a loader's next batch may take the memory of the one before.
    def _take(self, is_real: bool, count: int) -> list[dict[str, torch.Tensor]]:
        side, pieces = self._real if is_real else self._synthetic, []
        while count:
            if not is_real and not side.used:
                self._before = self._synthetic_loader.state_dict()
            piece = side.take(count)
            pieces.append(piece)
            count -= len(next(iter(piece.values())))
        return pieces


class _Side:
    """A loader that is begun again where it ends. epoch: which time this is; batches: whole ones that were handed out of it; used: samples of
    the batch behind those."""

    def __init__(self, begin: Callable[[int], Iterator[Any]], name: str) -> None:
        self._begin, self._name = begin, name
        self.go_to(0, 0, 0)

    def go_to(self, epoch: int, batches: int, used: int) -> None:
        self.epoch, self.batches, self.used = epoch, batches, used
        self._iterator: Iterator[Any] | None = None
        self._batch: dict[str, torch.Tensor] | None = None

    def next(self) -> Any:
        """The next batch."""
        if self._iterator is None:
            self._iterator = self._begin(self.epoch)
            for _ in range(self.batches):
                next(self._iterator, None)
        batch = next(self._iterator, None)
        if batch is None:
            self.epoch, self.batches, self._iterator = self.epoch + 1, 0, self._begin(self.epoch + 1)
            batch = next(self._iterator, None)
        if batch is None:
            raise InvalidArgumentError(
                f"{self._name} gave no batch: it is empty, or an iterator, which ends for good. Give what can be iterated over again.")
        self.batches += 1
        return batch

    def take(self, count: int) -> dict[str, torch.Tensor]:
        """At most count samples, copied."""
        if self._batch is None:
            self._batch = {name: value for name, value in self.next().items() if isinstance(value, torch.Tensor)}
            self.batches -= 1
            if not self._batch:
                raise InvalidArgumentError(f"{self._name} gave a batch without a tensor; give convert=, or mix whole batches.")
        length = len(next(iter(self._batch.values())))
        end = min(self.used + count, length)
        piece = {name: value[self.used:end].clone() for name, value in self._batch.items()}
        self.used = end
        if end == length:
            self._batch, self.used, self.batches = None, 0, self.batches + 1
        return piece


def _common(parts: Mapping[bool, list[dict[str, torch.Tensor]]]) -> list[str]:
    pieces = [piece for side in parts.values() for piece in side]
    names = [name for name in pieces[0] if all(name in piece for piece in pieces)]
    for name in names:
        kinds = {(piece[name].dtype, tuple(piece[name].shape[1:]), piece[name].device) for piece in pieces}
        if len(kinds) > 1:
            raise InvalidArgumentError(
                f"{name} of real and synthetic samples differ: {' and '.join(sorted(map(str, kinds)))}. Give convert= for the real ones, "
                "image_dtype and label_dtype to the synthetic loader, or mix whole batches (batch=None).")
    if not names:
        raise InvalidArgumentError("Real and synthetic samples have no tensor of one name; give convert=.")
    return names


def _converted(batch: Any) -> Mapping[str, Any]:
    if isinstance(batch, Mapping):
        return batch
    if isinstance(batch, torch.Tensor):
        return {"image": batch}
    if isinstance(batch, (tuple, list)) and len(batch) == 2:
        return {"image": batch[0], "label": batch[1]}
    raise InvalidArgumentError(
        f"A real batch is a {type(batch).__name__}{f' of {len(batch)}' if isinstance(batch, (tuple, list)) else ''}; give convert=, which "
        'makes {"image": ..., "label": ...} of it.')


def _iterate_real(real: Any, seed: int, epoch: int, convert: Convert) -> Iterator[Mapping[str, Any]]:
    for one in (real, *(getattr(real, name, None) for name in ("sampler", "batch_sampler", "dataset"))):
        if hasattr(one, "set_epoch"):
            one.set_epoch(epoch)
    # The order is drawn, and workers are seeded, until the first batch is there.
    with _seeded(real, seed, epoch):
        batches = iter(real)
        first = next(batches, None)
    for batch in itertools.chain([] if first is None else [first], batches):
        yield convert(batch)


@contextmanager
def _seeded(real: Any, seed: int, epoch: int) -> Iterator[None]:
    number = (seed * 0x9E3779B97F4A7C15 + epoch) % 2**63
    generators = {id(one): one for one in (getattr(real, "generator", None), getattr(getattr(real, "sampler", None), "generator", None))
                  if isinstance(one, torch.Generator)}
    for generator in generators.values():
        generator.manual_seed(number)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(number)
        yield
