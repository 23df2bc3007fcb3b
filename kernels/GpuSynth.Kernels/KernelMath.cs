using ILGPU.Algorithms;

namespace GpuSynth.Kernels;

/// <summary>
/// The mathematics of the kernels, in one place. Exp, Log, Sin, Cos and Sqrt are ILGPU.Algorithms' XMath: on CUDA they become the
/// device's ex2, lg2, sin and cos with at most one product (without that package PTX has no exp and no log, and half of the kernels
/// do not compile), in OpenCL C its functions of these names, on the processor MathF, bit for bit. Not here: Floor, which that
/// package turns from one instruction into 49; and what ILGPU does not map, FusedMultiplyAdd, Clamp, Round, Log2.
/// </summary>
public static class KernelMath
{
    internal const float TwoPi = 6.28318530717958648f;

    /// <summary>e^x.</summary>
    public static float Exp(float x) => XMath.Exp(x);

    /// <summary>Natural logarithm.</summary>
    public static float Log(float x) => XMath.Log(x);

    /// <summary>Square root.</summary>
    public static float Sqrt(float x) => XMath.Sqrt(x);

    /// <summary>Sine of an angle in radians, between -pi/4 and pi/4 wherever a device approximates.</summary>
    internal static float Sin(float x) => XMath.Sin(x);

    /// <summary>Cosine of an angle in radians, likewise.</summary>
    internal static float Cos(float x) => XMath.Cos(x);

    /// <summary>Magnitude of x.</summary>
    public static float Abs(float x) => XMath.Abs(x);

    /// <summary>The smaller of two numbers.</summary>
    public static float Min(float a, float b) => MathF.Min(a, b);

    /// <summary>The larger of two numbers.</summary>
    public static float Max(float a, float b) => MathF.Max(a, b);

    /// <summary>The smaller of two whole numbers.</summary>
    public static int Min(int a, int b) => Math.Min(a, b);

    /// <summary>The smaller of two whole numbers without sign.</summary>
    public static uint Min(uint a, uint b) => Math.Min(a, b);

    /// <summary>The larger of two whole numbers.</summary>
    public static int Max(int a, int b) => Math.Max(a, b);

    /// <summary>Whether x is neither infinite nor not a number.</summary>
    public static bool IsFinite(float x) => float.IsFinite(x);
}
