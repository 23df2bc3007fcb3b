"""Memory that samples are written to: where it lies and what it is, whichever library it belongs to."""
from typing import Any, NamedTuple

import numpy as np

_ALIGNMENT = 64  # bytes: a cache line, and the widest vector


class Memory(NamedTuple):
    """An array as the engine sees it. kind: name of its type, bfloat16 being uint16 in numpy. device: "host", "cuda:0", or "cuda"
    where its library does not say which. stream: the CUDA stream that its library works on, where it is not torch's current one.
    flaw: what forbids writing to it, or "". owner: what keeps a borrowed view alive."""
    address: int
    kind: str = ""
    shape: tuple[int, ...] = ()
    device: str = "host"
    flaw: str = ""
    stream: int | None = None
    is_ordered: bool = True
    owner: object = None


def look_at(array: Any, torch: Any) -> Memory | None:
    """What kind of array an object is; None for other objects. torch: for tensors of other libraries (DLPack); None where it is not in use.

    On a GPU: torch tensors; what has __dlpack__ (CuPy), whose library is told torch's current stream; and what only has
    __cuda_array_interface__ (Numba), in versions 2 and 3.
    """
    if isinstance(array, np.ndarray):
        flags = array.flags
        flaw = ("not contiguous" if not flags.c_contiguous else "read-only" if not flags.writeable else
                "" if array.dtype.isnative else "in foreign byte order")
        return Memory(array.ctypes.data, array.dtype.name, array.shape, "host", flaw)
    if hasattr(array, "data_ptr"):
        kind, shape = str(array.dtype).removeprefix("torch."), tuple(array.shape)
        layout = str(getattr(array, "layout", "torch.strided"))
        if layout != "torch.strided":
            return Memory(0, kind, shape, flaw=f"of the layout {layout}")
        flaw = ("not contiguous" if not array.is_contiguous() else
                "a tensor that requires a gradient" if array.requires_grad else "")
        device = "host" if array.device.type == "cpu" else str(array.device)
        return Memory(array.data_ptr(), kind, shape, device, flaw, owner=array)
    if torch is not None and hasattr(array, "__dlpack__"):
        return look_at(torch.from_dlpack(array), torch)
    if hasattr(array, "__cuda_array_interface__"):
        return _look_at_interface(array.__cuda_array_interface__)
    return None


def _look_at_interface(interface: dict[str, Any]) -> Memory:
    # https://numba.readthedocs.io/en/stable/cuda/cuda_array_interface.html
    dtype, shape = np.dtype(interface["typestr"]), tuple(interface["shape"])
    address, is_read_only = interface["data"]
    strides, dense = interface.get("strides"), dtype.itemsize
    is_contiguous = True
    for side, stride in zip(reversed(shape), reversed(strides or ())):
        is_contiguous &= side == 1 or stride == dense
        dense *= side
    flaw = ("not contiguous" if not is_contiguous else "read-only" if is_read_only else
            "masked" if interface.get("mask") is not None else "" if dtype.isnative else "in foreign byte order")
    return Memory(address, dtype.name, shape, "cuda", flaw, interface.get("stream"), is_ordered=False)


def address_of(array: Any) -> int:
    """The address of a numpy array's or a torch tensor's first value."""
    return int(array.ctypes.data if isinstance(array, np.ndarray) else array.data_ptr())


def numpy_name(kind: str) -> str:
    """The type that holds an image format in numpy, which has no bfloat16."""
    return "uint16" if kind == "bfloat16" else kind


def aligned(shape: tuple[int, ...], dtype: "np.dtype[Any]") -> "np.ndarray[Any, Any]":
    """A new array that begins at a multiple of 64 bytes. What it holds is arbitrary."""
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start:start + size].view(dtype).reshape(shape)
