#!/usr/bin/env python3
"""Makes a corpus of WebDataset shards, alone or as the tasks of an array job.

    python3 make_shards.py --out corpus --preset rasd-3d --size 96 --seed 7 --shards 1000 --per-shard 256
    python3 make_shards.py ... --task 3 --tasks 8     # shards 3, 11, 19, ...; Slurm and Kubernetes say so by themselves
    python3 make_shards.py ... --only 17              # one shard: the same bytes as in the run
    python3 make_shards.py ... --verify               # reads every byte again, and makes anew what is broken

Shard k holds samples k * per_shard and on: 000000012.image.npy ([1, D, H, W], --dtype), 000000012.label.npy (uint8, same shape),
000000012.json (what was drawn). It depends on k and on the options in corpus.json, and on nothing else: made on the host it has
the same bytes on every machine, made on GPUs on all of one kind. float16 is rounded from the engine's float32 on the host.
A shard appears when it is whole, with shard-000017.tar.sha256 for sha256sum -c. The same command again goes on after a stop: it
skips shards that have a checksum and end as they should. More --shards add to the corpus, and the number of tasks may change.
"""
import argparse
import hashlib
import json
import os
import re
import secrets
import signal
import sys
import tarfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import gpusynth

Pieces = Iterable[bytes | np.ndarray]


def entry(name: str, *parts: bytes | np.ndarray) -> Pieces:
    """A file in a tar: its mode is 0644, its time and owner are 0."""
    info = tarfile.TarInfo(name)
    info.size = sum(map(len, parts))
    return info.tobuf(tarfile.USTAR_FORMAT), *parts, bytes(-info.size % 512)


def npy(array: np.ndarray) -> Pieces:
    """Header and data of a .npy file; numpy's own header is not the same in all its releases."""
    text = f"{{'descr': {array.dtype.str!r}, 'fortran_order': False, 'shape': {array.shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode(), array.reshape(-1).view(np.uint8)


def shard(engine: gpusynth.Engine, ring: gpusynth.Ring, samples: range, dtype: str) -> Pieces:
    """The bytes of a shard, piece by piece. The next batch is made while this one is written."""
    def make(part: range) -> tuple[gpusynth.Batch, list[dict[str, object]]]:
        return ring.fill(part.start, len(part)), [engine.drawn(place) for place in range(len(part))]

    parts = [samples[first:first + engine.info.batch] for first in range(0, len(samples), engine.info.batch)]
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(make, parts[0])
        for turn, part in enumerate(parts, 1):
            (images, labels), records = following.result()
            following = ahead.submit(make, parts[turn]) if turn < len(parts) else None
            for number, image, label, record in zip(part, images, labels, records):
                yield from entry(f"{number:09d}.image.npy", *npy(image.astype(dtype, copy=False)))
                yield from entry(f"{number:09d}.label.npy", *npy(label[None]))
                yield from entry(f"{number:09d}.json", json.dumps(record).encode() + b"\n")
    yield bytes(1024)


def write(path: Path, pieces: Pieces, publish: Callable[[Path, Path], object] = os.replace) -> str:
    """Writes a file that is whole or not there; returns its SHA-256. Several processes may write the same one at once."""
    digest, partial = hashlib.sha256(), path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with open(partial, "xb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
        publish(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return digest.hexdigest()


def link(partial: Path, path: Path) -> None:
    """Publishes a file of which the first stays."""
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    except OSError:  # No hard links here: of several that are written at once, one stays in the end.
        os.replace(partial, path)


def check(path: Path, options: dict[str, object]) -> None:
    """Ends a run whose options are not those of corpus.json."""
    try:
        there = dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        sys.exit(f"{path} is damaged ({error}): choose another --out.")
    for name in {**there, **options}:
        one, other = (json.dumps(values.get(name)) for values in (there, options))
        if one != other:
            sys.exit(f"{path} has {name} {one}, and this run has {other}: give the same options, or another --out.")


def is_whole(path: Path, is_read: bool) -> bool:
    """Whether a shard has a checksum and its end, the last sample's JSON; is_read: and that checksum."""
    try:
        line, digest = Path(f"{path}.sha256").read_bytes(), hashlib.sha256()
        with open(path, "rb") as file:
            while is_read and (piece := file.read(1 << 20)):
                digest.update(piece)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1536))
            end = file.read()
    except FileNotFoundError:
        return False
    wanted = digest.hexdigest() if is_read else "[0-9a-f]{64}"
    is_named = re.fullmatch(f"{wanted}  {path.name}\n".encode(), line) is not None
    return is_named and size % 512 == 0 and end.endswith(bytes(1024)) and end.rstrip(b"\0").endswith(b"}\n")


def main(options: argparse.Namespace) -> None:
    task, tasks = gpusynth.distributed.array_place(options.task, options.tasks)
    for name, is_right, wanted in (
            ("size", re.fullmatch(r"\d+(x\d+){0,2}", options.size), "96, 512x512 or 128x96x80"),
            ("shards", options.shards > 0, "1 or more"), ("per_shard", options.per_shard > 0, "1 or more"),
            ("only", options.only is None or options.only >= 0, "the number of a shard, from 0")):
        if not is_right:
            sys.exit(f"--{name.replace('_', '-')} is {getattr(options, name)}; give {wanted}.")
    count, device, recipe, labels = options.per_shard, options.device, options.recipe or None, options.labels or None
    engine = gpusynth.Engine(
        None if recipe else options.preset, recipe, size=[int(side) for side in options.size.split("x")], seed=options.seed,
        batch=min(options.batch, count), device=device, threads=options.threads, labels=labels, as_torch=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    maps = [file for file in sorted([Path(labels), *Path(labels).glob("*.nii*")]) if file.is_file()] if labels else []
    kept = {"gpusynth": gpusynth.__version__, "recipe": Path(recipe).read_text("utf-8") if recipe else options.preset,
            "labels": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in maps}, "size": engine.shape,
            "seed": options.seed, "per-shard": count, "dtype": options.dtype, "device": device.split(":")[0]}
    (out := Path(options.out)).mkdir(parents=True, exist_ok=True)
    if not (corpus := out / "corpus.json").exists():
        if any(out.glob("shard-*.tar")) and not corpus.exists():
            sys.exit(f"{out} has shards and no corpus.json that says what they are: choose another --out.")
        write(corpus, [json.dumps(kept, indent=1).encode() + b"\n"], link)
    check(corpus, kept)

    def publish(partial: Path, path: Path) -> None:
        check(corpus, kept)
        try:
            os.replace(partial, path)
        except FileNotFoundError:  # Another process has made this shard meanwhile, and has tidied up.
            if not path.exists():
                raise

    ring, begun, made = engine.ring(), time.monotonic(), 0
    numbers = range(task, options.shards, tasks) if options.only is None else [options.only]
    paths = {out / f"shard-{number:06d}.tar": range(number * count, (number + 1) * count) for number in numbers}
    for turn, (path, samples) in enumerate(paths.items(), 1):
        if not is_whole(path, options.verify):
            start, made = time.monotonic(), made + 1
            digest = write(path, shard(engine, ring, samples, f"<f{int(options.dtype[5:]) // 8}"), publish)
            write(Path(f"{path}.sha256"), [f"{digest}  {path.name}\n".encode()])
            print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, {count / (time.monotonic() - start):.1f} samples/s, "
                  f"{turn} of {len(paths)}", flush=True)
    for left in out.glob("shard-*.tar.????????.partial"):  # Of tasks that were killed.
        if left.with_suffix("").with_suffix("") in paths:
            left.unlink(missing_ok=True)
    print(f"task {task} of {tasks}: {len(paths)} shards are whole, {made} of them made in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("out", "corpus"), ("preset", "rasd-3d"), ("recipe", ""), ("labels", ""), ("size", "96"), ("seed", 0),
                          ("shards", 1), ("per-shard", 256), ("device", "host"), ("batch", 8), ("threads", 0)):
        parser.add_argument(f"--{name}", default=default, type=type(default))
    parser.add_argument("--dtype", choices=("float32", "float16"), default="float32")
    for name in ("task", "tasks", "only"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--verify", action="store_true")
    options = parser.parse_args()
    try:
        main(options)
    except gpusynth.GpuSynthError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename or options.out}: {error.strerror}. What is whole stays; the same command again goes on.")
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command again goes on.")
