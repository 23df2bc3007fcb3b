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

        ReductionPartial* lanes = stackalloc ReductionPartial[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
        {
            int flag = finite.AsInt32().GetElement(lane) == 0 ? 1 : 0;
            lanes[lane] = new ReductionPartial(minimum.GetElement(lane), maximum.GetElement(lane), sum.GetElement(lane), flag);
            if (element + lane < count)
            {
                lanes[lane] = Include(lanes[lane], chunk[element + lane]);
            }
        }

        for (int distance = Lanes / 2; distance > 0; distance /= 2)
        {
            for (int lane = 0; lane < distance; lane++)
            {
                lanes[lane] = Merge(lanes[lane], lanes[lane + distance]);
            }
        }

        return lanes[0];
    }
}
