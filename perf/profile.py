"""Where the time of components goes, by functions.

python3 perf/profile.py [--only NAME,...] [--size 128] [--threads T] [--json FILE]

Runs 'gpusynth bench kernels' of one component after another under Linux' perf, which samples the processor's clock 2,500 times a second, and counts the
samples with the component's own work on the stack: not those of the ceilings, nor of what the tool does besides. The last function is the one that
counts; what is inlined into it is its own. Build the tool by ./gpusynth first. Needs perf and Python; a minute for each component.
"""
import argparse
import collections
import datetime
import json
import os
import platform
import re
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TOOL = HERE / "artifacts/bin/GpuSynth.Cli/release/GpuSynth.Cli.dll"

# A function below this share is one of the others.
LEAST = 0.02


def components():
    listed = subprocess.run(["dotnet", TOOL, "recipe", "components", "--json"], capture_output=True, text=True, check=True).stdout
    timed = subprocess.run(["dotnet", TOOL, "bench", "kernels", "--filter", "?"], capture_output=True, text=True).stderr
    names = set(re.split(r"there are ", timed)[-1].rstrip(".\n").split(", "))
    return [name for name in sorted(part["name"] for part in json.loads(listed)) if name in names] + ["BiasField", "LabelMapAnatomy", "NoiseAnatomy"]


def function(symbol):
    """GpuSynth.Kernels.HostTrees::Brick(float32*,...) -> HostTrees.Brick."""
    owner = re.search(r"([\w.`][\w`+\[\],.]*)::([\w<>|.]+)", symbol)
    if not owner:
        return symbol
    return f"{owner[1].split('`')[0].split('.')[-1]}.{owner[2]}"


def profile(name, size, threads):
    with tempfile.TemporaryDirectory() as folder:
        samples = f"{folder}/perf.data"
        environment = os.environ | {"DOTNET_PerfMapEnabled": "1", "DOTNET_EnableWriteXorExecute": "0"}
        subprocess.run(
            ["perf", "record", "-q", "-e", "cpu-clock", "-F", "2500", "-g", "-o", samples, "--",
             "dotnet", TOOL, "bench", "kernels", "--filter", name, "--size", size, *(["--threads", threads] if threads else [])],
            check=True, capture_output=True, env=environment)
        stacks = subprocess.run(["perf", "script", "-i", samples, "-F", "ip,sym"], capture_output=True, text=True, check=True).stdout
    counts = collections.Counter()
    for stack in stacks.split("\n\n"):
        frames = [line.split(maxsplit=1)[-1] for line in stack.strip().splitlines() if line.strip()]
        if any(re.search(r"Benchmark::Run\(", frame) for frame in frames):
            counts[function(frames[0])] += 1
    total = sum(counts.values())
    shares = {what: round(count / total, 3) for what, count in counts.most_common() if count >= LEAST * total}
    return {"samples": total, "shares": shares}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="components; all without it")
    parser.add_argument("--size", default="128")
    parser.add_argument("--threads", default="")
    parser.add_argument("--json", help="where the figures go")
    options = parser.parse_args()
    result = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "machine": {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()},
              "commit": subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip(),
              "size": options.size, "profiles": {}}
    for name in [part for part in options.only.split(",") if part] or components():
        result["profiles"][name] = profile(name, options.size, options.threads)
        print(name, json.dumps(result["profiles"][name]), flush=True)
    if options.json:
        Path(options.json + ".tmp").write_text(json.dumps(result, indent=1) + "\n")
        os.replace(options.json + ".tmp", options.json)


if __name__ == "__main__":
    main()
