"""What the tests share: the package's folder on the path, small engines, scripts in processes of their own."""
import os
import signal
import struct
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]
if str(PACKAGE) not in sys.path:
    sys.path.insert(0, str(PACKAGE))

import gpusynth  # noqa: E402
import numpy as np  # noqa: E402

try:
    import torch
except ImportError:
    torch = None
NO_TORCH = "gpusynth with torch: this python3 has no torch"


def engine(**options):
    """A small engine; sizes are odd on purpose."""
    return gpusynth.Engine(**{"preset": "rasd-3d", "size": (17, 20, 33), "batch": 2, "seed": 7, "threads": 1, **options})


def default_signals():
    """For preexec_fn: all that is started in a background job of a shell script ignores Ctrl-C, tests and their children too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_script(text, status=0, is_silent=False, **environment):
    """Runs Python text in a process of its own; returns what it printed. Its exit status must be the one given, and with
    is_silent it must have had nothing to say but that.

    It is a file, for processes that spawn read it again.
    """
    kept = {name: value for name, value in os.environ.items() if name not in (
        "RANK", "WORLD_SIZE", "SLURM_PROCID", "SLURM_NTASKS", "JOB_COMPLETION_INDEX", "JOB_COMPLETIONS")}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(textwrap.dedent(text), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-B", str(script)], env={**kept, "PYTHONPATH": str(PACKAGE), **environment}, text=True, timeout=180,
            capture_output=True, check=False, preexec_fn=default_signals if os.name == "posix" else None)
    if is_silent and done.stderr:
        raise AssertionError(done.stderr)
    if done.returncode != status:
        raise AssertionError(f"exit status {done.returncode} and not {status}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def write_map(path, affine, shape=(12, 10, 14)):
    """A label map as a NIfTI file: shape and affine in the file's order, (i, j, k)."""
    labels = np.zeros(shape, np.uint8)
    labels[2:9, 3:8, 4:11], labels[5:7, 4:6, 5:9] = 1, 2
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    header = struct.pack("<i36x8h14x2h2x8f", 348, 3, *shape, 1, 1, 1, 1, 2, 8, 1, *spacing, 0, 0, 0, 0)
    header += struct.pack("<3f", 352, 1, 0) + bytes(252 - len(header) - 12)
    header += struct.pack("<2h24x12f", 0, 1, *affine[:3].ravel()) + bytes(16) + b"n+1\0" + bytes(4)
    path.write_bytes(header + labels.tobytes(order="F"))
