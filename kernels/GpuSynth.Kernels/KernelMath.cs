namespace GpuSynth.Kernels;

/// <summary>
/// The mathematics of the kernels, in one place. Every call here is one that ILGPU maps on every back end (MathF is remapped to
/// its intrinsics; with EnableAlgorithms they exist on PTX and OpenCL) and that the CPU runs as it stands. Not here because ILGPU
/// does not map them: FusedMultiplyAdd, Clamp, Round, Log2.
/// </summary>
public static class KernelMath
{
    internal const float TwoPi = 6.28318530717958648f;

    /// <summary>e^x.</summary>
    public static float Exp(float x) => MathF.Exp(x);

    /// <summary>Natural logarithm.</summary>
    public static float Log(float x) => MathF.Log(x);

    /// <summary>Square root.</summary>
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>Sine of an angle in radians, between -pi/4 and pi/4 wherever a device approximates.</summary>
    internal static float Sin(float x) => MathF.Sin(x);

    /// <summary>Cosine of an angle in radians, likewise.</summary>
    internal static float Cos(float x) => MathF.Cos(x);

    /// <summary>Magnitude of x.</summary>
    public static float Abs(float x) => MathF.Abs(x);

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

    /// <summary>Largest whole number not above x.</summary>
    public static float Floor(float x) => MathF.Floor(x);

    /// <summary>Whether x is neither infinite nor not a number.</summary>
    public static bool IsFinite(float x) => float.IsFinite(x);
}
