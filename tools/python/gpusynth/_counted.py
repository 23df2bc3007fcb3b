"""What the loaders have in common: steps, epochs, and going on from where a state was taken."""
from collections.abc import Iterator, Mapping
from typing import Any

from .engine import _whole
from .errors import InvalidArgumentError


class Counted:
    """Counts the batches that are handed out: in all, and of the epoch. An iteration is an epoch, and ends the one before."""

    def __init__(self, steps: int | None, repeat: bool = False) -> None:
        self._steps = None if steps is None else _whole(steps, "steps", 0, 2**63)
        self._repeat = bool(repeat)
        self._step = self._epoch = self._step_of_epoch = 0
        self._is_resumed = False
        self._generation = 0

    def __iter__(self) -> Iterator[Any]:
        self._generation += 1
        # An epoch that was left early is over; one that was loaded goes on.
        if self._step_of_epoch and not self._is_resumed:
            self._end_epoch()
        self._is_resumed = False
        return self._iterate(self._generation)

    def __len__(self) -> int:
        """Batches of an epoch. Raises TypeError without steps: then there is no end."""
        if self._steps is None:
            raise TypeError(f"This {type(self).__name__} has no length, for it has no end: give it steps=, the batches of an epoch.")
        return self._steps

    def __bool__(self) -> bool:
        # Of an endless one too, whose length cannot be asked for.
        return self._steps != 0

    # Batches from a step on, endless or as many as given; it has close(). What a batch takes along is counted when it is asked for.
    def _batches(self, step: int, count: int | None) -> Any:
        raise NotImplementedError

    def _counts(self) -> dict[str, int]:
        return {"step": self._step, "epoch": self._epoch, "step_of_epoch": self._step_of_epoch}

    def _set_counts(self, state: Any, *needed: str) -> None:
        name = type(self).__name__
        if not isinstance(state, Mapping) or state.get("version") != 1 or not {"step", *needed} <= state.keys():
            raise InvalidArgumentError(f"{state!r} is no state of a gpusynth {name}; give what state_dict() returned.")
        step = _whole(state["step"], "step", 0, 2**63)
        epoch = _whole(state.get("epoch", 0), "epoch", 0, 2**63)
        step_of_epoch = _whole(state.get("step_of_epoch", 0), "step_of_epoch", 0, step)
        self._generation += 1
        self._step, self._epoch, self._step_of_epoch, self._is_resumed = step, epoch, step_of_epoch, True

    def _end_epoch(self) -> None:
        self._step = self._step - self._step_of_epoch if self._repeat else self._step
        self._epoch, self._step_of_epoch = self._epoch + 1, 0

    def _iterate(self, generation: int) -> Iterator[Any]:
        batches = self._batches(self._step, None if self._steps is None else max(0, self._steps - self._step_of_epoch))
        try:
            for batch in batches:
                if generation != self._generation:
                    return
                self._step += 1
                self._step_of_epoch += 1
                if self._step_of_epoch == self._steps:
                    self._end_epoch()
                yield batch
                if generation != self._generation:
                    return
        finally:
            batches.close()


class Stream(Counted):
    """Counts batches of a numbered stream: step s of rank r of R has items start + (s R + r) B and on."""

    def __init__(self, batch: int, start: int, steps: int | None, rank: int, world_size: int, repeat: bool) -> None:
        super().__init__(steps, repeat)
        self._start = _whole(start, "start", 0, 2**64 - 1)
        self._batch, self.rank, self.world_size = batch, rank, world_size

    def state_dict(self) -> dict[str, int]:
        """Where the stream stands: the batches handed out so far are behind it. Whole numbers only; the same on every rank."""
        return {"version": 1, "sample": self._first(self._step) - self.rank * self._batch, **self._counts()}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Goes on from there, with this batch and number of ranks; iterators in use end. The next iteration is what is left of
        the epoch."""
        sample = _whole(state["sample"], "sample", 0, 2**64 - 1) if isinstance(state, Mapping) and "sample" in state else 0
        self._set_counts(state, "sample")
        # Wherever a step of other size stood: this stream's step has that sample first.
        self._start = sample - self._step * self.world_size * self._batch

    def _first(self, step: int) -> int:
        return self._start + (step * self.world_size + self.rank) * self._batch
