"""Which GPU a rank has, and memory that other libraries share: as far as a machine without a GPU can tell."""
import os
import unittest
from unittest import mock

import numpy as np
from support import NO_TORCH, engine, gpusynth, torch
from test_torch import RecordedAbi


class RankTests(unittest.TestCase):
    def test_the_gpu_of_a_rank(self):
        device = gpusynth.distributed.cuda_device
        table = [
            ({}, "cuda:0"), ({"LOCAL_RANK": "3", "RANK": "11", "WORLD_SIZE": "16"}, "cuda:3"), ({"SLURM_LOCALID": "2"}, "cuda:2"),
            ({"LOCAL_RANK": "1", "SLURM_LOCALID": "0"}, "cuda:1"), ({"LOCAL_RANK": "1", "CUDA_VISIBLE_DEVICES": "4,6"}, "cuda:1"),
            # srun gives each task its own GPU: that is its first.
            ({"SLURM_LOCALID": "5", "CUDA_VISIBLE_DEVICES": "5"}, "cuda:0"), ({"LOCAL_RANK": "2", "CUDA_VISIBLE_DEVICES": ""}, "cuda:2"),
        ]
        for environment, wanted in table:
            with self.subTest(environment):
                self.assertEqual(device(environment), wanted)
        for wrong in ("a", "-1", ""):
            with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "LOCAL_RANK"):
                device({"LOCAL_RANK": wrong})

    def test_an_engine_on_cuda_is_on_the_ranks_gpu(self):
        # 97 is there on no machine: the refusal names what was asked for.
        with mock.patch.dict(os.environ, {"LOCAL_RANK": "97", "CUDA_VISIBLE_DEVICES": ""}):
            for device in ("cuda", "cuda:97"):
                with self.assertRaisesRegex(gpusynth.GpuSynthError, "cuda:97"):
                    engine(device=device, as_torch=False)
            if torch is not None:
                dataset = gpusynth.torch.SynthesisDataset(preset="rasd-3d", size=9, device="cuda")
                self.assertEqual(dataset.options["device"], "cuda:97")


@unittest.skipIf(torch is None, NO_TORCH)
class DlpackTests(unittest.TestCase):
    """Batches of the host to other libraries and theirs to the engine: no copy either way."""

    def test_a_batch_of_torch_is_numpys_through_a_capsule(self):
        with engine(as_torch=True) as made:
            image, label = made.batch(0)
            for tensor in (image, label):
                taken = np.from_dlpack(tensor)
                self.assertEqual((taken.ctypes.data, taken.shape), (tensor.data_ptr(), tuple(tensor.shape)))
                np.testing.assert_array_equal(taken, tensor.numpy())
            capsule = torch.utils.dlpack.to_dlpack(image)
            self.assertEqual(torch.utils.dlpack.from_dlpack(capsule).data_ptr(), image.data_ptr())
            # Written on one side, read on the other (what numpy took is read-only).
            torch.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(label)).fill_(9)
            self.assertTrue((label == 9).all())

    def test_a_batch_of_numpy_is_torchs(self):
        with engine() as made:
            image, label = made.batch(0)
            taken = torch.from_dlpack(image)
            self.assertEqual(taken.data_ptr(), image.ctypes.data)
            taken.fill_(3)
            self.assertTrue((image == 3).all())

    def test_a_capsule_keeps_the_memory_and_not_the_sample(self):
        with engine(as_torch=True, slots=1) as made:
            taken = np.from_dlpack(made.batch(0).image)
            first = taken.copy()
            made.batch(1)
            self.assertFalse(np.array_equal(taken, first))
            second = taken.copy()
        del made
        np.testing.assert_array_equal(taken, second)

    def test_samples_are_written_to_memory_that_came_through_a_capsule(self):
        with engine(batch=1, size=9) as made:
            image, label = np.zeros((1, 1, 9, 9, 9), np.float32), np.zeros((1, 9, 9, 9), np.uint8)
            made.generate([4], torch.from_dlpack(image), torch.from_dlpack(label))
            np.testing.assert_array_equal(image, made.batch(4).image)
            np.testing.assert_array_equal(label, made.batch(4).label)

    def test_loaders_hand_out_what_a_capsule_takes(self):
        with engine(size=9) as made:
            for batch in gpusynth.torch.ViewLoader(made, gpusynth.views.pair, steps=2, rank=0, world_size=1):
                for view in batch.values():
                    self.assertEqual(np.from_dlpack(view["image"]).ctypes.data, view["image"].data_ptr())


@unittest.skipIf(torch is None, NO_TORCH)
class StreamTests(unittest.TestCase):
    """Without a GPU: the calls that would order its streams."""

    def test_views_come_after_the_stream_and_before_what_follows(self):
        with engine(as_torch=True, batch=1, size=9) as made:
            made.ring(1).fill(0)  # where samples lie is asked for once
            calls, functions, new_slot = [], made._abi, made._new_slot
            slots = [new_slot() for _ in range(4)]
            order, free = {slot.image_address: n for n, slot in enumerate(slots)}, iter(slots)
            made._abi, made._stream, made._new_slot, made._on_device = RecordedAbi(calls), lambda: 5, lambda: next(free), True
            made._device = "cuda:0"
            try:
                count = len(list(gpusynth.torch.ViewLoader(made, gpusynth.views.pair, steps=2, rank=0, world_size=1)))
            finally:
                made._abi, made._on_device = functions, False
            self.assertEqual(count, 2)
            seen = [(name, order[more[2]] if name == "generate" else more[0]) for name, _, *more in
                    ((name, None, *more) for name, *more in calls)]
            # Slots 0 and 1 are the first view's, 2 and 3 the second's; the stream waits once for both views of a batch.
            one = [("await_stream", 5), ("generate", 0), ("await_stream", 5), ("generate", 2), ("stream_awaits", 5)]
            two = [("await_stream", 5), ("generate", 1), ("await_stream", 5), ("generate", 3), ("stream_awaits", 5)]
            self.assertEqual(seen, [*one, *two])


if __name__ == "__main__":
    unittest.main()
