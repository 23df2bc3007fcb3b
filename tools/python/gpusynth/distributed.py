"""Which part of the work this process has, from the environment."""
import operator
import os
from collections.abc import Mapping
from typing import NamedTuple

from .errors import InvalidArgumentError


class Place(NamedTuple):
    """One of world_size processes: rank runs from 0 to world_size - 1."""
    rank: int
    world_size: int


_VARIABLES = (
    ("RANK", ("WORLD_SIZE",)),
    ("SLURM_PROCID", ("SLURM_NTASKS",)),
    # Kubernetes says which pod of an indexed Job this is, and not of how many: the Job's env has to.
    ("JOB_COMPLETION_INDEX", ("WORLD_SIZE", "JOB_COMPLETIONS")),
)


def place(rank: int | None = None, world_size: int | None = None, environment: Mapping[str, str] | None = None) -> Place:
    """Rank and number of processes: those given, else of the first pair that the environment has, else (0, 1).

    torchrun: RANK, WORLD_SIZE. Slurm: SLURM_PROCID, SLURM_NTASKS (start the program with srun: an sbatch script by itself sees
    rank 0 of all tasks). Kubernetes: JOB_COMPLETION_INDEX, and WORLD_SIZE or JOB_COMPLETIONS, which the Job must set to its
    completions. Raises InvalidArgumentError for half a pair and for what are no such numbers.
    """
    if rank is not None or world_size is not None:
        return _given(rank, world_size, "rank and world_size")
    environment = os.environ if environment is None else environment
    for name, counts in _VARIABLES:
        if name not in environment:
            continue
        count = next((count for count in counts if count in environment), None)
        if count is None:
            raise InvalidArgumentError(
                f"{name} is set and {' or '.join(counts)} is not: set it to the number of processes, or give rank and "
                "world_size.")
        rank, world_size = _numbers(environment, name, count)
        return _checked(rank, world_size, f"{name} and {count}")
    return Place(0, 1)


def cuda_device(environment: Mapping[str, str] | None = None) -> str:
    """The GPU of this process, "cuda:N": what Engine's device="cuda" means.

    N is LOCAL_RANK (torchrun) or SLURM_LOCALID (srun), the process's number on its machine, and 0 without either. Where
    CUDA_VISIBLE_DEVICES names one GPU alone, as it does under `srun --gpus-per-task 1`, it is cuda:0, which CUDA calls that one.
    torch's tensors are where they are put: give torch the same device, torch.device(cuda_device()). An index of your own,
    device="cuda:3", is left as it is. Raises InvalidArgumentError for a number that is none.
    """
    environment = os.environ if environment is None else environment
    name = next((name for name in ("LOCAL_RANK", "SLURM_LOCALID") if name in environment), None)
    visible = [part for part in environment.get("CUDA_VISIBLE_DEVICES", "").split(",") if part.strip()]
    if name is None or len(visible) == 1:
        return "cuda:0"
    text = environment[name]
    if not (text.isascii() and text.isdigit()):
        raise InvalidArgumentError(f"{name} is {text!r}; it must be a whole number, that of this process on its machine.")
    return f"cuda:{int(text)}"


def array_place(task: int | None = None, tasks: int | None = None, environment: Mapping[str, str] | None = None) -> Place:
    """Task and number of tasks of an array job: those given, else of Slurm's array, else what place() finds.

    Slurm: SLURM_ARRAY_TASK_ID, counted from _MIN in steps of _STEP; --array=5-20:5 has the tasks 0 to 3 of 4. An array element is
    one task whatever the ranks in it. Raises InvalidArgumentError as place() does, and for an array with gaps (--array=1,2,7).
    """
    if task is not None or tasks is not None:
        return _given(task, tasks, "task and tasks")
    environment = os.environ if environment is None else environment
    names = [f"SLURM_ARRAY_TASK_{name}" for name in ("ID", "MIN", "MAX", "STEP", "COUNT")]
    if names[0] not in environment:
        return place(environment=environment)
    missing = [name for name in names if name not in environment]
    if missing:
        raise InvalidArgumentError(f"{names[0]} is set and {missing[0]} is not: give task and tasks.")
    number, least, most, step, count = _numbers(environment, *names)
    # Every element sees the gaps, so that none starts where one would be missing.
    if step < 1 or most - least != (count - 1) * step or (number - least) % step:
        raise InvalidArgumentError(
            f"Slurm's array has {count} elements from {least} to {most} in steps of {step}: there are gaps in it. Give task and "
            "tasks, or an array without gaps.")
    return _checked((number - least) // step, count, " and ".join((names[0], names[-1])))


def _numbers(environment: Mapping[str, str], *names: str) -> list[int]:
    try:
        return [int(environment[name]) for name in names]
    except ValueError:
        values = " and ".join(f"{name} is {environment[name]!r}" for name in names)
        raise InvalidArgumentError(f"{values}; {'all' if len(names) > 2 else 'both'} must be whole numbers.") from None


def _given(number: int | None, count: int | None, names: str) -> Place:
    if number is None or count is None:
        raise InvalidArgumentError(f"Only one of {names} was given; give both, or neither for the environment's.")
    return _checked(number, count, names)


def _checked(rank: int, world_size: int, names: str) -> Place:
    try:
        rank, world_size = operator.index(rank), operator.index(world_size)
    except TypeError:
        raise TypeError(
            f"{names} are a {type(rank).__name__} and a {type(world_size).__name__}; give whole numbers.") from None
    if not 0 <= rank < world_size:
        raise InvalidArgumentError(f"{names} are {rank} and {world_size}; the first must be from 0 to the second less 1.")
    return Place(rank, world_size)
