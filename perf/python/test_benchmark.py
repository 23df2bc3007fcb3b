"""Tests of the arithmetic and of the protocol: python3 -m unittest discover -s perf/python. None looks at a real time."""
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.append(str(HERE.parent / "gpu"))

import calls  # noqa: E402
import eager_process  # noqa: E402
import engine_process  # noqa: E402
import pairing  # noqa: E402
import report  # noqa: E402
import run  # noqa: E402
import volumes  # noqa: E402

FACTS = {"recipe": "rasd-3d", "size": "8x8x8", "batch": 2, "threads": 1, "machine": {"cpu": "a"}}


class PairingTests(unittest.TestCase):
    def test_quartiles_lie_between_neighbours(self):
        cuts = pairing.summary([4, 1, 3, 2])
        self.assertEqual([cuts[name] for name in ("minimum", "lowerQuartile", "median", "upperQuartile", "maximum")],
                         [1, 1.75, 2.5, 3.25, 4])
        self.assertEqual((cuts["medianFrom"], cuts["medianTo"], cuts["repetitions"]), (1, 4, 4))

    def test_the_interval_of_the_median_is_by_ranks(self):
        cuts = pairing.summary(range(100, 0, -1))  # of 100 values those of ranks 41 and 60
        self.assertEqual((cuts["medianFrom"], cuts["median"], cuts["medianTo"]), (41, 50.5, 60))

    def test_the_interval_holds_the_median_as_often_as_it_says(self):
        import numpy as np
        draws = np.random.default_rng(1).exponential(size=(2000, 25))
        held = sum(cuts["medianFrom"] <= np.log(2) <= cuts["medianTo"] for cuts in map(pairing.summary, draws))
        self.assertGreater(held / len(draws), 0.94)

    def test_ratios_and_differences_are_of_the_same_round(self):
        # A machine that is ten times slower in the second round.
        self.assertEqual(pairing.ratios([2, 20, 2], [1, 10, 1])["maximum"], 2)
        self.assertEqual(pairing.differences([2, 12, 4], [1, 10, 1])["median"], 2)
        with self.assertRaises(ValueError):
            pairing.ratios([1, 2], [1])

    def test_subjects_come_in_turn_and_warm_ups_do_not_count(self):
        came = []

        def subject(name):
            def run_once():
                came.append(name)
                return len(came)
            return run_once

        seconds = pairing.interleaved({name: subject(name) for name in "abc"}, rounds=2, warm_ups=1)
        self.assertEqual("".join(came), "abcabcabc")
        self.assertEqual(seconds, {"a": [4, 7], "b": [5, 8], "c": [6, 9]})


class CallsTests(unittest.TestCase):
    def test_overhead_is_beyond_the_bare_call_of_the_same_round(self):
        seconds = {"engine.batch": [23e-6, 43e-6], "engine.generate": [26e-6, 46e-6], calls.BARE: [20e-6, 40e-6],
                   "bare info_of": [1e-6, 1e-6]}
        made = calls.result(seconds)
        self.assertAlmostEqual(made["overheadMicroseconds"]["engine.batch"]["maximum"], 3)
        self.assertAlmostEqual(made["overheadMicroseconds"]["engine.generate"]["minimum"], 6)
        self.assertAlmostEqual(made["microseconds"]["bare info_of"]["median"], 1)
        self.assertEqual(len(list(run.lines_of_calls(made))), 5)


class FakeSide:
    """Makes batches of `milliseconds` each; the clock runs with them."""

    def __init__(self, milliseconds, clock):
        self.milliseconds, self.clock, self.asked, self.spent = milliseconds, clock, [], 0

    def turn(self, count):
        self.asked.append(count)
        self.clock.order.append(self)
        self.clock.now += count * self.milliseconds / 1e3
        self.spent += count * self.milliseconds / 1e3
        return [self.milliseconds] * count

    def processor_seconds(self):
        return 2 * self.spent


class Clock:
    def __init__(self):
        self.now, self.order = 0, []

    def __call__(self):
        return self.now


class TurnsTests(unittest.TestCase):
    def test_both_make_the_same_batches_in_turns_of_a_tenth_of_a_second(self):
        clock = Clock()
        sides = [FakeSide(20, clock), FakeSide(10, clock)]
        made = volumes.take_turns(sides, 2.9, clock)
        self.assertEqual(sides[0].asked, sides[1].asked)
        warm = 150  # until the quicker one has had a second and a half
        self.assertEqual(sides[0].asked[:warm + 1], [1] * warm + [5])
        self.assertEqual(len(made), 20)
        for tool, python in made:
            self.assertAlmostEqual(tool[0], 20)
            self.assertAlmostEqual(python[1], 0.02)
        self.assertEqual([sides.index(side) for side in clock.order[2 * warm:2 * warm + 8]], [0, 1, 1, 0, 0, 1, 1, 0])

    def test_long_batches_have_five_turns_of_one(self):
        clock = Clock()
        sides = [FakeSide(2000, clock), FakeSide(2000, clock)]
        self.assertEqual(len(volumes.take_turns(sides, 0.1, clock)), 5)
        self.assertEqual(sides[0].asked, [1] * (volumes.WARM_UP_BATCHES + 5))

    def test_volumes_per_second_and_ratios(self):
        # (milliseconds, processor seconds): of the tool, of Python.
        pairs = [[((10, 0.02), (10, 0.02)), ((100, 0.02), (100, 0.03))], [((10, 0.02), (8, 0.02))]]
        made = volumes.result(FACTS, pairs)
        self.assertEqual(made["toolVolumesPerSecond"]["median"], 200)
        self.assertEqual(made["pythonVolumesPerSecond"]["maximum"], 250)
        self.assertEqual((made["pythonToTool"]["median"], made["pythonToTool"]["maximum"]), (1, 1.25))
        self.assertEqual(made["pythonToToolOfPairs"], [1, 1.25])
        self.assertAlmostEqual(made["processorTimePythonToTool"]["maximum"], 1.5)
        self.assertIs(made["isWithinTarget"], True)
        self.assertIs(volumes.result(FACTS, pairs[1:])["isWithinTarget"], False)
        self.assertIsNone(volumes.result(FACTS, [[((1, None), (1, None))]])["processorTimePythonToTool"])

    def test_a_process_answers_line_by_line(self):
        answers, made = io.StringIO(), []
        engine_process.take_turns(made.append, ["2\n", "1\n"], answers, iter(range(100)).__next__)
        self.assertEqual(made, [0, 1, 2])
        self.assertEqual(answers.getvalue(), "1000.00000 1000.00000\n1000.00000\n")

    def side(self, text):
        return volumes.Side("the tool", [sys.executable, "-B", "-c", "import sys\n" + text])

    def test_answers_are_parsed(self):
        side = self.side(f"print({json.dumps(json.dumps(FACTS))}, flush=True); sys.stdin.readline()\n"
                         "print('1.5 2.5', flush=True); sys.stdin.read()")
        self.addCleanup(side.close)
        self.assertEqual(side.facts, FACTS)
        self.assertEqual(side.turn(2), [1.5, 2.5])

    @unittest.skipUnless(sys.platform.startswith("linux"), "the processor time of other processes: not on this system")
    def test_processor_time_is_that_of_the_process(self):
        side = self.side("import time; print('{}', flush=True); sys.stdin.readline(); t = time.process_time()\n"
                         "while time.process_time() < t + 0.05: pass\nprint(1, flush=True); sys.stdin.read()")
        self.addCleanup(side.close)
        before = side.processor_seconds()
        side.turn(1)
        self.assertGreaterEqual(side.processor_seconds() - before, 0.05)

    def test_wrong_answers_are_refused(self):
        answer = "print(dict(), flush=True); sys.stdin.readline(); print('{}', flush=True); sys.stdin.read()"
        for text, sentence in (
                ("print('no')", "answered 'no\\\\n' where figures were awaited"),
                ("pass", "answered '' where"),
                (answer.format("1 2"), "was to make 1 batches, and answered"), (answer.format("0"), "and answered")):
            with self.subTest(text), self.assertRaisesRegex(volumes.MeasuringError, sentence):
                side = self.side(text)
                self.addCleanup(side.close)
                side.turn(1)

    def test_different_engines_are_not_compared(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            for folder in (one, other):
                for name in volumes.SAME_FILES:
                    Path(folder, name).write_bytes(b"same")
            volumes.require_same(Path(one), Path(other))
            Path(other, volumes.SAME_FILES[1]).write_bytes(b"else")
            with self.assertRaisesRegex(volumes.MeasuringError, f"{volumes.SAME_FILES[1]} is not the same"):
                volumes.require_same(Path(one), Path(other))

    def test_the_warm_up_is_that_of_bench(self):
        source = (volumes.ROOT / "tools/GpuSynth.Cli/Benchmarking/EngineBenchmark.cs").read_text(encoding="utf-8")
        seconds = re.search(r"LeastWarmUpSeconds = ([\d.]+);", source)[1]
        self.assertEqual(float(seconds) * 1e3, volumes.WARM_UP_MILLISECONDS)


class TorchTests(unittest.TestCase):
    def test_the_fastest_form_is_taken(self):
        clock = Clock()
        takes = {("conv", 1): 4, ("conv", 3): 3, ("matmul", 1): 2, ("matmul", 3): 5}

        def plain(how, chunk):
            clock.now += takes[how, chunk]

        form, seconds = eager_process.best_form(plain, 3, clock)
        self.assertEqual(form, ("matmul", 1))
        self.assertAlmostEqual(seconds["conv, 3 at once"], 1)

    def test_the_loader_is_timed_behind_its_first_two_batches(self):
        clock = Clock()

        def batches():
            for took in (50, 30, 1, 2, 3):
                clock.now += took
                yield None

        self.assertEqual(eager_process.loader_seconds(batches(), 3, clock), 2)

    def test_how_many_times_faster(self):
        made = eager_process.result("rasd-3d", (8, 8, 8), 2, {"torch": [10, 100], "engine": [1, 5], "loader": [2, 10]})
        self.assertEqual((made["engineIsFasterBy"]["minimum"], made["engineIsFasterBy"]["maximum"]), (10, 20))
        self.assertEqual(made["loaderIsFasterBy"]["median"], 7.5)
        self.assertEqual(made["loaderToEngine"]["median"], 0.5)
        self.assertEqual(made["size"], "8x8x8")
        self.assertEqual(len(list(run.lines_of_torch({"torch": "2.0", "cases": [made]}))), 2)


class RunTests(unittest.TestCase):
    def run_main(self, *arguments):
        said, complained = io.StringIO(), io.StringIO()
        calls_made = calls.result({name: [1e-6] * 3 for name in ("engine.batch", "engine.generate", calls.BARE, "bare info_of")})
        cases = [volumes.result(FACTS, [[((10, None), (12, None))]])]
        with mock.patch.object(volumes, "build"), mock.patch.object(calls, "measure", return_value=calls_made), \
                mock.patch.object(volumes, "measure", return_value=(
                    {"target": 0.03, "cases": cases}, dict.fromkeys(("cpu", "cores", "vectorBits", "os", "dotnet"), "x"))), \
                mock.patch.object(run, "torch_part", return_value=run.not_run("torch is not installed")), \
                mock.patch.object(run, "load", return_value=(9.0, "Warning: busy.")), \
                contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            status = run.main(list(arguments))
        return status, said.getvalue(), complained.getvalue()

    def test_a_run_is_printed_and_written(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"DOTNET_gcServer": "0"}):
            path = Path(folder, "new", "python.json")
            status, said, complained = self.run_main("--json", str(path))
            made = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual((status, complained), (0, "Warning: busy.\n"))
        self.assertIn("tool 200.0, Python 166.7: -16.7 % (-16.7 % to -16.7 %; by pairs of processes -16.7 %): NOT within", said)
        self.assertIn("torch: not run: torch is not installed", said)
        self.assertEqual((made["benchmark"], made["loadAverageBefore"], made["warning"]), ("python", 9, "Warning: busy."))
        self.assertEqual(made["machine"]["dotNet"], "x")
        self.assertEqual(made["settings"]["DOTNET_gcServer"], "0")
        self.assertEqual(made["torch"], {"value": None, "reason": "torch is not installed"})
        self.assertEqual(made["volumes"]["cases"][0]["pythonToTool"]["median"], 0.83333)
        self.assertEqual(made["calls"]["overheadMicroseconds"]["engine.batch"]["median"], 0)

    def test_one_part_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "python.json")
            self.run_main("--only", "calls", "--json", str(path))
            made = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual(made["volumes"], {"value": None, "reason": "not asked for"})
        self.assertEqual(made["calls"]["batch"], 1)

    def test_a_failure_is_a_sentence(self):
        with mock.patch.object(run, "measure", side_effect=volumes.MeasuringError("the build failed (1): so.")), \
                contextlib.redirect_stderr(io.StringIO()) as complained:
            self.assertEqual(run.main([]), 1)
        self.assertEqual(complained.getvalue(), "failed: the build failed (1): so.\n")

    def test_what_fails_says_why(self):
        with self.assertRaisesRegex(volumes.MeasuringError, r"this failed \(3\): so it is"):
            volumes.run([sys.executable, "-c", "import sys; print('so it is', file=sys.stderr); sys.exit(3)"], "this")

    def test_without_numpy_nothing_is_run(self):
        done = subprocess.run(
            [sys.executable, "-B", "-c", "import sys, runpy; sys.modules['numpy'] = None; sys.argv = ['run.py']\n"
             f"runpy.run_path({str(HERE / 'run.py')!r}, run_name='__main__')"],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "^not run: .* has no numpy; install it")

    def test_figures_have_five_digits(self):
        self.assertEqual(report.rounded(pairing.summary([1 / 3]))["median"], 0.33333)


if __name__ == "__main__":
    unittest.main()
