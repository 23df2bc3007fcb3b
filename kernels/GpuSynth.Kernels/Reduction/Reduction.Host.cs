using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public static partial class Reduction
{
    /// <summary>One chunk, in the fixed order: equal to <see cref="PlainChunk"/> bit for bit.</summary>
    /// <param name="chunk">Elements.</param>
    /// <param name="count">How many, at most <see cref="ChunkLength"/>.</param>
    public static unsafe ReductionPartial HostChunk(float* chunk, int count)
    {
        Vector512<float> minimum = Vector512.Create(float.PositiveInfinity);
        Vector512<float> maximum = Vector512.Create(float.NegativeInfinity);
        Vector512<float> sum = Vector512<float>.Zero;
        Vector512<float> finite = Vector512<float>.AllBitsSet;
        int element = 0;
        for (; element + Lanes <= count; element += Lanes)
        {
            Vector512<float> value = Vector512.Load(chunk + element);
            minimum = Vector512.ConditionalSelect(Vector512.LessThan(value, minimum), value, minimum);
            maximum = Vector512.ConditionalSelect(Vector512.GreaterThan(value, maximum), value, maximum);
            sum += value;
            finite &= Vector512.Equals(value - value, Vector512<float>.Zero);
        }

        // Lanes that the last elements do not fill stay as they are. No call to copy them: what the loop above holds in registers would have to
        // live in memory.
        if (element < count)
        {
            float* rest = stackalloc float[Lanes];
            for (int lane = 0; lane < Lanes; lane++)
            {
                rest[lane] = element + lane < count ? chunk[element + lane] : 0f;
            }

            Vector512<float> value = Vector512.Load(rest);
            Vector512<float> filled = Vector512.LessThan(HostMath.Indices, Vector512.Create(count - element)).AsSingle();
            minimum = Vector512.ConditionalSelect(Vector512.LessThan(value, minimum) & filled, value, minimum);
            maximum = Vector512.ConditionalSelect(Vector512.GreaterThan(value, maximum) & filled, value, maximum);
            sum = Vector512.ConditionalSelect(filled, sum + value, sum);
            finite &= Vector512.Equals(value - value, Vector512<float>.Zero);
        }

        bool isFinite = Vector512.EqualsAll(finite.AsInt32(), Vector512<int>.AllBitsSet);
        return new ReductionPartial(Least(minimum), Largest(maximum), SumOf(sum), isFinite ? 0 : 1);
    }

    // Lane l with l + 8, l + 4, l + 2 and l + 1, of equals the lower lane's, as Merge has it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Least(Vector512<float> lanes)
    {
        Vector256<float> eight = Vector256.ConditionalSelect(
            Vector256.LessThan(lanes.GetUpper(), lanes.GetLower()), lanes.GetUpper(), lanes.GetLower());
        Vector128<float> four = Least(eight.GetLower(), eight.GetUpper());
        four = Least(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3)));
        return Least(four, Vector128.Shuffle(four, Vector128.Create(1, 1, 1, 1))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Least(Vector128<float> low, Vector128<float> high) =>
        Vector128.ConditionalSelect(Vector128.LessThan(high, low), high, low);

    // Negated the least: negation is exact, and of equals the lower lane's stays.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector512<float> lanes) => -Least(-lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumOf(Vector512<float> lanes)
    {
        Vector256<float> eight = lanes.GetLower() + lanes.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        four += Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        return (four + Vector128.Shuffle(four, Vector128.Create(1, 1, 1, 1))).ToScalar();
    }
}
