"""Runs the emitted PTX itself on the processor, so that a batch can be proven where there is no GPU. Needs numpy and gcc.

    python3 perf/gpu/ptx_emulator.py EMITTED_DIR [--case NAME] [--check-races] [--again] [--samples-checked N] [--threads T]

Every kernel is translated to C (ptx_translate.py), compiled, and run group by group; threads of a group wait at barriers for one
another. Always checked: every access lies in a buffer and is aligned, no barrier is missed by a thread of its group, no thread runs
forever, no launch exceeds what sm_80 takes. Counts PTX instructions as they are executed: what ptxas makes of them differs (moves
vanish, a division becomes many), but it is the same for every variant of a kernel. `lanes` is the share of a warp's lanes that have
something to do, at most: what is lost to branches and loops that differ within a warp. None of it is a time.

Arithmetic is IEEE, as on a GPU; approximate functions are exact here, or off by the error that PTX allows (--approximate), and a
product and a sum stay two operations, or become one wherever ptxas may do so (--contract). A tolerance has to hold for all four."""
import argparse
import ctypes as c
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np

from comparing import compare
from ptx_translate import PtxError, translate

GUARD_BYTES = 4096
GUARD, POISONS = 0xA5, (0xCD, 0xFF)
WARP = 32
SHARED_DECLARED, SHARED_MOST, PARAMETER_BYTES_MOST = 48 * 1024, 163 * 1024, 4096
_BUDGET = 1 << 32
_SHADOW_BYTES = 40
_ERRORS = {1: "touches memory outside of every buffer", 2: "touches memory that is not aligned", 3: "waits at a barrier while others of its group wait elsewhere",
           4: "has left while others of its group wait for it", 5: "races with another thread", 6: "runs forever",
           7: "takes a value from a lane that gives none", 8: "branches to a case that is not there"}


class EmulatorError(Exception):
    """A kernel did what it may not do, or a launch asks for what there is not."""


class _Range(c.Structure):
    _fields_ = [("low", c.c_uint64), ("bytes", c.c_uint64), ("shadow", c.c_void_p), ("granule", c.c_uint64)]


class _Context(c.Structure):
    _fields_ = [("param", c.c_void_p), ("ranges", c.c_void_p), ("range_count", c.c_int64), ("shared", c.c_void_p),
                ("shared_bytes", c.c_uint64), ("shared_shadow", c.c_void_p), ("counts", c.c_void_p), ("hits", c.c_void_p),
                ("groups_from", c.c_uint64), ("groups_to", c.c_uint64), ("budget", c.c_uint64), ("grid", c.c_uint32 * 3),
                ("block", c.c_uint32 * 3), ("backward", c.c_int32), ("error", c.c_int32), ("line", c.c_int32),
                ("other_line", c.c_int32), ("error_group", c.c_uint32 * 3), ("error_thread", c.c_uint32 * 3),
                ("other_thread", c.c_uint32 * 3), ("address", c.c_uint64), ("width", c.c_uint64)]


class Counts:
    """What the launches of one kernel did."""

    def __init__(self):
        self.launches = self.groups = self.threads = self.instructions = self.issued = self.bytes_read = self.bytes_written = 0
        self.seconds = 0.0
        self.mix, self.opcodes, self.lines = Counter(), Counter(), Counter()

    def add(self, translation, blocks, groups, threads, seconds):
        """Adds a launch, given how often threads, and then warps, came through each basic block."""
        self.launches += 1
        self.groups += groups
        self.threads += threads
        self.seconds += seconds
        count = len(translation.block_mixes)
        for i, (times, warps) in enumerate(zip(map(int, blocks[:count]), map(int, blocks[count:]))):
            if times:
                length = translation.block_mixes[i].total()
                for total, parts in ((self.mix, translation.block_mixes[i]), (self.opcodes, translation.block_opcodes[i])):
                    for kind, number in parts.items():
                        total[kind] += times * number
                self.lines[translation.block_lines[i]] += times * length
                self.instructions += times * length
                self.issued += warps * length * WARP
                self.bytes_read += times * translation.block_bytes[i][0]
                self.bytes_written += times * translation.block_bytes[i][1]


class Function:
    """A kernel, translated and compiled."""

    def __init__(self, translation, library):
        self.translation, self.entry = translation, translation.entry
        self.run = library.ptx_run
        self.run.argtypes, self.run.restype = [c.POINTER(_Context)], c.c_int
        self.counts = Counts()


class PreparedLaunch:
    """A launch to be repeated."""

    def __init__(self, function, grid, block, shared_bytes, parameters):
        self.function, self.grid, self.block = function, tuple(grid), tuple(block)
        self.shared_bytes, self.parameters = shared_bytes, bytes(parameters)


class Emulator:
    """Stands in for the Driver of driver.py: load, prepare, launch; memory comes from allocate(). With `check_races`, two threads
    that touch the same memory in one launch, one of them writing, with no barrier between and not both atomically, are an error."""

    def __init__(self, check_bounds=True, check_races=False, approximate=False, contract=False, backward=False, threads=1, budget=_BUDGET):
        self.check_bounds, self.check_races = check_bounds or check_races, check_races
        self.approximate, self.contract = approximate, contract
        self.backward, self.threads, self.budget = backward, 1 if check_races else threads, budget
        self._buffers = {}

    # ---- memory ----

    def allocate(self, size, name="buffer"):
        """Memory that kernels may touch, as bytes: poisoned, guards around it, aligned to 256."""
        whole = np.full(size + 2 * GUARD_BYTES + 256, GUARD, np.uint8)
        start = -whole.ctypes.data % 256 + GUARD_BYTES
        view = whole[start:start + size]
        view.fill(POISONS[0])
        self._buffers[view.ctypes.data] = (size, name, whole, start)
        return view

    def upload(self, values, name="buffer"):
        """allocate() with values in it."""
        values = np.ascontiguousarray(values)
        memory = self.allocate(values.nbytes, name)
        memory[:] = values.reshape(-1).view(np.uint8)
        return memory.view(values.dtype)

    def broken_guards(self):
        """Names of the buffers beside which something was written."""
        return [name for size, name, whole, start in self._buffers.values()
                if (whole[:start] != GUARD).any() or (whole[start + size:] != GUARD).any()]

    # ---- kernels ----

    def load(self, ptx, entry=None):
        """Translates and compiles a kernel; its handle."""
        translation = translate(ptx, entry)
        return Function(translation, c.CDLL(str(self._compile(translation))))

    def _compile(self, translation):
        prelude = Path(__file__).with_name("ptx_prelude.h")
        # Whole numbers wrap, and memory has no type: PTX says so.
        flags = ["-O2", "-march=native", f"-ffp-contract={'fast' if self.contract else 'off'}", "-fwrapv", "-fno-strict-aliasing", "-w",
                 "-shared", "-fPIC", f"-DCHECK_BOUNDS={int(self.check_bounds)}", f"-DCHECK_RACES={int(self.check_races)}",
                 f"-DAPPROX_ERROR={int(self.approximate)}", f"-I{prelude.parent}"]
        name = hashlib.sha256("\n".join((translation.source, prelude.read_text(), _processor(), *flags)).encode()).hexdigest()[:24]
        library = _cache() / f"{name}.so"
        if not library.exists():
            with tempfile.TemporaryDirectory(dir=library.parent) as folder:
                source, made = Path(folder, "kernel.c"), Path(folder, "kernel.so")
                source.write_text(translation.source)
                done = subprocess.run(["gcc", *flags, "-o", made, source, "-lm"], capture_output=True, text=True)
                if done.returncode:
                    raise EmulatorError(f"{translation.entry}: gcc refused the translation:\n{done.stderr[:2000]}")
                made.replace(library)
        return library

    def attributes(self, function):
        """What is known of a kernel before it is compiled for a device."""
        return {"sharedBytes": function.translation.shared_bytes}

    def prepare(self, function, grid, block, shared_bytes, parameters):
        """A launch, checked against the limits of sm_80."""
        kernel, problems = function.translation, []
        threads = block[0] * block[1] * block[2]
        if not 1 <= threads <= 1024 or block[2] > 64:
            problems.append(f"{threads} threads in a group")
        if min(grid) < 1 or grid[0] >= 1 << 31 or max(grid[1:]) > 65535:
            problems.append(f"a grid of {tuple(grid)}")
        if kernel.shared_bytes > SHARED_DECLARED or kernel.shared_bytes + shared_bytes > SHARED_MOST:
            problems.append(f"{kernel.shared_bytes} bytes of shared memory and {shared_bytes} by launch")
        if len(parameters) > PARAMETER_BYTES_MOST or not kernel.parameter_bytes <= len(parameters) < kernel.parameter_bytes + 8:
            problems.append(f"{len(parameters)} bytes of parameters, the kernel takes {kernel.parameter_bytes}")
        if problems:
            raise EmulatorError(f"{function.entry}: a launch with {', '.join(problems)}.")
        return PreparedLaunch(function, grid, block, shared_bytes, parameters)

    def launch(self, prepared, stream=None):
        """Runs a launch to its end."""
        function, kernel = prepared.function, prepared.function.translation
        began = time.perf_counter()
        groups, threads = int(np.prod(prepared.grid, dtype=np.int64)), int(np.prod(prepared.block))
        ranges, shadows = self._ranges(kernel)
        workers = max(1, min(self.threads, groups))
        edges = [groups * i // workers for i in range(workers + 1)]
        jobs = [self._job(prepared, ranges, edges[i], edges[i + 1]) for i in range(workers)]
        results = [None] * workers

        def work(i):
            results[i] = function.run(c.byref(jobs[i][0]))
        others = [threading.Thread(target=work, args=(i,)) for i in range(1, workers)]
        for other in others:
            other.start()
        work(0)
        for other in others:
            other.join()
        del shadows
        for result, (context, *_) in zip(results, jobs):
            if result:
                raise EmulatorError(self._explain(function, context))
        blocks = np.sum([job[1] for job in jobs], axis=0)
        function.counts.add(kernel, blocks, groups, groups * threads, time.perf_counter() - began)

    def _ranges(self, kernel):
        """The buffers, sorted by address, with empty shadows where races are looked for."""
        ranges, shadows = (_Range * max(len(self._buffers), 1))(), []
        for i, (low, (size, *_)) in enumerate(sorted(self._buffers.items())):
            shadow = None
            if self.check_races:
                shadows.append(np.zeros((size // kernel.narrowest + 1) * _SHADOW_BYTES, np.uint8))  # untouched pages cost nothing
                shadow = shadows[-1].ctypes.data
            ranges[i] = _Range(low, size, shadow, kernel.narrowest)
        return ranges, shadows

    def _job(self, prepared, ranges, first, last):
        kernel = prepared.function.translation
        size = kernel.shared_bytes + prepared.shared_bytes
        shared = np.empty(size + 512, np.uint8)
        at = shared.ctypes.data + -shared.ctypes.data % 256
        shadow = np.zeros(size * _SHADOW_BYTES if self.check_races else 0, np.uint8)
        counts, hits = np.zeros(2 * len(kernel.block_mixes), np.uint64), np.zeros(kernel.accesses + 1, np.uint32)
        parameters = np.frombuffer(prepared.parameters + b"\0" * 8, np.uint8)
        context = _Context(
            param=parameters.ctypes.data, ranges=c.addressof(ranges), range_count=len(self._buffers), shared=at, shared_bytes=size,
            shared_shadow=shadow.ctypes.data if self.check_races and size else None, counts=counts.ctypes.data, hits=hits.ctypes.data,
            groups_from=first, groups_to=last, budget=self.budget, grid=prepared.grid, block=prepared.block, backward=self.backward)
        return context, counts, (shared, shadow, hits, parameters)  # kept alive by the caller

    def _explain(self, function, context):
        if not context.error:
            return f"{function.entry}: out of memory."
        text = (f"{function.entry}, PTX line {context.line}: thread {tuple(context.error_thread)} of group {tuple(context.error_group)} "
                f"{_ERRORS[context.error]}")
        if context.error in (1, 2, 5):
            text += f": {context.width} bytes at {self._place(context)}"
        if context.error == 5:
            thread, group = context.other_thread[0], context.other_thread[1]
            who = "several groups" if group == 0xFFFFFFFF else f"group number {group}, " + (
                "several threads" if thread == 0xFFFFFFFF else f"thread number {thread}")
            text += f", touched at PTX line {context.other_line} by {who} with no barrier between"
        elif context.other_line:
            text += f" (line {context.other_line})"
        return text + "."

    def _place(self, context):
        shared = context.address - (context.shared or 0)
        if 0 <= shared < context.shared_bytes + 4096:
            return f"{shared} of {context.shared_bytes} bytes of shared memory"
        for low, (size, name, *_) in self._buffers.items():
            if -GUARD_BYTES <= context.address - low < size + GUARD_BYTES:
                return f"{context.address - low} of the {size} bytes of '{name}'"
        return f"{context.address:#x}, near no buffer"


def _processor():
    """What -march=native depends on, so that a compiled kernel never meets another processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return platform.machine() + next((line for line in lines if line.startswith(("flags", "Features"))), "")


def _cache():
    """Where compiled kernels are kept: with the other build outputs."""
    folder = Path(__file__).resolve().parents[2] / "artifacts" / "ptx-emulator"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="ptx-emulator-"))


# ---- a case ----

class CaseRun:
    """The buffers of an emitted case, and its launches."""

    def __init__(self, emitted, case, emulator):
        self.case, self.emulator = case, emulator
        self.memory = {b.id: emulator.allocate(b.bytes, b.name) for b in case.buffers.values()}
        self.functions = {}
        for launch in case.launches:
            if launch.kernel not in self.functions:
                kernel = emitted.kernels[launch.kernel]
                self.functions[launch.kernel] = emulator.load(kernel.ptx(), kernel.entry)
        self.launches = [emulator.prepare(self.functions[launch.kernel], launch.grid, launch.block, launch.shared_bytes,
                                          launch.patched(lambda id: self.memory[id].ctypes.data)) for launch in case.launches]

    def run(self, poison):
        """One batch over poisoned memory: (labels uint8, images float32), both [batch, *shape]."""
        for buffer in self.case.buffers.values():
            self.memory[buffer.id].fill(poison)
            if buffer.init:
                table = np.fromfile(buffer.init, np.uint8)
                self.memory[buffer.id][:table.size] = table
        for number, launch in enumerate(self.launches):
            try:
                self.emulator.launch(launch)
            except EmulatorError as error:
                raise EmulatorError(f"launch {number}, {self.case.launches[number].kernel}: {error}") from error
        case = self.case
        label = self.memory[case.output("label").id][:case.batch * case.voxels]
        return label.reshape(case.batch, *case.shape).copy(), self._images()

    def _images(self):
        case = self.case
        memory = self.memory[case.output("image").id]
        kind = {"float32": np.float32, "float16": np.float16, "bfloat16": np.uint16}[case.image_format]
        values = memory[:case.batch * case.voxels * np.dtype(kind).itemsize].view(kind)
        if case.image_format == "bfloat16":
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return values.astype(np.float32).reshape(case.batch, *case.shape)


def check_case(emitted, case, options):
    """(facts, failures) of a case."""
    settings = dict(check_races=options.check_races, approximate=options.approximate, contract=options.contract, threads=options.threads)
    run = CaseRun(emitted, case, Emulator(**settings))
    labels, images = run.run(POISONS[0])
    failures = [f"something was written beside '{name}'" for name in run.emulator.broken_guards()]
    facts = {"kernels": {name: kernel_facts(function.counts, case) for name, function in run.functions.items()}}
    if labels.max() >= case.labels:
        failures.append(f"label {labels.max()} is there, the recipe has {case.labels}")
    if not np.isfinite(images).all():
        failures.append(f"{np.count_nonzero(~np.isfinite(images))} voxels are not finite")
    if case.facts.get("expected") is None:
        failures.append("the case was emitted without the host's samples")
    else:
        host_labels, host_images = case.expected()
        count = min(len(host_labels), options.samples_checked or len(host_labels))
        facts["host"], different = compare(labels[:count], images[:count], host_labels[:count], host_images[:count], case.facts["expected"])
        failures += different
        facts["samplesChecked"] = count
    if options.again:
        # Memory that is read before it is written shows by the other poison, and an order that nothing enforces by the opposite one.
        run.emulator.backward = True
        again = run.run(POISONS[1])
        facts["sameAgain"] = all(np.array_equal(a.view(np.uint8), b.view(np.uint8)) for a, b in zip((labels, images), again))
        if not facts["sameAgain"]:
            failures.append("the batch differs when threads run in opposite order over other garbage")
    return facts, failures


def kernel_facts(counts, case):
    """What one kernel did for a batch, per voxel of the batch. `issued` counts a warp's idle lanes too."""
    voxels = case.voxels * case.batch
    return {"launches": counts.launches, "groups": counts.groups, "threads": counts.threads, "instructions": counts.instructions,
            "instructionsPerThread": counts.instructions / max(counts.threads, 1), "instructionsPerVoxel": counts.instructions / voxels,
            "withoutMovesPerVoxel": (counts.instructions - counts.mix["moves"] - counts.mix["parameters"]) / voxels,
            "lanesBusy": counts.instructions / max(counts.issued, 1),
            "bytesReadPerVoxel": counts.bytes_read / voxels, "bytesWrittenPerVoxel": counts.bytes_written / voxels,
            "mixPerVoxel": {kind: count / voxels for kind, count in counts.mix.most_common()},
            "opcodesPerVoxel": {opcode: count / voxels for opcode, count in counts.opcodes.most_common()},
            "linesPerVoxel": {f"{first}-{last}": count / voxels for (first, last), count in counts.lines.most_common()},
            "seconds": counts.seconds}


def number(value):
    """A figure that may be missing because it is not finite."""
    return "not a number" if value is None else f"{value:.3g}"


def print_table(kernels, detail):
    """Prints what every kernel did, the dearest first. `detail`: mix, opcodes or lines."""
    width = max([32] + [len(name) for name in kernels])
    print(f"  {'kernel':{width}} {'launches':>8} {'threads':>11} {'PTX/thread':>10} {'PTX/voxel':>10} {'no moves':>8} {'lanes':>6} {'read B/v':>8} "
          f"{'write B/v':>9} {'seconds':>8}")
    for name, k in sorted(kernels.items(), key=lambda item: -item[1]["instructions"]):
        print(f"  {name:{width}} {k['launches']:8} {k['threads']:11,} {k['instructionsPerThread']:10.1f} {k['instructionsPerVoxel']:10.2f} "
              f"{k['withoutMovesPerVoxel']:8.2f} {k['lanesBusy']:6.1%} {k['bytesReadPerVoxel']:8.2f} {k['bytesWrittenPerVoxel']:9.2f} "
              f"{k['seconds']:8.2f}")
        parts = [f"{kind} {count:.3g}" for kind, count in k[f"{detail}PerVoxel"].items() if count >= 0.005]
        for i in range(0, len(parts), 8):
            print(f"      {', '.join(parts[i:i + 8])}")
    instructions, seconds = (sum(k[key] for k in kernels.values()) for key in ("instructions", "seconds"))
    print(f"  {instructions:,} PTX instructions in {seconds:.2f} s: {instructions / max(seconds, 1e-9) / 1e6:.0f} million per second; "
          f"{sum(k['instructionsPerVoxel'] for k in kernels.values()):.2f} per voxel")


def main(arguments=None):
    """The command: 0 when every case is as expected, 1 when not, 2 when something could not be read."""
    import report
    from emitted import Emitted, EmittedError  # only the command reads emitted folders
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("emitted", metavar="EMITTED_DIR")
    parser.add_argument("--case", action="append", help="only this case; may be repeated")
    parser.add_argument("--samples-checked", type=int, metavar="N", help="compare the first N samples only")
    parser.add_argument("--check-races", action="store_true", help="look for races in shared and global memory; many times slower")
    parser.add_argument("--again", action="store_true", help="make the batch twice, in opposite orders, and demand the same bits")
    parser.add_argument("--approximate", action="store_true", help="approximate functions are off by the error that PTX allows")
    parser.add_argument("--contract", action="store_true", help="fuse products and sums as ptxas may")
    parser.add_argument("--show", choices=("mix", "opcodes", "lines"), default="mix", help="what the instructions of a kernel are listed by")
    parser.add_argument("--threads", type=int, default=1, help="processors to use")
    parser.add_argument("--json", metavar="FILE", help="where the facts are written")
    options = parser.parse_args(arguments)
    results, failed = {}, []
    try:
        emitted = Emitted(options.emitted)
        for name in options.case or emitted.case_files:
            case = emitted.case(name)
            print(f"{name}: {case.batch} x {'x'.join(map(str, case.shape))}, {len(case.launches)} launches")
            try:
                facts, failures = check_case(emitted, case, options)
            except (EmulatorError, PtxError) as error:
                facts, failures = {}, [str(error)]
            if facts:
                print_table(facts["kernels"], options.show)
            if facts.get("host"):
                host, rule = facts["host"], case.facts["expected"]
                print(f"  {facts['samplesChecked']} samples against the host's: {host['labelMismatchFraction']:.3g} of the labels differ (allowed "
                      f"{rule['labelMismatchFraction']:g}), images by {number(host['imageDifference'])} at most (allowed {rule['imageTolerance']:g})")
            for failure in failures:
                print(f"  FAILED: {failure}")
            results[name] = {**facts, "failures": failures}
            failed += [name] * bool(failures)
    except EmittedError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        report.write_json(options.json, {"made": report.head("ptx_emulator", emitted, arguments or sys.argv[1:]), **results})
    print(f"FAILED: {', '.join(failed)}" if failed else f"PASSED: {len(results)} case(s)")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
