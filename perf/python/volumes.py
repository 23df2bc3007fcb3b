"""Volumes per second of the engine in Python and of the tool: two processes that make the same batches in turn.

On a machine that others use too, a whole run of one and then of the other differ by more than what is looked for: here a turn is
a tenth of a second, and every ratio is of the same batches, made one after the other. A pair of processes is not the next pair:
each case has several, all fresh, and each warmed up.
"""
import hashlib
import contextlib
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pairing

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CASES = tuple((preset, size, batch) for preset, size in (("rasd-3d", 64), ("rasd-3d", 96), ("rasd-3d", 128), ("rasd-2d", 256))
              for batch in (8, 1))
TARGET = 0.03
TURN_MILLISECONDS = 100
# As bench has it: the compiler replaces code while it warms up.
WARM_UP_MILLISECONDS, WARM_UP_BATCHES = 1500, 2
WHAT = ("recipe", "size", "batch", "threads")
SAME_FILES = ("GpuSynth.dll", "GpuSynth.Kernels.dll")
BUILD = """set -euo pipefail
root=$1
. "$root/tools/setup.sh"
find_dotnet
lock_build
check_sdk
choose_packages tools/GpuSynth.Cli
build src/GpuSynth.Native
build tools/GpuSynth.Cli
"""


class MeasuringError(Exception):
    """Why nothing was measured."""


def build():
    """Builds tool and engine from the same sources; the tool once more where its script thinks so, and not in a measurement."""
    from gpusynth import _runtime
    run(["bash", "-c", BUILD, "bash", str(ROOT)], "the build")
    run([str(ROOT / "gpusynth"), "--version"], "the tool")
    require_same(ROOT / "artifacts" / "bin" / "GpuSynth.Cli" / "release", _runtime.find_engine())


def require_same(tool, engine):
    """Refuses to compare different engines."""
    for name in SAME_FILES:
        if len({hashlib.sha256((folder / name).read_bytes()).digest() for folder in (tool, engine)}) > 1:
            raise MeasuringError(
                f"{name} is not the same in {tool} and in {engine}: delete artifacts/ (or unset GPUSYNTH_ENGINE) and run this "
                "again.")


def run(command, what):
    """What a program prints; its complaints where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise MeasuringError(f"{what} failed ({done.returncode}): {' '.join(lines[-3:])}")
    return done.stdout


class Side:
    """A process that makes batches on demand."""

    def __init__(self, name, command):
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            self.facts = self._parsed(json.loads)
        except BaseException:
            self.close()
            raise

    def turn(self, count):
        """Milliseconds of the next batches."""
        try:
            print(count, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise MeasuringError(f"{self.name} ended; its complaint is above.") from None
        times = self._parsed(lambda line: [float(word) for word in line.split()])
        if len(times) != count or min(times) <= 0:
            raise MeasuringError(f"{self.name} was to make {count} batches, and answered {times}.")
        return times

    def processor_seconds(self):
        """Of all its threads so far; None where the system does not say. It counts no time that other programs took."""
        if not sys.platform.startswith("linux"):
            return None
        # The kernel's number of that clock: CPUCLOCK_SCHED of a process.
        return time.clock_gettime((~self._process.pid << 3) | 2)

    def close(self):
        # Of a process that has ended there is nothing to write to.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _parsed(self, parse):
        line = self._process.stdout.readline()
        try:
            return parse(line)
        except ValueError:
            ended = "" if line else f" (it ended, with exit status {self._process.wait(10)})"
            raise MeasuringError(f"{self.name} answered {line!r} where figures were awaited{ended}.") from None


def start(preset, size, batch, threads, first=0):
    """[tool, Python], ready for their first turn, one of them started first; what they say that they measure must be the same."""
    commands = (
        [str(ROOT / "gpusynth"), "bench", "--preset", preset, "--size", str(size), "--batch", str(batch), "--threads",
         str(threads), "--turns"],
        [sys.executable, "-B", str(HERE / "engine_process.py"), preset, str(size), str(batch), str(threads)])
    sides = [None, None]
    try:
        for place in (first, 1 - first):
            sides[place] = Side(("the tool", "Python")[place], commands[place])
        theirs = [{key: side.facts.get(key) for key in WHAT} for side in sides]
        if theirs[0] != theirs[1]:
            raise MeasuringError(f"the tool measures {theirs[0]}, and Python {theirs[1]}.")
    except BaseException:
        for side in filter(None, sides):
            side.close()
        raise
    return sides


def take_turns(sides, seconds, clock=time.monotonic):
    """[(of the tool, of Python) per turn], each (milliseconds of a batch, processor seconds of a batch or None).

    Warmed up, then for about so long, at least 5 turns.
    """
    def both(count, first):
        turns = [None, None]
        for place in (first, 1 - first):
            before = sides[place].processor_seconds()
            times = sides[place].turn(count)
            after = sides[place].processor_seconds()
            turns[place] = sum(times) / count, None if before is None else (after - before) / count
        return turns

    # The same batches for both, in the warm-up too.
    warm = []
    while len(warm) < WARM_UP_BATCHES or min(sum(turns[place][0] for turns in warm) for place in (0, 1)) < WARM_UP_MILLISECONDS:
        warm.append(both(1, 0))
    count = max(1, math.ceil(TURN_MILLISECONDS / statistics.median(turns[0][0] for turns in warm[len(warm) // 2:])))
    made, until = [], clock() + seconds
    while len(made) < 5 or clock() < until:
        # Who comes first takes turns as well.
        made.append(both(count, len(made) % 2))
    return made


def result(facts, pairs):
    """What all pairs of processes gave: a list of take_turns."""
    batch, turns = facts["batch"], [turns for pair in pairs for turns in pair]
    tool, python = ([1e3 * batch / both[place][0] for both in turns] for place in (0, 1))
    ratio = pairing.ratios(python, tool)
    has_clock = all(cost for both in turns for _, cost in both)
    return {**{key: facts[key] for key in WHAT},
            "toolVolumesPerSecond": pairing.summary(tool), "pythonVolumesPerSecond": pairing.summary(python),
            "pythonToTool": ratio, "isWithinTarget": abs(ratio["median"] - 1) <= TARGET,
            "pythonToToolOfPairs": [statistics.median(tool[0] / python[0] for tool, python in pair) for pair in pairs],
            "processorTimePythonToTool":
                pairing.ratios([python[1] for _, python in turns], [tool[1] for tool, _ in turns]) if has_clock else None}


def measure(cases, threads, processes, seconds):
    """(result, the tool's facts of the machine); the cases in turn, and then again with fresh processes."""
    pairs, facts = {case: [] for case in cases}, {}
    for number in range(processes):
        for case in cases:
            sides = start(*case, threads, number % 2)
            try:
                pairs[case].append(take_turns(sides, seconds))
            finally:
                for side in sides:
                    side.close()
            facts[case] = sides[0].facts
    results = [result(facts[case], pairs[case]) for case in cases]
    return ({"target": TARGET, "turnMilliseconds": TURN_MILLISECONDS, "secondsPerPair": seconds, "cases": results},
            facts[cases[0]]["machine"])
