"""The engine in Python: what a call costs, volumes per second beside the C# tool's, and beside the same recipe in plain PyTorch.

python3 perf/python/run.py [--json FILE] [--quick] [--only calls|volumes|torch] [--threads T]
Everything that is compared is measured in turn, in one run of under eight minutes. Builds tool and engine first. Needs numpy;
without torch its part is left out. Exit code 0: measured, whatever came out. 1: something failed. 2: nothing could be run.
"""
import argparse
import datetime
import importlib.util
import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = ("calls", "volumes", "torch")
QUIET_PER_CORE = 0.5  # as the other benchmarks have it
SETTINGS = ("OMP_WAIT_POLICY", "OMP_NUM_THREADS", "MALLOC_ARENA_MAX", "GPUSYNTH_ENGINE")


def not_run(reason):
    """What stands in a result instead of a figure."""
    return {"value": None, "reason": reason}


def load():
    """(runnable processes over the last minute, a warning); None where the system does not say, or nothing is wrong."""
    if not hasattr(os, "getloadavg"):
        return None, None
    average, cores = os.getloadavg()[0], os.cpu_count()
    return average, (None if average <= QUIET_PER_CORE * cores else
                     f"Warning: the load average was {average:.1f} on {cores} cores before the run; these figures hold other "
                     "work too.")


def settings():
    """What of the environment bears upon times, and is set."""
    return {name: value for name, value in sorted(os.environ.items()) if name in SETTINGS or name.startswith("DOTNET_")}


def percent(ratio):
    return f"{100 * (ratio - 1):+.1f} %"


def spread(cuts, form="{:.2f}"):
    """The median, and the quartiles behind it."""
    return f"{form} ({form} to {form})".format(cuts["median"], cuts["lowerQuartile"], cuts["upperQuartile"])


def lines_of_calls(calls):
    yield f"calls: an engine of {calls['size']}, batch 1, 1 thread; microseconds, median (quartiles)"
    for name, cuts in calls["microseconds"].items():
        over = calls["overheadMicroseconds"].get(name)
        yield f"  {name:<28}{spread(cuts):<26}" + (f" {spread(over)} beyond the bare call" if over else "").rstrip()


def lines_of_volumes(part):
    yield f"volumes per second, Python to the C# tool: median (95 % of it); target: within {100 * part['target']:g} %"
    for case in part["cases"]:
        ratio, batch = case["pythonToTool"], case["batch"]
        cost, pairs = case["processorTimePythonToTool"], ", ".join(map(percent, case["pythonToToolOfPairs"]))
        yield (f"  {case['recipe']} {case['size']}, batch {batch}, {case['threads']} threads: tool "
               f"{case['toolVolumesPerSecond']['median']:.1f}, Python {case['pythonVolumesPerSecond']['median']:.1f}: "
               f"{percent(ratio['median'])} ({percent(ratio['medianFrom'])} to {percent(ratio['medianTo'])}"
               f"; by pairs of processes {pairs}){f'; processor time ' + percent(cost['median']) if cost else ''}"
               f"{'' if case['isWithinTarget'] else ': NOT within'}")


def lines_of_torch(part):
    yield f"torch {part['torch']}: the same recipe in plain operations; seconds per volume"
    for case in part["cases"]:
        seconds = case["secondsPerVolume"]
        yield (f"  {case['recipe']} {case['size']}, {case['threads']} threads: torch {seconds['torch']['median']:.4g}, engine "
               f"{seconds['engine']['median']:.4g}, loader {seconds['loader']['median']:.4g}: the engine is "
               f"{spread(case['engineIsFasterBy'], '{:.0f}')} times faster, the loader {case['loaderIsFasterBy']['median']:.0f}")


def say(lines):
    for line in lines:
        print(line, flush=True)


def torch_part(options, rounds):
    """The figures beside torch, from a process of their own."""
    import volumes
    if importlib.util.find_spec("torch") is None:
        return not_run("torch is not installed")
    command = [sys.executable, "-B", str(HERE / "eager_process.py"), "--rounds", str(rounds), "--threads", str(options.threads)]
    return json.loads(volumes.run(command + ["--quick"] * options.quick, "the comparison with torch"))


def measure(options, arguments):
    """The whole result; prints as it goes."""
    import numpy
    import calls
    import report
    import volumes
    average, warning = load()
    result = {"benchmark": "python", "command": " ".join(["python3 perf/python/run.py", *arguments]), "commit": report.commit(),
              "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "machine": {"python": platform.python_version(), "numpy": numpy.__version__},
              "loadAverageBefore": average, "warning": warning, "settings": settings(),
              **{part: not_run("not asked for") for part in PARTS}}
    if warning:
        print(warning, file=sys.stderr)
    volumes.build()
    parts = {options.only} if options.only else set(PARTS)
    if "calls" in parts:
        result["calls"] = calls.measure(300 if options.quick else 2000)
        say(lines_of_calls(result["calls"]))
    if "volumes" in parts:
        cases = volumes.CASES[:2] if options.quick else volumes.CASES
        result["volumes"], machine = volumes.measure(
            cases, options.threads, 2 if options.quick else options.processes, 2 if options.quick else options.seconds)
        say(lines_of_volumes(result["volumes"]))
        result["machine"].update({key: machine[key] for key in ("cpu", "cores", "vectorBits", "os")}, dotNet=machine["dotnet"])
    if "torch" in parts:
        result["torch"] = made = torch_part(options, 2 if options.quick else 5)
        say([f"torch: not run: {made['reason']}"] if "reason" in made else lines_of_torch(made))
    return result


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="where the result is written")
    parser.add_argument("--quick", action="store_true", help="one size and few rounds: does it run?")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--processes", type=int, default=6, help="pairs of the tool and Python per case (6)")
    parser.add_argument("--seconds", type=float, default=2, help="of turns per pair (2)")
    parser.add_argument("--threads", type=int, default=0, help="0: one per core")
    options = parser.parse_args(arguments)
    try:
        import numpy  # noqa: F401
    except ImportError:
        print(f"not run: {sys.executable} has no numpy; install it (apt-get install python3-numpy), or take another python3.",
              file=sys.stderr)
        return 2
    # Behind this folder: perf/gpu has a run.py too.
    sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tools" / "python")]
    sys.path.append(str(HERE.parent / "gpu"))
    import gpusynth
    import report
    import volumes
    try:
        result = measure(options, arguments)
        if options.json:
            report.write_json(options.json, result)
    except (volumes.MeasuringError, gpusynth.GpuSynthError, OSError) as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
