"""Counts the epochs of a data set that several processes iterate over."""
import json
import os
import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_KEPT = 64  # iterations that are told apart; more do not run at once


class Epochs:
    """Numbers the iterations over a data set, 0, 1, 2, ...: those of the workers of one loader have the same number.

    The process that iterates over torch's DataLoader tells its workers nothing of an epoch, and where they are not persistent
    each epoch has new ones. So the numbers lie in a small file of the temporary folder, whose name every copy of the data set
    has: forked, spawned or neither. It goes with the process that made it.
    """

    def __init__(self, number: int = 0) -> None:
        self._make(number)

    def set(self, number: int) -> None:
        """The next iteration is that epoch."""
        with self._open() as table:
            table["next"] = number

    def begin(self, loader: int | None = None, worker: int = 0) -> int:
        """The epoch of an iteration that begins here. loader: what the workers of one iteration have in common, if there are any.
        """
        with self._open() as table:
            running = table["running"]
            same = next((entry for entry in reversed(running) if loader is not None and entry[0] == loader), None)
            # A worker that takes part already begins the next one: it is persistent, or the loader's seed came again.
            if same is None or worker in same[2]:
                same = [loader, table["next"], []]
                table["next"] += 1
                running.append(same)
                del running[:-_KEPT]
            same[2].append(worker)
            return int(same[1])

    def __getstate__(self) -> tuple[str, int]:
        with self._open() as table:
            return self._path, table["next"]

    def __setstate__(self, state: tuple[str, int]) -> None:
        self._path, number = state
        # On another machine, or after the data set that it is a copy of.
        if not os.path.exists(self._path):
            self._make(number)

    def __copy__(self) -> "Epochs":
        return Epochs(self.__getstate__()[1])

    def __deepcopy__(self, _: Any) -> "Epochs":
        return self.__copy__()

    def _make(self, number: int) -> None:
        file, self._path = tempfile.mkstemp(".json", "gpusynth-epochs-")
        with open(file, "w", encoding="utf-8") as text:
            json.dump({"next": number, "running": []}, text)
        weakref.finalize(self, _remove, self._path, os.getpid())

    @contextmanager
    def _open(self) -> Iterator[dict[str, Any]]:
        with open(self._path, "r+", encoding="utf-8") as file:
            _lock(file.fileno())
            table = json.load(file)
            yield table
            file.seek(0)
            file.write(json.dumps(table))
            file.truncate()


def _lock(file: int) -> None:
    # Until it is closed, by the process's end too.
    if sys.platform == "win32":
        import msvcrt
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)
    else:
        import fcntl
        fcntl.flock(file, fcntl.LOCK_EX)


def _remove(path: str, pid: int) -> None:
    # Not in a forked child, and no matter whether somebody has cleaned up before.
    if os.getpid() == pid and os.path.exists(path):
        os.remove(path)
