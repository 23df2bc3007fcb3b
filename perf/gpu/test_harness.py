"""Tests of the harness, no GPU needed: python3 perf/gpu/test_harness.py. Without torch most are skipped, and say so."""
import contextlib
import ctypes
import io
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import types
import unittest
from pathlib import Path
from unittest import mock

try:
    import numpy as np
except ImportError:
    sys.exit("not run: numpy is not installed")

import comparing
from driver import Driver, DriverError
from emitted import Emitted, EmittedError
import report

try:
    import torch
    import checking, eager, feed, replay, run, timing
except ImportError:
    torch = None

needs_torch = unittest.skipUnless(torch, "torch is not installed")
SHAPE, BATCH, LABELS = (8, 8, 8), 2, 3
VOXELS = BATCH * 512
REFERENCE = Path(__file__).resolve().parents[3] / "shared/reference/rasd-3d-96.json"


class FakeDriver:
    """The driver's methods; its kernel runs in Python on the memory that the packed parameters point to."""

    def __init__(self, fault=None):
        self.loaded, self.prepared, self.launched, self.fault = [], [], [], fault

    def version(self):
        return "0.0"

    def threads_per_multiprocessor(self, ordinal):
        return 2048

    def load(self, ptx, entry):
        assert ptx.endswith(b"\0")
        self.loaded.append(entry)
        return entry

    def attributes(self, function):
        return {"registers": 32, "localBytes": 0, "sharedBytes": 0, "ptxVersion": 78, "binaryVersion": 80}

    def blocks_per_multiprocessor(self, function, threads, shared_bytes):
        return 4

    def prepare(self, *arguments):
        self.prepared.append(arguments)
        return arguments

    def launch(self, prepared, stream):
        function, _, _, _, parameters = prepared
        self.launched.append((function, stream))
        if function != "Kernel_Copy":
            return
        table, labels, images, scale = struct.unpack("<QQQf4x", parameters)
        short = 1 if self.fault == "unwritten" else 0
        ctypes.memmove(labels, table, VOXELS - short)
        ctypes.memmove(images, table + VOXELS, 4 * VOXELS)
        if self.fault == "guard":
            ctypes.memset(labels + VOXELS, 0, 1)
        if self.fault == "drift":
            ctypes.memset(labels, len(self.launched) % 2, 1)
        if self.fault == "wrong":
            ctypes.memset(images + 100, 0, 400)
        if self.fault == "broken":
            raise DriverError("cuLaunchKernel failed: CUDA_ERROR_LAUNCH_FAILED (719).")


class Recorder:
    """A stream or an event that writes down what is done to it."""
    log = []

    def __init__(self, name="event"):
        self.name = name

    def record(self, stream):
        self.at = time.perf_counter()
        Recorder.log.append(f"{stream.name} records {self.name}")

    def wait_event(self, event):
        Recorder.log.append(f"{self.name} waits {event.name}")

    def elapsed_time(self, later):
        return (later.at - self.at) * 1e3


class HostDevice:
    """Stands in the place of a GPU."""
    ordinal, multiprocessors = 0, 1
    torch_device = torch and torch.device("cpu")

    def stream(self):
        return Recorder("generator")

    def current_stream(self):
        return Recorder("trainer")

    def use(self, stream):
        return contextlib.nullcontext()

    def handle(self, stream):
        return 7

    def event(self):
        return Recorder()

    def synchronize(self):
        pass

    def delay(self, milliseconds):
        pass

    def graph(self, enqueue, stream):
        return enqueue

    def free_bytes(self):
        return 1 << 20


class Folder(unittest.TestCase):
    """Tests that read an emitted folder."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder, random = Path(scratch.name), np.random.default_rng(7)
        (self.folder / "cases/tiny").mkdir(parents=True)
        (self.folder / "copy.ptx").write_bytes(b"// PTX")
        self.labels = random.integers(0, LABELS, (BATCH, *SHAPE)).astype(np.uint8)
        self.images = random.random((BATCH, *SHAPE), dtype=np.float32)
        (self.folder / "cases/tiny/0.bin").write_bytes(self.labels.tobytes() + self.images.tobytes())
        (self.folder / "cases/tiny/label.u8").write_bytes(self.labels[:1].tobytes())
        (self.folder / "cases/tiny/image.f32").write_bytes(self.images[:1].tobytes())
        self.manifest = {"format": 1, "kernels": [{"name": "Copy.Kernel", "entry": "Kernel_Copy", "file": "copy.ptx",
                         "sharedBytes": 0, "arguments": [], "parameterBytes": 32,
                         "cost": {"bytesPerVoxel": 10.0, "operationsPerVoxel": 2, "note": ""}}],
                         "cases": [{"name": "tiny", "file": "cases/tiny.json"}]}
        self.case = {
            "name": "tiny", "recipe": "rasd-3d", "shape": SHAPE, "batch": BATCH, "seed": 7, "labels": LABELS,
            "imageFormat": "float32",
            "buffers": [{"id": 0, "name": "table", "role": "workspace", "bytes": 5 * VOXELS + 16, "init": "cases/tiny/0.bin"},
                        {"id": 4, "name": "labels", "role": "label", "bytes": VOXELS, "init": None},
                        {"id": 5, "name": "images", "role": "image", "bytes": 4 * VOXELS, "init": None}],
            "launches": [{"kernel": "Copy.Kernel", "grid": [2, 2, 1], "block": [256], "sharedBytes": 0,
                          "parameters": struct.pack("<QQQf4x", 0, 0, 0, 1.5).hex(),
                          "pointers": [{"offset": 8 * i, "buffer": b, "byteOffset": 0} for i, b in enumerate((0, 4, 5))]}],
            "expected": {"samples": 1, "label": "cases/tiny/label.u8", "image": "cases/tiny/image.f32",
                         "imageTolerance": 1e-4, "labelMismatchFraction": 1e-4}}
        self.options = types.SimpleNamespace(case=None, only=None, repetitions=3, seconds=0.01, steps=3, rounds=1, channels=2)

    def emitted(self):
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest))
        (self.folder / "cases/tiny.json").write_text(json.dumps(self.case))
        return Emitted(self.folder)

    def check(self, fault):
        emitted, driver = self.emitted(), FakeDriver(fault)
        case = emitted.case("tiny")
        lent = replay.Replay(case, replay.Modules(driver, emitted), "cpu")
        return checking.check(lent, 7, lambda: None)


class EmittedTests(Folder):
    def test_reads_case(self):
        case = self.emitted().case("tiny")
        self.assertEqual((case.voxels, case.batch, case.bytes_of("workspace")), (512, 2, 5 * VOXELS + 16))
        self.assertEqual((case.launches[0].grid, case.launches[0].block), ((2, 2, 1), (256, 1, 1)))
        labels, images = case.expected()
        np.testing.assert_array_equal(labels, self.labels[:1])
        np.testing.assert_array_equal(images, self.images[:1])

    def test_patches_pointers_only(self):
        self.case["launches"][0]["pointers"][1]["byteOffset"] = 3
        block = self.emitted().case("tiny").launches[0].patched({0: 1 << 40, 4: 4096, 5: 8192}.get)
        self.assertEqual(struct.unpack("<QQQf4x", block), (1 << 40, 4099, 8192, 1.5))

    def test_refuses(self):
        def broken(change, words):
            self.setUp()
            change()
            with self.assertRaisesRegex(EmittedError, words):
                self.emitted().case("tiny")
        broken(lambda: self.manifest.update(format=2), "format 2")
        broken(lambda: self.case.update(imageFormat="int8"), "int8")
        broken(lambda: self.case["launches"][0].update(kernel="No"), "no such kernel")
        broken(lambda: self.case["launches"][0].update(parameters="00"), "1 bytes of parameters")
        broken(lambda: self.case["launches"][0]["pointers"][0].update(offset=28), "leaves the parameters")
        broken(lambda: self.case["launches"][0]["pointers"][0].update(buffer=9), "leaves its buffer")
        broken(lambda: self.case["buffers"][1].update(bytes=9), "too few")
        broken(lambda: self.manifest["cases"].clear(), "no case 'tiny'")

    def test_names_missing_file(self):
        case = self.emitted().case("tiny")
        (self.folder / "cases/tiny/image.f32").unlink()
        with self.assertRaisesRegex(EmittedError, "image.f32 cannot be read"):
            case.expected()


@needs_torch
class CheckTests(Folder):
    def test_right_batch_passes(self):
        facts, failures = self.check(None)
        self.assertEqual(failures, [])
        self.assertEqual((facts["host"]["labelMismatchFraction"], facts["host"]["imageDifference"]), (0, 0))

    def test_faults_are_found(self):
        for fault, words in (("unwritten", "over another poison"), ("guard", "beside the buffer 'labels'"),
                             ("drift", "made over"), ("wrong", "images differ from the host's")):
            with self.subTest(fault):
                self.assertIn(words, " ".join(self.check(fault)[1]))

    def test_images_are_compared_away_from_labels_that_differ(self):
        labels, images = np.zeros((1, 20, 20, 20), np.uint8), np.zeros((1, 20, 20, 20), np.float32)
        other, moved = labels.copy(), images.copy()
        other[0, 10, 10, 10], moved[0, 13, 10, 7] = 1, 0.5
        rule = {"imageTolerance": 1e-4, "labelMismatchFraction": 1e-3}
        facts, failures = comparing.compare(other, moved, labels, images, rule)
        self.assertEqual((failures, facts["imageDifference"], facts["imageDifferenceEverywhere"]), ([], 0, 0.5))
        self.assertAlmostEqual(facts["comparedFraction"], 1 - 343 / 8000)
        moved[0, 14, 10, 10] = 0.25
        self.assertRegex(comparing.compare(other, moved, labels, images, rule)[1][0], r"by 0.25.*\(0, 14, 10, 10\)")
        moved[0, 0, 0, 0] = np.nan
        self.assertTrue(comparing.compare(other, moved, labels, images, rule)[1])
        rule["labelMismatchFraction"] = 0
        self.assertRegex(comparing.compare(other, images, labels, images, rule)[1][0], "of the labels")


@needs_torch
class RunTests(Folder):
    def run_all(self, driver, only=None):
        self.options.only = only
        small = mock.patch.object(timing.multiply_add_ceiling, "__defaults__", (1, 32))
        with small, mock.patch.object(torch, "compile", lambda f, **_: f, create=True), contextlib.redirect_stdout(None):
            return run.run(self.emitted(), HostDevice(), driver, self.options, ["DIR"])

    def test_whole_command(self):
        driver = FakeDriver()
        result, failures = self.run_all(driver)
        self.assertEqual(failures, [])
        self.assertEqual(driver.loaded[:2], ["Kernel_Copy", "multiply_add"])
        self.assertEqual({stream for _, stream in driver.launched}, {7})
        first, second = (struct.unpack("<QQQf4x", p[4]) for p in driver.prepared if p[0] == "Kernel_Copy")
        self.assertEqual(first[0], second[0], "the workspace is shared")
        self.assertNotEqual(first[1:3], second[1:3], "every slot has its own outputs")
        case = result["cases"][0]
        kernel = case["time"]["kernels"][0]
        self.assertEqual((kernel["occupancy"], kernel["cost"]["bytesPerVoxel"], kernel["launches"]), (0.5, 10, 1))
        self.assertGreater(kernel["bound"]["share"], 0)
        self.assertGreater(case["eager"]["compiled"]["engineIsFasterBy"], 0)
        report.write_json(self.folder / "deep/result.json", result)
        self.assertEqual(json.loads((self.folder / "deep/result.json").read_text())["cases"][0]["case"], "tiny")

    def test_wrong_batch_is_not_timed(self):
        result, failures = self.run_all(FakeDriver("guard"))
        self.assertRegex(failures[0], "case tiny: something was written beside")
        self.assertEqual(result["cases"][0]["time"], {"value": None, "reason": "the check failed"})

    def test_break_is_told(self):
        result, failures = self.run_all(FakeDriver("broken"), "check")
        self.assertRegex(failures[0], "case tiny: broke off: .*LAUNCH_FAILED")

    def test_without_a_gpu_nothing_is_run(self):
        self.emitted()
        said = io.StringIO()
        with contextlib.redirect_stderr(said), mock.patch.dict("os.environ", GPUSYNTH_CUDA_DRIVER="/no/such/driver.so"):
            self.assertEqual(run.main([str(self.folder)], run.run, run.add_options), 2)
        self.assertRegex(said.getvalue(), "^not run: the CUDA driver '/no/such/driver.so' cannot be loaded")

    def test_training_hands_over_without_the_host(self):
        names = iter(["free0", "free1", "ready0", "ready1"] + ["end"] * 9)
        device, Recorder.log = HostDevice(), []
        device.event = lambda: Recorder(next(names))
        said = lambda word: lambda slot, *_: Recorder.log.append(f"{word} {slot}")
        feed.train("aside", 2, 2, device, said("generate"), said("backward"), lambda: Recorder.log.append("step"))
        self.assertEqual([line for line in Recorder.log if not line.endswith(" end")], [
            "trainer records free0", "trainer records free1",
            "generator waits free0", "generate 0", "generator records ready0",
            "generator waits free1", "generate 1", "generator records ready1",
            "trainer waits ready0", "backward 0", "trainer records free0", "step",
            "generator waits free0", "generate 0", "generator records ready0",
            "trainer waits ready1", "backward 1", "trainer records free1", "step"])

    def test_feed(self):
        with contextlib.redirect_stdout(None):
            result, failures = feed.run(self.emitted(), HostDevice(), FakeDriver(), self.options, ["DIR"])
        self.assertEqual(failures, [])
        self.assertEqual(result["modes"]["aside"]["stepMilliseconds"]["repetitions"], 2)
        self.assertIsNone(result["hostCopiesPerBatch"])
        self.assertTrue(result["hostCopiesReason"])
        with contextlib.redirect_stdout(None):
            result, failures = feed.run(self.emitted(), HostDevice(), FakeDriver("drift"), self.options, ["DIR"])
        self.assertRegex(failures[0], "of 12 batches made on the side stream were not whole")


@needs_torch
class EagerTests(unittest.TestCase):
    slow = True

    def test_shapes_ranges_labels(self):
        for shape, labels in (((32, 32, 32), 2), ((33, 20, 31), 5), ((64, 48), 4)):
            for how in ("conv", "matmul"):
                torch.manual_seed(1)
                made, images = eager.generate(3, shape, labels, "cpu", how, chunk=2)
                self.assertEqual((made.shape, images.shape), ((3, *shape), (3, *shape)))
                self.assertEqual((made.dtype, images.dtype), (torch.uint8, torch.float32))
                self.assertEqual(made.unique().tolist(), list(range(labels)))
                self.assertTrue(torch.isfinite(images).all() and images.min() == 0 and 0.99 < images.max() <= 1)
                self.assertFalse(torch.equal(images[0], images[1]))

    def test_both_blurs_are_the_same(self):
        torch.manual_seed(1)
        images, sigma = torch.randn(2, 20, 90, 11), torch.tensor([[0.0, 12, 0.5], [7, 0.3, 1]])
        for taps in (7, 83):
            torch.testing.assert_close(eager.blurred(images, sigma, taps, "conv"), eager.blurred(images, sigma, taps, "matmul"),
                                       rtol=1e-4, atol=1e-5)

    def test_constant_noise_keeps_corners(self):
        with mock.patch.object(torch, "randn", lambda *size, device: torch.ones(size)):
            values = eager.noise(1, 2, (16, 16), (8, 4), 1, "cpu")
        self.assertLess(float(values.std()), 1e-6)

    @unittest.skipUnless(REFERENCE.exists(), "the reference statistics are not there")
    def test_statistics_like_the_authors(self):
        reference = json.loads(REFERENCE.read_text())
        torch.manual_seed(3)
        for labels, image in zip(*eager.generate(2, (96, 96, 96), 6, "cpu", "matmul", chunk=1)):
            steps = [(labels.diff(dim=axis) != 0, image.diff(dim=axis).abs()) for axis in range(3)]
            found = {"mean": image.mean(), "std": image.std(), "boundary": sum(float(a.float().mean()) for a, _ in steps) / 3,
                     "absgrad": sum(float(b.mean()) for _, b in steps) / 3,
                     "maxfrac": labels.flatten().bincount().max() / labels.numel()}
            for key, value in found.items():
                low, high = (f(sample[key] for sample in reference) for f in (min, max))
                self.assertTrue(low * 0.8 <= float(value) <= high * 1.2, f"{key} {float(value)} not in {low} .. {high}")


class SmallTests(unittest.TestCase):
    @needs_torch
    def test_summary(self):
        self.assertEqual(timing.summary([5, 1, 2, 4, 3]), {"minimum": 1, "lowerQuartile": 2, "median": 3, "upperQuartile": 4,
                                                          "maximum": 5, "repetitions": 5})
        measured = {"copy": {"gigabytesPerSecond": 1000}, "multiplyAdd": {"gigaoperationsPerSecond": 10000}}
        self.assertEqual(timing.bound({"bytesPerVoxel": 5, "operationsPerVoxel": 100}, 10**6, measured), (0.01, "operations"))

    def test_json_is_whole_or_absent(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a" / "r.json"
            report.write_json(path, {"a": 1 / 3, "b": [None, (1, 2)], "c": np.float32(0.5), "d": 123456789})
            self.assertEqual(json.loads(path.read_text()), {"a": 0.33333, "b": [None, [1, 2]], "c": 0.5, "d": 123456789})
            for bad in (float("nan"), object()):
                with self.assertRaises((ValueError, TypeError)):
                    report.write_json(path, {"a": bad})
            self.assertEqual([p.name for p in path.parent.iterdir()], ["r.json"])

    @unittest.skipUnless(shutil.which("cc"), "there is no C compiler")
    def test_ctypes_pass_what_the_driver_expects(self):
        source = r"""
            #include <string.h>
            #include <stdint.h>
            typedef void *P;
            int seen[8]; char block[64]; size_t bytes; P on;
            int cuInit(unsigned f) { return 0; }
            int cuDriverGetVersion(int *v) { *v = 12080; return 0; }
            int cuGetErrorName(int s, const char **n) { *n = "CUDA_ERROR_INVALID_PTX"; return 0; }
            int cuModuleLoadDataEx(P *m, const char *ptx, unsigned n, int *options, P *values) {
                if (n != 2 || options[0] != 5 || options[1] != 6 || (uintptr_t)values[1] < 100) return 1;
                if (strcmp(ptx, "bad") == 0) { strcpy(values[0], "line 7: no"); return 218; }
                *m = (P)0x123456789abcULL; return 0; }
            int cuModuleGetFunction(P *f, P m, const char *name) {
                *f = (P)((uintptr_t)m + strlen(name)); return 0; }
            int cuFuncGetAttribute(int *v, int a, P f) { *v = a * 10; return 0; }
            int cuLaunchKernel(P f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned sh,
                               P stream, P *parameters, P *extra) {
                int got[8] = {gx, gy, gz, bx, by, bz, sh, f == (P)0x123456789abeULL};
                memcpy(seen, got, sizeof got); on = stream;
                if (parameters || (uintptr_t)extra[0] != 1 || (uintptr_t)extra[2] != 2 || extra[4]) return 1;
                bytes = *(size_t *)extra[3]; memcpy(block, extra[1], bytes); return 0; }
            """
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "d.c").write_text(source)
            subprocess.run(["cc", "-shared", "-fPIC", "-o", f"{folder}/d.so", f"{folder}/d.c"], check=True)
            driver, library = Driver(f"{folder}/d.so"), ctypes.CDLL(f"{folder}/d.so")
            self.assertEqual(driver.version(), "12.8")
            function = driver.load(b"good\0", "go")
            self.assertEqual(driver.attributes(function)["registers"], 40)
            driver.launch(driver.prepare(function, (5, 6, 7), (256, 1, 2), 64, b"packed\0block"), 0x7FFF12345678)
            self.assertEqual(list((ctypes.c_int * 8).in_dll(library, "seen")), [5, 6, 7, 256, 1, 2, 64, 1])
            self.assertEqual(bytes((ctypes.c_char * 12).in_dll(library, "block")), b"packed\0block")
            self.assertEqual(ctypes.c_size_t.in_dll(library, "bytes").value, 12)
            self.assertEqual(ctypes.c_void_p.in_dll(library, "on").value, 0x7FFF12345678)
            with self.assertRaisesRegex(DriverError, r"go: .*INVALID_PTX \(218\)\. line 7: no"):
                driver.load(b"bad\0", "go")
            with self.assertRaisesRegex(DriverError, "too old"):
                driver.blocks_per_multiprocessor(function, 256, 0)


if __name__ == "__main__":
    unittest.main()
