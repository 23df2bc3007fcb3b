"""A batch as the dictionary of tensors that a training loop is given."""
from typing import Any

import torch

from .errors import InvalidArgumentError

_IMAGE_TYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
_LABEL_TYPES = (torch.uint8, torch.int16, torch.int32, torch.int64, *_IMAGE_TYPES)


def dictionary(image: Any, label: Any, affine: Any,
               dtypes: tuple[torch.dtype | None, torch.dtype | None]) -> dict[str, torch.Tensor]:
    """{"image": ..., "label": ..., "affine": ...}; the label map gets its channel."""
    tensors = (torch.as_tensor(array) for array in (image, label))
    image, label = (tensor if dtype is None else tensor.to(dtype) for tensor, dtype in zip(tensors, dtypes))
    return {"image": image, "label": label.unsqueeze(1), "affine": torch.tensor(affine)}


def check_dtypes(image: torch.dtype | None, label: torch.dtype | None) -> tuple[torch.dtype | None, torch.dtype | None]:
    """Both types, which must be among those that tensors here may have."""
    for dtype, name, allowed in ((image, "image_dtype", _IMAGE_TYPES), (label, "label_dtype", _LABEL_TYPES)):
        if dtype is not None and dtype not in allowed:
            raise InvalidArgumentError(f"{name} is {dtype!r}; it may be {', '.join(map(str, allowed))}.")
    return image, label
