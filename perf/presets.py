"""Every preset on the host, one sample at a time: the command 'gpusynth bench' at one size for volumes and one for images.

python3 perf/presets.py [--labels DIR] [--size 128] [--image-size 512] [--threads T] [--json FILE] [PRESET ...]

Builds the tool, runs the presets one after another, and prints a table in Markdown. Presets of label maps are left out without --labels. Needs
nothing but Python.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TOOL = [str(HERE / "gpusynth")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("presets", nargs="*", metavar="PRESET")
    parser.add_argument("--labels", metavar="DIR")
    parser.add_argument("--size", default="128")
    parser.add_argument("--image-size", default="512")
    parser.add_argument("--threads", default="0")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    listed = json.loads(subprocess.run([*TOOL, "recipe", "list", "--json"], capture_output=True, text=True, check=True).stdout)
    if unknown := set(options.presets) - {preset["name"] for preset in listed}:
        sys.exit(f"There is no preset {', '.join(sorted(unknown))}; 'gpusynth recipe list' has them.")

    reports = []
    for preset in listed:
        name, dimensions = preset["name"], preset["dimensions"]
        text = subprocess.run([*TOOL, "recipe", "show", name], capture_output=True, text=True, check=True).stdout
        if options.presets and name not in options.presets:
            continue
        if "- labelMap:" in text and options.labels is None:
            print(f"{name}: left out, it needs --labels", file=sys.stderr)
            continue
        size = options.size if dimensions == 3 else options.image_size
        maps = ["--labels", options.labels] if "- labelMap:" in text else []
        done = subprocess.run(
            [*TOOL, "bench", "--preset", name, "--size", size, "--threads", options.threads, *maps, "--json"],
            capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        reports.append(json.loads(done.stdout))
        print(f"{name}: {reports[-1]['spread']['median']:.3g} ms", file=sys.stderr)

    print("| preset | size | labels | median (quartiles), ms | 95 %, ms | samples/s | draw | anatomy | appearance | normalise |")
    print("| --- | --- | --: | --- | --: | --: | --: | --: | --: | --: |")
    for one in reports:
        spread, stages = one["spread"], one["stages"]
        size = f"{one['size'].split('x')[0]}^{one['size'].count('x') + 1}"
        print(f"| {one['recipe']} | {size} | {one['labels']} | {spread['median']:.3g} ({spread['q1']:.3g} to {spread['q3']:.3g}) | {spread['p95']:.3g} "
              f"| {one['volumesPerSecond']:.3g} | " + " | ".join(f"{stages[name]:.3g}" for name in ("draw", "anatomy", "appearance", "normalise")) + " |")

    if options.json:
        Path(options.json).write_text(json.dumps(reports, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
