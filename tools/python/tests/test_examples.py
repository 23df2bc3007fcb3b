"""The examples of views, mixing and other people's loops run, and do what they say."""
import importlib
import importlib.util
import json
import os
import sys
import tempfile
import unittest

from support import NO_TORCH, PACKAGE, engine, gpusynth, torch

EXAMPLES = PACKAGE / "examples"


def example(name):
    """A module of examples/."""
    if str(EXAMPLES) not in sys.path:
        sys.path.insert(0, str(EXAMPLES))
    return importlib.import_module(name)


def is_there(*names):
    return all(importlib.util.find_spec(name) is not None for name in names)


@unittest.skipIf(torch is None, NO_TORCH)
class AnatomixTests(unittest.TestCase):
    def test_the_losses_of_rows_that_are_known(self):
        contrast = example("anatomix_40_lines").contrast
        # Two rows of each label, in two views, orthogonal: ln(1 + 2 exp(-1 / 0.33)).
        rows = torch.tensor([[1., 0], [0, 1], [2, 0], [0, 3]])
        self.assertAlmostEqual(contrast(rows, torch.tensor([0, 1, 0, 1])).item(), 0.0922163, places=6)
        self.assertAlmostEqual(contrast(torch.ones(4, 2), torch.zeros(4)).item(), 1.0986123, places=6)

    def test_the_order_of_views_and_the_names_of_labels_do_not_count(self):
        contrast = example("anatomix_40_lines").contrast
        torch.manual_seed(0)
        rows, label = torch.randn(2, 6, 5), torch.tensor([0, 1, 1, 2, 0, 1])
        loss = contrast(rows.flatten(0, 1), label.repeat(2))
        self.assertAlmostEqual(contrast(rows.flip(0).flatten(0, 1), label.repeat(2)).item(), loss.item(), places=6)
        self.assertAlmostEqual(contrast(rows.flatten(0, 1), torch.tensor([7, 3, 5])[label].repeat(2)).item(), loss.item(), places=6)
        self.assertNotAlmostEqual(contrast(torch.cat([rows[0], rows[1].roll(1, 0)]), label.repeat(2)).item(), loss.item(), places=3)

    def test_rows_of_both_views_are_of_the_same_voxels(self):
        # A network that is the identity and a head that is none: what the loss gets can be read.
        module, seen = example("anatomix_40_lines"), {}
        batch = {view: {"image": torch.arange(8.).reshape(2, 1, 2, 2) + 100 * number, "label": torch.arange(8).reshape(2, 1, 2, 2) % 3}
                 for number, view in enumerate(("first", "second"))}
        original = module.contrast
        module.contrast = lambda z, label: seen.update(z=z, label=label) or z.sum()
        try:
            module.objective(torch.nn.Identity(), torch.nn.Identity(), batch, 3, 5, torch.Generator().manual_seed(0))
        finally:
            module.contrast = original
        z = seen["z"][:, 0].reshape(2, 2, 5)
        self.assertTrue(torch.equal(z[1], z[0] + 100))
        # Label of the voxel, and 3 more for those of the second item.
        self.assertEqual(seen["label"].reshape(2, 2, 5)[0].tolist(), (z[0] % 3 + torch.tensor([[0], [3]])).tolist())

    def test_it_is_forty_lines_and_learns(self):
        text = (EXAMPLES / "anatomix_40_lines.py").read_text(encoding="utf-8")
        objective = text.split("# " + "-" * 130 + "\n")[1]
        self.assertLessEqual(len(objective.splitlines()), 40)
        losses = example("anatomix_40_lines").main(steps=20, size=16, count=64)
        self.assertEqual(len(losses), 20)
        self.assertLess(sum(losses[-5:]) / 5, losses[0] - 0.2)


@unittest.skipIf(torch is None, NO_TORCH)
class MixTests(unittest.TestCase):
    def test_a_quarter_is_real(self):
        losses, share = example("mix_real_and_synthetic").main(steps=8)
        self.assertEqual((len(losses), share), (8, 0.25))
        self.assertLess(losses[-1], losses[0])


@unittest.skipIf(torch is None, NO_TORCH)
class MonaiTests(unittest.TestCase):
    def test_the_adapter_in_a_loop_like_monais(self):
        """As ignite's engine reads data: epochs of a given length, and begun again where there is no more."""
        with engine(size=9) as made:
            data = example("monai_loop").MonaiData(gpusynth.torch.DataLoader(made, steps=2, rank=0, world_size=1))
            iterator, seen = iter(data), []
            for _ in range(3 * len(data)):
                batch = next(iterator, None)
                if batch is None:
                    iterator = iter(data)
                    batch = next(iterator)
                self.assertEqual((batch["label"].dtype, batch["label"].shape), (torch.int64, batch["image"].shape))
                seen.append(batch["image"].clone())
            for step, image in enumerate(seen):
                self.assertEqual(image.numpy().tobytes(), made.batch(step).image.tobytes())

    def test_the_affine_is_of_the_arrays_axes(self):
        for preset, size in (("rasd-3d", (17, 20, 33)), ("rasd-2d", (20, 33))):
            with engine(preset=preset, size=size) as made:
                batch = next(iter(example("monai_loop").MonaiData(gpusynth.torch.DataLoader(made, steps=1, rank=0, world_size=1))))
                place = [3, 5, 7][-len(size):]
                own = batch["affine"][0] @ torch.tensor([*place, *[0] * (3 - len(size)), 1.]).double()
                gpusynths = torch.from_numpy(made.affine(0)) @ torch.tensor([*place[::-1], *[0] * (3 - len(size)), 1.]).double()
                self.assertEqual(own.tolist(), gpusynths.tolist())

    @unittest.skipUnless(is_there("monai", "ignite"), "gpusynth in MONAI's loop: this python3 has no monai with pytorch-ignite")
    def test_monais_trainer(self):
        losses = example("monai_loop").main(steps=3, epochs=2, size=16)
        self.assertEqual(len(losses), 6)
        self.assertLess(losses[-1], losses[0])


@unittest.skipIf(torch is None, NO_TORCH)
class LightningTests(unittest.TestCase):
    def data(self):
        data = example("lightning_loop").SyntheticData(3, preset="rasd-2d", size=9, batch=2, seed=7, threads=1)
        self.addCleanup(lambda: data.engine and data.engine.close())
        return data

    def test_the_data_module_in_a_loop_like_lightnings(self):
        """setup, a loader for all epochs, a state within an epoch, and another module that goes on with it."""
        data = self.data()
        data.setup("fit")
        self.assertEqual(len(data.train_dataloader()), 3)
        images = [batch["image"].clone() for _ in range(2) for batch in data.train_dataloader()]
        iterator = iter(data.train_dataloader())
        next(iterator)
        state = json.loads(json.dumps(data.state_dict()))
        rest = [batch["image"].clone() for batch in iterator]
        for is_early in (True, False):
            again = self.data()
            for step in (again.load_state_dict, again.setup) if is_early else (again.setup, again.load_state_dict):
                step(state if step == again.load_state_dict else "fit")
            self.assertTrue(all(torch.equal(*pair) for pair in zip((batch["image"] for batch in again.train_dataloader()), rest)))
        self.assertEqual((len(images), len(rest)), (6, 2))
        self.assertFalse(any(torch.equal(one, other) for n, one in enumerate(images) for other in images[:n]))

    @unittest.skipUnless(is_there("lightning") or is_there("pytorch_lightning"), "gpusynth in Lightning's loop: this python3 has no lightning")
    def test_lightnings_trainer_goes_on_from_a_checkpoint(self):
        main = example("lightning_loop").main
        with tempfile.TemporaryDirectory() as folder:
            whole = main(epochs=3, size=16, folder=folder)
            first = main(epochs=2, size=16, folder=folder)
            rest = main(epochs=3, size=16, folder=folder, checkpoint=os.path.join(folder, "epoch.ckpt"))
        self.assertEqual(first + rest, whole)
        self.assertEqual(len(whole), 12)


if __name__ == "__main__":
    unittest.main()
