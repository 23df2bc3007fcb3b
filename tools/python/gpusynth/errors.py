"""What can go wrong. Every sentence names what was wrong and the way out."""


class GpuSynthError(Exception):
    """Anything that this package raises by itself, but for arguments of a wrong Python type (TypeError)."""


class InvalidArgumentError(GpuSynthError, ValueError):
    """A wrong argument: too many keys, an array of a wrong shape or type."""


class PlanError(GpuSynthError, ValueError):
    """A run that cannot be planned: a wrong recipe, size or device, missing label maps."""


class GenerationError(GpuSynthError, RuntimeError):
    """Samples that could not be made, or memory that did not suffice."""


class DeviceError(GpuSynthError, RuntimeError):
    """A device that is not on this machine, does not open, or was lost."""


class StaleError(GpuSynthError, RuntimeError):
    """An engine that was closed."""


class DefectError(GpuSynthError, RuntimeError):
    """Something that should not happen: please report the sentence."""


class StaleBatchError(GpuSynthError, RuntimeError):
    """debug=True: a batch whose slot has been given to a later batch."""


class RuntimeNotFoundError(GpuSynthError, RuntimeError):
    """There is no .NET runtime here, or only older ones."""


class EngineNotFoundError(GpuSynthError, RuntimeError):
    """The engine's files are missing, or are of another version."""


class ForkedProcessError(GpuSynthError, RuntimeError):
    """This process was forked after the .NET runtime had started: the runtime's threads are not in it."""


BY_CODE: dict[int, type[GpuSynthError]] = {
    -1: InvalidArgumentError, -2: PlanError, -3: GenerationError, -4: DeviceError, -5: StaleError, -6: DefectError}
