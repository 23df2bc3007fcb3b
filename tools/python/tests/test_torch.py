"""Loaders and ranks: whatever their number, the sequence is that of a single process."""
import json
import os
import types
import unittest

import numpy as np
from support import NO_TORCH, engine, gpusynth, run_script, torch

OPTIONS = dict(preset="rasd-3d", size=9, batch=2, seed=3, threads=1)
# Prints a checksum per sample, in the order in which they come.
SUMS = """
import json, sys, zlib, torch
import gpusynth.torch
def sums(batches):
    for batch in batches:
        image, label = batch['image'], batch['label']
        assert image.dim() == label.dim() == 5 and label.dtype == torch.uint8 and image.dtype == torch.float32
        for n in range(len(image)):
            yield zlib.crc32(label[n].numpy(), zlib.crc32(image[n].numpy()))
"""


def script(body, **environment):
    """The numbers that a script in a process of its own printed."""
    return json.loads(run_script(SUMS + body, **environment))


class PlaceTests(unittest.TestCase):
    def test_environments(self):
        place = gpusynth.distributed.place
        table = [
            ({}, (0, 1)), ({"RANK": "3", "WORLD_SIZE": "4"}, (3, 4)), ({"SLURM_PROCID": "1", "SLURM_NTASKS": "2"}, (1, 2)),
            ({"JOB_COMPLETION_INDEX": "5", "WORLD_SIZE": "8"}, (5, 8)),
            ({"JOB_COMPLETION_INDEX": "5", "JOB_COMPLETIONS": "6"}, (5, 6)),
            ({"RANK": "0", "WORLD_SIZE": "2", "SLURM_PROCID": "1", "SLURM_NTASKS": "9"}, (0, 2)), ({"WORLD_SIZE": "4"}, (0, 1)),
        ]
        for environment, wanted in table:
            self.assertEqual(place(environment=environment), wanted)
        self.assertEqual(place(1, 2, {"RANK": "0", "WORLD_SIZE": "9"}), (1, 2))
        for wrong in ({"RANK": "1"}, {"RANK": "2", "WORLD_SIZE": "2"}, {"RANK": "-1", "WORLD_SIZE": "2"},
                      {"RANK": "a", "WORLD_SIZE": "2"},
                      {"JOB_COMPLETION_INDEX": "0"}, {"SLURM_PROCID": "0"}):
            with self.assertRaises(gpusynth.InvalidArgumentError):
                place(environment=wrong)
        with self.assertRaises(gpusynth.InvalidArgumentError):
            place(1)

    def test_array_jobs(self):
        def slurm(*values):
            names = ("ID", "MIN", "MAX", "STEP", "COUNT")
            return {f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in zip(names, values) if value is not None}

        place = gpusynth.distributed.array_place
        ranks = {"SLURM_PROCID": "0", "SLURM_NTASKS": "4"}
        table = [
            ({}, (0, 1)), ({"JOB_COMPLETION_INDEX": "5", "JOB_COMPLETIONS": "6"}, (5, 6)), (ranks, (0, 4)),
            (slurm(0, 0, 9, 1, 10), (0, 10)), (slurm(3, 1, 9, 1, 9), (2, 9)), (slurm(15, 5, 20, 5, 4), (2, 4)),
            (slurm(17, 17, 17, 1, 1), (0, 1)), ({**slurm(7, 6, 7, 1, 2), **ranks}, (1, 2)),
        ]
        for environment, wanted in table:
            self.assertEqual(place(environment=environment), wanted)
        self.assertEqual(place(1, 2, slurm(0, 0, 9, 1, 10)), (1, 2))
        # The array 1,2,7: every element refuses, not only the one that is out of place.
        for wrong in (slurm(1, 1, 7, 1, 3), slurm(7, 1, 7, 1, 3), slurm(6, 5, 20, 5, 4), slurm(25, 5, 20, 5, 4),
                      slurm(0, 0, 9, 0, 10), slurm(0), slurm("a", 0, 9, 1, 10), slurm(0, 0, 9, 1), {"JOB_COMPLETION_INDEX": "0"}):
            with self.assertRaises(gpusynth.InvalidArgumentError):
                place(environment=wrong)
        for half in ({"task": 1}, {"tasks": 2}):
            with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "task and tasks"):
                place(**half)


@unittest.skipIf(torch is None, NO_TORCH)
class LoaderTests(unittest.TestCase):
    def images(self, loader, count):
        return [batch["image"].clone() for batch, _ in zip(loader, range(count))]

    def assert_same(self, first, second):
        self.assertEqual(len(first), len(second))
        for one, other in zip(first, second):
            np.testing.assert_array_equal(one.numpy(), other.numpy())

    def test_the_sequence_of_the_engine(self):
        with engine(as_torch=True) as made:
            seen = self.images(gpusynth.torch.DataLoader(made, steps=5, rank=0, world_size=1), 9)
            self.assert_same(seen, [made.batch(step).image.clone() for step in range(5)])

    def test_dictionaries_over_slots(self):
        with engine() as made:
            addresses = []
            for batch in gpusynth.torch.DataLoader(made, steps=6, slots=3):
                self.assertEqual(batch["image"].shape, (2, 1, 17, 20, 33))
                self.assertEqual(batch["label"].shape, (2, 1, 17, 20, 33))
                addresses.append(batch["image"].data_ptr())
            self.assertEqual(addresses[:3], addresses[3:])
            self.assertEqual(len(set(addresses)), 3)

    def test_a_batch_stays_until_the_next_is_asked_for(self):
        import time
        with engine() as made:
            loader = iter(gpusynth.torch.DataLoader(made))
            batch = next(loader)
            copy = batch["image"].clone()
            time.sleep(0.2)
            self.assert_same([batch["image"]], [copy])
            loader.close()

    def test_two_ranks_in_turn_are_one_process(self):
        with engine() as made:
            whole = self.images(gpusynth.torch.DataLoader(made, steps=6, rank=0, world_size=1), 6)
            parts = [self.images(gpusynth.torch.DataLoader(made, steps=3, rank=rank, world_size=2), 3) for rank in (0, 1)]
            self.assert_same(whole, [parts[n % 2][n // 2] for n in range(6)])

    def test_state(self):
        with engine() as made, engine(batch=1) as single:
            loader = gpusynth.torch.DataLoader(made, start=3)
            self.images(loader, 3)
            state = json.loads(json.dumps(loader.state_dict()))
            rest = self.images(loader, 2)
            # zip has taken one batch more than it gave.
            self.assertEqual(state["step"], 4)
            again = gpusynth.torch.DataLoader(made)
            again.load_state_dict(state)
            self.assert_same(self.images(again, 2), rest)
            smaller = gpusynth.torch.DataLoader(single)
            smaller.load_state_dict(state)
            self.assert_same(self.images(smaller, 1), [rest[0][:1]])
            for wrong in ({}, {"version": 2, "sample": 0, "step": 0}, {"version": 1, "sample": -1, "step": 0}):
                with self.assertRaises(gpusynth.InvalidArgumentError):
                    loader.load_state_dict(wrong)

    def test_an_error_of_the_thread_is_raised(self):
        with engine() as made:
            with self.assertRaises(gpusynth.InvalidArgumentError):
                next(iter(gpusynth.torch.DataLoader(made, start=2**64 - 1)))
            loader = iter(gpusynth.torch.DataLoader(made))
            next(loader)
            made.close()
            with self.assertRaises(gpusynth.StaleError):
                for _ in range(4):
                    next(loader)

    def test_a_loop_that_is_left_ends_its_thread(self):
        import threading
        with engine() as made:
            for _ in gpusynth.torch.DataLoader(made):
                break
        self.assertFalse([thread for thread in threading.enumerate() if thread.name == "gpusynth-prefetch"])


@unittest.skipIf(torch is None, NO_TORCH)
class DatasetTests(unittest.TestCase):
    slow = True

    @classmethod
    def setUpClass(cls):
        # 11 samples are 5 blocks of 2 and one of 1.
        with gpusynth.Engine(**OPTIONS) as made:
            space = {}
            exec(SUMS, space)
            batches = ({name: torch.as_tensor(value) for name, value in zip(("image", "label"), made.batch(step).copy())}
                       for step in range(6))
            cls.wanted = list(space["sums"]({**batch, "label": batch["label"].unsqueeze(1)} for batch in batches))[:11]

    def sums(self, workers, method=None, environment={}, **more):
        return script(f"""
if __name__ == '__main__':
    dataset = gpusynth.torch.SynthesisDataset(**{OPTIONS | {"samples": 11} | more})
    loader = torch.utils.data.DataLoader(
        dataset, batch_size={None if more.get("batched", True) else 2}, num_workers={workers}, multiprocessing_context={method!r})
    print(json.dumps(list(sums(loader))))
""", **environment)

    def test_a_single_process(self):
        self.assertEqual(self.sums(0), self.wanted)

    def test_two_forked_workers(self):
        self.assertEqual(self.sums(2, "fork"), self.wanted)

    def test_two_spawned_workers(self):
        self.assertEqual(self.sums(2, "spawn"), self.wanted)

    def test_single_samples_and_three_workers(self):
        self.assertEqual(self.sums(3, "fork", batched=False), self.wanted)

    def test_two_ranks_with_two_workers_each(self):
        ranks = [self.sums(2, "fork", {"RANK": str(rank), "WORLD_SIZE": "2"}, samples=12) for rank in (0, 1)]
        merged = [ranks[n // 2 % 2][n // 4 * 2 + n % 2] for n in range(12)]
        self.assertEqual(merged[:11], self.wanted)

    def test_workers_send_shared_memory(self):
        printed = run_script(f"""
            import torch, gpusynth.torch
            class Shared(gpusynth.torch.SynthesisDataset):
                def __iter__(self):
                    for item in super().__iter__():
                        yield item | {{'shared': item['image'].is_shared() and item['label'].is_shared()}}
            loader = torch.utils.data.DataLoader(Shared(samples=4, **{OPTIONS}), batch_size=None, num_workers=1)
            print([item['shared'] for item in loader])
            """)
        self.assertEqual(printed.strip(), "[True, True]")

    def test_forked_workers_after_a_start_say_what_to_do(self):
        printed = run_script(f"""
            import torch, gpusynth.torch
            gpusynth.Engine(**{OPTIONS})
            dataset = gpusynth.torch.SynthesisDataset(samples=4, **{OPTIONS})
            try:
                list(torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=1))
            except gpusynth.ForkedProcessError as error:
                print(error)
            """)
        self.assertIn("spawn", printed)

    def test_workers_make_nothing_on_a_gpu(self):
        dataset = gpusynth.torch.SynthesisDataset(samples=4, device="cuda:0", **OPTIONS)
        with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "num_workers=0"):
            list(torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=1, multiprocessing_context="fork"))

    def test_refusals(self):
        make = gpusynth.torch.SynthesisDataset
        for options in ({"bach": 2}, {"as_torch": True}):
            with self.assertRaises(TypeError):
                make(**{**OPTIONS, **options})
        for options in ({"start": -1}, {"rank": 2}, {"batch": 0}):
            with self.assertRaises(gpusynth.InvalidArgumentError):
                make(**{**OPTIONS, **options})


class RecordedAbi:
    """Notes the order of calls in place of making them."""
    def __init__(self, calls):
        self.calls = calls

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, *arguments[1:])) or 0

    def check(self, code):
        assert code == 0


def interface(shape, kind, **more):
    """What has nothing but __cuda_array_interface__; its address is never looked at here."""
    return types.SimpleNamespace(__cuda_array_interface__={
        "shape": shape, "typestr": kind, "data": (64, False), "version": 3, "strides": None, "stream": None, **more})


@unittest.skipIf(torch is None, NO_TORCH)
class StreamTests(unittest.TestCase):
    """Without a GPU: the calls that would order its streams."""

    def calls(self, use):
        """What an engine of one sample with slots on a GPU calls; its slots are the host's here."""
        with engine(as_torch=True, batch=1, size=9) as made:
            # Where samples lie is asked for once.
            made.ring(1).fill(0)
            calls, functions = [], made._abi
            slots = [made._new_slot() for _ in range(2)]
            order = {slot.image_address: n for n, slot in enumerate(slots)}
            free = iter(slots)
            made._abi, made._stream, made._new_slot, made._on_device = RecordedAbi(calls), lambda: 5, lambda: next(free), True
            made._device = "cuda:0"
            use(made)
            made._abi, made._on_device = functions, False
        return [(name, order.get(more[2], more[2]) if name == "generate" else more[0] if more else None)
                for name, *more in calls]

    def test_a_batch_comes_after_the_stream_and_before_what_follows(self):
        def use(made):
            made.batch(0)
            made.batch(1)

        one = [("await_stream", 5), ("generate", 0), ("stream_awaits", 5)]
        self.assertEqual(self.calls(use), [*one, one[0], ("generate", 1), one[2]])

    def test_the_loader_enqueues_the_next_batch_behind_the_one_before(self):
        def use(made):
            self.assertEqual(len(list(gpusynth.torch.DataLoader(made, steps=3))), 3)

        # The stream waits for batch n before batch n + 1 is enqueued, which waits for what the stream did with batch n - 1.
        one = [("await_stream", 5), ("generate", 0), ("stream_awaits", 5)]
        two = [("await_stream", 5), ("generate", 1), ("stream_awaits", 5)]
        self.assertEqual(self.calls(use), [*one, *two, *one])

    def test_an_array_of_another_library_comes_after_its_stream_and_is_there(self):
        def use(made):
            made.generate([0], interface((1, 1, 9, 9, 9), "<f4", stream=7), interface((1, 9, 9, 9), "|u1"))

        self.assertEqual(self.calls(use), [
            ("await_stream", 7), ("await_stream", 5), ("generate", 64), ("stream_awaits", 5), ("complete", None)])

    def test_a_tensor_of_dlpack_is_in_the_order_of_torch(self):
        class Foreign:
            """What torch reads through DLPack only; the host's memory stands for a GPU's."""
            def __init__(self, tensor):
                self.tensor = tensor

            def __dlpack__(self, stream=None):
                return self.tensor.__dlpack__()

            def __dlpack_device__(self):
                return self.tensor.__dlpack_device__()

        image, label = torch.zeros(1, 1, 9, 9, 9), torch.zeros(1, 9, 9, 9, dtype=torch.uint8)
        with engine(as_torch=True) as made:
            looked = gpusynth.engine.look_at(Foreign(image), made._torch)
            self.assertEqual((looked.address, looked.shape, looked.is_ordered), (image.data_ptr(), tuple(image.shape), True))
            self.assertIsNone(gpusynth.engine.look_at(Foreign(image), None))

        def use(made):
            # Memory of the host is not the engine's device.
            with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "on host"):
                made.generate([0], Foreign(image), Foreign(label))

        self.assertEqual(self.calls(use), [])

    def test_arrays_that_cannot_be_written(self):
        def use(made):
            image, label = interface((1, 1, 9, 9, 9), "<f4"), interface((1, 9, 9, 9), "|u1")
            dense = interface((1, 1, 9, 9, 9), "<f4", strides=(4, 2916, 324, 36, 4))
            made.generate([0], dense, label)
            table = [
                (interface((1, 1, 9, 9, 9), "<f4", strides=(2916, 2916, 36, 324, 4)), "contiguous"),
                (interface((1, 1, 9, 9, 9), ">f4"), "foreign byte order"),
                (interface((1, 1, 9, 9, 9), "<f8"), "float64"),
                (interface((1, 1, 9, 9), "<f4"), "shape"),
                (interface((1, 1, 9, 9, 9), "<f4", data=(64, True)), "read-only"),
                (interface((1, 1, 9, 9, 9), "<f4", mask=image), "masked"),
                (np.zeros((1, 1, 9, 9, 9), np.float32), "on host"),
            ]
            for array, words in table:
                with self.subTest(words), self.assertRaisesRegex(gpusynth.InvalidArgumentError, words):
                    made.generate([0], array, label)

        self.assertEqual(sum(name == "generate" for name, _ in self.calls(use)), 1)


@unittest.skipUnless(torch is not None and torch.cuda.is_available(), "gpusynth on a GPU: torch finds no CUDA device here")
class CudaTests(unittest.TestCase):
    """Slots on a GPU, in the order of torch's streams, beside the host's samples."""

    def assert_close(self, batch, wanted):
        self.assertLessEqual((batch[1].cpu() != wanted[1]).float().mean(), 1e-5)
        self.assertLessEqual((batch[0].cpu() - wanted[0]).abs().median(), 1e-5)

    def test_batches_are_the_hosts_and_lie_in_torchs_memory(self):
        with engine(size=48, device="cuda:0") as made, engine(size=48, as_torch=True) as host:
            for step in range(6):
                batch = made.batch(step)
                self.assertEqual(batch.image.data_ptr(), made._own._slots[step % 2].image_address)
                self.assertEqual(batch.image.__cuda_array_interface__["data"][0], batch.image.data_ptr())
                self.assertEqual(torch.from_dlpack(batch.image).data_ptr(), batch.image.data_ptr())
                self.assert_close(batch, host.batch(step))

    def test_a_dataset_makes_tensors_there(self):
        options = dict(preset="rasd-3d", size=48, batch=2, seed=7)
        dataset = gpusynth.torch.SynthesisDataset(samples=8, device="cuda:0", **options)
        with engine(as_torch=True, **options) as host:
            for step, item in enumerate(torch.utils.data.DataLoader(dataset, batch_size=None)):
                self.assert_close((item["image"], item["label"][:, 0]), host.batch(step))

    def test_work_on_other_streams_is_ordered(self):
        with engine(size=48, device="cuda:0") as made, engine(size=48, as_torch=True) as host:
            loader = iter(gpusynth.torch.DataLoader(made))
            with torch.cuda.stream(torch.cuda.Stream()):
                for step in range(6):
                    batch = next(loader)
                    torch.cuda._sleep(20_000_000)
                    copy = batch["image"].clone(), batch["label"][:, 0].clone()
                    self.assert_close(copy, host.batch(step))

    def test_memory_of_the_caller_through_both_protocols(self):
        class Foreign:
            def __init__(self, tensor, *names):
                self.__dict__.update({name: getattr(tensor, name) for name in names})

        with engine(size=48, device="cuda:0") as made, engine(size=48, as_torch=True) as host:
            for names in (("__dlpack__", "__dlpack_device__"), ("__cuda_array_interface__",)):
                image = torch.zeros(2, 1, 48, 48, 48, device="cuda")
                label = torch.zeros(2, 48, 48, 48, dtype=torch.uint8, device="cuda")
                made.generate([0, 1], Foreign(image, *names), Foreign(label, *names))
                self.assert_close((image, label), host.batch(0))


@unittest.skipIf(torch is None, NO_TORCH)
class ExampleTests(unittest.TestCase):
    slow = True

    def test_pretraining_goes_on_where_it_stopped(self):
        import subprocess
        import sys
        import tempfile
        from pathlib import Path
        from support import PACKAGE

        def run(*arguments):
            done = subprocess.run(
                [sys.executable, "-B", str(PACKAGE / "examples/pretrain_rasd.py"), "--size", "16", *arguments],
                text=True, check=True, capture_output=True,
                env={**os.environ, "PYTHONPATH": str(PACKAGE), "OMP_NUM_THREADS": "1"})
            return done.stdout.splitlines()

        with tempfile.TemporaryDirectory() as folder:
            out = str(Path(folder, "run"))
            self.assertEqual([line.split()[1] for line in run("--out", out, "--steps", "2")], ["1", "2"])
            self.assertEqual([line.split()[1] for line in run("--out", out, "--steps", "3")], ["3"])
            data = Path(out, "weights.safetensors").read_bytes()
            header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
            self.assertEqual(json.loads(header["__metadata__"]["network"])["kind"], "uNet")
            self.assertEqual(header["model.0.conv.unit0.conv.weight"]["shape"], [16, 1, 3, 3, 3])
            self.assertEqual(len(run("--out", str(Path(folder, "more")), "--steps", "1", "--init", out)), 1)


if __name__ == "__main__":
    unittest.main()
