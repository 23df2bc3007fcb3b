"""Weights from Python's example trainer to the tool and back: the same network, and the same losses on the same samples."""
import argparse
import gzip
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from support import NO_TORCH, PACKAGE, ROOT, gpusynth, torch

TOOL = ROOT / "artifacts/bin/GpuSynth.Cli/release/GpuSynth.Cli.dll"
EXAMPLE = PACKAGE / "examples/pretrain_rasd.py"
SIZE, BATCH, SEED = 16, 2, 3
# As ./gpusynth does it; one thread of torch each.
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PACKAGE)}
OBJECTIVES = ("rasd", "rasd-cosine")


def run(command, *arguments, status=0, **environment):
    """What a program printed, its complaints behind; its exit status must be the one given."""
    done = subprocess.run([*command, *map(str, arguments)], env={**os.environ, **ENVIRONMENT, **environment}, text=True, capture_output=True,
                          timeout=180, check=False)
    if done.returncode != status:
        raise AssertionError(f"exit status {done.returncode} and not {status}:\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def tool(*arguments, status=0):
    # What an older Linux lacks, as ./gpusynth makes up for it.
    compat = ROOT / "artifacts/libstdcxx"
    newer = {"LD_LIBRARY_PATH": f"{compat}:{os.environ.get('LD_LIBRARY_PATH', '')}"} if compat.is_dir() else {}
    return run(("dotnet", TOOL), *arguments, status=status, **newer)


def tool_pretrain(out, *more, **options):
    """The tool's losses, by step."""
    tool("pretrain", "--size", SIZE, "--batch", BATCH, "--seed", SEED, "--threads", 1, "--out", out,
         *(f"--{name}={value}" for name, value in options.items()), *more)
    return read_losses(out)


def read_losses(out):
    rows = map(json.loads, Path(out, "metrics.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["step"]: row["loss"] for row in rows}


def example(*arguments, status=0):
    return run((sys.executable, "-B", EXAMPLE), "--size", SIZE, "--batch", BATCH, "--seed", SEED, "--threads", 1, *arguments,
               status=status)


def read_file(path):
    """Header and data of a safetensors file."""
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:start]), data[start:]


def hand_over(run_folder, weights, network):
    """Puts weights in the place of those in the checkpoint of one of the tool's runs, after step 1, with AdamW as it begins."""
    path = Path(run_folder, "checkpoints/step_000001.safetensors")
    header, old = read_file(path)
    tensors = {name: ("F32", list(tensor.shape), tensor.numpy().tobytes()) for name, tensor in weights.items()}
    zeros = {f"adamw.{name}.{part}": (kind, shape, bytes(len(data)))
             for name, (kind, shape, data) in tensors.items() for part in ("exp_avg", "exp_avg_sq")}
    step = header["adamw.step"]
    ordered = {"adamw.step": (step["dtype"], step["shape"], old[slice(*step["data_offsets"])]),
               **{f"network.{name}": entry for name, entry in tensors.items()}, **zeros}
    # The checksum is that of the file with zeros in its place, which comes first.
    digits = "0" * 64
    entries, place = {"__metadata__": header["__metadata__"] | {"sha256": digits, "network": json.dumps(network)}}, 0
    for name, (kind, shape, data) in ordered.items():
        entries[name] = {"dtype": kind, "shape": shape, "data_offsets": [place, place := place + len(data)]}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    whole = len(text).to_bytes(8, "little") + text + b"".join(data for _, _, data in ordered.values())
    path.write_bytes(whole.replace(digits.encode(), hashlib.sha256(whole).hexdigest().encode(), 1))
    record = Path(run_folder, "run.json")
    page = json.loads(record.read_text(encoding="utf-8"))
    page["settings"]["network"] |= network
    record.write_text(json.dumps(page), encoding="utf-8")


def write_nifti(path, values):
    """A .nii.gz of a [depth, height, width] array, 1 mm a voxel."""
    code, bits = {"float32": (16, 32), "uint8": (2, 8)}[values.dtype.name]
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *values.shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    struct.pack_into("<2h", header, 252, 0, 1)
    struct.pack_into("<12f", header, 280, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
    header[344:348] = b"n+1\0"
    path.write_bytes(gzip.compress(bytes(header) + values.tobytes()))


def write_cases(folder, count, side=16):
    """images/ and labels/: a bright box beside a dark one, in noise."""
    for kind in ("images", "labels"):
        Path(folder, kind).mkdir(parents=True)
    random = np.random.default_rng(5)
    for number in range(count):
        label = np.zeros((side, side, side), np.uint8)
        corner = random.integers(2, 5)
        label[corner:corner + 6, 2:12, 2:7], label[corner:corner + 6, 2:12, 7:12] = 1, 2
        image = np.choose(label, [100, 160, 40]) + random.normal(0, 5, label.shape)
        write_nifti(Path(folder, "images", f"case_{number}.nii.gz"), image.astype(np.float32))
        write_nifti(Path(folder, "labels", f"case_{number}.nii.gz"), label)


@unittest.skipIf(torch is None, NO_TORCH)
class WeightTests(unittest.TestCase):
    slow = True

    @classmethod
    def setUpClass(cls):
        if not TOOL.is_file():
            raise unittest.SkipTest("weights from Python to the tool and back: tools/GpuSynth.Cli is not built")
        sys.path.insert(0, str(EXAMPLE.parent))
        import pretrain_rasd
        cls.module = pretrain_rasd
        cls.folder = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.addClassCleanup(torch.set_num_threads, torch.get_num_threads())
        torch.set_num_threads(1)
        try:
            # A rate that moves no weight: what is left are those that the seed draws.
            cls.begun = tool_pretrain(cls.folder / "begun", steps=1, lr=1e-12)
        except AssertionError as error:
            if "Torch cannot be called" in str(error):
                raise unittest.SkipTest(
                    "weights from Python to the tool and back: the tool has no torch (./gpusynth pretrain makes it)") from None
            raise
        example("--out", cls.folder / "ours", "--steps", 1)

    def losses(self, weights, network, preset, objective, steps, start):
        """Those of the example's loop, from given weights on."""
        with gpusynth.Engine(preset, size=SIZE, batch=BATCH, seed=SEED, threads=1) as engine:
            model = self.module.unet(network["dimensions"], network["channels"], network["outChannels"])
            model.load_state_dict(weights)
            optimiser = torch.optim.AdamW(model.parameters())
            options = argparse.Namespace(steps=steps, lr=1e-3, objective=objective)
            batches = gpusynth.torch.DataLoader(engine, start=start, steps=steps, rank=0, world_size=1)
            return [self.module.learn(model, optimiser, batch, step, engine.labels, options).item()
                    for step, batch in enumerate(batches)]

    def assert_close(self, value, wanted, tolerance):
        self.assertLess(abs(value - wanted), tolerance * abs(wanted), f"{value} and {wanted}")

    def test_from_the_tools_weights_the_example_trains_as_the_tool_does(self):
        for objective in OBJECTIVES:
            with self.subTest(objective):
                wanted = tool_pretrain(self.folder / objective, steps=4, objective=objective)
                lines = example("--init", self.folder / "begun", "--out", self.folder / f"{objective}-again", "--steps", 4,
                                "--objective", objective).splitlines()
                losses = {int(line.split()[1]): float(line.split()[3]) for line in lines}
                self.assertEqual(sorted(losses), [1, 4])
                self.assert_close(losses[1], wanted[1], 5e-6)
                # Three updates later rounding has been through AdamW.
                self.assert_close(losses[4], wanted[4], 1e-3)
        self.assertEqual(self.begun[1], read_losses(self.folder / "rasd-cosine")[1])

    def test_from_the_examples_weights_the_tool_trains_as_the_example_does(self):
        network = self.module.UNET
        for dims, channels in ((3, [16, 32, 64, 128]), (2, [8, 16, 32])):
            torch.manual_seed(dims)
            built = network | {"dimensions": dims, "channels": channels, "strides": [2 for _ in channels[1:]]}
            weights = {name: tensor.detach().clone()
                       for name, tensor in self.module.unet(dims, channels, built["outChannels"]).state_dict().items()}
            for objective in OBJECTIVES:
                with self.subTest(dims=dims, objective=objective):
                    out, preset = self.folder / f"{dims}-{objective}", f"rasd-{dims}d"
                    # A small network of the tool's, to be replaced; 2D's usual one is large.
                    options = {"preset": preset, "channels": "4,8", "objective": objective, "schedule": "constant", "warmup": 0}
                    tool_pretrain(out, steps=1, **options)
                    hand_over(out, weights, built)
                    tool("pretrain", "--out", out, "--resume", "--steps", 2)
                    ours, = self.losses(weights, built, preset, objective, 1, start=BATCH)
                    self.assert_close(read_losses(out)[2], ours, 5e-6)

    def test_exported_weights_come_back_to_the_bit(self):
        weights, network = self.module.load(self.folder / "begun")
        self.module.save(self.folder / "copy.safetensors", weights, network)
        again, same = self.module.load(self.folder / "copy.safetensors")
        self.assertEqual((network, list(weights)), (same, list(again)))
        self.assertTrue(all(torch.equal(weights[name], again[name]) for name in weights))
        header, _ = read_file(self.folder / "begun/weights.safetensors")
        self.assertEqual({name: entry["shape"] for name, entry in header.items() if name != "__metadata__"},
                         {name: list(tensor.shape) for name, tensor in again.items()})

    def test_fine_tuning_takes_every_weight(self):
        write_cases(self.folder / "cases", 4)
        before, _ = self.module.load(self.folder / "ours")
        said = tool("finetune", "--data", self.folder / "cases", "--init", self.folder / "ours", "--out", self.folder / "tuned",
                    "--steps", 2, "--validations", 1, "--patch", 16, "--lr", 0)
        self.assertIn(f"{len(before)} of {len(before) + 2} tensors copied; new: head.weight, head.bias", said)
        self.assertIn("| pretrained ", said)
        # At the rate 0 they are what they were.
        file, = self.folder.joinpath("tuned").rglob("weights.safetensors")
        header, data = read_file(file)
        for name, tensor in before.items():
            entry = header[f"body.{name}"]
            np.testing.assert_array_equal(
                np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"]), tensor.numpy())

    def test_the_tool_refuses_weights_of_another_network(self):
        write_cases(self.folder / "few", 3)
        weights, network = self.module.load(self.folder / "ours")
        first = next(iter(weights))
        table = (
            (self.module.unet(2, [16, 32], 16).state_dict(), network | {"dimensions": 2, "channels": [16, 32], "strides": [2]},
             "are of a 2D network"),
            (weights, network | {"channels": [8, 32, 64, 128]}, "lacks"),
            ({name: tensor for name, tensor in weights.items() if name != first}, network, f"'{first}' first"),
            (weights | {"more": torch.zeros(3)}, network, "holds 'more'"),
            (weights, network | {"channels": []}, "channels"),
        )
        for number, (state, described, words) in enumerate(table):
            with self.subTest(words):
                self.module.save(file := self.folder / f"foreign-{number}.safetensors", state, described)
                said = tool("finetune", "--data", self.folder / "few", "--init", file, "--out", self.folder / "refused",
                            "--steps", 1, "--patch", 16, status=1)
                self.assertRegex(said.splitlines()[-1], "^gpusynth: ")  # behind what is said of the data
                self.assertIn(words, said)
                self.assertNotIn("   at ", said)
                self.assertFalse(self.folder.joinpath("refused").exists())

    def test_the_tool_goes_on_with_no_other_network(self):
        out = self.folder / "other"
        tool_pretrain(out, channels="4,8", steps=1, schedule="constant")
        weights, network = self.module.load(self.folder / "ours")
        hand_over(out, weights, network | {"outChannels": 8})
        said = tool("pretrain", "--out", out, "--resume", "--steps", 2, status=1)
        self.assertRegex(said, "^gpusynth: 'model.* use weights of this network")

    def test_the_example_refuses_weights_of_another_network(self):
        weights, network = self.module.load(self.folder / "ours")
        tool_pretrain(self.folder / "flat", steps=1, preset="rasd-2d", channels="4,8")
        self.module.save(self.folder / "lying.safetensors", weights, network | {"channels": [8, 32, 64, 128]})
        self.folder.joinpath("text").write_text("no weights", encoding="utf-8")
        table = (
            (self.folder / "flat", 2, "residualUnits 4, not 2, activation relu, not prelu"),
            (self.folder / "ours", 2, "dimensions 3, not 2"),
            (self.folder / "ours/weights.safetensors", 2, "dimensions 3, not 2"),
            (self.folder / "lying.safetensors", 3, "size mismatch for model.0"),
            (self.folder / "begun/checkpoints/step_000001.safetensors", 3, "Missing key"),
            (self.folder / "text", 3, "do not serve"), (self.folder / "nowhere", 3, "No such file"),
        )
        for init, dims, words in table:
            with self.subTest(words), self.assertRaises(SystemExit) as stopped:
                self.module.begin(str(init), dims)
            self.assertRegex(stopped.exception.code, f"{init} .*{words}")
        said = example("--init", self.folder / "flat", "--out", self.folder / "untouched", "--steps", 1, status=1)
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertFalse(self.folder.joinpath("untouched").exists())


if __name__ == "__main__":
    unittest.main()
