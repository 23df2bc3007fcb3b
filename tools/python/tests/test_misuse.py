"""Odd arguments, engines closed while they work, forks in the middle: exceptions, and never a crash or a wait for ever."""
import copy
import os
import pickle
import shutil
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np
from support import NO_TORCH, engine, gpusynth, run_script, torch

MAKE = "import gpusynth\nengine = gpusynth.Engine(preset='rasd-3d', size=9, batch=2, threads=1)\n"


class ArgumentTests(unittest.TestCase):
    def test_options(self):
        table = [
            (gpusynth.PlanError, "memory", dict(size=1, batch=2**31 - 1)),
            (TypeError, "recipe is a int", dict(preset=None, recipe=0)),
            (gpusynth.InvalidArgumentError, "cannot be read", dict(preset=None, recipe="a\0b")),
            (gpusynth.InvalidArgumentError, "cannot be read", dict(preset=None, recipe=tempfile.gettempdir())),
            (TypeError, "labels is a int", dict(labels=5)),
            (TypeError, "size is a ndarray", dict(size=np.array(9.5))),
            (TypeError, "size is a list", dict(size=[[9]])),
            (TypeError, "size is a float", dict(size=(9, 9.5, 9))),
        ]
        for error, words, options in table:
            with self.subTest(options=options), self.assertRaisesRegex(error, words):
                engine(**options)

    def test_numbers_of_every_kind(self):
        for options in (dict(size=np.array([17, 20, 33])), dict(size=np.int16(17), batch=np.uint8(2), seed=np.uint64(2**64 - 1)),
                        dict(size=range(17, 20)), dict(size=np.array(17), slots=np.int64(1)), dict(size=(1, 1, 1), batch=True)):
            with self.subTest(options=options), engine(**options) as made:
                self.assertEqual(made.batch(0).image.shape, (made.info.batch, 1, *made.shape))

    def test_recipes_that_are_deep_or_large(self):
        for text in ("a: " + "[" * 200_000, "{a: " * 100_000, "- " * 100_000, "? " * 50_000, "a: &a [*a]", "\0", "\x01",
                     "a" * 2**21):
            with self.subTest(text[:20]), self.assertRaises((gpusynth.PlanError, gpusynth.InvalidArgumentError)):
                engine(preset=None, recipe=text + "\n")

    def test_keys_and_memory(self):
        with engine() as made:
            image, label = made.batch(0).copy()
            shape = image.shape
            tables = ([[1, 2], [3]], np.array(5), np.zeros((0, 2), int), np.zeros(10**6, int), [True, False], [2**70], [None, 1],
                      np.zeros(2, [("a", "i8")]), np.array([1, 2], "m8[s]"), {1, 2}, b"ab", iter([1]))
            for number, keys in enumerate(tables):
                with self.subTest(number), self.assertRaises(gpusynth.InvalidArgumentError):
                    made.generate(keys, image, label)
            with tempfile.NamedTemporaryFile() as file:
                file.write(image.tobytes())
                file.flush()
                mapped = np.memmap(file.name, np.float32, "r", shape=shape)
                unaligned = np.zeros(image.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(shape)
                arrays = (mapped, unaligned, np.broadcast_to(np.float32(0), shape), np.asfortranarray(image), memoryview(image),
                          bytearray(image), image.view([("a", "f4")]), np.frombuffer(image.tobytes(), np.float32).reshape(shape))
                for number, array in enumerate(arrays):
                    with self.subTest(number), self.assertRaises(gpusynth.InvalidArgumentError):
                        made.generate([0, 1], array, label)
                del mapped, arrays
                writeable = np.memmap(file.name, np.float32, "r+", shape=shape)
                made.generate(np.ma.array([4, 5]), writeable, label)
                np.testing.assert_array_equal(writeable, made.batch(2).image)

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_tensors(self):
        with engine() as made:
            image, label = map(torch.from_numpy, made.batch(0).copy())
            empty = image.clone()
            empty.storage().resize_(0)
            for number, wrong in enumerate((image.to_sparse(), empty, torch.quantize_per_tensor(image, 1, 0, torch.quint8),
                                            torch.nn.Parameter(image), torch.zeros(1, 1, 1, 1, 1).expand(image.shape))):
                with self.subTest(number), self.assertRaises(gpusynth.InvalidArgumentError):
                    made.generate([0, 1], wrong, label)

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_loaders(self):
        with engine() as made:
            loader = gpusynth.torch.DataLoader(made)
            for state in (None, 5, [], "version", {"version": 1, "sample": 0}):
                with self.subTest(state), self.assertRaises(gpusynth.InvalidArgumentError):
                    loader.load_state_dict(state)
            for given, place in ((5, {}), (made, dict(rank=0.5, world_size=2)), (made, dict(rank="0", world_size="1"))):
                with self.subTest(place=place), self.assertRaises(TypeError):
                    gpusynth.torch.DataLoader(given, **place)
            with self.assertRaisesRegex(TypeError, "size"):
                gpusynth.torch.SynthesisDataset(preset="rasd-3d")

    def test_copies_and_pickles(self):
        with engine() as made:
            things = [made, made.ring()] + ([] if torch is None else [gpusynth.torch.DataLoader(made)])
            for thing in things:
                for name in (copy.copy, copy.deepcopy, pickle.dumps):
                    with self.subTest(f"{name} {thing}"), self.assertRaisesRegex(TypeError, "SynthesisDataset"):
                        name(thing)
            batch = made.batch(0)
            again = pickle.loads(pickle.dumps(batch))
            np.testing.assert_array_equal(batch.image, again.image)


class MemoryTests(unittest.TestCase):
    @unittest.skipIf(torch is None, NO_TORCH)
    @unittest.skipUnless(hasattr(os, "posix_fallocate"), "shared memory that runs out: this system cannot reserve any")
    def test_a_worker_without_shared_memory_says_so(self):
        printed = run_script("""
            import errno, os, torch
            import gpusynth.torch
            sizes = []
            def refuse(fd, start, size):
                sizes.append((start, size, os.fstat(fd).st_size))
                if len(sizes) > 2:
                    raise OSError(errno.ENOSPC, 'No space left on device')
            os.posix_fallocate = refuse
            class Told(gpusynth.torch.SynthesisDataset):
                def __iter__(self):
                    for item in super().__iter__():
                        yield item
                        print(sizes, flush=True)
            dataset = Told(preset='rasd-3d', size=9, batch=2, threads=1, samples=8)
            try:
                list(torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=1, multiprocessing_context='fork'))
            except gpusynth.GenerationError as error:
                print(error)
            """)
        self.assertIn(f"[(0, {2 * 9 ** 3 * 4}, {2 * 9 ** 3 * 4}), (0, {2 * 9 ** 3}, {2 * 9 ** 3})]", printed)
        self.assertIn("--shm-size", printed)


class CloseTests(unittest.TestCase):
    slow = True

    def test_closed_while_threads_use_it(self):
        made = engine(size=48, batch=4)
        started, said = threading.Barrier(4), []

        def work():
            started.wait()
            try:
                while True:
                    made.batch(0)
            except gpusynth.StaleError as error:
                said.append(str(error))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        started.wait()
        made.batch(1)
        made.close()
        for thread in threads:
            thread.join()
        self.assertEqual(said, ["The engine is closed; make another."] * 3)

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_closed_in_a_loop(self):
        made = engine()
        with self.assertRaisesRegex(gpusynth.StaleError, "is closed"):
            for number, _ in enumerate(gpusynth.torch.DataLoader(made)):
                if number == 2:
                    made.close()

    def test_a_ring_and_its_batches_outlive_the_name_of_the_engine(self):
        ring = engine().ring()
        batch = ring.fill(0)
        del ring
        self.assertEqual(batch.image.min(), 0)

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_the_process_ends_while_batches_are_made(self):
        # Kept until the interpreter goes, thread and all.
        self.assertEqual(run_script("""
            import sys
            import gpusynth.torch
            engine = gpusynth.Engine(preset='rasd-3d', size=64, batch=8)
            sys.kept = iter(gpusynth.torch.DataLoader(engine, slots=4))
            next(sys.kept)
            """), "")

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_an_interrupt_leaves_the_loader_as_it_was(self):
        printed = run_script("""
            import os, signal, threading
            import gpusynth.torch
            engine = gpusynth.Engine(preset='rasd-3d', size=64, batch=16, threads=1)
            loader = gpusynth.torch.DataLoader(engine)
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
            taken = 0
            try:
                for _ in loader:
                    taken += 1
            except KeyboardInterrupt:
                print(loader.state_dict()['step'] - taken, threading.active_count())
            next(iter(loader))
            print(loader.state_dict()['step'] - taken)
            """)
        self.assertIn(printed.split(), (["0", "1", "1"], ["1", "1", "2"]))


@unittest.skipUnless(hasattr(os, "fork"), "fork: this system has none")
class ForkTests(unittest.TestCase):
    slow = True

    # A child that waits for ever is ended by its alarm, and its status says so.
    CHILD = """
import os, signal, sys, threading
def forked(calls):
    sys.stdout.flush()               # Or the child would print it too.
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        refused = 0
        for call in calls:
            try:
                call()
            except gpusynth.ForkedProcessError as error:
                refused += 'spawn' in str(error)
        sys.exit(refused)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
def hold(lock):
    held, done = threading.Event(), threading.Event()
    def work():
        with lock:
            held.set()
            done.wait()
    threading.Thread(target=work).start()
    held.wait()
    return done.set
"""

    def test_locks_that_another_thread_holds(self):
        printed = run_script(MAKE + self.CHILD + """
from gpusynth import _runtime
for lock in (engine._lock, _runtime._lock):
    free = hold(lock)
    print(forked([lambda: engine.batch(0), lambda: engine.drawn(0), lambda: engine.generate([0], None, None),
                  lambda: gpusynth.Engine(preset='rasd-3d', size=9), engine.close]))
    free()
print(engine.batch(0).image.min())
""".replace("engine.generate([0], None, None)", "engine.ring()"))
        self.assertEqual(printed.split(), ["5", "5", "0.0"])

    def test_while_another_thread_starts_the_runtime(self):
        printed = run_script("import gpusynth\n" + self.CHILD + """
from gpusynth import _runtime
make = lambda: gpusynth.Engine(preset='rasd-3d', size=9, threads=1).batch(0)
free = hold(_runtime._lock)      # Nothing has started: the child may start a runtime of its own.
print(forked([make]))
_runtime._pid = os.getpid()      # It is starting: the child may not.
print(forked([make]))
free()
""")
        self.assertEqual(printed.split(), ["0", "1"])

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_in_a_loop(self):
        printed = run_script("import gpusynth.torch\n" + MAKE + self.CHILD + """
loader = gpusynth.torch.DataLoader(engine)
batches = iter(loader)
next(batches)
print(forked([lambda: next(batches), lambda: next(iter(loader)), loader.state_dict]), next(batches)['image'].min().item())
batches.close()
""")
        self.assertEqual(printed.split(), ["2", "0.0"])


class FileTests(unittest.TestCase):
    slow = True

    def test_an_engine_whose_files_are_not_whole(self):
        whole = gpusynth._runtime.find_engine()
        script = """
            import gpusynth
            for _ in range(2):
                try:
                    gpusynth.Engine(preset='rasd-3d', size=9, threads=1)
                except gpusynth.GpuSynthError as error:
                    print(type(error).__name__)
            """
        libraries = ("GpuSynth.dll", "GpuSynth.Kernels.dll", "GpuSynth.Native.dll")
        table = [(name, size, "EngineNotFoundError") for name in libraries for size in (None, 2000)]
        table += [("GpuSynth.Native.runtimeconfig.json", size, "EngineNotFoundError") for size in (None, 0, 100)]
        table += [("YamlDotNet.dll", None, "DefectError"), ("GpuSynth.Native.deps.json", 100, "EngineNotFoundError")]
        for name, size, error in table:
            with self.subTest(f"{name} of {size} bytes"), tempfile.TemporaryDirectory() as folder:
                shutil.copytree(whole, folder, dirs_exist_ok=True)
                file = Path(folder, name)
                file.unlink() if size is None else os.truncate(file, size)
                self.assertEqual(run_script(script, GPUSYNTH_ENGINE=folder).split(), [error] * 2)


if __name__ == "__main__":
    unittest.main()
