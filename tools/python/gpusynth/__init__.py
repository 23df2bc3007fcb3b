"""GpuSynth in a Python process: labelled synthetic volumes, written to numpy's or torch's memory.

    import gpusynth
    engine = gpusynth.Engine(preset="rasd-3d", size=96, batch=8, seed=7)
    image, label = engine.batch(0)      # float32 [8, 1, 96, 96, 96] from 0 to 1, uint8 [8, 96, 96, 96]

gpusynth.torch (needs torch) has DataLoader, ViewLoader, MixedLoader and SynthesisDataset; gpusynth.views says which samples an
objective needs; gpusynth.distributed finds ranks.
"""
import importlib
from types import ModuleType

from .engine import Batch, Engine, EngineInfo, Ring
from .errors import (
    DefectError, DeviceError, EngineNotFoundError, ForkedProcessError, GenerationError, GpuSynthError, InvalidArgumentError,
    PlanError, RuntimeNotFoundError, StaleBatchError, StaleError)

__version__ = "0.1.0"
__all__ = [
    "Batch", "DefectError", "DeviceError", "Engine", "EngineInfo", "EngineNotFoundError", "ForkedProcessError", "GenerationError",
    "GpuSynthError", "InvalidArgumentError", "PlanError", "Ring", "RuntimeNotFoundError", "StaleBatchError", "StaleError",
]


def __getattr__(name: str) -> ModuleType:
    # Not imported before it is asked for: torch is optional, and slow to import.
    if name in ("torch", "distributed", "views"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
