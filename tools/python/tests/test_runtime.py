"""How the runtime is found and started, and where it is not: processes of their own."""
import email
import gzip
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import numpy as np
from support import NO_TORCH, PACKAGE, ROOT, gpusynth, run_script, torch, write_map

MAKE = "import gpusynth\nengine = gpusynth.Engine(preset='rasd-3d', size=9, threads=1)\n"

# Prints the sentence of the error that is named.
REFUSED = """
import gpusynth
try:
    gpusynth.Engine(preset='rasd-3d', size=9)
except gpusynth.{} as error:
    print(error)
"""


class MissingTests(unittest.TestCase):
    def test_no_runtime_says_how_to_get_one(self):
        with tempfile.TemporaryDirectory() as empty:
            printed = run_script("""
                import gpusynth
                for _ in range(2):
                    try:
                        gpusynth.Engine(preset='rasd-3d', size=9)
                    except gpusynth.RuntimeNotFoundError as error:
                        print(error)
                """, DOTNET_ROOT=empty, PATH=empty)
        self.assertEqual(printed.count("dotnet-install.sh"), 2)
        self.assertIn("DOTNET_ROOT", printed)

    def test_a_runtime_that_is_too_old_is_named(self):
        with tempfile.TemporaryDirectory() as root:
            for folder in ("host/fxr/6.0.36", "shared/Microsoft.NETCore.App/6.0.36"):
                Path(root, folder).mkdir(parents=True)
            printed = run_script(REFUSED.format("RuntimeNotFoundError"), DOTNET_ROOT=root)
        self.assertIn("6.0.36", printed)

    def test_a_runtime_that_is_not_whole_raises(self):
        with tempfile.TemporaryDirectory() as root:
            for folder in ("host/fxr/10.9.0", "shared/Microsoft.NETCore.App/10.9.0"):
                Path(root, folder).mkdir(parents=True)
            Path(root, "host/fxr/10.9.0/libhostfxr.so").write_text("no library")
            printed = run_script(REFUSED.format("RuntimeNotFoundError"), DOTNET_ROOT=root)
        self.assertIn("cannot be loaded", printed)

    def test_no_engine(self):
        with tempfile.TemporaryDirectory() as empty:
            printed = run_script(REFUSED.format("EngineNotFoundError"), GPUSYNTH_ENGINE=empty)
        self.assertIn("GPUSYNTH_ENGINE", printed)


@unittest.skipUnless(hasattr(os, "fork"), "fork: this system has none")
class ForkTests(unittest.TestCase):
    def test_a_child_after_the_start_is_refused_and_does_not_crash(self):
        printed = run_script(MAKE + """
import os, sys
ring = engine.ring()
engine.batch(0)
child = os.fork()
if child == 0:
    refused = 0
    calls = (lambda: engine.batch(1), lambda: engine.drawn(0), lambda: engine.ring(), lambda: ring.fill(0), engine.close,
             lambda: gpusynth.Engine(preset='rasd-3d', size=9))
    for call in calls:
        try:
            call()
        except gpusynth.ForkedProcessError as error:
            refused += 'spawn' in str(error)
    del engine, ring
    sys.exit(refused)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), engine.batch(1).image.min())
""")
        self.assertEqual(printed.split(), ["6", "0.0"])

    def test_a_child_before_the_start_is_fine(self):
        printed = run_script("""
            import os, sys
            import gpusynth
            children = [os.fork() for _ in range(1)]
            if children == [0]:
                sys.exit(int(gpusynth.Engine(preset='rasd-3d', size=9, threads=1).batch(0).image.max() * 8 + 1))
            print(gpusynth.Engine(preset='rasd-3d', size=9, threads=1).batch(0).image.min(),
                  os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) >= 8)
            """)
        self.assertEqual(printed.split(), ["0.0", "True"])


class ProcessTests(unittest.TestCase):
    def test_an_interrupt_is_still_a_keyboard_interrupt(self):
        printed = run_script(MAKE + """
import os, signal, time
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print('interrupted', engine.batch(0).image.min())
""")
        self.assertEqual(printed.split(), ["interrupted", "0.0"])

    def test_a_signal_that_ends_a_process_still_does(self):
        run_script(MAKE + "import os, signal, time\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(5)\n", status=-15)

    def test_started_by_a_thread(self):
        printed = run_script("""
            import threading
            import gpusynth
            def work():
                print(gpusynth.Engine(preset='rasd-3d', size=9, threads=1).batch(0).image.shape)
            threads = [threading.Thread(target=work) for _ in range(4)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            """)
        self.assertEqual(printed.count("(1, 1, 9, 9, 9)"), 4)

    def test_an_engine_that_is_left_open_does_not_disturb_the_end(self):
        self.assertEqual(run_script(MAKE + "engine.batch(0)\nimport sys\nsys.kept = engine\n"), "")


class ReadmeTests(unittest.TestCase):
    def examples(self, page):
        return [part.split("```")[0] for part in page.read_text(encoding="utf-8").split("```python\n")[1:]]

    def test_the_first_example_runs(self):
        self.assertEqual(len(run_script(self.examples(PACKAGE / "README.md")[0]).splitlines()), 3)

    def test_the_example_of_the_first_page_runs(self):
        example, = self.examples(ROOT / "README.md")
        self.assertEqual(len(run_script(example).splitlines()), 3)

    @unittest.skipIf(torch is None, NO_TORCH)
    def test_the_examples_with_torch_run(self):
        # webdataset's own example is for whoever has it.
        rest = [example for example in self.examples(PACKAGE / "README.md")[1:] if "webdataset" not in example]
        loaders, views = (run_script(example).splitlines() for example in rest)
        self.assertEqual(len(loaders), 20)
        self.assertEqual(set(loaders[10:]), {"torch.Size([4, 1, 32, 32, 32])"})
        self.assertEqual(len(views), 10)
        self.assertTrue(all(f"[[{2 * step}, {4 * step}], [{2 * step + 1}, {4 * step + 2}]] tensor(" in line
                            for step, line in enumerate(views)))


class WheelTests(unittest.TestCase):
    """The wheel with the runtime (whole) and the one without (small)."""
    slow = True

    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(PACKAGE))
        import build_wheel
        cls.folder = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.dotnet = gpusynth._runtime.find_dotnet((10, 0, 0))
        cls.write_wheel = staticmethod(build_wheel.write_wheel)
        cls.whole, cls.small = cls.write(cls, "first")

    def write(self, name):
        engine = gpusynth._runtime.find_engine()
        return self.write_wheel(self.folder / name, engine, self.dotnet), self.write_wheel(self.folder / name, engine)

    def test_the_same_files_give_the_same_wheels(self):
        self.assertEqual([wheel.read_bytes() for wheel in (self.whole, self.small)],
                         [wheel.read_bytes() for wheel in self.write("again")])

    def test_the_records_are_whole(self):
        for wheel in (self.whole, self.small):
            with zipfile.ZipFile(wheel) as archive:
                self.assertIsNone(archive.testzip())
                record = next(name for name in archive.namelist() if name.endswith("/RECORD"))
                listed = {line.split(",")[0] for line in archive.read(record).decode().splitlines()}
                self.assertEqual(listed, set(archive.namelist()))

    def test_the_small_one_runs_without_the_checkout(self):
        site = self.folder / "site"
        with zipfile.ZipFile(self.small) as archive:
            archive.extractall(site)
        printed = run_script(
            MAKE + "print(gpusynth.__file__)\nengine.batch(0)", PYTHONPATH=str(site), DOTNET_ROOT=str(self.dotnet))
        self.assertIn(str(site), printed)
        with tempfile.TemporaryDirectory() as empty:
            printed = run_script(REFUSED.format("RuntimeNotFoundError"), PYTHONPATH=str(site), DOTNET_ROOT=empty)
        self.assertIn("The wheel for this system has it in it.", printed)

    def test_installed_by_pip_the_whole_one_needs_nothing_but_numpy(self):
        if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
            self.skipTest("the wheel in a fresh environment: this python3 has no venv (Debian: python3-venv)")
        empty, home, python = self.folder / "empty", self.folder / "home", self.folder / "venv/bin/python"
        empty.mkdir()
        home.mkdir()

        def run(*command):
            done = subprocess.run(command, cwd=empty, env={"PATH": str(empty), "HOME": str(home), "DOTNET_ROOT": str(empty)},
                                  text=True, capture_output=True, timeout=180, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout

        run(shutil.which(sys.executable), "-m", "venv", "--system-site-packages", python.parents[1])
        if "True" not in run(python, "-c", "import importlib.util; print(importlib.util.find_spec('numpy') is not None)"):
            self.skipTest("the wheel in a fresh environment: a new venv of this python3 does not see its numpy")
        run(python, "-m", "pip", "--isolated", "install", "--no-index", "--no-deps", "--no-cache-dir", "--quiet", self.whole)
        example = PACKAGE.joinpath("README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
        printed = run(python, "-c", f"{example}\nimport sys\nprint(gpusynth.__file__, 'torch' in sys.modules)").splitlines()
        self.assertEqual([line.split()[0] for line in printed[:3]], ["0", "1", "2"])
        self.assertTrue(printed[3].startswith(str(python.parents[1])) and printed[3].endswith(" False"), printed[3])
        # What the usual run does not call: another device, label maps that are compressed, a recipe's text, sentences of errors.
        maps = self.folder / "maps"
        maps.mkdir()
        write_map(maps / "a.nii", np.eye(4))
        Path(maps, "b.nii.gz").write_bytes(gzip.compress(Path(maps, "a.nii").read_bytes()))
        recipe = ROOT.joinpath("src/GpuSynth/Recipes/Presets/rasd-2d.yaml").read_text(encoding="utf-8")
        printed = run(python, "-c", f"""
import gpusynth
for options in (dict(preset='rasd-3d', device='ilgpu-cpu'), dict(preset='labelmap-3d', labels={str(maps)!r}),
                dict(recipe={recipe!r}), dict(recipe='name: 1\\n'), dict(preset='rasd-3d', device='cuda:0')):
    try:
        made = gpusynth.Engine(**options, size=9)
        print(made.batch(0).image.shape, len(made.drawn(0)) > 5, made.affine(0)[3, 3])
    except gpusynth.PlanError as error:
        print('PlanError', 'mistakes' in str(error))
    except gpusynth.DeviceError as error:
        print('DeviceError', 'cuda:0' in str(error))
with open('/proc/self/maps', encoding='utf-8') as file:
    print({{line.split()[-1].rsplit('/', 1)[0] for line in file if 'coreclr' in line}})
""").splitlines()
        self.assertEqual(printed[:2], ["(1, 1, 9, 9, 9) True 1.0"] * 2)
        self.assertEqual(printed[2:5], ["(1, 1, 9, 9) True 1.0", "PlanError True", "DeviceError True"])
        self.assertIn(str(python.parents[1]), printed[5])
        # An OpenCL driver, where there is one, has its cache there.
        self.assertEqual((list(empty.iterdir()), {path.name for path in home.iterdir()} - {".cache"}), ([], set()))
        run(python, "-m", "pip", "--isolated", "uninstall", "--yes", "--quiet", "gpusynth")
        self.assertEqual(list(python.parents[1].rglob("gpusynth*")), [])

    def test_another_runtime_goes_before_its_own(self):
        site = self.folder / "other"
        with zipfile.ZipFile(self.whole) as archive:
            archive.extractall(site)
        for root, wanted in ((str(self.dotnet), self.dotnet), ("", site / "gpusynth/_dotnet")):
            printed = run_script(
                MAKE + "print(gpusynth._runtime.find_dotnet((10, 0, 0)))", PYTHONPATH=str(site), DOTNET_ROOT=root)
            self.assertEqual(printed.strip(), str(wanted))

    def test_what_is_left_out_is_not_referred_to(self):
        from dotnet_references import references
        with zipfile.ZipFile(self.whole) as archive:
            taken = {Path(name).stem: archive.read(name) for name in archive.namelist() if name.endswith(".dll")}
        framework = {path.stem for path in self.dotnet.glob("shared/Microsoft.NETCore.App/10.*/*.dll")}
        self.assertTrue({"GpuSynth", "GpuSynth.Kernels"} <= references(taken["GpuSynth.Native"]))
        for name, data in taken.items():
            self.assertEqual((references(data) & framework) - taken.keys(), set(), name)
        self.assertLess(len(framework & taken.keys()), len(framework) / 2)
        with self.assertRaises(ValueError):
            references(b"MZ no assembly" * 9)

    def test_a_folder_without_a_runtime_is_named(self):
        import dotnet_runtime
        with tempfile.TemporaryDirectory() as empty, self.assertRaisesRegex(dotnet_runtime.RuntimeMissing, "--no-runtime"):
            self.write_wheel(self.folder / "none", gpusynth._runtime.find_engine(), Path(empty))

    def test_the_metadata_are_those_of_the_project(self):
        try:
            import tomllib
        except ImportError:
            self.skipTest("the wheel's metadata beside pyproject.toml: this python3 has no tomllib (3.11)")
        with open(PACKAGE / "pyproject.toml", "rb") as file:
            project = tomllib.load(file)["project"]
        self.assertEqual(project["version"], gpusynth.__version__)
        wanted = {
            "Name": [project["name"]], "Version": [project["version"]], "Summary": [project["description"]],
            "License": [project["license"]["text"]], "Requires-Python": [project["requires-python"]],
            "Provides-Extra": list(project["optional-dependencies"]),
            "Requires-Dist": [*project["dependencies"], *(
                f'{one}; extra == "{extra}"' for extra, ones in project["optional-dependencies"].items() for one in ones)],
        }
        for wheel, tag in ((self.whole, r"manylinux_2_\d+_\w+" if sys.platform == "linux" else r"\w+"), (self.small, "any")):
            self.assertRegex(wheel.name, rf"^{project['name']}-{project['version']}-py3-none-{tag}\.whl$")
            with zipfile.ZipFile(wheel) as archive:
                text = {kind: archive.read(next(name for name in archive.namelist() if name.endswith(f"-info/{kind}"))).decode()
                        for kind in ("METADATA", "WHEEL")}
            self.assertIn(f"Tag: {wheel.stem.split('-', 2)[2]}\n", text["WHEEL"])
            metadata = email.message_from_string(text["METADATA"])
            self.assertEqual({name: metadata.get_all(name) for name in wanted}, wanted)
            self.assertEqual(metadata.get_payload(), PACKAGE.joinpath(project["readme"]).read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
