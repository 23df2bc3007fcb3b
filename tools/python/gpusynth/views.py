"""Which samples an item of training needs: its views.

Item n of a stream is seen in one or more views, each a sample of its own with the key (a n + b, c n + d) of anatomy and appearance.
Two views of one anatomy have the same label map, voxel by voxel; two of one appearance have the same intensities, blur, noise and
so on, as far as these do not hang on the labels. The sets below are those of the objectives of `./gpusynth pretrain`, which names
its views by the same formulas: item n of a seed is the same there and here.

    gpusynth.views.pair         {"first": (n, 2n), "second": (n, 2n + 1)}: one anatomy in two appearances (anatomix, VoCo, registration)
    gpusynth.views.misfm        {"foreground": (2n, n), "background": (2n + 1, n)}: two anatomies in one appearance (MIS-FM)
    gpusynth.views.square       {"00", "01", "10", "11"}: anatomies {2n, 2n + 1} by appearances {2n, 2n + 1} (MeDUET)
    gpusynth.views.restoration  {"degraded": (n, n), "clean": the same without noise, blur, artefacts and bias}
    gpusynth.views.appearances(m)  {"0": (n, m n), ..., "m - 1"}: one anatomy in m appearances, as modalities (BM-MAE)
"""
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from .engine import _whole
from .errors import InvalidArgumentError

__all__ = ["View", "appearances", "misfm", "pair", "restoration", "sample", "square"]


@dataclass(frozen=True)
class View:
    """One view of item n: the sample with anatomy a n + b and appearance c n + d.

    anatomy: (a, b); appearance: (c, d). Whole numbers from 0 to 2**31 - 1; keys are taken modulo 2**64.
    clean: made by the recipe without the components that degrade an image (noise, blur, artefacts, bias fields): Engine.clean().
    """
    anatomy: tuple[int, int] = (1, 0)
    appearance: tuple[int, int] = (1, 0)
    clean: bool = False

    def __post_init__(self) -> None:
        for name in ("anatomy", "appearance"):
            pair = tuple(getattr(self, name))
            if len(pair) != 2:
                raise InvalidArgumentError(f"{name} has {len(pair)} numbers; give two, (1, 0) for n or (2, 1) for 2 n + 1.")
            object.__setattr__(self, name, tuple(_whole(number, name, 0, 2**31 - 1) for number in pair))

    def keys(self, first: int, count: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]":
        """Keys of items first to first + count - 1: uint64 [count, 2], anatomy and appearance."""
        # Python's numbers have no end; the keys' has.
        return np.array([[(times * item + plus) % 2**64 for times, plus in (self.anatomy, self.appearance)]
                         for item in range(first, first + count)], np.uint64).reshape(count, 2)


def appearances(count: int) -> dict[str, View]:
    """One anatomy in `count` appearances, (n, count n + m) for m from 0 on, named "0", "1", ..."""
    count = _whole(count, "count", 1, 2**16)
    return {str(number): View((1, 0), (count, number)) for number in range(count)}


sample: Mapping[str, View] = MappingProxyType({"sample": View()})
pair: Mapping[str, View] = MappingProxyType({"first": View((1, 0), (2, 0)), "second": View((1, 0), (2, 1))})
misfm: Mapping[str, View] = MappingProxyType({"foreground": View((2, 0), (1, 0)), "background": View((2, 1), (1, 0))})
square: Mapping[str, View] = MappingProxyType({
    f"{anatomy}{appearance}": View((2, anatomy), (2, appearance)) for anatomy in (0, 1) for appearance in (0, 1)})
restoration: Mapping[str, View] = MappingProxyType({"degraded": View(), "clean": View(clean=True)})
