"""Views of items: which samples they are, what was drawn for them, and that a stream of them goes on where it stopped."""
import json
import math
import unittest

import numpy as np
from support import NO_TORCH, engine, gpusynth, torch

View, views = gpusynth.views.View, gpusynth.views


class KeyTests(unittest.TestCase):
    def test_keys_of_the_objectives(self):
        table = {
            "sample": (views.sample, [(5, 5)]), "pair": (views.pair, [(5, 10), (5, 11)]), "misfm": (views.misfm, [(10, 5), (11, 5)]),
            "square": (views.square, [(10, 10), (10, 11), (11, 10), (11, 11)]), "restoration": (views.restoration, [(5, 5), (5, 5)]),
            "appearances": (views.appearances(3), [(5, 15), (5, 16), (5, 17)]),
        }
        for name, (some, wanted) in table.items():
            with self.subTest(name):
                self.assertEqual([tuple(view.keys(5, 1)[0].tolist()) for view in some.values()], wanted)
        self.assertEqual([view.clean for view in views.restoration.values()], [False, True])

    def test_keys_are_taken_modulo_two_to_the_64(self):
        keys = View((2, 1), (1, 0)).keys(2**63 - 1, 2)
        self.assertEqual((keys.dtype, keys.tolist()), (np.uint64, [[2**64 - 1, 2**63 - 1], [1, 2**63]]))

    def test_refusals(self):
        for error, pair in ((gpusynth.InvalidArgumentError, (1, -1)), (gpusynth.InvalidArgumentError, (1,)), (TypeError, (1, 0.5))):
            with self.subTest(pair), self.assertRaises(error):
                View(anatomy=pair)


class CleanTests(unittest.TestCase):
    def test_a_clean_engine_has_the_labels_and_not_the_noise(self):
        with engine(preset="mri-3d") as made, made.clean() as clean, engine(preset="mri-3d", clean=True) as same:
            (image, label), (other, labels) = made.batch(1), clean.batch(1)
            np.testing.assert_array_equal(label, labels)
            self.assertFalse(np.array_equal(image, other))
            np.testing.assert_array_equal(other, same.batch(1).image)
            degrading = {"ricianNoiseStd", "biasStd", "gibbsAxes"}
            self.assertLessEqual(degrading, self.names(made))
            self.assertFalse(degrading & self.names(clean))
            self.assertEqual(clean.info, made.info.__class__(**{**vars(made.info), "workspace_bytes": clean.info.workspace_bytes}))

    def names(self, made):
        """All that any of 16 samples has drawn: components are left out at random."""
        found = set()
        for step in range(8):
            made.batch(step)
            found |= made.drawn(0).keys() | made.drawn(1).keys()
        return found


class RingTests(unittest.TestCase):
    def test_any_keys(self):
        with engine() as made:
            ring = made.ring(2)
            image, label = ring.fill_keys([(4, 9), (4, 4)])
            own = made.batch(2)
            np.testing.assert_array_equal(image[1], own.image[0])
            np.testing.assert_array_equal(label[0], own.label[0])
            self.assertFalse(np.array_equal(image[0], image[1]))
            self.assertEqual(ring.fill_keys([7]).image.shape[0], 1)
            with self.assertRaises(gpusynth.InvalidArgumentError):
                ring.fill_keys([1, 2, 3])


@unittest.skipIf(torch is None, NO_TORCH)
class ViewLoaderTests(unittest.TestCase):
    def loader(self, made, some=views.pair, **more):
        return gpusynth.torch.ViewLoader(made, some, **{"rank": 0, "world_size": 1, **more})

    def copies(self, loader, count):
        # Not more than count: what is asked for counts as handed out.
        iterator = iter(loader)
        return [{view: {name: value.clone() for name, value in own.items() if name != "drawn"} for view, own in next(iterator).items()}
                for _ in range(count)]

    def assert_same(self, first, second):
        self.assertEqual(len(first), len(second))
        for one, other in zip(first, second):
            self.assertEqual(one.keys(), other.keys())
            for view in one:
                for name in one[view]:
                    self.assertTrue(torch.equal(one[view][name], other[view][name]), (view, name))

    def test_each_view_is_the_sample_of_its_keys(self):
        with engine() as made:
            for step, batch in enumerate(self.loader(made, views.square, steps=2, start=3)):
                self.assertEqual(list(batch), ["00", "01", "10", "11"])
                for place, (name, view) in enumerate(batch.items()):
                    items = [3 + 2 * step, 4 + 2 * step]
                    keys = [[2 * n + place // 2, 2 * n + place % 2] for n in items]
                    self.assertEqual((view["keys"].dtype, view["keys"].tolist()), (torch.int64, keys))
                    image, label = torch.empty(2, 1, 17, 20, 33), torch.empty(2, 17, 20, 33, dtype=torch.uint8)
                    made.generate(keys, image, label)
                    self.assertTrue(torch.equal(view["image"], image))
                    self.assertTrue(torch.equal(view["label"], label[:, None]))
                    self.assertEqual(view["affine"].shape, (2, 4, 4))

    def test_two_appearances_of_one_anatomy(self):
        with engine() as made:
            batch, = self.loader(made, steps=1)
            self.assertTrue(torch.equal(batch["first"]["label"], batch["second"]["label"]))
            self.assertFalse(torch.equal(batch["first"]["image"], batch["second"]["image"]))

    def test_a_clean_view_is_of_the_clean_engine(self):
        with engine(preset="mri-3d", size=9) as made, made.clean() as clean:
            batch, = self.loader(made, views.restoration, steps=1)
            np.testing.assert_array_equal(batch["clean"]["image"].numpy(), clean.batch(0).image)
            np.testing.assert_array_equal(batch["degraded"]["image"].numpy(), made.batch(0).image)
            self.assertTrue(torch.equal(batch["clean"]["label"], batch["degraded"]["label"]))

    def test_two_ranks_in_turn_are_one_process(self):
        with engine(size=9) as made:
            whole = self.copies(self.loader(made), 4)
            parts = [self.copies(self.loader(made, rank=rank, world_size=2), 2) for rank in (0, 1)]
            self.assert_same(whole, [parts[n % 2][n // 2] for n in range(4)])

    def test_a_loaded_state_goes_on(self):
        with engine(size=9) as made:
            loader = self.loader(made, start=5, steps=3)
            iterator = iter(loader)
            next(iterator)
            state = json.loads(json.dumps(loader.state_dict()))
            rest = self.copies(iterator, 2)
            again = self.loader(made, steps=3)
            again.load_state_dict(state)
            self.assert_same(self.copies(again, 2), rest)
            # The epoch was left of: the next one is of new items.
            self.assertEqual([batch["first"]["keys"][0, 0].item() for batch in again], [11, 13, 15])
            with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "ViewLoader"):
                loader.load_state_dict({"step": 1})

    def test_memory_is_used_in_turn(self):
        with engine(size=9) as made:
            addresses = [tuple(view["image"].data_ptr() for view in batch.values()) for batch in self.loader(made, steps=6, slots=3)]
            self.assertEqual(addresses[:3], addresses[3:])
            self.assertEqual(len({address for pair in addresses for address in pair}), 6)

    def test_refusals(self):
        with engine(size=9) as made:
            for error, words, some, more in (
                    (TypeError, "views", [View()], {}), (TypeError, "views", {"a": (1, 0)}, {}),
                    (gpusynth.InvalidArgumentError, "empty", {}, {}), (TypeError, "list of names", views.pair, {"drawn": "gamma"}),
                    (gpusynth.InvalidArgumentError, "slots", views.pair, {"slots": 1})):
                with self.subTest(words), self.assertRaisesRegex(error, words):
                    self.loader(made, some, **more)


@unittest.skipIf(torch is None, NO_TORCH)
class DrawnTests(unittest.TestCase):
    def test_what_was_drawn_is_that_of_the_samples(self):
        # The loader goes on with its engine meanwhile: what that one has drawn last is of a later batch.
        with engine(preset="mri-3d", size=9) as loaded, engine(preset="mri-3d", size=9) as made:
            for batch in gpusynth.torch.ViewLoader(loaded, views.pair, steps=3, drawn=True, rank=0, world_size=1):
                for view in batch.values():
                    made_image = torch.empty(2, 1, 9, 9, 9)
                    made.generate(view["keys"].numpy(), made_image, torch.empty(2, 9, 9, 9, dtype=torch.uint8))
                    records = [made.drawn(sample) for sample in (0, 1)]
                    numbers = [{**record, **record["measured"]} for record in records]
                    drawn = view["drawn"]
                    self.assertEqual(set(drawn), {name for one in numbers for name in one}
                                     - {"seed", "anatomy", "appearance", "leftOut", "measured"})
                    for name, column in drawn.items():
                        for sample, one in enumerate(numbers):
                            self.check(column[sample], one.get(name))

    def check(self, value, wanted):
        if isinstance(wanted, list):
            self.assertEqual(value[:len(wanted)].tolist(), torch.tensor(wanted, dtype=torch.float32).tolist())
            self.assertTrue(value[len(wanted):].isnan().all())
        elif wanted is None:
            self.assertTrue(value is None or value.isnan().all())
        else:
            self.assertEqual(value.item(), torch.tensor(float(wanted)).item())

    def test_names_that_are_asked_for_are_in_every_batch(self):
        with engine(preset="mri-3d", size=9, batch=1) as made:
            loader = gpusynth.torch.ViewLoader(made, views.sample, steps=24, drawn=["ricianNoiseStd", "labelCount"], rank=0, world_size=1)
            drawn = [batch["sample"]["drawn"] for batch in loader]
            self.assertTrue(all(list(one) == ["ricianNoiseStd", "labelCount"] for one in drawn))
            self.assertTrue(all(one["labelCount"].tolist() == [made.labels] for one in drawn))
        with engine(size=9) as made:
            loader = gpusynth.torch.ViewLoader(made, views.pair, drawn=["gama"], rank=0, world_size=1)
            with self.assertRaisesRegex(gpusynth.InvalidArgumentError, "draws no gama; it draws labelCount"):
                next(iter(loader))

    def test_columns(self):
        from gpusynth._records import collated
        measured = {"measured": {"rangeMinimum": 0.5}}
        records = [{"seed": 1, "leftOut": ["blur"], "gamma": 2.0, "list": [1, 2], "map": "a.nii", "flag": True, **measured},
                   {"seed": 1, "leftOut": [], "gamma": 3, "list": [4], "map": None, "flag": False, "blur": 0.25, **measured}]
        drawn = collated(records, None)
        self.assertEqual(list(drawn), ["gamma", "list", "map", "flag", "rangeMinimum", "blur"])
        self.assertEqual(drawn["gamma"].tolist(), [2, 3])
        self.assertEqual(drawn["list"].nan_to_num(-1).tolist(), [[1, 2], [4, -1]])
        self.assertEqual(drawn["map"], ["a.nii", None])
        self.assertEqual(drawn["flag"].tolist(), [1, 0])
        self.assertTrue(math.isnan(drawn["blur"][0]) and drawn["blur"][1] == 0.25)
        self.assertEqual(list(collated(records, ["blur"])), ["blur"])
        # Nobody says what else there may be where every sample is without something.
        self.assertTrue(collated(records[:1], ["other"])["other"].isnan().all())
        with self.assertRaises(gpusynth.InvalidArgumentError):
            collated(records, ["other"])


if __name__ == "__main__":
    unittest.main()
