"""The engine in a Python process of its own, which makes batches on demand as `gpusynth bench --turns` does.

python3 perf/python/engine_process.py PRESET SIZE BATCH THREADS
Writes what is measured as one line of JSON; then reads how many batches to make, a line each time, and answers with a line of
their milliseconds.
"""
import json
import sys
import time
from pathlib import Path


def take_turns(make, orders, answers, clock=time.perf_counter):
    """make(n) makes batch n; n counts up."""
    number = 0
    for line in orders:
        milliseconds = []
        for number in range(number, number + int(line)):
            began = clock()
            make(number)
            milliseconds.append((clock() - began) * 1e3)
        number += 1
        print(*(f"{value:.5f}" for value in milliseconds), file=answers, flush=True)


def main(preset, *numbers):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "python"))
    import gpusynth
    size, batch, threads = map(int, numbers)
    # The tool has one slot, so that the caches see the same.
    with gpusynth.Engine(preset, size=size, batch=batch, threads=threads, slots=1) as engine:
        print(json.dumps({"recipe": preset, "size": "x".join(map(str, engine.shape)), "batch": engine.info.batch,
                          "threads": engine.info.threads}), flush=True)
        take_turns(engine.batch, sys.stdin, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
