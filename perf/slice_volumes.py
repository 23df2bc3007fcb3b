"""Cuts labelled volumes into labelled images: the middle slice along the last axis, and some around it, each a NIfTI file of its own.

python3 perf/slice_volumes.py DATA OUT [--slices 5]

DATA holds images/ and labels/ with NIfTI files of the same names; OUT gets the same folders with NAME_sliceK.nii.gz. Slices are spread evenly over those that
hold a label above 0. Names sort as the volumes' do, so that a split by sorted names never has one volume in two parts where its counts are multiples of
--slices. Needs nothing but Python.
"""
import argparse
import gzip
import struct
from pathlib import Path

HEADER = 352
BYTES = {2: 1, 4: 2, 8: 4, 16: 4, 64: 8, 256: 1, 512: 2, 768: 4}


def opened(path):
    data = path.read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    order = "<" if struct.unpack_from("<i", data)[0] == 348 else ">"
    shape = struct.unpack_from(order + "8h", data, 40)
    kind = struct.unpack_from(order + "h", data, 70)[0]
    start = int(struct.unpack_from(order + "f", data, 108)[0])
    if shape[0] < 3 or kind not in BYTES:
        raise SystemExit(f"{path}: not a volume of numbers of a known type (dimensions {shape[0]}, type {kind})")
    return data, order, shape[1:4], BYTES[kind], start


def plane(volume, number):
    data, order, (width, height, _), size, start = volume
    header = bytearray(data[:HEADER])
    struct.pack_into(order + "8h", header, 40, 2, width, height, 1, 1, 1, 1, 1)
    struct.pack_into(order + "f", header, 108, float(HEADER))
    header[344:352] = b"n+1\0" + bytes(4)
    first = start + number * width * height * size
    return bytes(header) + data[first:first + width * height * size]


def labelled(volume):
    """Numbers of the planes that hold anything but zeros."""
    data, _, (width, height, depth), size, start = volume
    step = width * height * size
    return [n for n in range(depth) if any(data[start + n * step:start + (n + 1) * step])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--slices", type=int, default=5)
    options = parser.parse_args()
    for part in ("images", "labels"):
        (options.out / part).mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted((options.data / "images").glob("*.nii*")):
        image, label = opened(path), opened(options.data / "labels" / path.name)
        if image[2] != label[2]:
            raise SystemExit(f"{path}: the image is {image[2]} and its labels {label[2]}")
        found = labelled(label) or list(range(label[2][2]))
        for n in range(options.slices):
            number = found[(2 * n + 1) * len(found) // (2 * options.slices)]
            name = f"{path.name.split('.nii')[0]}_slice{n}.nii.gz"
            (options.out / "images" / name).write_bytes(gzip.compress(plane(image, number), mtime=0))
            (options.out / "labels" / name).write_bytes(gzip.compress(plane(label, number), mtime=0))
            count += 1
    print(f"{count} slices in {options.out}")


if __name__ == "__main__":
    main()
