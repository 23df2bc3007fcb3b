"""Where samples lie: batch.affine and the transposed array are what a NIfTI file holds."""
import gzip
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
from support import NO_TORCH, ROOT, gpusynth, torch, write_map

TOOL = ROOT / "artifacts/bin/GpuSynth.Cli/release/GpuSynth.Cli.dll"


def read_file(path):
    """Array (i, j, k) and sform of a file that the tool has written."""
    data = gzip.decompress(path.read_bytes())
    shape = struct.unpack_from("<8h", data, 40)[1:4]
    kind = {2: np.uint8, 16: np.float32}[struct.unpack_from("<h", data, 70)[0]]
    affine = np.vstack([np.frombuffer(data, "<f4", 12, 280).reshape(3, 4), [0, 0, 0, 1]])
    start = int(struct.unpack_from("<f", data, 108)[0])
    return np.frombuffer(data, kind, int(np.prod(shape)), start).reshape(shape, order="F"), affine


class AffineTests(unittest.TestCase):
    def test_noise_lies_around_the_origin(self):
        with gpusynth.Engine(preset="rasd-3d", size=(5, 8, 11), batch=3) as made:
            batch = made.batch(0)
            wanted = [[1, 0, 0, -5], [0, 1, 0, -3.5], [0, 0, 1, -2], [0, 0, 0, 1]]
            self.assertEqual((batch.affine.shape, batch.affine.dtype), ((3, 4, 4), np.float64))
            self.assertEqual(batch.affine.tolist(), [wanted] * 3)
            self.assertEqual(made.affine(2).tolist(), wanted)
            self.assertEqual(batch.copy().affine.tolist(), batch.affine.tolist())
            self.assertEqual(made.ring().fill(7, 2).affine.shape, (2, 4, 4))
            with self.assertRaises(ValueError):
                batch.affine[0, 0, 0] = 2
            for wrong in (2, -1):
                with self.assertRaises(gpusynth.InvalidArgumentError):
                    made.affine(wrong)
        with self.assertRaises(gpusynth.StaleError):
            made.affine(0)

    def test_an_image_is_one_slice(self):
        with gpusynth.Engine(preset="rasd-2d", size=(8, 11)) as made:
            self.assertEqual(made.batch(0).affine[0].tolist(), [[1, 0, 0, -5], [0, 1, 0, -3.5], [0, 0, 1, 0], [0, 0, 0, 1]])

    def test_samples_of_label_maps_lie_where_the_tool_says(self):
        if not TOOL.is_file():
            self.skipTest("the tool's files beside the engine's batches: tools/GpuSynth.Cli is not built")
        with tempfile.TemporaryDirectory() as folder:
            maps, out = Path(folder, "maps"), Path(folder, "out")
            maps.mkdir()
            write_map(maps / "a.nii", np.array([[-2, 0, 0, 9], [0, 2, 0, -4], [0, 0, 3, 5], [0, 0, 0, 1.0]]))
            write_map(maps / "b.nii", np.array([[0, 0, 1, 9], [-1.5, 0, 0, -4], [0, -1, 0, 5], [0, 0, 0, 1.0]]))
            subprocess.run(
                ["dotnet", TOOL, "generate", "--preset", "labelmap-3d", "--labels", maps, "--size", "9x11x13", "--count", "6",
                 "--seed", "7", "--out", out], check=True, capture_output=True)
            with gpusynth.Engine(preset="labelmap-3d", labels=maps, size=(9, 11, 13), batch=3, seed=7, threads=1) as made:
                lie = set()
                for n in range(6):
                    batch = made.batch(n // 3)
                    for name, array in (("image", batch.image[n % 3, 0]), ("label", batch.label[n % 3])):
                        stored, affine = read_file(out / f"{name}_{n:06d}.nii.gz")
                        np.testing.assert_array_equal(stored, array.T)
                        np.testing.assert_allclose(batch.affine[n % 3], affine, rtol=1e-6, atol=1e-5)
                    np.testing.assert_array_equal(made.affine(n % 3), batch.affine[n % 3])
                    lie.add(batch.affine[n % 3].tobytes())
                self.assertGreater(len(lie), 1, "the maps lie in different places")
                if torch is None:
                    self.skipTest(NO_TORCH)
                items = list(gpusynth.torch.DataLoader(made, steps=2))
                np.testing.assert_array_equal(items[1]["affine"].numpy(), batch.affine)


if __name__ == "__main__":
    unittest.main()
