"""Engine: what it makes, where it writes it, what it refuses."""
import ctypes
import re
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import numpy as np
from support import NO_TORCH, ROOT, engine, gpusynth, run_script, torch

PAGE = "name: ten\ndimensions: 3\n"


class BatchTests(unittest.TestCase):
    def test_shapes_types_and_ranges(self):
        for size, shape in ((17, (17, 17, 17)), ((17, 20, 33), (17, 20, 33))):
            with engine(size=size, batch=3) as made:
                image, label = made.batch(0)
                self.assertEqual(made.shape, shape)
                self.assertEqual((image.shape, image.dtype), ((3, 1, *shape), np.float32))
                self.assertEqual((label.shape, label.dtype), ((3, *shape), np.uint8))
                self.assertEqual(image.min(), 0)
                self.assertAlmostEqual(float(image.max()), 1, places=5)
                self.assertLess(label.max(), made.labels)
                self.assertEqual(made.info.image_bytes, image.nbytes)
                self.assertEqual(made.info.label_bytes, label.nbytes)

    def test_images(self):
        with engine(preset="rasd-2d", size=(33, 40)) as made:
            image, label = made.batch(0)
            self.assertEqual((image.shape, label.shape), ((2, 1, 33, 40), (2, 33, 40)))

    def test_a_sample_does_not_depend_on_batch_threads_or_order(self):
        with engine(batch=1) as one, engine(batch=4, threads=2) as four:
            image, label = four.batch(2).copy()
            for n in (11, 8, 10, 9):
                single = one.batch(n)
                np.testing.assert_array_equal(single.image[0], image[n - 8])
                np.testing.assert_array_equal(single.label[0], label[n - 8])

    def test_keys_of_many_samples_are_those_of_few(self):
        with engine(size=5, batch=1) as one, engine(size=5, batch=40) as many:
            image, label = many.batch(2**58)
            for n in (0, 1, 17, 39):
                single = one.batch(2**58 * 40 + n)
                np.testing.assert_array_equal(single.image[0], image[n])
                np.testing.assert_array_equal(single.label[0], label[n])

    def test_seeds_and_samples_differ(self):
        with engine() as made, engine(seed=8) as other:
            image = made.batch(0).image
            self.assertFalse(np.array_equal(image[0], image[1]))
            self.assertFalse(np.array_equal(image, other.batch(0).image))

    def test_equal_to_the_files_of_the_tool(self):
        tool = ROOT / "artifacts/bin/GpuSynth.Cli/release/GpuSynth.Cli.dll"
        if not tool.is_file():
            self.skipTest("the tool's files beside the engine's batches: tools/GpuSynth.Cli is not built")
        with tempfile.TemporaryDirectory() as folder, engine(size=32) as made:
            subprocess.run(
                ["dotnet", tool, "generate", "--preset", "rasd-3d", "--size", "32", "--count", "4", "--seed", "7", "--format",
                 "npz", "--out", Path(folder, "corpus")], check=True, capture_output=True)
            files = sorted(Path(folder, "corpus").glob("*.npz"))
            self.assertEqual(len(files), 4)
            for n, file in enumerate(files):
                image, label = made.batch(n // 2)
                with np.load(file) as sample:
                    np.testing.assert_array_equal(sample["image"].reshape(made.shape), image[n % 2, 0])
                    np.testing.assert_array_equal(sample["label"].reshape(made.shape), label[n % 2])

    def test_the_largest_step_is_made_and_the_next_refused(self):
        with engine() as made:
            self.assertEqual(made.batch(2**63 - 1).image.shape[0], 2)
            self.assertEqual(made.drawn(1)["anatomy"], 2**64 - 1)
            with self.assertRaises(gpusynth.InvalidArgumentError):
                made.batch(2**63)

    def test_drawn(self):
        with engine() as made:
            with self.assertRaises(gpusynth.InvalidArgumentError):
                made.drawn(0)
            made.batch(5)
            drawn = made.drawn(1)
            self.assertEqual((drawn["seed"], drawn["anatomy"], drawn["appearance"]), (7, 11, 11))
            self.assertEqual(drawn["labelCount"], made.labels)
            for wrong in (2, -1):
                with self.assertRaises(gpusynth.InvalidArgumentError):
                    made.drawn(wrong)


class AddressTests(unittest.TestCase):
    def test_batches_lie_in_the_slots_in_turn(self):
        with engine(slots=2) as made:
            first = [(batch.image.ctypes.data, batch.label.ctypes.data) for batch in map(made.batch, range(2))]
            later = [(batch.image.ctypes.data, batch.label.ctypes.data) for batch in map(made.batch, range(2, 6))]
            self.assertEqual(later, first * 2)
            self.assertEqual(len({address for pair in first for address in pair}), 4)
            self.assertEqual([slot.image_address for slot in made._own._slots], [image for image, _ in first])
            self.assertTrue(all(image % 64 == 0 for image, _ in first))

    def test_a_batch_is_overwritten_and_its_copy_is_not(self):
        with engine(slots=2) as made:
            batch = made.batch(0)
            image, label = batch
            copy = batch.copy()
            made.batch(1)
            np.testing.assert_array_equal(image, copy.image)
            made.batch(2)
            self.assertFalse(np.array_equal(image, copy.image))
            made.batch(0)
            made.batch(0)
            np.testing.assert_array_equal(image, copy.image)
            np.testing.assert_array_equal(label, copy.label)

    def test_memory_outlives_the_engine(self):
        with engine() as made:
            image = made.batch(0).image
        self.assertEqual(image.min(), 0)

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_torch_tensors_over_the_same_memory(self):
        with engine(as_torch=True, slots=2) as made:
            image, label = made.batch(0)
            self.assertEqual((image.dtype, label.dtype), (torch.float32, torch.uint8))
            self.assertEqual(image.data_ptr(), made._own._slots[0].image_address)
            self.assertEqual(np.from_dlpack(image).ctypes.data, image.data_ptr())
            with engine() as other:
                np.testing.assert_array_equal(other.batch(0).image, image.numpy())
            self.assertNotEqual(made.batch(0).copy().image.data_ptr(), made._own._slots[1].image_address)


class GenerateTests(unittest.TestCase):
    def memory(self, count=2, shape=(17, 20, 33)):
        return np.full((count, 1, *shape), -1, np.float32), np.full((count, *shape), 255, np.uint8)

    def test_numbers_and_pairs(self):
        with engine() as made:
            image, label = self.memory()
            made.generate([[4, 4], [4, 9]], image, label)
            np.testing.assert_array_equal(label[0], label[1])
            self.assertFalse(np.array_equal(image[0], image[1]))
            other, other_label = self.memory(1)
            made.generate(np.array([4]), other, other_label)
            np.testing.assert_array_equal(other[0], image[0])

    def test_memory_around_is_left_alone(self):
        with engine() as made:
            image, label = self.memory(4)
            made.generate([0, 1], image[1:3], label[1:3])
            self.assertTrue((image[[0, 3]] == -1).all() and (label[[0, 3]] == 255).all() and (image[1:3] >= 0).all())

    def test_refusals(self):
        with engine() as made:
            image, label = self.memory()
            fixed = image.copy()
            fixed.flags.writeable = False
            table = [
                ([0, 1, 2], *self.memory(3)), ([], image, label), ([0.5, 1], image, label), ([-1, 0], image, label),
                ([[0, 1, 2]], image, label), ([0, 2**64], image, label), ("ab", image, label), (None, image, label),
                ([0, 1], image[:1], label), ([0, 1], image, label[:1]), ([0, 1], image[:, 0], label),
                ([0, 1], image.astype(np.float64), label), ([0, 1], image, label.astype(np.int8)),
                ([0, 1], image[..., ::-1], label), ([0, 1], fixed, label), ([0, 1], None, label), ([0, 1], image.tolist(), label),
                ([0, 1], image.byteswap().view(image.dtype.newbyteorder()), label),
            ]
            for number, (keys, to_image, to_label) in enumerate(table):
                with self.subTest(number), self.assertRaises(gpusynth.InvalidArgumentError):
                    made.generate(keys, to_image, to_label)
            self.assertTrue((image == -1).all() and (label == 255).all())

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_tensors(self):
        with engine() as made:
            image, label = map(torch.from_numpy, self.memory())
            made.generate([0, 1], image, label)
            np.testing.assert_array_equal(image.numpy(), made.batch(0).image)
            for wrong in (image.double(), image.transpose(3, 4), image.clone().requires_grad_(), image.to("meta")):
                with self.assertRaises(gpusynth.InvalidArgumentError):
                    made.generate([0, 1], wrong, label)


class RefusalTests(unittest.TestCase):
    def test_bad_options_say_what_to_do(self):
        table = [
            (gpusynth.PlanError, "presets are", dict(preset="rasd-4d")),
            (gpusynth.PlanError, "dimensions", dict(size=(32, 32))),
            (gpusynth.InvalidArgumentError, "size is 0", dict(size=0)),
            (gpusynth.InvalidArgumentError, "size is -3", dict(size=(17, -3, 9))),
            (gpusynth.InvalidArgumentError, "4 numbers", dict(size=(1, 2, 3, 4))),
            (TypeError, "size", dict(size="96")),
            (TypeError, "size", dict(size=9.5)),
            (TypeError, "size", dict(size=None)),
            (gpusynth.InvalidArgumentError, "batch is 0", dict(batch=0)),
            (gpusynth.InvalidArgumentError, "batch", dict(batch=2**31)),
            (gpusynth.InvalidArgumentError, "seed is -1", dict(seed=-1)),
            (gpusynth.InvalidArgumentError, "seed", dict(seed=2**64)),
            (TypeError, "seed", dict(seed="7")),
            (gpusynth.InvalidArgumentError, "threads", dict(threads=-1)),
            (gpusynth.InvalidArgumentError, "slots", dict(slots=0)),
            (gpusynth.InvalidArgumentError, "image_format", dict(image_format="float64")),
            (gpusynth.PlanError, "GPU", dict(image_format="float16")),
            (gpusynth.PlanError, "device", dict(device="tpu")),
            (gpusynth.PlanError, "folder", dict(labels="/no/such/folder")),
            (TypeError, "device", dict(device=None)),
            (gpusynth.InvalidArgumentError, "zero character", dict(preset="rasd\0")),
            (gpusynth.InvalidArgumentError, "Unicode", dict(preset="\ud800")),
            (gpusynth.InvalidArgumentError, "preset and recipe", dict(preset=None)),
            (gpusynth.InvalidArgumentError, "preset and recipe", dict(recipe=PAGE)),
            (gpusynth.InvalidArgumentError, "cannot be read", dict(preset=None, recipe="/no/such/file.yaml")),
            (gpusynth.PlanError, "recipe", dict(preset=None, recipe=PAGE)),
        ]
        for error, words, options in table:
            with self.subTest(options=options), self.assertRaisesRegex(error, words):
                engine(**options)

    def test_a_device_that_is_not_there(self):
        for device in ("opencl:97", "cuda:97"):
            with self.subTest(device), self.assertRaisesRegex(gpusynth.GpuSynthError, device):
                engine(device=device, as_torch=False)

    def test_bad_steps(self):
        with engine() as made:
            for error, step in ((gpusynth.InvalidArgumentError, -1), (TypeError, 0.5), (TypeError, "1"), (TypeError, None)):
                with self.subTest(step), self.assertRaises(error):
                    made.batch(step)

    def test_closed(self):
        made = engine()
        made.close()
        made.close()
        for call in (lambda: made.batch(0), lambda: made.drawn(0), made.ring):
            with self.assertRaises(gpusynth.StaleError):
                call()

    def test_an_engine_that_was_not_made_is_deleted_quietly(self):
        broken = gpusynth.Engine.__new__(gpusynth.Engine)
        del broken


class DebugTests(unittest.TestCase):
    def test_a_stale_batch_raises_and_its_arrays_are_poisoned(self):
        with engine(slots=2, debug=True) as made:
            batch = made.batch(0)
            image, label = batch
            made.batch(1)
            self.assertEqual(batch.image.min(), 0)
            last = made.batch(2)
            for use in (lambda: batch.image, lambda: batch.label, batch.copy, lambda: list(batch), lambda: batch[0]):
                with self.assertRaisesRegex(gpusynth.StaleBatchError, "slots"):
                    use()
            self.assertTrue(np.isnan(image).all() and (label == 255).all())
            self.assertEqual(last.image.min(), 0)

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_tensors_too(self):
        with engine(slots=1, debug=True, as_torch=True) as made:
            image, label = made.batch(0)
            made.batch(1)
            self.assertTrue(bool(image.isnan().all()) and bool((label == 255).all()))


class ManyTests(unittest.TestCase):
    slow = True

    def test_many_creations_leak_nothing(self):
        if not Path("/proc/self/statm").is_file():
            self.skipTest("memory of many engines: there is no /proc here")
        # By itself .NET collects its garbage, 20 kB per engine, each time it has some tens of megabytes of it; told to collect
        # every 4 MB, the process stays as it is after some 10,000 engines, but for a compilation or a late collection now and then.
        *sizes, threads = map(int, run_script("""
            import os, gpusynth

            def resident():
                with open("/proc/self/statm", encoding="ascii") as file:
                    return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

            def threads():
                return len(os.listdir("/proc/self/task"))

            sizes, before = [], 0
            for number in range(24_001):
                if number in (12_000, 16_000, 20_000, 24_000):
                    sizes.append(resident())
                    before = before or threads()
                made = gpusynth.Engine("rasd-3d", size=5, threads=1)
                if number % 10 == 0:
                    made.batch(0)
                if number % 2 == 0:
                    made.close()
            print(*sizes, threads() - before)
            """, DOTNET_GCgen0size="400000").split())
        grown = [(after - before) / 4_000 for before, after in zip(sizes, sizes[1:])]
        # A leak grows in every window.
        self.assertLess(min(grown), 100, f"bytes per engine: {grown}")
        self.assertLessEqual(threads, 2)

    def test_python_runs_while_samples_are_made(self):
        with engine(size=64, batch=8) as made:
            made.batch(0)
            ticks, done = 0, threading.Event()
            thread = threading.Thread(target=lambda: (made.batch(1), done.set()))
            thread.start()
            while not done.is_set():
                ticks += 1
                time.sleep(0.001)
            thread.join()
            self.assertGreater(ticks, 3)

    def test_threads_share_an_engine(self):
        with engine() as made:
            wanted = [made.batch(n).copy() for n in range(4)]
            wrong = []

            def work(n):
                image, label = np.empty_like(wanted[0].image), np.empty_like(wanted[0].label)
                for _ in range(10):
                    made.generate([2 * n, 2 * n + 1], image, label)
                    if not np.array_equal(image, wanted[n].image):
                        wrong.append(n)

            threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_structs_are_those_of_the_header(self):
        from gpusynth import _abi
        header = (ROOT / "src/GpuSynth.Native/include/gpusynth.h").read_text()
        types = {"uint32_t ": ctypes.c_uint32, "int32_t ": ctypes.c_int32, "int64_t ": ctypes.c_int64,
                 "uint64_t ": ctypes.c_uint64, "const char *": ctypes.c_char_p}
        for name, struct in (("gpusynth_options", _abi.Options), ("gpusynth_info", _abi.Info)):
            with self.subTest(name):
                size, body = re.search(rf"(\d+) bytes\.[^\n]*\ntypedef struct {name} {{(.*?)^}}", header, re.S | re.M).groups()
                fields = re.findall(r"^    (\S+ |const char \*)(\w+)(?:\[(\d+)\])?;", body, re.M)
                self.assertEqual(struct._fields_, [
                    (field, types[kind] * int(count) if count else types[kind]) for kind, field, count in fields])
                self.assertEqual(ctypes.sizeof(struct), int(size))


if __name__ == "__main__":
    unittest.main()
