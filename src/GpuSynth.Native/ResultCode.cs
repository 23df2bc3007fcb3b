namespace GpuSynth.Native;

/// <summary>What a call returns; include/gpusynth.h says the same to C.</summary>
internal enum ResultCode
{
    /// <summary>Done as asked.</summary>
    Done = 0,

    /// <summary>A wrong argument: a null pointer, too many keys, a text that is not UTF-8.</summary>
    InvalidArgument = -1,

    /// <summary>A run that cannot be planned: a wrong recipe, size or device, missing label maps.</summary>
    Plan = -2,

    /// <summary>Samples that could not be made, or memory that did not suffice.</summary>
    Failed = -3,

    /// <summary>A device that is not there, or was lost.</summary>
    Device = -4,

    /// <summary>A handle whose engine was destroyed, or never made.</summary>
    Stale = -5,

    /// <summary>Something that should not happen: a defect of this library.</summary>
    Defect = -6,
}
