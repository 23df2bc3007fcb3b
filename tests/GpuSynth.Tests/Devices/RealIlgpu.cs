using ILGPU;

namespace GpuSynth.Tests.Devices;

/// <summary>Whether ILGPU itself is here, and not the stand-in, which has no compiler and no GPU.</summary>
internal static class RealIlgpu
{
    public static bool IsHere { get; } = typeof(Context).Assembly.GetType("ILGPU.IR.IRContext") is not null;

    /// <summary>The running test is "not run" where only the stand-in is.</summary>
    public static void Require()
    {
        if (!IsHere)
        {
            Assert.Ignore("not run: ILGPU itself is not here, only its stand-in");
        }
    }
}
