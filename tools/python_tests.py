"""Runs every test of a folder: python3 tools/python_tests.py perf/gpu. Needs numpy; what torch, gcc or ptxas are missing for is skipped.

Tests, or classes of them, that have an attribute slow are left out with --quick.
"""
import argparse
import sys
import unittest
from pathlib import Path


class Result(unittest.TextTestResult):
    """Counts what passed: testsRun counts skipped tests in some releases of Python and not in others."""
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def quick_ones(tests):
    """The tests of a suite that are not slow, and how many are."""
    quick, slow = unittest.TestSuite(), 0
    for test in tests:
        if isinstance(test, unittest.TestSuite):
            some, more = quick_ones(test)
            quick.addTest(some)
            slow += more
        # Outside of any test is what a module that does not load has in place of its own.
        elif getattr(getattr(test, getattr(test, "_testMethodName", ""), test), "slow", getattr(test, "slow", False)):
            slow += 1
        else:
            quick.addTest(test)
    return quick, slow


def main(arguments):
    """0 where a test ran and none failed. --counts: "PASSED FAILED SKIPPED LEFT-OUT"; --reasons and --failures: a line per skipped or failed
    test is added.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--counts", metavar="FILE")
    parser.add_argument("--reasons", metavar="FILE")
    parser.add_argument("--failures", metavar="FILE")
    options = parser.parse_args(arguments)
    folder = str(Path(options.folder).resolve())
    tests = unittest.TestLoader().discover(folder, top_level_dir=folder)
    tests, left_out = quick_ones(tests) if options.quick else (tests, 0)
    result = unittest.TextTestRunner(buffer=True, resultclass=Result).run(tests)
    # A test with parts can be in a list more than once; what broke outside of any test is one of its own.
    failed = {getattr(test, "test_case", test).id() for test, _ in [*result.failures, *result.errors]}
    failed |= {test.id() for test in result.unexpectedSuccesses}
    skipped = {getattr(test, "test_case", test).id(): reason for test, reason in result.skipped}
    skipped = {name: reason for name, reason in skipped.items() if name not in failed}
    if options.counts:
        Path(options.counts).write_text(f"{result.passed} {len(failed)} {len(skipped)} {left_out}\n")
    if options.reasons:
        with open(options.reasons, "a", encoding="utf-8") as file:
            file.writelines(f"{' '.join(reason.split())}\n" for reason in skipped.values())
    if options.failures:
        with open(options.failures, "a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in sorted(failed))
    return 0 if result.passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
