"""The engine, its loader and the same recipe in plain PyTorch (perf/gpu/eager.py), in turn, in a process of its own.

python3 perf/python/eager_process.py [--rounds 5] [--threads 0] [--quick]    prints JSON
"""
import argparse
import json
import sys
import time
from pathlib import Path

import pairing

HERE = Path(__file__).resolve().parent
BATCH = 8
# Recipe, side, volumes of eager PyTorch per round: a second of it, or one where one takes longer.
CASES = (("rasd-3d", 64, 4), ("rasd-3d", 96, 2), ("rasd-3d", 128, 1), ("rasd-2d", 256, 16))
ENGINE_SECONDS = 0.3


def best_form(run, volumes, clock=time.perf_counter):
    """((blur, volumes at once), {form: seconds per volume}) of the forms of eager PyTorch, each run once: the fastest."""
    took = {}
    for how in ("conv", "matmul"):
        for chunk in sorted({1, volumes}):
            began = clock()
            run(how, chunk)
            took[how, chunk] = (clock() - began) / volumes
    return min(took, key=took.get), {f"{how}, {chunk} at once": seconds for (how, chunk), seconds in took.items()}


def loader_seconds(batches, count, clock=time.perf_counter):
    """Seconds per batch of `count` batches behind the first two: those touch new memory, and the thread begins with them."""
    began = None
    for number, _ in enumerate(batches):
        if number == 1:
            began = clock()
    return (clock() - began) / count


def measure_case(preset, side, volumes, threads, rounds):
    import torch
    import eager
    import gpusynth
    dimensions = eager.RECIPES[preset]
    with gpusynth.Engine(preset, size=side, batch=BATCH, threads=threads) as engine:
        torch.set_num_threads(engine.info.threads)

        def plain(how, chunk):
            eager.generate(volumes, (side,) * dimensions, engine.labels, "cpu", how, chunk)

        form, forms = best_form(plain, volumes)
        for step in range(5):
            engine.batch(step)
        began = time.perf_counter()
        engine.batch(5)
        count = max(2, round(ENGINE_SECONDS / (time.perf_counter() - began)))
        step = 0

        def timed_plain():
            began = time.perf_counter()
            plain(*form)
            return (time.perf_counter() - began) / volumes

        def timed_engine():
            nonlocal step
            began = time.perf_counter()
            for step in range(step, step + count):
                engine.batch(step)
            return (time.perf_counter() - began) / (count * BATCH)

        def timed_loader():
            return loader_seconds(gpusynth.torch.DataLoader(engine, steps=count + 2, rank=0, world_size=1), count) / BATCH

        seconds = pairing.interleaved({"torch": timed_plain, "engine": timed_engine, "loader": timed_loader}, rounds, 1)
        return {**result(preset, engine.shape, engine.info.threads, seconds), "torchForm": f"{form[0]}, {form[1]} at once",
                "torchFormsSecondsPerVolume": forms}


def result(preset, shape, threads, seconds):
    """Seconds per volume, and how many times faster the engine is, round by round."""
    return {
        "recipe": preset, "size": "x".join(map(str, shape)), "batch": BATCH, "threads": threads,
        "secondsPerVolume": {name: pairing.summary(values) for name, values in seconds.items()},
        "engineIsFasterBy": pairing.ratios(seconds["torch"], seconds["engine"]),
        "loaderIsFasterBy": pairing.ratios(seconds["torch"], seconds["loader"]),
        "loaderToEngine": pairing.ratios(seconds["engine"], seconds["loader"])}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="the first case alone")
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(HERE.parents[1] / "tools" / "python"))
    sys.path.append(str(HERE.parent / "gpu"))  # behind: it has a run.py too
    import torch
    cases = [measure_case(*case, options.threads, options.rounds) for case in CASES[:1 if options.quick else None]]
    json.dump({"torch": torch.__version__, "cases": cases}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
