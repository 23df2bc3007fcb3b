#!/usr/bin/env python3
"""Writes the wheels of gpusynth with the published engine in them: python3 build_wheel.py OUT. Needs only Python.

    OUT/gpusynth-VERSION-py3-none-SYSTEM.whl          with the .NET runtime: for machines of this system, whatever they have
    OUT/no-runtime/gpusynth-VERSION-py3-none-any.whl  without: for every system that has .NET

Without --engine, `dotnet publish src/GpuSynth.Native` makes the engine. The runtime is the newest of its version that dotnet has,
without what the engine never calls (dotnet_runtime.py). The same files give the same wheels, byte for byte.
"""
import argparse
import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import dotnet_runtime

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Symbols and comments are for developers; the header lies in include/.
LEFT_OUT = {".pdb", ".xml"}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder of the wheels")
    parser.add_argument("--engine", type=Path, help="folder that dotnet publish (or build) has written")
    parser.add_argument("--dotnet", type=Path, help="folder of the .NET whose runtime is taken, if not dotnet's own")
    parser.add_argument("--no-runtime", action="store_true", help="only the wheel without the runtime")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        engine = options.engine or publish(Path(folder))
        if not (engine / "GpuSynth.Native.dll").is_file():
            print(f"There is no GpuSynth.Native.dll in {engine}: give the folder that 'dotnet publish src/GpuSynth.Native -o F' "
                  "has written.", file=sys.stderr)
            return 1
        try:
            wheels = [write_wheel(options.out / "no-runtime", engine)]
            if not options.no_runtime:
                wheels.insert(0, write_wheel(options.out, engine, options.dotnet or Path(find_dotnet()).resolve().parent))
        except dotnet_runtime.RuntimeMissing as error:
            print(error, file=sys.stderr)
            return 1
        for wheel in wheels:
            print(f"{wheel}  {wheel.stat().st_size / 1e6:.1f} MB")
    return 0


def find_dotnet() -> str:
    installed = Path.home() / ".dotnet" / "dotnet"
    dotnet = shutil.which("dotnet") or (str(installed) if installed.is_file() else None)
    if dotnet is None:
        sys.exit("The .NET SDK is missing: no 'dotnet' on the path. Install version 10.0 (https://dot.net/download, or your "
                 "system's package dotnet-sdk-10.0), or give --engine and --dotnet with what lies elsewhere.")
    return dotnet


def publish(folder: Path) -> Path:
    """Publishes the engine into the folder."""
    done = subprocess.run(
        [find_dotnet(), "publish", str(ROOT / "src" / "GpuSynth.Native"), "-c", "Release", "-o", str(folder), "-v", "q",
         "--nologo"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\ndotnet publish src/GpuSynth.Native failed for the reasons above.")
    return folder


def write_wheel(out: Path, engine: Path, dotnet: Path | None = None) -> Path:
    """Writes a wheel, with the runtime of a .NET folder where one is given; returns its path."""
    project = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    version, summary, python, numpy, torch = (
        re.search(pattern, project, re.MULTILINE)[1] for pattern in (
            r'^version = "(.+)"', r'^description = "(.+)"', r'^requires-python = "(.+)"', r'^dependencies = \["(.+)"\]',
            r'^torch = \["(.+)"\]'))
    information = f"gpusynth-{version}.dist-info"
    files = {f"gpusynth/{path.name}": path.read_bytes()
             for path in (HERE / "gpusynth").iterdir() if path.suffix == ".py" or path.name == "py.typed"}
    files |= {f"gpusynth/_engine/{path.relative_to(engine).as_posix()}": path.read_bytes()
              for path in engine.rglob("*") if path.is_file() and path.suffix not in LEFT_OUT}
    tag = "any"
    if dotnet is not None:
        runtime, tag = dotnet_runtime.collect(dotnet, engine)
        files |= {f"gpusynth/_dotnet/{name}": data for name, data in runtime.items()}
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    files[f"{information}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: gpusynth\nVersion: {version}\nSummary: {summary}\nLicense: MIT\n"
        f"Requires-Python: {python}\n"
        f"Requires-Dist: {numpy}\nProvides-Extra: torch\nRequires-Dist: {torch}; extra == \"torch\"\n"
        f"Description-Content-Type: text/markdown\n\n{readme}").encode()
    files[f"{information}/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: build_wheel.py\n"
        f"Root-Is-Purelib: {str(dotnet is None).lower()}\nTag: py3-none-{tag}\n").encode()
    files[f"{information}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data in sorted(files.items()))
    files[f"{information}/RECORD"] = f"{record}{information}/RECORD,,\n".encode()

    out.mkdir(parents=True, exist_ok=True)
    path = out / f"gpusynth-{version}-py3-none-{tag}.whl"
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as wheel:
        # The record comes last, as installers like it; a fixed time makes the wheel the same each time.
        for name in sorted(files, key=lambda name: (name.endswith("/RECORD"), name)):
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            wheel.writestr(entry, files[name])
    partial.replace(path)
    return path


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
