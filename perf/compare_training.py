"""Pre-training of this checkout beside that of another one, on the same machine in the same run.

python3 perf/compare_training.py BASE_CHECKOUT [--steps N] [--rounds R] [--threads T] [--json FILE]

Both are built by their own ./gpusynth first. Then, round by round, every run once: base and this checkout in float32, and this
checkout in bfloat16; a run is 'gpusynth pretrain' of a few steps, in a process of its own. Of a run: the median of its steps'
times as metrics.jsonl has them, without the first ones, and the processor time of the process per step, without that of a run of
a few steps (the start of .NET, of torch and of the compilers). Ratios are those of the same round; their median and quartiles are
given. Needs nothing but Python.
"""
import argparse
import datetime
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
WARM_UPS = 6
CASES = {
    "3D, rasd-cosine": ["--objective", "rasd-cosine"],
    "2D, rasd-cosine": ["--preset", "rasd-2d", "--size", "128", "--batch", "8", "--channels", "16,32,64,128"],
    "2D, segment": ["--preset", "rasd-2d", "--size", "128", "--batch", "8", "--channels", "16,32,64,128",
                    "--objective", "segment", "--rank-labels"],
}
BATCH = {"3D, rasd-cosine": 2}
TARGETS = {"3D, rasd-cosine": 2, "2D, rasd-cosine": 3, "2D, segment": 3}


def commit(folder):
    def git(*arguments):
        return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True).stdout.strip()
    return git("rev-parse", "--short", "HEAD") + ("-dirty" if git("status", "--porcelain", "--untracked-files=no") else "")


def pretrain(checkout, arguments, steps):
    """(seconds of each step, processor seconds of the process)."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(checkout) / "gpusynth"), "pretrain", "--out", f"{folder}/run", "--steps", str(steps), "--json",
                   *arguments]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
        rows = [json.loads(line) for line in Path(f"{folder}/run/metrics.jsonl").read_text().splitlines()]
        return ([row["seconds"] for row in rows],
                after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def figures(checkout, arguments, steps, batch, start):
    """Samples per second, and processor seconds per step."""
    seconds, worked = pretrain(checkout, arguments, WARM_UPS + steps)
    return {"samplesPerSecond": batch / statistics.median(seconds[WARM_UPS:]),
            "processorSecondsPerStep": (worked - start) / steps}


def summary(values):
    cuts = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return {"lowerQuartile": cuts[0], "median": cuts[1], "upperQuartile": cuts[2], "repetitions": len(values)}


def cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def flag(name):
    return Path("/proc/cpuinfo").exists() and f" {name} " in Path("/proc/cpuinfo").read_text().replace("\n", " ")


def measure(options):
    threads = ["--threads", str(options.threads)]
    subjects = {"base": (options.base, threads), "now": (HERE, threads),
                "now, bfloat16": (HERE, [*threads, "--precision", "bf16"])}
    now = datetime.datetime.now(datetime.timezone.utc)
    result = {"benchmark": "training, before and after", "date": now.isoformat(timespec="seconds"),
              "base": commit(options.base), "now": commit(HERE),
              "machine": {"cpu": cpu(), "cores": os.cpu_count(), "avx512Bf16": flag("avx512_bf16"), "os": platform.platform()},
              "loadAverageBefore": os.getloadavg()[0], "steps": options.steps, "threads": options.threads, "cases": []}
    for checkout in (options.base, HERE):
        subprocess.run([str(Path(checkout) / "gpusynth"), "pretrain", "--help"], check=True, stdout=subprocess.DEVNULL)
    for name, arguments in CASES.items():
        if options.only and options.only not in name:
            continue
        runs = {subject: [] for subject in subjects}
        starts = {subject: pretrain(checkout, arguments + more, WARM_UPS)[1]
                  for subject, (checkout, more) in subjects.items()}
        for _ in range(options.rounds):
            for subject, (checkout, more) in subjects.items():
                runs[subject].append(figures(checkout, arguments + more, options.steps, BATCH.get(name, 8), starts[subject]))
        case = {"case": name, "arguments": " ".join(arguments), "target": TARGETS[name]}
        for figure in ("samplesPerSecond", "processorSecondsPerStep"):
            case[figure] = {subject: summary([run[figure] for run in of]) for subject, of in runs.items()}
        for subject in list(subjects)[1:]:
            pairs = list(zip(runs[subject], runs["base"]))
            case[f"faster: {subject}"] = {
                "bySamplesPerSecond": summary([a["samplesPerSecond"] / b["samplesPerSecond"] for a, b in pairs]),
                "byProcessorTime": summary([b["processorSecondsPerStep"] / a["processorSecondsPerStep"] for a, b in pairs])}
            times = case[f"faster: {subject}"]
            print(f"{name:<16} {subject:<14} {case['samplesPerSecond'][subject]['median']:6.1f} samples/s for "
                  f"{case['samplesPerSecond']['base']['median']:.1f}: {times['bySamplesPerSecond']['median']:.2f} times as fast, "
                  f"{times['byProcessorTime']['median']:.2f} by processor time", flush=True)
        result["cases"].append(case)
    result["loadAverageAfter"] = os.getloadavg()[0]
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="another checkout, such as a git worktree of an older commit")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="threads of each run; 0: one per core")
    parser.add_argument("--only", help="cases whose name contains this")
    parser.add_argument("--json", help="write the figures to a file")
    options = parser.parse_args()
    result = measure(options)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
