"""Real and synthetic samples in one stream: an exact ratio, an order that is a function of the step, and going on to the bit."""
import json
import unittest

from support import NO_TORCH, engine, gpusynth, torch

if torch is not None:
    from torch.utils.data import DataLoader, TensorDataset


@unittest.skipIf(torch is None, NO_TORCH)
class MixedTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = engine(preset="rasd-2d", size=9, batch=3)
        cls.addClassCleanup(cls.made.close)
        # Image n holds the number n + 2, which no synthetic one does.
        cls.data = TensorDataset((torch.arange(7.) + 2).reshape(7, 1, 1, 1).expand(7, 1, 9, 9), torch.zeros(7, 1, 9, 9, dtype=torch.uint8))

    def mixed(self, ratio=(2, 3), shuffle=True, real=None, start=0, **more):
        synthetic = gpusynth.torch.DataLoader(self.made, start=start, rank=0, world_size=1)
        real = DataLoader(self.data, batch_size=2, shuffle=shuffle) if real is None else real
        return gpusynth.torch.MixedLoader(real, synthetic, ratio=ratio, **more)

    def read(self, mixed, count=None):
        """(is_real, image) of batches, as copies."""
        iterator = iter(mixed)
        batches = iterator if count is None else (next(iterator) for _ in range(count))
        return [(batch["is_real"].tolist(), batch["image"].clone(), batch["label"].clone()) for batch in batches]

    def assert_same(self, first, second):
        self.assertEqual(len(first), len(second))
        for one, other in zip(first, second):
            self.assertEqual(one[0], other[0])
            self.assertTrue(torch.equal(one[1], other[1]) and torch.equal(one[2], other[2]))

    def numbers(self, batches):
        """The real images' numbers, in order."""
        return [int(image[0, 0, 0]) - 2 for is_real, images, _ in batches for real, image in zip(is_real, images) if real]

    def test_the_ratio_is_exact_at_every_step(self):
        for ratio in ((1, 3), (2, 3), (1, 1), (5, 2), (1, 0), (0, 1), (7, 1000)):
            mixed = self.mixed(ratio)
            real = 0
            for step in range(2100):
                real += mixed.is_real(step)
                self.assertEqual(real, (step + 1) * ratio[0] // sum(ratio))

    def test_whole_batches(self):
        batches = self.read(self.mixed((2, 3), steps=10))
        self.assertEqual([is_real[0] for is_real, _, _ in batches], [False, False, True, False, True] * 2)
        self.assertEqual([len(is_real) for is_real, _, _ in batches], [3, 3, 2, 3, 2, 3, 3, 2, 3, 1])
        synthetic = torch.cat([image for is_real, image, _ in batches if not is_real[0]])
        for step in range(6):
            self.assertEqual(synthetic[3 * step:3 * step + 3].numpy().tobytes(), self.made.batch(step).image.tobytes())
        self.assertEqual(sorted(self.numbers(batches)), list(range(7)))

    def test_samples_within_batches(self):
        mixed = self.mixed((2, 3), batch=4, steps=9)
        batches = self.read(mixed)
        kinds = [kind for is_real, _, _ in batches for kind in is_real]
        self.assertEqual(kinds, ([False, False, True, False, True] * 8)[:36])
        self.assertTrue(all(len(image) == len(label) == 4 for _, image, label in batches))
        self.assertEqual([int(image[0, 0, 0]) > 1 for _, images, _ in batches for image in images], kinds)
        numbers = self.numbers(batches)
        self.assertEqual([sorted(numbers[:7]), sorted(numbers[7:14])], [list(range(7))] * 2)
        self.assertNotEqual(numbers[:7], numbers[7:14])
        self.assertEqual(mixed.real_epoch, 1)
        # Synthetic ones in the order of their stream, though they are batches of another size.
        synthetic = [image for is_real, images, _ in batches for real, image in zip(is_real, images) if not real]
        wanted = [sample for step in range(8) for sample in torch.from_numpy(self.made.batch(step).image.copy())]
        for one, other in zip(synthetic, wanted):
            self.assertTrue(torch.equal(one, other))

    def test_it_goes_on_where_it_stopped(self):
        for size in (None, 4):
            whole = self.read(self.mixed(batch=size, steps=17))
            # 7 real samples are an epoch of the real loader: some of these states are behind it.
            for place in range(0, 17, 3):
                with self.subTest(size=size, place=place):
                    first = self.mixed(batch=size, steps=17)
                    self.read(first, place)
                    state = json.loads(json.dumps(first.state_dict()))
                    again = self.mixed(batch=size, steps=17, start=1000)
                    torch.manual_seed(place)
                    again.load_state_dict(state)
                    self.assert_same(self.read(again), whole[place:])
                    self.assertEqual(len(self.read(again)), 17)

    def test_the_order_of_real_data_is_the_seeds_and_torchs_state_stays(self):
        def order(seed, state, **more):
            torch.manual_seed(state)
            before = torch.get_rng_state()
            numbers = self.numbers(self.read(self.mixed((1, 0), steps=8, seed=seed, **more)))
            self.assertTrue(torch.equal(before, torch.get_rng_state()))
            return numbers

        self.assertEqual(order(0, 1), order(0, 2))
        self.assertNotEqual(order(0, 1), order(5, 1))
        generators = [DataLoader(self.data, batch_size=2, shuffle=True, generator=torch.Generator().manual_seed(n)) for n in (1, 2)]
        self.assertEqual(order(0, 1, real=generators[0]), order(0, 1, real=generators[1]))

    def test_samplers_are_told_the_epoch(self):
        from torch.utils.data.distributed import DistributedSampler
        told = []

        class Sampler(DistributedSampler):
            def set_epoch(self, epoch):
                told.append(epoch)
                super().set_epoch(epoch)

        real = DataLoader(self.data, batch_size=2, sampler=Sampler(self.data, 1, 0))
        self.read(self.mixed((1, 0), real=real, steps=9))
        self.assertEqual(told, [0, 1, 2])

    def test_what_real_batches_may_be(self):
        image, label = self.data[:2]
        for batch, convert in (((image, label), None), ([image, label], None), ({"image": image, "label": label, "name": ["a", "b"]}, None),
                               ((image, label, 5), lambda batch: {"image": batch[0], "label": batch[1]})):
            (is_real, *_), = self.read(self.mixed((1, 0), real=[batch], steps=1, convert=convert))
            self.assertEqual(is_real, [True, True])
        with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "tuple of 3; give convert="):
            self.read(self.mixed((1, 0), real=[(image, label, 5)], steps=1))
        with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "label of real and synthetic samples differ.*int64.*uint8"):
            self.read(self.mixed((1, 1), real=[(image, label.long())], batch=2, steps=1))
        only = next(iter(self.mixed((1, 1), real=[image], batch=2, steps=1)))
        self.assertEqual(list(only), ["image", "is_real"])

    def test_views_and_real_batches(self):
        loader = gpusynth.torch.ViewLoader(self.made, gpusynth.views.pair, rank=0, world_size=1)
        mixed = gpusynth.torch.MixedLoader(DataLoader(self.data, batch_size=2), loader, ratio=(1, 1), steps=2)
        synthetic, real = mixed
        self.assertEqual((list(synthetic), synthetic["is_real"].tolist()), (["first", "second", "is_real"], [False] * 3))
        self.assertEqual((list(real), real["is_real"].tolist()), (["image", "label", "is_real"], [True] * 2))

    def test_refusals(self):
        for error, words, options in (
                (TypeError, "ratio", dict(ratio=0.25)), (TypeError, "ratio", dict(ratio=(1, 2, 3))), (TypeError, "ratio", dict(ratio=(1, .5))),
                (gpusynth.InvalidArgumentError, "ratio", dict(ratio=(0, 0))), (gpusynth.InvalidArgumentError, "ratio", dict(ratio=(-1, 2))),
                (gpusynth.InvalidArgumentError, "batch", dict(batch=0))):
            with self.subTest(words), self.assertRaisesRegex(error, words):
                self.mixed(**options)
        with self.assertRaisesRegex(TypeError, "synthetic is a list"):
            gpusynth.torch.MixedLoader([], [], ratio=(1, 1))
        # An empty one, and one that is over after its first time.
        one = next(iter(DataLoader(self.data, batch_size=2)))
        for real in ([], iter([one])):
            with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "real gave no batch"):
                self.read(self.mixed((1, 0), real=real, steps=2))
        with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "no state of a gpusynth MixedLoader"):
            self.mixed().load_state_dict({"version": 1, "step": 3})
        self.assertEqual(len(self.mixed(steps=4)), 4)
        with self.assertRaises(TypeError):
            len(self.mixed())


if __name__ == "__main__":
    unittest.main()
