"""What was drawn for the samples of a batch, as tensors."""
import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch

from .errors import InvalidArgumentError

# The first three are the keys, which no float holds; leftOut is said by NaN.
_NO_PARAMETERS = frozenset(["seed", "anatomy", "appearance", "leftOut"])


def collated(records: Sequence[dict[str, Any]], names: Iterable[str] | None) -> dict[str, Any]:
    """Records of Engine.drawn() by name: numbers float32 [B], lists float32 [B, N] with NaN behind shorter ones, texts as lists of B.

    names: those that are wanted, each of which is there then; None for all that a sample of the batch has. Where a sample is without
    a component, its numbers are NaN, and its texts None.
    """
    flat = [_flat(record) for record in records]
    if names is None:
        names = dict.fromkeys(name for numbers in flat for name in numbers)
    else:
        names = list(names)
        _require(records, flat, names)
    return {name: _column([numbers.get(name) for numbers in flat]) for name in names}


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**record, **record["measured"]}.items()
            if name not in _NO_PARAMETERS and name != "measured"}


def _column(values: list[Any]) -> Any:
    if any(isinstance(value, str) for value in values):
        return values
    if not any(isinstance(value, list) for value in values):
        return torch.tensor([math.nan if value is None else float(value) for value in values], dtype=torch.float32)
    lists = [value or [] for value in values]
    width = max(map(len, lists))
    return torch.tensor([[*map(float, row), *[math.nan] * (width - len(row))] for row in lists], dtype=torch.float32).reshape(
        len(lists), width)


# A sample that is without nothing has every name that there is.
def _require(records: Sequence[dict[str, Any]], flat: list[dict[str, Any]], names: list[str]) -> None:
    whole = next((numbers for record, numbers in zip(records, flat) if not record.get("leftOut")), None)
    wrong = [name for name in names if whole is not None and name not in whole]
    if wrong:
        raise InvalidArgumentError(f"drawn: the recipe draws no {', '.join(wrong)}; it draws {', '.join(whole)}.")
