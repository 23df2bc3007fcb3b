"""A pre-training with every objective on some recipes, of the same network and steps, and a probe of all of them on real images beside random weights.

python3 perf/probe_objectives.py --out DIR --data NAME=FOLDER[:VALIDATION:TEST],... [--recipes tubes-2d,mri-2d,rasd-2d] [--objectives a,b]
    [--steps 300] [--json FILE [--append]]

FOLDER holds labelled images as of 'gpusynth probe'; VALIDATION and TEST are the counts of its split, where they are not a tenth and a quarter. Runs lie in DIR; one
that is there already is not trained again. An objective that a recipe cannot have is left out and said. --append keeps what FILE has of other runs: long
pre-trainings need not be made in one go. Builds the tool; needs nothing but Python. Prints tables
in Markdown.
"""
import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from probe_presets import TOOL, head_of, output_of, table_of

def is_vit(objective):
    return objective.startswith("vit-")


def pretrained(recipe, objective, options):
    """The folder of a run; None where the objective refuses the recipe or network. An objective's name may begin with "vit-": of a small ViT."""
    run = options.out / f"{recipe}_{objective.replace('+', '_').replace(':', '_')}"
    if not (run / "weights.safetensors").exists():
        network = ["--net", "vit"] if is_vit(objective) else ["--channels", options.channels]
        command = ["pretrain", "--out", str(run), "--preset", recipe, "--size", options.size, *network, "--batch", options.batch, "--steps", options.steps,
                   "--objective", objective.removeprefix("vit-"), "--threads", options.threads, "--seed", options.seed, "--json"]
        command += ["--rank-labels"] if objective == "segment" and recipe.startswith("rasd") else []
        started = time.monotonic()
        done = subprocess.run([*TOOL, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            print(f"{run.name}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}", file=sys.stderr)
            return None
        print(f"{run.name}: trained in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return run


def course_of(run):
    """Loss at the first step, over the last tenth of the steps, and the seconds of all."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    last = rows[-max(1, len(rows) // 10):]
    return {"run": run.name, "steps": len(rows), "firstLoss": rows[0]["loss"], "lastLoss": sum(row["loss"] for row in last) / len(last),
            "seconds": round(sum(row["seconds"] for row in rows), 1)}


def merged(before, now):
    """Results of two calls: of a run that both have, and of controls, the later one's."""
    def united(old, new, name):
        return [one for one in old if one[name] not in {other[name] for other in new}] + new

    known = {(table["data"], table["network"]): table for table in before["tables"]}
    for table in now["tables"]:
        old = known.get((table["data"], table["network"]))
        known[table["data"], table["network"]] = table if old is None else {**table, "rows": united(old["rows"], table["rows"], "arm")}
    return {**now, "courses": united(before["courses"], now["courses"], "run"), "tables": list(known.values())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument("--data", required=True, metavar="NAME=FOLDER,...")
    parser.add_argument("--recipes", default="tubes-2d,mri-2d,rasd-2d")
    parser.add_argument("--objectives", default="rasd-cosine,segment,mae,mae-clean,spark,anatomix,misfm,voco,multitask,vit-mae")
    parser.add_argument("--steps", default="300")
    parser.add_argument("--size", default="128")
    parser.add_argument("--batch", default="8")
    parser.add_argument("--channels", default="16,32,64,128")
    parser.add_argument("--threads", default="0")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--append", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    runs = [pretrained(recipe, objective, options) for objective in options.objectives.split(",") for recipe in options.recipes.split(",")]
    runs = [run for run in runs if run is not None]
    # Networks of another family are probed by themselves: random weights of theirs stand beside them.
    families = {family: [run for run in runs if ("_vit-" in run.name) == (family == "vit")] for family in ("unet", "vit")}
    results = {**head_of("probe_objectives.py"), "courses": [course_of(run) for run in runs], "tables": []}
    for entry in options.data.split(","):
        name, place = entry.split("=", 1)
        folder, *split = place.split(":")
        counts = ["--validation-cases", split[0], "--test-cases", split[1]] if split else []
        for family, own in families.items():
            if not own:
                continue
            report = json.loads(output_of("probe", "--data", folder, "--init", ",".join(map(str, own)), "--out", str(options.out / f"probe-{name}-{family}"),
                                          "--threads", options.threads, *counts, "--json"))
            rows = table_of(report, f"{name}, {family}")
            results["tables"].append({"data": name, "network": family, "trainCases": len(report["trainCases"]), "evalCases": len(report["evalCases"]),
                                      "rows": rows})

    if options.json:
        if options.append and Path(options.json).exists():
            results = merged(json.loads(Path(options.json).read_text(encoding="utf-8")), results)
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
