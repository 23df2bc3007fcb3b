"""Finds the .NET runtime and the engine, and starts them in this process, once."""
import ctypes
import json
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._abi import Functions
from .errors import EngineNotFoundError, ForkedProcessError, RuntimeNotFoundError

_ASSEMBLY = "GpuSynth.Native"
_LIBRARY = {"win32": "hostfxr.dll", "darwin": "libhostfxr.dylib"}.get(sys.platform, "libhostfxr.so")
_LOAD_ASSEMBLY = 5  # load_assembly_and_get_function_pointer
_SIGACTION_BYTES = 512  # more than any system's struct sigaction has
_TEXT = ctypes.c_wchar_p if sys.platform == "win32" else ctypes.c_char_p

_lock = threading.Lock()
_functions: Functions | None = None
_pid = 0
# Whatever the runtime may call stays for good.
_kept: list[object] = []


def functions() -> Functions:
    """The engine's functions; the first call starts the runtime.

    Raises RuntimeNotFoundError, EngineNotFoundError; ForkedProcessError in every process forked after the start.
    """
    global _functions, _pid
    check_process()
    if _functions is not None:
        return _functions
    with _lock:
        if _functions is None:
            folder = find_engine()
            root = find_dotnet(_wanted(folder))
            # From here on a forked child would have half of a runtime.
            _pid = os.getpid()
            with _kept_signals():
                _functions = _start(root, folder)
        return _functions


def check_process() -> None:
    """Raises ForkedProcessError in a process that was forked from one in which the runtime had started."""
    if _pid and _pid != os.getpid():
        raise ForkedProcessError(
            f"This process ({os.getpid()}) was forked from process {_pid} after gpusynth had started there, and the .NET runtime "
            "does not survive a fork. Start the processes with 'spawn' (multiprocessing.set_start_method('spawn'), or "
            "DataLoader(multiprocessing_context='spawn')), or create engines in the child processes only.")


def _renew_lock() -> None:
    # In a forked child: the thread that held it, if any, is not there.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def find_engine() -> Path:
    """The folder of GpuSynth.Native.dll: GPUSYNTH_ENGINE, the package's own, or that of the checkout that this is part of."""
    package = Path(__file__).resolve().parent
    asked = os.environ.get("GPUSYNTH_ENGINE")
    folders = [Path(asked).absolute()] if asked else [package / "_engine"]
    if not asked and len(package.parents) > 2 and (package.parents[2] / "GpuSynth.sln").is_file():
        artifacts = package.parents[2] / "artifacts"
        folders += [artifacts / kind / _ASSEMBLY / "release" for kind in ("bin", "publish")]
    for folder in folders:
        if (folder / f"{_ASSEMBLY}.dll").is_file() and (folder / f"{_ASSEMBLY}.runtimeconfig.json").is_file():
            return folder
    raise EngineNotFoundError(
        f"There is no {_ASSEMBLY}.dll in {' or '.join(map(str, folders))}. Install the wheel that carries the engine "
        "(tools/python/build_wheel.py), or set GPUSYNTH_ENGINE to the folder that 'dotnet publish src/GpuSynth.Native -o FOLDER' "
        "has written.")


def find_dotnet(wanted: tuple[int, ...]) -> Path:
    """The folder of a .NET that has the wanted runtime: DOTNET_ROOT's, the package's own, or else those of the usual places and
    the path, which a DOTNET_ROOT takes the place of."""
    asked, own = os.environ.get("DOTNET_ROOT"), Path(__file__).resolve().parent / "_dotnet"
    roots = [Path(asked), own] if asked else [own, *_usual_roots()]
    seen = []
    for root in dict.fromkeys(roots):
        hosts = _versions(root / "host" / "fxr")
        runtimes = _versions(root / "shared" / "Microsoft.NETCore.App")
        if any(host >= wanted for host in hosts) and any(has[0] == wanted[0] and has >= wanted for has in runtimes):
            return root
        seen += [f"{'.'.join(map(str, version))} in {root}" for version in runtimes]
    version = ".".join(map(str, wanted[:2]))
    where = f"DOTNET_ROOT ({asked})" if asked else "DOTNET_ROOT, the usual places or on the path"
    raise RuntimeNotFoundError(
        f"gpusynth runs on the .NET {version} runtime, and there is none in {where}"
        f"{'; there is only ' + ', '.join(seen) if seen else ''}. To get it: 'apt-get install dotnet-runtime-{version}' (Ubuntu, "
        "Debian with Microsoft's feed), an installer from https://dot.net/download, or without administrator's rights "
        f"'curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --runtime dotnet --channel {version}', which puts it "
        "where gpusynth looks (~/.dotnet). If it is elsewhere, set DOTNET_ROOT to its folder. The wheel for this system "
        "has it in it.")


def _usual_roots() -> list[Path]:
    roots = [Path(place) for place in (
        "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet")]
    if sys.platform == "win32":
        roots = [Path(os.environ.get("ProgramFiles", r"C:\Program Files")) / "dotnet"]
    roots.append(Path(os.path.expanduser("~/.dotnet")))
    command = shutil.which("dotnet")
    return [*roots, Path(command).resolve().parent] if command else roots


def _versions(folder: Path) -> list[tuple[int, ...]]:
    """Versions that a folder's subfolders are named with, the newest last; previews do not count."""
    names = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
    return sorted(tuple(map(int, name.split("."))) for name in names if re.fullmatch(r"\d+\.\d+\.\d+", name))


def _wanted(folder: Path) -> tuple[int, ...]:
    path = folder / f"{_ASSEMBLY}.runtimeconfig.json"
    try:
        options = json.loads(path.read_text(encoding="utf-8"))["runtimeOptions"]
        return tuple(map(int, re.findall(r"\d+", options["framework"]["version"])[:3]))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise EngineNotFoundError(
            f"{path} does not say which .NET the engine wants ({type(error).__name__}: {error}): install the wheel "
            "again.") from error


@contextmanager
def _kept_signals() -> Iterator[None]:
    """Keeps the handlers that the runtime puts its own in place of, whoever put them there.

    With the runtime's, Ctrl-C would end the process without KeyboardInterrupt, and a worker of torch's DataLoader, whose handler
    of SIGTERM is in C, would not end as its parent expects.
    """
    if sys.platform == "win32":
        yield
        return
    sigaction = ctypes.CDLL(None).sigaction
    kept = {number: ctypes.create_string_buffer(_SIGACTION_BYTES) for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)}
    for number, action in kept.items():
        sigaction(number, None, action)
    try:
        yield
    finally:
        for number, action in kept.items():
            sigaction(number, action, None)


def _start(root: Path, folder: Path) -> Functions:
    newest = ".".join(map(str, _versions(root / "host" / "fxr")[-1]))
    library = root / "host" / "fxr" / newest / _LIBRARY
    try:
        hostfxr = ctypes.CDLL(str(library))
    except OSError as error:
        raise RuntimeNotFoundError(
            f"{library} cannot be loaded ({error}): is this .NET made for this processor and system? {sys.executable} runs on "
            f"{os.uname().machine if hasattr(os, 'uname') else sys.platform}.") from error

    said: list[str] = []
    writer = ctypes.CFUNCTYPE(None, _TEXT)(
        lambda text: said.append(text if isinstance(text, str) else text.decode(errors="replace")))
    hostfxr.hostfxr_set_error_writer.restype = ctypes.c_void_p
    hostfxr.hostfxr_set_error_writer.argtypes = [ctypes.c_void_p]
    hostfxr.hostfxr_initialize_for_runtime_config.argtypes = [_TEXT, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)]
    hostfxr.hostfxr_get_runtime_delegate.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p)]
    hostfxr.hostfxr_close.argtypes = [ctypes.c_void_p]
    _kept.extend([hostfxr, writer])

    def refuse(what: str, code: int) -> RuntimeNotFoundError:
        reasons = " ".join(" ".join(said).split())
        return RuntimeNotFoundError(
            f"The .NET runtime in {root} {what} (0x{code & 0xFFFFFFFF:08x}). {reasons} Another .NET can be named in DOTNET_ROOT "
            "(https://dot.net/download).")

    context, address = ctypes.c_void_p(), ctypes.c_void_p()
    before = hostfxr.hostfxr_set_error_writer(ctypes.cast(writer, ctypes.c_void_p))
    try:
        code = hostfxr.hostfxr_initialize_for_runtime_config(
            _text(folder / f"{_ASSEMBLY}.runtimeconfig.json"), None, ctypes.byref(context))
        # 1 and 2: something else (pythonnet, say) has started a runtime in this process before.
        if code not in (0, 1, 2) or not context:
            raise refuse("does not start", code)
        code = hostfxr.hostfxr_get_runtime_delegate(context, _LOAD_ASSEMBLY, ctypes.byref(address))
        hostfxr.hostfxr_close(context)
        if code or not address:
            raise refuse("loads no assemblies", code)
    finally:
        hostfxr.hostfxr_set_error_writer(before)

    load = ctypes.CFUNCTYPE(
        ctypes.c_int32, _TEXT, _TEXT, _TEXT, ctypes.c_void_p, ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_void_p))(address.value or 0)
    assembly, type_name = _text(folder / f"{_ASSEMBLY}.dll"), _text(f"{_ASSEMBLY}.Exports, {_ASSEMBLY}")

    def method(name: str) -> int:
        found = ctypes.c_void_p()
        unmanaged_callers_only = ctypes.c_void_p(-1)
        code = load(assembly, type_name, _text(name), unmanaged_callers_only, None, ctypes.byref(found))
        if code or not found.value:
            raise EngineNotFoundError(
                f"{folder / _ASSEMBLY}.dll has no function {name} (0x{code & 0xFFFFFFFF:08x}): its files are not whole, or of "
                "another version; install the wheel again.")
        return found.value

    return Functions(method, str(folder))


def _text(value: object) -> str | bytes:
    return str(value) if sys.platform == "win32" else os.fsencode(str(value))
