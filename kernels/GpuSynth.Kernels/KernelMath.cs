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

    /// <summary>
    /// Sine and cosine of an angle in turns: sin(2 pi t), cos(2 pi t), for |t| below 2^20. The angle is first brought to
    /// -1/8 to 1/8 turn, which is exact in turns and would not be in radians, so the error does not grow near whole quarters.
    /// </summary>
    /// <param name="turns">t: 1 is a full circle.</param>
    /// <param name="sine">sin(2 pi t).</param>
    /// <param name="cosine">cos(2 pi t).</param>
    public static void SinCosTurns(float turns, out float sine, out float cosine)
    {
        float quarters = Floor((turns * 4f) + 0.5f);
        float angle = (turns - (quarters * 0.25f)) * TwoPi;
        float s = MathF.Sin(angle);
        float c = MathF.Cos(angle);
        int quadrant = (int)quarters & 3;
        float swappedSine = (quadrant & 1) == 0 ? s : c;
        float swappedCosine = (quadrant & 1) == 0 ? c : s;
        sine = quadrant >= 2 ? -swappedSine : swappedSine;
        cosine = quadrant == 1 || quadrant == 2 ? -swappedCosine : swappedCosine;
    }
}
