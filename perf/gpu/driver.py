"""The CUDA driver through ctypes: only what loading and launching PTX needs, always in the context that torch made current."""
import ctypes as c
import os

ATTRIBUTES = {"sharedBytes": 1, "localBytes": 3, "registers": 4, "ptxVersion": 5, "binaryVersion": 6}
_DYNAMIC_SHARED_LIMIT = 8
_THREADS_PER_MULTIPROCESSOR = 39
_DEFAULT_SHARED = 48 * 1024
_LOG_BYTES = 16384


class DriverError(RuntimeError):
    """A call of the driver failed."""


class PreparedLaunch:
    """A launch whose arguments lie packed in memory of its own, ready to be repeated on any stream."""

    def __init__(self, function, grid, block, shared_bytes, parameters):
        self.packed = c.create_string_buffer(parameters, len(parameters))
        self.size = c.c_size_t(len(parameters))
        # CU_LAUNCH_PARAM_BUFFER_POINTER = 1, ..._SIZE = 2, ..._END = 0
        self.extra = (c.c_void_p * 5)(1, c.addressof(self.packed), 2, c.addressof(self.size), 0)
        self.arguments = (c.c_void_p(function), *map(c.c_uint, (*grid, *block, shared_bytes)))


class Driver:
    """libcuda, or the library that $GPUSYNTH_CUDA_DRIVER names."""

    def __init__(self, path=None):
        path = path or os.environ.get("GPUSYNTH_CUDA_DRIVER") or "libcuda.so.1"
        try:
            self._library = c.CDLL(path)
        except OSError as error:
            raise DriverError(f"the CUDA driver '{path}' cannot be loaded ({error}); is an NVIDIA driver installed?") from error
        self._call("cuInit", c.c_uint(0))

    def _call(self, name, *arguments):
        try:
            status = getattr(self._library, name)(*arguments)
        except AttributeError as error:
            raise DriverError(f"the CUDA driver has no {name}: it is too old.") from error
        if status:
            text = c.c_char_p()
            self._library.cuGetErrorName(c.c_int(status), c.byref(text))
            raise DriverError(f"{name} failed: {(text.value or b'unknown error').decode()} ({status}).")

    def version(self):
        """The CUDA version that the driver supports, e.g. '12.8'."""
        value = c.c_int()
        self._call("cuDriverGetVersion", c.byref(value))
        return f"{value.value // 1000}.{value.value % 1000 // 10}"

    def require_primary_context(self, ordinal):
        """Fails unless the current context is the device's primary one, where torch's pointers live."""
        device, primary, current = c.c_int(), c.c_void_p(), c.c_void_p()
        self._call("cuDeviceGet", c.byref(device), c.c_int(ordinal))
        self._call("cuDevicePrimaryCtxRetain", c.byref(primary), device)
        self._call("cuDevicePrimaryCtxRelease_v2", device)  # torch holds it
        self._call("cuCtxGetCurrent", c.byref(current))
        if current.value != primary.value:
            raise DriverError("the current CUDA context is not the device's primary one: another library changed it.")

    def threads_per_multiprocessor(self, ordinal):
        """Threads that a multiprocessor holds at most."""
        value = c.c_int()
        self._call("cuDeviceGetAttribute", c.byref(value), c.c_int(_THREADS_PER_MULTIPROCESSOR), c.c_int(ordinal))
        return value.value

    def load(self, ptx, entry):
        """Compiles PTX (ended by a zero byte) for the device; the handle of its entry."""
        module, function = c.c_void_p(), c.c_void_p()
        log = c.create_string_buffer(_LOG_BYTES)
        options = (c.c_int * 2)(5, 6)  # CU_JIT_ERROR_LOG_BUFFER, ..._SIZE_BYTES
        values = (c.c_void_p * 2)(c.addressof(log), _LOG_BYTES)
        try:
            self._call("cuModuleLoadDataEx", c.byref(module), c.c_char_p(ptx), c.c_uint(2), options, values)
        except DriverError as error:
            raise DriverError(f"{entry}: {error} {log.value.decode(errors='replace').strip()}".strip()) from error
        self._call("cuModuleGetFunction", c.byref(function), module, c.c_char_p(entry.encode()))
        return function.value

    def attributes(self, function):
        """Registers, local (spilled) and shared bytes, versions."""
        facts, value = {}, c.c_int()
        for name, number in ATTRIBUTES.items():
            self._call("cuFuncGetAttribute", c.byref(value), c.c_int(number), c.c_void_p(function))
            facts[name] = value.value
        return facts

    def blocks_per_multiprocessor(self, function, threads, shared_bytes):
        """Blocks of this kernel that fit a multiprocessor at once."""
        value = c.c_int()
        self._call("cuOccupancyMaxActiveBlocksPerMultiprocessor", c.byref(value), c.c_void_p(function), c.c_int(threads),
                   c.c_size_t(shared_bytes))
        return value.value

    def prepare(self, function, grid, block, shared_bytes, parameters):
        """A launch to be repeated."""
        if shared_bytes > _DEFAULT_SHARED:
            self._call("cuFuncSetAttribute", c.c_void_p(function), c.c_int(_DYNAMIC_SHARED_LIMIT), c.c_int(shared_bytes))
        return PreparedLaunch(function, grid, block, shared_bytes, parameters)

    def launch(self, prepared, stream):
        """Puts a prepared launch on a stream, given by its handle."""
        self._call("cuLaunchKernel", *prepared.arguments, c.c_void_p(stream), None, prepared.extra)
