"""Whole samples of this checkout beside those of another one, on the same machine in the same run.

python3 perf/compare_engine.py BASE_CHECKOUT [--rounds R] [--threads T] [--json FILE]

Both are built by their own ./gpusynth first. Per recipe and size two processes, 'gpusynth bench --turns' of either checkout, make the same
batches of one sample in turns of about half a second. Ratios are those of the same turn, of milliseconds per sample and of processor
time, which other programs on the machine disturb less; their median and quartiles are given. Then the first sample of fresh
processes, five of each, start of .NET included. Needs nothing but Python, on Linux.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
CASES = [("rasd-3d", "128"), ("rasd-3d", "64"), ("rasd-2d", "512"), ("labelmap-3d", "128")]


def commit(folder):
    def git(*arguments):
        return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True).stdout.strip()
    return git("rev-parse", "--short", "HEAD") + ("-dirty" if git("status", "--porcelain", "--untracked-files=no") else "")


class Bench:
    """One process that makes batches on demand."""

    def __init__(self, checkout, arguments):
        self.process = subprocess.Popen([str(Path(checkout) / "gpusynth"), "bench", "--turns", *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.facts = json.loads(self.process.stdout.readline())

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def turn(self, count):
        """(median milliseconds of a sample, processor seconds of all)."""
        before = self.processor_seconds()
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        milliseconds = [float(value) for value in self.process.stdout.readline().split()]
        return statistics.median(milliseconds), self.processor_seconds() - before

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def quartiles(values):
    return [round(value, 4) for value in statistics.quantiles(values, n=4)]


def compare(base, preset, size, rounds, threads, labels):
    arguments = ["--preset", preset, "--size", size, "--threads", str(threads), "--batch", "1"]
    arguments += ["--labels", labels] if preset.startswith("labelmap") else []
    old, new = Bench(base, arguments), Bench(HERE, arguments)
    for bench in (old, new, old, new):
        bench.turn(30)
    count = max(2, round(500 / old.turn(5)[0]))
    turns = [(old.turn(count), new.turn(count)) for _ in range(rounds)]
    old.close()
    new.close()
    return {"preset": preset, "size": size, "threads": threads, "samplesPerTurn": count, "turns": rounds,
            "baseMilliseconds": quartiles([a[0] for a, _ in turns]), "milliseconds": quartiles([b[0] for _, b in turns]),
            "ratio": quartiles([b[0] / a[0] for a, b in turns]),
            "processorTimeRatio": quartiles([b[1] / max(a[1], 1e-9) for a, b in turns])}


def first_sample(checkout):
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        subprocess.run([str(Path(checkout) / "gpusynth"), "generate", "--preset", "rasd-3d", "--size", "64", "--count", "1",
                        "--out", f"{folder}/one"], capture_output=True, check=True)
        return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="the other checkout")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", help="where the figures go")
    options = parser.parse_args()
    for checkout in (options.base, HERE):
        subprocess.run([str(Path(checkout) / "gpusynth"), "devices"], capture_output=True, check=True)
    with tempfile.TemporaryDirectory() as labels:
        # A label map for both: the labels of a sample.
        subprocess.run([str(HERE / "gpusynth"), "generate", "--preset", "rasd-3d", "--size", "128", "--count", "1", "--out",
                        f"{labels}/made"], capture_output=True, check=True)
        os.makedirs(f"{labels}/maps")
        os.rename(f"{labels}/made/label_000000.nii.gz", f"{labels}/maps/label.nii.gz")
        cases = []
        for preset, size in CASES:
            cases.append(compare(options.base, preset, size, options.rounds, options.threads, f"{labels}/maps"))
            print(json.dumps(cases[-1]), flush=True)
    starts = [(first_sample(options.base), first_sample(HERE)) for _ in range(5)]
    result = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "machine": {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count(),
                          "loadAverage": os.getloadavg()[0]},
              "base": commit(options.base), "commit": commit(HERE), "cases": cases,
              "firstSampleSeconds": {"base": quartiles([a for a, _ in starts]), "here": quartiles([b for _, b in starts])}}
    print(json.dumps(result["firstSampleSeconds"]))
    if options.json:
        Path(options.json + ".tmp").write_text(json.dumps(result, indent=1) + "\n")
        os.replace(options.json + ".tmp", options.json)


if __name__ == "__main__":
    main()
