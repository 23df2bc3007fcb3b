"""Result files: where, when and on what something was measured, written whole or not at all."""
import datetime
import json
import math
import os
import platform
import subprocess
import tempfile
from pathlib import Path

CLOCKS = "clocks.sm,clocks.mem,clocks.max.sm,clocks.max.mem,temperature.gpu,power.limit"


def _output(*command, folder=None):
    """What a program prints, or None where it is missing or fails."""
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def commit():
    """The source of this harness, "-dirty" where files differ from it; None outside of a repository."""
    return _output("git", "describe", "--always", "--dirty", "--match=", folder=Path(__file__).parent)


def nvidia_smi(fields):
    """Fields of the GPU that torch calls 0, as nvidia-smi words them, or None."""
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0] or "0"
    line = _output("nvidia-smi", "--query-gpu=" + fields, "--format=csv,noheader", "--id=" + first)
    return dict(zip(fields.split(","), map(str.strip, line.splitlines()[0].split(",")))) if line else None


def head(name, emitted, arguments):
    """What every result begins with: how it was made, when, and from which source."""
    source = commit()
    return {"benchmark": name, "command": " ".join([f"python3 perf/gpu/{name}.py", *arguments]), "commit": source,
            "commitReason": None if source else "no git repository here; see emitted",
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "emitted": {key: emitted.manifest.get(key) for key in ("tool", "commit", "ilgpu")}}


def facts(name, emitted, device, driver, arguments):
    """The head of what was run on a GPU."""
    import torch
    properties, smi = getattr(device, "properties", None), nvidia_smi("driver_version")
    return {**head(name, emitted, arguments),
            "machine": {"gpu": getattr(properties, "name", None), "memoryBytes": getattr(properties, "total_memory", None),
                        "multiprocessors": device.multiprocessors, "driver": smi and smi["driver_version"],
                        "driverReason": None if smi else "nvidia-smi is not there", "driverCuda": driver.version(),
                        "torch": torch.__version__, "torchCuda": torch.version.cuda, "python": platform.python_version()},
            "clocksBefore": nvidia_smi(CLOCKS)}


def rounded(value):
    """Five significant digits: a timing has no more to say. Refuses what is no number."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} in a result")
        return float(f"{value:.5g}")
    return value


def write_json(path, result):
    """Writes under another name beside it, then renames."""
    path, text = Path(path), json.dumps(rounded(result), indent=2, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=path.name + ".", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)  # mkstemp makes it private
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
