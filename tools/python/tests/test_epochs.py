"""Epochs: how many batches there are, and that each has new samples, whoever iterates."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

import numpy as np
from support import NO_TORCH, PACKAGE, default_signals, gpusynth, run_script, torch

OPTIONS = dict(preset="rasd-3d", size=9, batch=2, seed=3, threads=1)
# torch finds that this machine has few cores.
QUIET = {"PYTHONWARNINGS": "ignore"}
# Prints a list of checksums of images per epoch.
EPOCHS = """
import json, sys, zlib
import torch
import gpusynth.torch

def epoch(loader, most=None):
    sums = []
    for batch in loader:
        sums.append(zlib.crc32(batch['image'].numpy()))
        if len(sums) == most:
            break
    return sums

"""


def wanted(first, count, batch=2):
    """Checksums of the images of the batches that begin at a sample."""
    with gpusynth.Engine(**{**OPTIONS, "batch": batch}) as made:
        ring = made.ring()
        return [zlib.crc32(ring.fill(first + batch * n).image) for n in range(count)]


@unittest.skipIf(torch is None, NO_TORCH)
class LoaderTests(unittest.TestCase):
    def sums(self, loader, most=None):
        sums = []
        for batch in loader:
            sums.append(zlib.crc32(batch["image"].numpy()))
            if len(sums) == most:
                break
        return sums

    def loader(self, made, **options):
        return gpusynth.torch.DataLoader(made, **{"rank": 0, "world_size": 1, **options})

    def test_every_epoch_has_new_batches(self):
        with gpusynth.Engine(**OPTIONS) as made:
            loader = self.loader(made, steps=3)
            self.assertEqual([self.sums(loader) for _ in range(3)], [wanted(6 * n, 3) for n in range(3)])
            self.assertEqual(loader.state_dict()["epoch"], 3)

    def test_an_epoch_that_was_left_costs_no_sample(self):
        with gpusynth.Engine(**OPTIONS) as made:
            loader = self.loader(made, steps=3)
            self.assertEqual(self.sums(loader, 1), wanted(0, 1))
            self.assertEqual(self.sums(loader), wanted(2, 3))

    def test_the_same_samples_where_they_are_asked_for(self):
        with gpusynth.Engine(**OPTIONS) as made:
            loader = self.loader(made, start=4, steps=2, repeat=True)
            self.assertEqual([self.sums(loader), self.sums(loader, 1), self.sums(loader)],
                             [wanted(4, 2), wanted(4, 1), wanted(4, 2)])

    def test_an_epoch_goes_on_where_its_state_stood(self):
        with gpusynth.Engine(**OPTIONS) as made:
            for repeat in (False, True):
                for taken in range(1, 7):
                    with self.subTest(repeat=repeat, taken=taken):
                        loader = self.loader(made, steps=3, repeat=repeat)
                        for _ in range((taken - 1) // 3):
                            self.sums(loader)
                        self.sums(loader, (taken - 1) % 3 + 1)
                        state = json.loads(json.dumps(loader.state_dict()))
                        self.assertEqual((state["epoch"], state["step_of_epoch"]), divmod(taken, 3))
                        again = self.loader(made, steps=3, repeat=repeat)
                        again.load_state_dict(state)
                        left, first = 3 - taken % 3, 2 * (taken % 3 if repeat else taken)
                        self.assertEqual(self.sums(again), wanted(first, left))
                        self.assertEqual(self.sums(again), wanted(0 if repeat else first + 2 * left, 3))

    def test_a_state_of_before_there_were_epochs(self):
        with gpusynth.Engine(**OPTIONS) as made:
            loader = self.loader(made, steps=2)
            loader.load_state_dict({"version": 1, "sample": 8, "step": 4})
            self.assertEqual([self.sums(loader), self.sums(loader)], [wanted(8, 2), wanted(12, 2)])

    def test_the_length(self):
        with gpusynth.Engine(**OPTIONS) as made:
            self.assertEqual(len(self.loader(made, steps=6)), 6)
            self.assertFalse(self.loader(made, steps=0))
            endless = self.loader(made)
            self.assertTrue(endless)
            with self.assertRaisesRegex(TypeError, "no end: give it steps="):
                len(endless)

    def test_types(self):
        with gpusynth.Engine(**OPTIONS) as made:
            plain = next(iter(self.loader(made, repeat=True)))
            kept = {name: value.clone() for name, value in plain.items()}
            for image, label in ((torch.float16, torch.int64), (torch.bfloat16, torch.float32), (None, torch.int32)):
                batch = next(iter(self.loader(made, image_dtype=image, label_dtype=label)))
                self.assertEqual((batch["image"].dtype, batch["label"].dtype), (image or torch.float32, label))
                self.assertTrue(torch.equal(batch["image"], kept["image"].to(image or torch.float32)))
                self.assertTrue(torch.equal(batch["label"].to(torch.uint8), kept["label"]))
            for wrong in ({"image_dtype": torch.int64}, {"label_dtype": torch.int8}, {"label_dtype": "int64"}):
                with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "it may be torch."):
                    self.loader(made, **wrong)
                with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "it may be torch."):
                    gpusynth.torch.SynthesisDataset(**OPTIONS, **wrong)

    def test_where_samples_lie(self):
        with gpusynth.Engine(**OPTIONS) as made:
            affine = next(iter(self.loader(made)))["affine"]
            self.assertEqual((affine.dtype, affine.shape), (torch.float64, (2, 4, 4)))
            np.testing.assert_array_equal(affine.numpy(), made.batch(0).affine)


@unittest.skipIf(torch is None, NO_TORCH)
class DatasetTests(unittest.TestCase):
    slow = True

    # 6 blocks of 2, and one of 1.
    SAMPLES = 13

    def run_epochs(self, body, workers=2, method="fork", persistent=False, **more):
        """What the body appends to epochs, in a process of its own that says nothing and ends well."""
        printed = run_script(f"""{EPOCHS}
def main():
    epochs = []
    dataset = gpusynth.torch.SynthesisDataset(**{ {**OPTIONS, "samples": self.SAMPLES, **more} })
    loader = torch.utils.data.DataLoader(dataset, batch_size=None, num_workers={workers}, persistent_workers={persistent},
                                         multiprocessing_context={method if workers else None!r})
    {body}
    print(json.dumps(epochs))

if __name__ == '__main__':
    main()
""", is_silent=True, **QUIET)
        return json.loads(printed)

    def check(self, **how):
        epochs = self.run_epochs("epochs += [epoch(loader) for _ in range(3)]", **how)
        firsts = [self.SAMPLES * n for n in range(3)]
        self.assertEqual(epochs, [[*wanted(first, 6), *wanted(first + 12, 1, batch=1)] for first in firsts])

    def test_in_the_process_itself(self):
        self.check(workers=0)

    def test_new_workers_for_each_epoch(self):
        self.check()

    def test_new_workers_that_are_spawned(self):
        self.check(method="spawn")

    def test_persistent_workers(self):
        self.check(persistent=True)

    def test_persistent_workers_that_are_spawned(self):
        self.check(method="spawn", persistent=True)

    def test_more_workers_than_blocks(self):
        epochs = self.run_epochs("epochs += [epoch(loader) for _ in range(2)]", workers=3, persistent=True, samples=4)
        self.assertEqual(epochs, [wanted(0, 2), wanted(4, 2)])

    def test_epochs_that_are_left_early(self):
        for persistent in (False, True):
            with self.subTest(persistent=persistent):
                epochs = self.run_epochs(
                    "epochs += [epoch(loader, 1), epoch(loader, 1), epoch(loader, 3)]", persistent=persistent)
                self.assertEqual(epochs, [wanted(0, 1), wanted(13, 1), wanted(26, 3)])

    def test_an_epoch_that_is_chosen(self):
        epochs = self.run_epochs("dataset.set_epoch(2); epochs += [epoch(loader, 2), epoch(loader, 2)]", persistent=True)
        self.assertEqual(epochs, [wanted(26, 2), wanted(39, 2)])

    def test_a_loaders_seed_that_comes_again(self):
        epochs = self.run_epochs(
            "for _ in range(2):\n        torch.manual_seed(5)\n        epochs.append(epoch(loader, 2))", persistent=False)
        self.assertEqual(epochs, [wanted(0, 2), wanted(13, 2)])

    def test_two_loaders_at_once(self):
        epochs = self.run_epochs(
            "pairs = zip(*(iter(loader) for _ in range(2)))\n"
            "    epochs += [[zlib.crc32(batch['image'].numpy()) for batch in pair] for pair in pairs][:6]")
        one, other = map(list, zip(*epochs))
        self.assertEqual(sorted((one, other)), sorted((wanted(0, 6), wanted(13, 6))))

    def test_the_same_samples_where_they_are_asked_for(self):
        epochs = self.run_epochs("epochs += [epoch(loader, 2), epoch(loader, 2)]", repeat=True)
        self.assertEqual(epochs, [wanted(0, 2), wanted(0, 2)])

    def test_epochs_without_an_end(self):
        epochs = self.run_epochs("epochs += [epoch(loader, 2), epoch(loader, 2)]", samples=None)
        self.assertEqual(epochs, [wanted(0, 2), wanted(2**40, 2)])

    def test_the_length_of_every_rank(self):
        make = gpusynth.torch.SynthesisDataset
        table = ((12, 1, [6]), (13, 1, [7]), (13, 2, [4, 3]), (13, 3, [3, 2, 2]), (1, 2, [1, 0]), (0, 1, [0]))
        for samples, world_size, lengths in table:
            for rank, length in enumerate(lengths):
                with self.subTest(samples=samples, rank=rank, world_size=world_size):
                    place = dict(samples=samples, rank=rank, world_size=world_size)
                    dataset = make(**OPTIONS, **place)
                    loader = torch.utils.data.DataLoader(dataset, batch_size=None)
                    self.assertEqual((len(loader), len(list(loader))), (length, length))
                    single = make(**OPTIONS, **place, batched=False)
                    self.assertEqual(len(single), len(list(single)))
        self.assertEqual(sum(len(make(**OPTIONS, samples=13, rank=r, world_size=3, batched=False)) for r in range(3)), 13)

    def test_the_length_with_workers(self):
        epochs = self.run_epochs("epochs += [[len(loader), len(epoch(loader))]]", workers=3)
        self.assertEqual(epochs, [[7, 7]])

    def test_no_length_without_an_end(self):
        dataset = gpusynth.torch.SynthesisDataset(**OPTIONS)
        self.assertTrue(dataset)
        with self.assertRaisesRegex(TypeError, "no end: give it samples="):
            len(torch.utils.data.DataLoader(dataset, batch_size=None))

    def test_items(self):
        dataset = gpusynth.torch.SynthesisDataset(
            **OPTIONS, samples=2, repeat=True, label_dtype=torch.int64, image_dtype=torch.float16)
        item, = dataset
        self.assertEqual([item[name].dtype for name in ("image", "label", "affine")], [torch.float16, torch.int64, torch.float64])
        self.assertEqual(item["affine"][1].tolist(), [[1, 0, 0, -4], [0, 1, 0, -4], [0, 0, 1, -4], [0, 0, 0, 1]])

    def test_copies_count_by_themselves(self):
        import copy
        import pickle
        dataset = gpusynth.torch.SynthesisDataset(**OPTIONS, samples=2)
        list(dataset)
        other, same = copy.deepcopy(dataset), pickle.loads(pickle.dumps(dataset))
        numbers = [one._epochs.begin() for one in (dataset, other, same, other)]
        self.assertEqual(numbers, [1, 1, 2, 2])
        # Unpickled where its file is not: it goes on from what it knew.
        data, path = pickle.dumps(dataset), dataset._epochs._path
        del dataset, same
        self.assertFalse(os.path.exists(path))
        self.assertEqual(pickle.loads(data)._epochs.begin(), 3)


ENDLESS = f"""
import os, signal, sys, time
import torch
import gpusynth.torch
if __name__ == '__main__':
    dataset = gpusynth.torch.SynthesisDataset(preset='rasd-3d', size=64, batch=2)
    loader = torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=2, persistent_workers=True,
                                         multiprocessing_context=sys.argv[1])
    iterator = iter(loader)
    next(iterator)
    print(*(worker.pid for worker in iterator._workers), flush=True)
    {{}}
"""


@unittest.skipIf(torch is None or not hasattr(os, "fork"), NO_TORCH if torch is None else "workers that end: no Unix")
class EndTests(unittest.TestCase):
    """Workers in the middle of a batch, when their parent ends in whatever way."""
    slow = True

    def end(self, how, method):
        done = subprocess.run(
            [sys.executable, "-B", "-c" if method == "fork" else self.script(ENDLESS.format(how)),
             *([ENDLESS.format(how)] if method == "fork" else []), method],
            env={**os.environ, **QUIET, "PYTHONPATH": str(PACKAGE)}, capture_output=True, text=True, timeout=180, check=False,
            preexec_fn=default_signals)
        workers = [int(pid) for pid in done.stdout.split()]
        self.assertEqual(len(workers), 2, done.stderr)
        # torch's workers look for their parent every five seconds.
        deadline = time.monotonic() + 60
        while (left := [pid for pid in workers if self.is_running(pid)]) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(left, [])
        return done.returncode, done.stderr

    def script(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def is_running(self, pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def test_an_end(self):
        for method in ("fork", "spawn"):
            self.assertEqual(self.end("pass", method), (0, ""))

    def test_an_exit(self):
        self.assertEqual(self.end("sys.exit(3)", "fork"), (3, ""))

    def test_an_error_is_the_only_one(self):
        for method in ("fork", "spawn"):
            code, errors = self.end("raise ValueError('mine')", method)
            self.assertEqual((code, errors.count("Traceback"), errors.splitlines()[-1]), (1, 1, "ValueError: mine"), errors)

    def test_an_interrupt_is_the_only_one(self):
        code, errors = self.end("os.kill(os.getpid(), signal.SIGINT); time.sleep(10)", "fork")
        self.assertEqual((code, errors.count("Traceback"), errors.splitlines()[-1]), (-2, 1, "KeyboardInterrupt"), errors)

    def test_a_kill_leaves_nobody(self):
        self.assertEqual(self.end("os.kill(os.getpid(), signal.SIGKILL)", "fork"), (-9, ""))


if __name__ == "__main__":
    unittest.main()
