"""The part of a .NET runtime that the engine needs, as files of a wheel."""
import json
import platform
import re
import sys
import sysconfig
from pathlib import Path

from dotnet_references import mentioned, references

FRAMEWORK = "Microsoft.NETCore.App"
# For debuggers, for tracing with LTTng, and collectors that only a setting would load.
_NEVER = ("mscordbi", "mscordaccore", "coreclrtraceptprovider", "clrgc", "clrgcexp", "createdump")
# Assemblies that only pass on to others: texts mention them for what was written by older programs.
_OLD_NAMES = {"mscorlib", "System"}


class RuntimeMissing(Exception):
    """There is no such runtime in the folder."""


def collect(dotnet: Path, engine: Path) -> tuple[dict[str, bytes], str]:
    """Files by their paths in a .NET folder, and the wheel's platform tag. Raises RuntimeMissing.

    dotnet: a folder that .NET is installed in. engine: the engine's assemblies. What these refer to, directly or not, is taken.
    """
    wanted = json.loads((engine / "GpuSynth.Native.runtimeconfig.json").read_text(encoding="utf-8"))
    wanted = _numbers(wanted["runtimeOptions"]["framework"]["version"])
    runtime = _newest(dotnet / "shared" / FRAMEWORK, wanted)
    host = _newest(dotnet / "host" / "fxr", _numbers(runtime.name))
    assemblies = {path.stem: path for path in runtime.glob("*.dll")}
    needed, ahead = {"System.Private.CoreLib"}, [assemblies["System.Private.CoreLib"], *engine.glob("*.dll")]
    while ahead:
        data = ahead.pop().read_bytes()
        new = ((references(data) | mentioned(data) - _OLD_NAMES) & assemblies.keys()) - needed
        needed |= new
        ahead += [assemblies[name] for name in new]

    chosen = [assemblies[name] for name in needed]
    chosen += [path for path in runtime.iterdir() if path.suffix in (".so", ".dylib")
               and path.stem.removeprefix("lib") not in _NEVER]
    chosen += [path for path in host.iterdir() if path.is_file()]
    if sys.platform == "win32":
        # There, native libraries have the suffix of assemblies.
        chosen += [path for path in runtime.glob("*.dll") if path.stem not in _NEVER and not _is_assembly(path)]
    chosen += [path for name in ("LICENSE.txt", "ThirdPartyNotices.txt") if (path := dotnet / name).is_file()]
    files = {path.relative_to(dotnet).as_posix(): path.read_bytes() for path in chosen}
    place = f"shared/{FRAMEWORK}/{runtime.name}"
    taken = {name.rsplit("/", 1)[-1] for name in files}
    deps = f"{FRAMEWORK}.deps.json"
    files[f"{place}/{deps}"] = _without(json.loads((runtime / deps).read_text(encoding="utf-8")), taken)
    settings = runtime / f"{FRAMEWORK}.runtimeconfig.json"
    if settings.is_file():
        files[f"{place}/{settings.name}"] = settings.read_bytes()
    return files, _tag([data for name, data in files.items() if name.endswith(".so")])


def _newest(folder: Path, wanted: tuple[int, ...]) -> Path:
    """The newest version in a folder that is at least the wanted one, of its major version."""
    found = [path for path in folder.glob("*") if re.fullmatch(r"\d+\.\d+\.\d+", path.name)]
    found = [path for path in found if _numbers(path.name)[0] == wanted[0] and _numbers(path.name) >= wanted]
    if not found:
        raise RuntimeMissing(
            f"There is no .NET {'.'.join(map(str, wanted))} or later of its kind in {folder}: give --dotnet the folder that one "
            "is installed in, or --no-runtime.")
    return max(found, key=lambda path: _numbers(path.name))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:3]))


def _is_assembly(path: Path) -> bool:
    try:
        references(path.read_bytes())
        return True
    except ValueError:
        return False


def _without(deps: dict, taken: set[str]) -> bytes:
    # The host starts nothing where a file is missing that this list names.
    for target in deps["targets"].values():
        for library in target.values():
            for kind in ("runtime", "native"):
                library[kind] = {name: facts for name, facts in library.get(kind, {}).items() if name.rsplit("/", 1)[-1] in taken}
    return json.dumps(deps, indent=1, sort_keys=True).encode()


def _tag(libraries: list[bytes]) -> str:
    """The wheel's platform tag: on Linux by the newest glibc that the libraries ask for (PEP 600)."""
    if sys.platform != "linux":
        return re.sub(r"\W", "_", sysconfig.get_platform())
    versions = [tuple(map(int, found)) for data in libraries for found in re.findall(rb"GLIBC_(\d+)\.(\d+)", data)]
    machine = platform.machine()
    return "manylinux_{}_{}_{}".format(*max(versions), machine) if versions else f"musllinux_1_2_{machine}"
