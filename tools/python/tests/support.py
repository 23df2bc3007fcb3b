"""What the tests share: the package's folder on the path, small engines, scripts in processes of their own."""
import os
import signal
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
