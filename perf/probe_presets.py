"""A short pre-training on every preset, each with the same network and steps, and a probe of all of them on real data beside random weights.

python3 perf/probe_presets.py --out DIR [--volumes DATA] [--images DATA] [--labels DIR] [--steps 300] [--json FILE] [PRESET ...]

DATA is a folder of labelled cases as of 'gpusynth probe': presets of volumes are probed on --volumes, presets of images on --images, on
validation cases. Presets of label maps are left out without --labels, which should hold none of the cases that are probed. Runs lie in DIR; one that is there
already is not trained again. Builds the tool; needs nothing but Python. Prints a table in Markdown.
"""
import argparse
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TOOL = [str(HERE / "gpusynth")]


def output_of(*arguments):
    done = subprocess.run([*TOOL, *arguments], stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"gpusynth {' '.join(arguments)} failed (exit code {done.returncode})")
    return done.stdout


def pretrained(preset, options):
    """The folder of a preset's run; None: it needs label maps and there are none."""
    needs_maps = "- labelMap:" in output_of("recipe", "show", preset["name"])
    if needs_maps and options.labels is None:
        print(f"{preset['name']}: left out, it needs --labels", file=sys.stderr)
        return None
    run = options.out / preset["name"]
    if not (run / "weights.safetensors").exists():
        kind = ["--size", options.size] if preset["dimensions"] == 3 else ["--size", options.image_size, "--channels", options.image_channels]
        output_of("pretrain", "--out", str(run), "--preset", preset["name"], *kind, "--steps", options.steps, "--objective", options.objective,
                  "--threads", options.threads, "--json", *(["--labels", options.labels] if needs_maps else []))
        print(f"{preset['name']}: trained", file=sys.stderr)
    return run


def rows_of(report):
    """A row per arm: its best level by the linear read-out, and the best by nearest neighbours."""
    for arm in report["arms"]:
        linear = max(arm["levels"], key=lambda level: level["dice"]["mean"])
        near = max(arm["levels"], key=lambda level: level["neighbourDice"]["mean"])
        yield {"arm": Path(arm["name"]).name, "kind": arm["kind"], "level": linear["name"], "dice": linear["dice"], "auc": linear["auc"]["mean"],
               "neighbourLevel": near["name"], "neighbourDice": near["neighbourDice"], "effectiveRank": linear["effectiveRank"]}


def table_of(report, title):
    """Prints the table of a probe's report in Markdown; returns its rows."""
    rows = list(rows_of(report))
    print(f"\n{title}, {len(report['trainCases'])} cases to fit on, {len(report['evalCases'])} to measure on\n")
    print("| features | level | linear Dice (95 %) | AUC | 1-case neighbours, Dice | effective rank |\n| --- | --- | --- | --: | --: | --: |")
    for row in sorted(rows, key=lambda row: -row["dice"]["mean"]):
        print(f"| {row['arm']} | {row['level']} | {row['dice']['mean']:.3f} ({row['dice']['low']:.3f} to {row['dice']['high']:.3f}) "
              f"| {row['auc']:.3f} | {row['neighbourDice']['mean']:.3f} | {row['effectiveRank']:.1f} |")
    return rows


def head_of(script):
    """What results say of themselves: the command, the day, the commit."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=HERE).stdout.strip()
    return {"command": " ".join([f"python3 perf/{script}", *sys.argv[1:]]), "date": date.today().isoformat(), "commit": commit}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("presets", nargs="*", metavar="PRESET")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument("--volumes", metavar="DATA")
    parser.add_argument("--images", metavar="DATA")
    parser.add_argument("--labels", metavar="DIR")
    parser.add_argument("--steps", default="300")
    parser.add_argument("--size", default="48")
    parser.add_argument("--image-size", default="128")
    parser.add_argument("--image-channels", default="16,32,64,128")
    parser.add_argument("--objective", default="rasd-cosine")
    parser.add_argument("--threads", default="0")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    listed = json.loads(output_of("recipe", "list", "--json"))
    if unknown := set(options.presets) - {preset["name"] for preset in listed}:
        sys.exit(f"There is no preset {', '.join(sorted(unknown))}; 'gpusynth recipe list' has them.")

    results = {**head_of("probe_presets.py"), "tables": []}
    for dimensions, data in ((3, options.volumes), (2, options.images)):
        if data is None:
            continue
        chosen = [one for one in listed if one["dimensions"] == dimensions and (not options.presets or one["name"] in options.presets)]
        runs = [run for run in (pretrained(preset, options) for preset in chosen) if run is not None]
        if not runs:
            continue
        report = json.loads(output_of("probe", "--data", data, "--init", ",".join(map(str, runs)), "--out", str(options.out / f"probe-{dimensions}d"),
                                      "--threads", options.threads, "--json"))
        rows = table_of(report, Path(data).name)
        results["tables"].append({"data": Path(data).name, "trainCases": len(report["trainCases"]), "evalCases": len(report["evalCases"]), "rows": rows})

    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
