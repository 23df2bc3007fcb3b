"""Whole samples of this checkout beside those of another one, on the same machine in the same run.

python3 perf/compare_engine.py BASE_CHECKOUT [--pairs P] [--rounds R] [--threads T] [--json FILE]

Both are built by their own ./gpusynth first. Per recipe and size two processes, 'gpusynth bench --turns' of either checkout, make the same
batches of one sample in turns of about half a second. Where its memory happens to lie makes one process faster than another of the same
program by up to a fifth, so that there are several pairs of fresh processes: of each the medians over its turns are taken, of
milliseconds per sample and of processor time, which other programs on the machine disturb less; then median and quartiles over the pairs are given.
Last the first sample of fresh processes, five of each, start of .NET included. Needs nothing but Python, on Linux.
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
CASES = [("rasd-3d", "128"), ("rasd-3d", "64"), ("rasd-2d", "512"), ("labelmap-3d", "128"), ("mri-3d", "128"), ("ct-3d", "128"), ("anatomix-3d", "128")]


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


def compare(base, preset, size, pairs, rounds, threads, labels):
    arguments = ["--preset", preset, "--size", size, "--threads", str(threads), "--batch", "1"]
    arguments += ["--labels", labels] if preset.startswith("labelmap") else []
    medians = []
    for pair in range(pairs):
        # Which of them comes first changes from pair to pair.
        first, second = (base, HERE) if pair % 2 == 0 else (HERE, base)
        benches = {first: Bench(first, arguments), second: Bench(second, arguments)}
        for bench in [*benches.values()] * 2:
            bench.turn(30)
        count = max(2, round(500 / benches[base].turn(5)[0]))
        turns = {checkout: [] for checkout in benches}
        for _ in range(rounds):
            for checkout, bench in benches.items():
                turns[checkout].append(bench.turn(count))
        for bench in benches.values():
            bench.close()
        medians.append({checkout: [statistics.median(column) for column in zip(*taken)] for checkout, taken in turns.items()})
    return {"preset": preset, "size": size, "threads": threads, "samplesPerTurn": count, "turns": rounds, "pairsOfProcesses": pairs,
            "baseMilliseconds": quartiles([pair[base][0] for pair in medians]),
            "milliseconds": quartiles([pair[HERE][0] for pair in medians]),
            "ratio": quartiles([pair[HERE][0] / pair[base][0] for pair in medians]),
            "ratioOfMedians": round(statistics.median(pair[HERE][0] for pair in medians)
                                    / statistics.median(pair[base][0] for pair in medians), 4),
            "processorTimeRatio": quartiles([pair[HERE][1] / max(pair[base][1], 1e-9) for pair in medians])}


def first_sample(checkout):
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        subprocess.run([str(Path(checkout) / "gpusynth"), "generate", "--preset", "rasd-3d", "--size", "64", "--count", "1",
                        "--out", f"{folder}/one"], capture_output=True, check=True)
        return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="the other checkout")
    parser.add_argument("--pairs", type=int, default=8, help="pairs of fresh processes, at least 2")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each")
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
            cases.append(compare(options.base, preset, size, options.pairs, options.rounds, options.threads, f"{labels}/maps"))
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
