"""How the runtime is found and started, and where it is not: processes of their own."""
import os
import sys
import tempfile
import unittest
from pathlib import Path

from support import run_script

MAKE = "import gpusynth\nengine = gpusynth.Engine(preset='rasd-3d', size=9, threads=1)\n"


class MissingTests(unittest.TestCase):
    def test_no_runtime_says_how_to_get_one(self):
        with tempfile.TemporaryDirectory() as empty:
            printed = run_script(f"""
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
            printed = run_script("""
                import gpusynth
                try:
                    gpusynth.Engine(preset='rasd-3d', size=9)
                except gpusynth.RuntimeNotFoundError as error:
                    print(error)
                """, DOTNET_ROOT=root)
        self.assertIn("6.0.36", printed)

    def test_a_runtime_that_is_not_whole_raises(self):
        with tempfile.TemporaryDirectory() as root:
            for folder in ("host/fxr/10.9.0", "shared/Microsoft.NETCore.App/10.9.0"):
                Path(root, folder).mkdir(parents=True)
            Path(root, "host/fxr/10.9.0/libhostfxr.so").write_text("no library")
            printed = run_script("""
                import gpusynth
                try:
                    gpusynth.Engine(preset='rasd-3d', size=9)
                except gpusynth.RuntimeNotFoundError as error:
                    print(error)
                """, DOTNET_ROOT=root)
        self.assertIn("cannot be loaded", printed)

    def test_no_engine(self):
        with tempfile.TemporaryDirectory() as empty:
            printed = run_script("""
                import gpusynth
                try:
                    gpusynth.Engine(preset='rasd-3d', size=9)
                except gpusynth.EngineNotFoundError as error:
                    print(error)
                """, GPUSYNTH_ENGINE=empty)
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
    def test_the_first_example_runs(self):
        page = Path(__file__).resolve().parents[1].joinpath("README.md").read_text(encoding="utf-8")
        example = page.split("```python\n")[1].split("```")[0]
        self.assertEqual(len(run_script(example).splitlines()), 3)


class WheelTests(unittest.TestCase):
    def test_the_wheel_is_whole_and_runs_without_the_checkout(self):
        import zipfile
        from support import PACKAGE
        from gpusynth import _runtime
        sys.path.insert(0, str(PACKAGE))
        import build_wheel
        with tempfile.TemporaryDirectory() as folder:
            wheel = build_wheel.write_wheel(Path(folder), _runtime.find_engine())
            again = build_wheel.write_wheel(Path(folder, "again"), _runtime.find_engine())
            self.assertEqual(wheel.read_bytes(), again.read_bytes())
            with zipfile.ZipFile(wheel) as archive:
                self.assertIsNone(archive.testzip())
                record = next(name for name in archive.namelist() if name.endswith("/RECORD"))
                listed = {line.split(",")[0] for line in archive.read(record).decode().splitlines()}
                self.assertEqual(listed, set(archive.namelist()))
                archive.extractall(Path(folder, "site"))
            printed = run_script(MAKE + "print(gpusynth.__file__)\nengine.batch(0)", PYTHONPATH=str(Path(folder, "site")))
            self.assertIn(str(Path(folder, "site")), printed)


if __name__ == "__main__":
    unittest.main()
