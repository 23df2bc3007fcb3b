"""Runs every test of a folder: python3 tools/python_tests.py perf/gpu. Needs numpy; what torch, gcc or ptxas are missing for is skipped."""
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


def main(arguments):
    """0 where a test ran and none failed. --counts: "PASSED FAILED SKIPPED"; --reasons: a line per skipped test is added."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--counts", metavar="FILE")
    parser.add_argument("--reasons", metavar="FILE")
    options = parser.parse_args(arguments)
    folder = str(Path(options.folder).resolve())
    tests = unittest.TestLoader().discover(folder, top_level_dir=folder)
    result = unittest.TextTestRunner(buffer=True, resultclass=Result).run(tests)
    # A test with parts can be in a list more than once; what broke outside of any test is one of its own.
    failed = {getattr(test, "test_case", test).id() for test, _ in [*result.failures, *result.errors]}
    failed |= {test.id() for test in result.unexpectedSuccesses}
    skipped = {getattr(test, "test_case", test).id(): reason for test, reason in result.skipped}
    skipped = {name: reason for name, reason in skipped.items() if name not in failed}
    if options.counts:
        Path(options.counts).write_text(f"{result.passed} {len(failed)} {len(skipped)}\n")
    if options.reasons:
        with open(options.reasons, "a", encoding="utf-8") as file:
            file.writelines(f"{' '.join(reason.split())}\n" for reason in skipped.values())
    return 0 if result.passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
