"""What `gpusynth kernels emit` wrote: kernels as PTX and cases, each one batch as the engine launches it. Needs numpy only."""
import json
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

FORMAT = 1
IMAGE_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}


# Counts that ptx_emulator.py wrote with --json.
COUNTS = "counts.json"


class EmittedError(RuntimeError):
    """The folder does not hold what the manifest promises."""


# Bytes per voxel that a kernel has to move to or from volumes, whatever else stays in caches: a label is 1, a float 4. By the name
# of a kernel without the types that it is composed of, or of its family; the others work on coarse grids.
VOLUME_BYTES = {"StagedLabels": 1, "DirectLabels": 1, "ContrastPeak": 1, "Painting": 5, "TileKernel": 5, "DepthKernel": 8, "ChainKernel": 8}
# A kernel that writes images of 16 bits writes half as much.
NARROW_TARGET, NARROWER_BYTES = "NarrowTarget", 2


@dataclass(frozen=True)
class Kernel:
    """A kernel of the manifest. `cost` counts, per voxel of the batch, what one launch moves and computes."""
    name: str
    entry: str
    path: Path
    parameter_bytes: int
    cost: dict | None

    def ptx(self):
        """Its PTX, ended by the zero byte that the driver wants."""
        return _read(self.path) + b"\0"


@dataclass(frozen=True)
class Buffer:
    """Device memory of a case. `init`: a file uploaded once at the start, or None."""
    id: int
    name: str
    role: str
    bytes: int
    init: Path | None

    @property
    def is_output(self):
        return self.role in ("label", "image")


@dataclass(frozen=True)
class Launch:
    """One launch; `parameters` is the packed block, `pointers` says where addresses belong in it."""
    kernel: str
    grid: tuple
    block: tuple
    shared_bytes: int
    parameters: bytes
    pointers: tuple

    def patched(self, address_of):
        """The packed block with real addresses; `address_of` maps the id of a buffer to where it begins."""
        block = bytearray(self.parameters)
        for pointer in self.pointers:
            struct.pack_into("<Q", block, pointer["offset"], address_of(pointer["buffer"]) + pointer["byteOffset"])
        return bytes(block)


@dataclass(frozen=True)
class Case:
    """One batch: buffers, launches and the first samples as the host device makes them."""
    name: str
    folder: Path
    facts: dict
    buffers: dict
    launches: tuple

    @property
    def shape(self):
        return tuple(self.facts["shape"])

    @property
    def batch(self):
        return self.facts["batch"]

    @property
    def labels(self):
        return self.facts["labels"]

    @property
    def image_format(self):
        return self.facts["imageFormat"].lower()

    @property
    def voxels(self):
        """Voxels of one sample."""
        return prod(self.shape)

    def bytes_of(self, *roles):
        """Device memory of the buffers of these roles."""
        return sum(b.bytes for b in self.buffers.values() if b.role in roles)

    def output(self, role):
        """The one buffer of labels or of images."""
        found = [b for b in self.buffers.values() if b.role == role]
        if len(found) != 1:
            raise EmittedError(f"case {self.name} has {len(found)} buffers of role '{role}', expected 1.")
        return found[0]

    def expected(self):
        """(labels uint8, images float32), [samples, *shape] each, made by the host device."""
        expected, arrays = self.facts["expected"], []
        for key, kind in (("label", np.uint8), ("image", np.float32)):
            path = self.folder / expected[key]
            values = np.frombuffer(_read(path), kind)
            if values.size != expected["samples"] * self.voxels:
                raise EmittedError(f"{path} holds {values.size} values, expected {expected['samples']} x {self.voxels}.")
            arrays.append(values.reshape(expected["samples"], *self.shape))
        return tuple(arrays)


class Emitted:
    """An emitted folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.manifest = _json(self.folder / "manifest.json")
        if self.manifest.get("format") != FORMAT:
            raise EmittedError(f"manifest.json has format {self.manifest.get('format')}, this harness reads {FORMAT}: "
                               "emit again with the tool of the same commit.")
        self.kernels = {k["name"]: Kernel(k["name"], k["entry"], self.folder / k["file"], k["parameterBytes"], k.get("cost"))
                        for k in self.manifest["kernels"]}
        self.counts = _json(self.folder / COUNTS) if (self.folder / COUNTS).exists() else {}
        self.case_files = {c["name"]: c["file"] for c in self.manifest["cases"]}

    def cost(self, case, name, launches):
        """What one launch of a kernel moves and computes per voxel of a case's batch: as the manifest says, or as it was counted."""
        counted = self.counts.get(case, {}).get("kernels", {}).get(name)
        if self.kernels[name].cost is not None or counted is None:
            return self.kernels[name].cost
        own = name.removeprefix("WhereIn[").split("[")[0].rstrip("]")
        moved = VOLUME_BYTES.get(own, VOLUME_BYTES.get(own.split(".")[0], 0)) - (NARROWER_BYTES if NARROW_TARGET in name else 0)
        return {"bytesPerVoxel": moved / launches, "operationsPerVoxel": counted["withoutMovesPerVoxel"] / launches,
                "note": "PTX instructions of one lane, moves left out, as executed; bytes of volumes alone"}

    def case(self, name):
        """Reads and checks one case."""
        if name not in self.case_files:
            raise EmittedError(f"there is no case '{name}'; there are: {', '.join(self.case_files)}.")
        facts = _json(self.folder / self.case_files[name])
        buffers = {b["id"]: Buffer(b["id"], b["name"], b["role"], b["bytes"], self.folder / b["init"] if b.get("init") else None)
                   for b in facts.pop("buffers")}
        launches = tuple(self._launch(name, n, launch, buffers) for n, launch in enumerate(facts.pop("launches")))
        case = Case(name, self.folder, facts, buffers, launches)
        if case.image_format not in IMAGE_BYTES:
            raise EmittedError(f"case {name} has images of format '{case.image_format}'; known: {', '.join(IMAGE_BYTES)}.")
        for role, size in (("label", 1), ("image", IMAGE_BYTES[case.image_format])):
            if case.output(role).bytes < case.batch * case.voxels * size:
                raise EmittedError(f"case {name}: the {role} buffer has {case.output(role).bytes} bytes, too few for the batch.")
        return case

    def _launch(self, case, number, launch, buffers):
        where, kernel = f"case {case}, launch {number} ({launch['kernel']})", self.kernels.get(launch["kernel"])
        if kernel is None:
            raise EmittedError(f"{where}: no such kernel in the manifest.")
        parameters = bytes.fromhex(launch["parameters"])
        if len(parameters) != kernel.parameter_bytes:
            raise EmittedError(f"{where}: {len(parameters)} bytes of parameters, the kernel takes {kernel.parameter_bytes}.")
        for pointer in launch["pointers"]:
            buffer = buffers.get(pointer["buffer"])
            if buffer is None or not 0 <= pointer["byteOffset"] <= buffer.bytes:
                raise EmittedError(f"{where}: the pointer at {pointer['offset']} leaves its buffer.")
            if not 0 <= pointer["offset"] <= len(parameters) - 8:
                raise EmittedError(f"{where}: the pointer at {pointer['offset']} leaves the parameters.")
        three = [tuple((list(launch[key]) + [1, 1])[:3]) for key in ("grid", "block")]
        return Launch(kernel.name, *three, launch["sharedBytes"], parameters, tuple(launch["pointers"]))


def _read(path):
    try:
        return path.read_bytes()
    except OSError as error:
        raise EmittedError(f"{path} cannot be read: {error.strerror}.") from error


def _json(path):
    try:
        return json.loads(_read(path))
    except ValueError as error:
        raise EmittedError(f"{path} is no JSON: {error}.") from error
