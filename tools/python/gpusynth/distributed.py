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
        if rank is None or world_size is None:
            raise InvalidArgumentError("Only one of rank and world_size was given; give both, or neither for the environment's.")
        return _checked(rank, world_size, "rank and world_size")
    environment = os.environ if environment is None else environment
    for name, counts in _VARIABLES:
        if name not in environment:
            continue
        count = next((count for count in counts if count in environment), None)
        if count is None:
            raise InvalidArgumentError(
                f"{name} is set and {' or '.join(counts)} is not: set it to the number of processes, or give rank and "
                "world_size.")
        try:
            numbers = int(environment[name]), int(environment[count])
        except ValueError:
            raise InvalidArgumentError(
                f"{name} is {environment[name]!r} and {count} is {environment[count]!r}; both must be whole numbers.") from None
        return _checked(*numbers, f"{name} and {count}")
    return Place(0, 1)


def _checked(rank: int, world_size: int, names: str) -> Place:
    try:
        rank, world_size = operator.index(rank), operator.index(world_size)
    except TypeError:
        raise TypeError(
            f"{names} are a {type(rank).__name__} and a {type(world_size).__name__}; give whole numbers.") from None
    if not 0 <= rank < world_size:
        raise InvalidArgumentError(f"{names} are {rank} and {world_size}; the first must be from 0 to the second less 1.")
    return Place(rank, world_size)
