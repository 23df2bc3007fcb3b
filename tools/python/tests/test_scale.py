"""The examples of many processes: shards in an array job, and training under torchrun."""
import hashlib
import io
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path

import numpy as np
from support import NO_TORCH, PACKAGE, ROOT, gpusynth, torch

EXAMPLES = PACKAGE / "examples"
PLACES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_", "JOB_COMPLETION")
OPTIONS = {"preset": "rasd-3d", "size": "9x8x7", "seed": 7, "shards": 4, "per-shard": 5, "batch": 2, "threads": 1}


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PLACES)}
    return {**kept, "PYTHONPATH": str(PACKAGE), "OMP_NUM_THREADS": "1", **more}


def flags(options):
    return [part for name, value in options.items() for part in ([f"--{name}"] if value is True else [f"--{name}", str(value)])]


class ShardTests(unittest.TestCase):
    """One corpus of four shards, of five samples each, is made for all tests; they compare with it or break copies of it."""
    slow = True

    @classmethod
    def setUpClass(cls):
        cls.home = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.made = cls.home / "made"
        cls.printed = cls.run_shards(cls.made)

    @classmethod
    def start(cls, out, environ={}, **options):
        options = {**OPTIONS, "out": out, **{name.replace("_", "-"): value for name, value in options.items()}}
        return subprocess.Popen([sys.executable, "-B", str(EXAMPLES / "make_shards.py"), *flags(options)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**environ))

    @classmethod
    def end(cls, process, status=0):
        """What it printed, on the standard output or else on the other; its exit status must be the one given."""
        out, errors = process.communicate(timeout=100)
        if process.returncode != status or "Traceback" in errors:
            raise AssertionError(f"exit status {process.returncode} and not {status}:\n{out}\n{errors}")
        return errors if status else out

    @classmethod
    def run_shards(cls, out, status=0, **options):
        return cls.end(cls.start(out, **options), status)

    def copy(self):
        return Path(shutil.copytree(self.made, Path(tempfile.mkdtemp(dir=self.home), "corpus")))

    def files(self, out):
        return {path.name: path.read_bytes() for path in out.iterdir()}

    def assert_same(self, out):
        """Names and bytes of all files are those of the run."""
        here, there = self.files(out), self.files(self.made)
        self.assertEqual(sorted(here), sorted(there))
        for name, data in there.items():
            self.assertTrue(here[name] == data, name)

    def test_files(self):
        names = [f"shard-{number:06d}.tar" for number in range(4)]
        self.assertEqual(sorted(self.files(self.made)), sorted(["corpus.json", *names, *(f"{name}.sha256" for name in names)]))
        for name in names:
            checksum = hashlib.sha256((self.made / name).read_bytes()).hexdigest()
            self.assertEqual((self.made / f"{name}.sha256").read_text(), f"{checksum}  {name}\n")
        self.assertEqual(len(self.printed.splitlines()), 5)
        self.assertIn("task 0 of 1: 4 shards are whole, 4 of them made", self.printed.splitlines()[-1])
        kept = json.loads((self.made / "corpus.json").read_text())
        wanted = {"recipe": "rasd-3d", "size": [9, 8, 7], "seed": 7, "per-shard": 5, "dtype": "float32", "device": "host"}
        self.assertEqual({name: kept[name] for name in wanted}, wanted)

    def test_samples_are_the_engines(self):
        halves = self.home / "halves"
        self.run_shards(halves, only=1, dtype="float16", batch=5)
        with gpusynth.Engine("rasd-3d", size=(9, 8, 7), batch=5, seed=7, threads=1) as engine:
            for number in range(4):
                image, label = engine.batch(number).copy()
                drawn = [engine.drawn(place) for place in range(5)]
                self.check_shard(self.made / f"shard-{number:06d}.tar", image, label, drawn)
                if number == 1:
                    self.check_shard(halves / "shard-000001.tar", image.astype(np.float16), label, drawn)

    def check_shard(self, path, images, labels, drawn):
        first = 5 * int(path.stem[6:])
        with tarfile.open(path) as tar:
            members = tar.getmembers()
            data = {member.name: tar.extractfile(member).read() for member in members}
        names = [f"{first + place:09d}.{kind}" for place in range(5) for kind in ("image.npy", "label.npy", "json")]
        self.assertEqual([member.name for member in members], names)
        self.assertEqual({(member.mtime, member.uid, member.gid, member.mode, member.uname) for member in members},
                         {(0, 0, 0, 0o644, "")})
        for place in range(5):
            image, label, record = (data[name] for name in names[3 * place:3 * place + 3])
            image, label = (np.load(io.BytesIO(array), allow_pickle=False) for array in (image, label))
            self.assertEqual((image.dtype, image.shape, label.dtype, label.shape),
                             (images.dtype, (1, 9, 8, 7), np.uint8, (1, 9, 8, 7)))
            np.testing.assert_array_equal(image, images[place])
            np.testing.assert_array_equal(label[0], labels[place])
            self.assertEqual(json.loads(record), drawn[place])

    def test_a_shard_alone_is_that_of_the_run(self):
        alone = self.home / "alone"
        self.run_shards(alone, only=2, batch=3, threads=2, shards=1)
        self.assertEqual(sorted(self.files(alone)), ["corpus.json", "shard-000002.tar", "shard-000002.tar.sha256"])
        for name, data in self.files(alone).items():
            self.assertTrue(data == self.files(self.made)[name], name)

    def test_the_tasks_of_an_array_make_one_corpus(self):
        out = self.home / "array"
        # --array=10,13, at once
        common = {"SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_MAX": "13", "SLURM_ARRAY_TASK_STEP": "3",
                  "SLURM_ARRAY_TASK_COUNT": "2"}
        tasks = [self.start(out, {**common, "SLURM_ARRAY_TASK_ID": number}) for number in ("10", "13")]
        for number, task in enumerate(tasks):
            self.assertIn(f"task {number} of 2: 2 shards are whole, 2 of them made", self.end(task))
        self.assert_same(out)

    def test_the_same_shards_at_once(self):
        out = self.home / "twice"
        for task in [self.start(out), self.start(out)]:
            self.end(task)
        self.assert_same(out)

    def test_kubernetes_and_more_shards(self):
        out = self.home / "pods"
        pod = {"JOB_COMPLETION_INDEX": "1", "JOB_COMPLETIONS": "2"}
        self.assertIn("shard-000001.tar", self.end(self.start(out, pod, shards=2)))
        self.assertIn("task 1 of 2: 2 shards are whole, 1 of them", self.end(self.start(out, pod)))
        self.run_shards(out, task=0, tasks=2)
        self.assert_same(out)

    def test_going_on_after_a_kill(self):
        out, wanted = self.home / "killed", self.home / "unbroken"
        larger = {"size": 24, "per_shard": 24, "shards": 3}
        process = self.start(out, **larger)
        until = time.monotonic() + 60
        while not list(out.glob("shard-000001.tar.*.partial")) and time.monotonic() < until:
            time.sleep(0.002)
        process.kill()
        process.communicate()
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertEqual(len(list(out.glob("*.partial"))), 1)
        first = out / "shard-000000.tar"
        before = first.stat().st_mtime_ns, first.stat().st_ino
        self.assertFalse((out / "shard-000001.tar").exists())
        self.assertIn("3 shards are whole, 2 of them made", self.run_shards(out, **larger))
        self.assertEqual((first.stat().st_mtime_ns, first.stat().st_ino), before)
        self.run_shards(wanted, **larger)
        self.assertEqual(self.files(out), self.files(wanted))

    def test_a_stop_takes_the_partial_file_away(self):
        out = self.home / "stopped"
        process = self.start(out, size=32, per_shard=5000)
        until = time.monotonic() + 60
        while not list(out.glob("shard-*.partial")) and time.monotonic() < until:
            time.sleep(0.01)
        process.terminate()
        self.assertIn("goes on", self.end(process, 1))
        self.assertEqual(list(self.files(out)), ["corpus.json"])

    def test_what_is_broken_is_made_again(self):
        out = self.copy()
        first, second, third = (out / f"shard-{number:06d}.tar" for number in range(3))
        with open(first, "r+b") as file:
            file.seek(1000)
            byte = file.read(1)
            file.seek(1000)
            file.write(bytes([byte[0] ^ 1]))
        os.truncate(second, second.stat().st_size - 1024)
        Path(f"{third}.sha256").unlink()
        self.assertIn("4 shards are whole, 2 of them made", self.run_shards(out))
        self.assertFalse(first.read_bytes() == (self.made / first.name).read_bytes())
        printed = self.run_shards(out, verify=True)
        self.assertEqual(re.findall("shard-[0-9]+", printed), ["shard-000000"])
        self.assert_same(out)
        self.assertIn("0 of them made", self.run_shards(out, verify=True))

    def module(self):
        sys.path.insert(0, str(EXAMPLES))
        self.addCleanup(sys.path.remove, str(EXAMPLES))
        import make_shards
        return make_shards

    def test_every_cut_is_seen(self):
        make_shards = self.module()
        path = self.copy() / "shard-000003.tar"
        data, line = path.read_bytes(), Path(f"{path}.sha256").read_bytes()
        self.assertTrue(make_shards.is_whole(path, False) and make_shards.is_whole(path, True))
        for size in [*range(0, len(data), 512), len(data) - 1]:
            path.write_bytes(data[:size])
            self.assertFalse(make_shards.is_whole(path, False), size)
            path.write_bytes(data[:size] + bytes(len(data) - size))
            self.assertFalse(make_shards.is_whole(path, True) and size < len(data) - 1024, size)
        path.write_bytes(data)
        for wrong in (b"", line[1:], line.replace(b"3.tar", b"2.tar"), b"\xff" + line[1:]):
            Path(f"{path}.sha256").write_bytes(wrong)
            self.assertFalse(make_shards.is_whole(path, False))

    def test_sha256sum_agrees(self):
        if shutil.which("sha256sum") is None:
            self.skipTest("sha256sum of shards: there is no sha256sum here")
        out = self.copy()
        command = ["sha256sum", "--strict", "-c", *(path.name for path in sorted(out.glob("*.sha256")))]
        subprocess.run(command, cwd=out, check=True, capture_output=True)
        os.truncate(out / "shard-000000.tar", 512)
        self.assertEqual(subprocess.run(command, cwd=out, check=False, capture_output=True).returncode, 1)

    def test_other_options_are_refused(self):
        out = self.copy()
        for options, wanted in (
                ({"seed": 8}, "seed 7, and this run has 8"), ({"size": 9}, "size [9, 8, 7]"), ({"per_shard": 6}, "per-shard 5"),
                ({"dtype": "float16"}, 'dtype "float32"'), ({"preset": "rasd-2d", "size": "9x8"}, 'recipe "rasd-3d"')):
            said = self.run_shards(out, 1, **options)
            self.assertIn(wanted, said)
            self.assertIn("another --out", said)
        self.assert_same(out)
        (out / "corpus.json").write_text("{")
        self.assertIn("damaged", self.run_shards(out, 1))
        (out / "corpus.json").unlink()
        self.assertIn("no corpus.json", self.run_shards(out, 1, seed=8))
        self.assertFalse((out / "corpus.json").exists())

    def test_recipes_and_label_maps_are_options(self):
        out, maps, recipe = (self.home / name for name in ("mapped", "maps", "mine.yaml"))
        # NIfTI-1: 348 bytes of header, four of none, voxels.
        header = struct.pack("<i36x8h14xhh2x8ff", 348, 3, 5, 5, 5, 1, 1, 1, 1, 2, 8, *[1] * 8, 352).ljust(344, b"\0") + b"n+1\0"
        maps.mkdir()
        for name in ("a.nii", "b.nii"):
            (maps / name).write_bytes(header + bytes(4) + bytes(range(5)) * 25)
        options = {"preset": "labelmap-3d", "labels": maps, "shards": 1}
        self.run_shards(out, **options)
        kept = json.loads((out / "corpus.json").read_text())["labels"]
        self.assertEqual(kept, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in maps.iterdir()})
        (maps / "b.nii").write_bytes(header + bytes(4) + bytes(range(1, 6)) * 25)
        self.assertIn("has labels", self.run_shards(out, 1, **options))

        text = (ROOT / "perf/recipes/rasd-3d-8-labels.yaml").read_text(encoding="utf-8")
        recipe.write_text(text, encoding="utf-8")
        other = self.home / "own"
        self.run_shards(other, recipe=recipe, shards=1)
        self.assertEqual(json.loads((other / "corpus.json").read_text())["recipe"], text)
        with tarfile.open(other / "shard-000000.tar") as tar:
            self.assertEqual(json.load(tar.extractfile("000000000.json"))["labelCount"], 8)
        recipe.write_text(text.replace("labels: 8", "labels: 7"), encoding="utf-8")
        self.assertIn("another --out", self.run_shards(other, 1, recipe=recipe, shards=1))

    def test_the_first_options_stay(self):
        make_shards = self.module()
        path = self.home / "first.json"
        for text in (b"one", b"two"):
            make_shards.write(path, [text], make_shards.link)
        self.assertEqual(path.read_bytes(), b"one")
        with unittest.mock.patch("os.link", side_effect=PermissionError):
            make_shards.write(path, [b"three"], make_shards.link)
        self.assertEqual(path.read_bytes(), b"three")
        self.assertEqual(list(self.home.glob("first.json.*")), [])

    def test_of_different_options_at_once_one_wins(self):
        out = self.home / "race"
        tasks = {seed: self.start(out, seed=seed) for seed in (7, 8)}
        said = {seed: task.communicate(timeout=100)[1] for seed, task in tasks.items()}
        winner = json.loads((out / "corpus.json").read_text())["seed"]
        self.assertEqual(said.pop(winner), "")
        self.assertIn(f"has seed {winner}", *said.values())
        self.assertEqual({seed: task.returncode for seed, task in tasks.items()}, {winner: 0, 15 - winner: 1})
        with tarfile.open(out / "shard-000003.tar") as tar:
            self.assertEqual(json.load(tar.extractfile("000000019.json"))["seed"], winner)

    def test_a_full_disk(self):
        import resource
        out = self.home / "full"
        # A limit of a file's size stands for a full disk; the runtime needs larger files where it may not write to code.
        options = {**OPTIONS, "out": out, "size": 16, "per-shard": 20}
        done = subprocess.run(
            [sys.executable, "-B", str(EXAMPLES / "make_shards.py"), *flags(options)],
            text=True, capture_output=True, check=False, timeout=100, env=environment(DOTNET_EnableWriteXorExecute="0"),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000)))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, f"{out}: File too large. What is whole stays; the same command again goes on.\n")
        self.assertEqual(list(self.files(out)), ["corpus.json"])

    def test_bad_input(self):
        out = self.home / "none"
        for options, wanted in (
                ({"size": "9y"}, "--size is 9y"), ({"preset": "x"}, "rasd-3d"), ({"shards": 0}, "--shards is 0"),
                ({"per_shard": 0}, "--per-shard is 0"), ({"only": -1}, "--only is -1"), ({"batch": 0}, "batch is 0"),
                ({"task": 1}, "Only one of task and tasks"), ({"task": 2, "tasks": 2}, "from 0 to"),
                ({"labels": out}, "no such folder"), ({"out": __file__}, "File exists")):
            self.assertIn(wanted, self.run_shards(**{"out": out, "status": 1, **options}))
        self.assertFalse(out.exists())


@unittest.skipIf(torch is None, NO_TORCH)
class DistributedTests(unittest.TestCase):
    """Two ranks of batch 1 under torchrun, and a process by itself of batch 2."""
    slow = True

    STEPS = 24
    # pretrain_rasd.py prints few steps: this prints all.
    ALONE = """
import pretrain_rasd
learn = pretrain_rasd.learn
def told(*arguments):
    loss = learn(*arguments)
    print(f'step {arguments[3] + 1} loss {loss.item():.6f}')
    return loss
pretrain_rasd.learn = told
pretrain_rasd.main()
"""

    @classmethod
    def setUpClass(cls):
        cls.home = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.unbroken = cls.end(cls.start("unbroken"))

    @classmethod
    def alone(cls, out):
        options = {"out": cls.home / out, "size": 16, "batch": 2, "steps": cls.STEPS, "threads": 1}
        done = subprocess.run(
            [sys.executable, "-B", "-c", cls.ALONE, *flags(options)], text=True, capture_output=True, check=True, timeout=100,
            env=environment(PYTHONPATH=os.pathsep.join((str(PACKAGE), str(EXAMPLES)))))
        return cls.losses(done.stdout)

    @classmethod
    def start(cls, out, **options):
        options = {"out": cls.home / out, "size": 16, "batch": 1, "steps": cls.STEPS, "print-every": 1, "save-every": 1,
                   "timeout": 60, **options}
        # A file to meet at: --standalone has a port that others use too in torch 1.13, and Debian's torch 2.6, which is built
        # without libuv, has no other way to meet.
        # Of what torchrun does with the output, torch 1.13 knows no more than this under Python 3.11.
        logs = ["--redirects", "1", "--tee", "1", "--log_dir", str(cls.home / "logs"), "--monitor_interval", "0.2"]
        return subprocess.Popen(
            [sys.executable, "-B", "-m", "torch.distributed.run", "--rdzv_backend", "c10d", "--rdzv_conf", "store_type=file",
             "--rdzv_endpoint", tempfile.mktemp(dir=cls.home), "--nproc_per_node", "2", *logs, str(EXAMPLES / "pretrain_ddp.py"), *flags(options)],
            text=True, env=environment(USE_LIBUV="0", TORCH_DISABLE_SHARE_RDZV_TCP_STORE="1"), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    @classmethod
    def end(cls, process, is_good=True):
        try:
            out, _ = process.communicate(timeout=100)
        finally:
            process.kill()
        if (process.returncode == 0) != is_good:
            raise AssertionError(f"exit status {process.returncode}:\n{out}")
        return cls.losses(out)

    @staticmethod
    def losses(text):
        return {int(step): float(loss) for step, loss in re.findall(r"step ([0-9]+) loss ([0-9.]+)", text)}

    def ranks(self, out):
        """The processes that train for this folder."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            if str(self.home / out).encode() in words and b"torch.distributed.run" not in words:
                found.append(int(path.parent.name))
        return found

    def assert_none_left(self, out):
        until = time.monotonic() + 20
        while (left := self.ranks(out)) and time.monotonic() < until:
            time.sleep(0.1)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(left, [])

    def test_the_losses_are_those_of_one_process(self):
        alone = self.alone("alone")
        self.assertEqual(sorted(self.unbroken), list(range(1, self.STEPS + 1)))
        # Equal but for rounding at first. Then they drift apart, some tenfold a step: the optimiser makes much of what rounding leaves
        # of gradients that are none. Other samples would differ by a tenth.
        for step, share in ((1, 1e-5), (2, 1e-5), (3, 1e-4), (4, 1e-3), (5, 1e-3)):
            self.assertAlmostEqual(self.unbroken[step], alone[step], delta=share * alone[step], msg=f"step {step}")
        data = (self.home / "unbroken/weights.safetensors").read_bytes()
        self.assertEqual(len(data), (self.home / "alone/weights.safetensors").stat().st_size)
        self.assertEqual(list((self.home / "unbroken").glob("*.partial")), [])

    def test_going_on_after_torchrun_was_killed(self):
        process = self.start("killed")
        while not (self.home / "killed/state.pt").exists() and process.poll() is None:
            time.sleep(0.005)
        self.assertEqual(len(self.ranks("killed")), 2)
        process.kill()
        self.assert_none_left("killed")
        self.end(process, False)
        self.assertFalse((self.home / "killed/weights.safetensors").exists())
        shutil.copytree(self.home / "killed", self.home / "fewer")

        rest = self.end(self.start("killed"))
        self.assertLess(1, min(rest))
        self.assertEqual(rest, {step: loss for step, loss in self.unbroken.items() if step >= min(rest)})
        weights = [(self.home / name / "weights.safetensors").read_bytes() for name in ("unbroken", "killed")]
        self.assertTrue(weights[0] == weights[1])

        # One rank in place of two, with the same samples per step.
        alone = self.alone("fewer")
        self.assertEqual(sorted(alone), sorted(rest))
        for step in sorted(alone)[:3]:
            self.assertAlmostEqual(alone[step], rest[step], delta=1e-4 * rest[step], msg=f"step {step}")

    def test_a_rank_that_fails_takes_the_others_with_it(self):
        process = self.start("failed", init=self.home / "nothing")
        said, _ = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 1)
        self.assertIn("nothing do not serve", said)
        self.assertNotIn("step", said)
        self.assert_none_left("failed")

    def test_without_torchrun(self):
        done = subprocess.run(
            [sys.executable, "-B", str(EXAMPLES / "pretrain_ddp.py")], text=True, capture_output=True, check=False, timeout=100,
            env=environment())
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("torchrun --standalone --nproc_per_node", done.stderr)


if __name__ == "__main__":
    unittest.main()
