"""gpusynth.h, version 2, in ctypes. ctypes releases the interpreter lock during each call."""
import ctypes
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any

from .errors import BY_CODE, DefectError, EngineNotFoundError, StaleError

VERSION = 2
CLEAN = 1  # GPUSYNTH_CLEAN, a bit of the options' flags
IMAGE_FORMATS = ("float32", "float16", "bfloat16")


class Options(ctypes.Structure):
    """gpusynth_options."""
    _fields_ = [
        ("struct_bytes", c_uint32), ("slots_on_device", c_uint32), ("recipe", c_char_p), ("labels", c_char_p),
        ("device", c_char_p), ("size", c_int32 * 3), ("batch", c_int32), ("threads", c_int32), ("image_format", c_int32),
        ("seed", c_uint64), ("flags", c_uint64)]


class Info(ctypes.Structure):
    """gpusynth_info."""
    _fields_ = [
        ("struct_bytes", c_uint32), ("dimensions", c_int32), ("shape", c_int32 * 3), ("batch", c_int32), ("labels", c_int32),
        ("threads", c_int32), ("image_format", c_int32), ("reserved", c_int32), ("image_bytes", c_int64),
        ("label_bytes", c_int64), ("workspace_bytes", c_int64)]


assert ctypes.sizeof(Options) == 72 and ctypes.sizeof(Info) == 64, "gpusynth needs a 64-bit Python"

_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "AbiVersion": (c_int32,),
    "Create": (c_int32, POINTER(Options), POINTER(c_uint64)),
    "InfoOf": (c_int32, c_uint64, POINTER(Info)),
    "Generate": (c_int32, c_uint64, c_void_p, c_int32, c_void_p, c_void_p),
    "Complete": (c_int32, c_uint64),
    "Drawn": (c_int32, c_uint64, c_int32, c_char_p, c_int64, POINTER(c_int64)),
    "Affine": (c_int32, c_uint64, c_int32, c_void_p),
    "AwaitStream": (c_int32, c_uint64, c_void_p),
    "StreamAwaits": (c_int32, c_uint64, c_void_p),
    "Destroy": (c_int32, c_uint64),
    "LastError": (c_int64, c_char_p, c_int64),
}


class Functions:
    """The functions of gpusynth.h.

    method gives the address of a function by its name in PascalCase; where says where the engine is, for errors.
    """

    def __init__(self, method: Callable[[str], int], where: str) -> None:
        def bind(name: str) -> Any:
            return ctypes.CFUNCTYPE(*_SIGNATURES[name])(method(name))

        version = bind("AbiVersion")()
        if version == 0:
            raise EngineNotFoundError(
                f"The engine's files in {where} are not whole: install the wheel again, or publish the engine there again.")
        if version != VERSION:
            raise EngineNotFoundError(
                f"The engine in {where} has ABI version {version}, and this package was made for {VERSION}: install a package "
                "and an engine of the same release (a wheel carries both; GPUSYNTH_ENGINE overrides it).")
        self.create = bind("Create")
        self.info_of = bind("InfoOf")
        self.generate = bind("Generate")
        self.complete = bind("Complete")
        self.drawn = bind("Drawn")
        self.affine = bind("Affine")
        self.await_stream = bind("AwaitStream")
        self.stream_awaits = bind("StreamAwaits")
        self.destroy = bind("Destroy")
        self.last_error = bind("LastError")

    def check(self, code: int) -> None:
        """Raises the error of a code that is not 0; to be called on the thread that got it."""
        if code == -5:
            raise StaleError("The engine is closed; make another.")
        if code:
            text = ctypes.create_string_buffer(self.last_error(None, 0))
            self.last_error(text, len(text))
            raise BY_CODE.get(code, DefectError)(text.value.decode() or f"The engine returned {code} and no reason.")
