using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

// The host's form: blocks of sixteen voxels, a lane each. A block's features are brought into planar order first, so that any
// layout is computed alike; accumulators by label and channel are sixteen lanes wide and folded once per chunk.
public static unsafe partial class RasdLoss
{
    private const int Lanes = FeatureBlock.Voxels;

    /// <summary>Values of scratch memory that a chunk needs.</summary>
    public static long ScratchLength(int labels, int channels) =>
        ((long)(labels + 1) * channels * Lanes) + ((long)labels * Lanes);

    /// <summary>Sums of a chunk by label.</summary>
    /// <param name="image">First value of the image's features, float or bfloat16.</param>
    /// <param name="isBFloat16">Whether they are bfloat16.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="labelsOf">The image's labels, below <paramref name="labels"/>.</param>
    /// <param name="first">First voxel of the chunk.</param>
    /// <param name="count">Its voxels.</param>
    /// <param name="labels">Labels K.</param>
    /// <param name="isNormalised">Whether features are divided by their lengths.</param>
    /// <param name="sums">Written: <see cref="SumLength"/> values.</param>
    public static void HostSums(
        void* image, bool isBFloat16, in FeatureLayout layout, byte* labelsOf, int first, int count, int labels,
        bool isNormalised, float* sums)
    {
        if (isBFloat16)
        {
            Sums<WideBFloat16>((byte*)image, layout, labelsOf, first, count, labels, isNormalised, sums);
        }
        else
        {
            Sums<WideFloat>((byte*)image, layout, labelsOf, first, count, labels, isNormalised, sums);
        }
    }

    /// <summary>Loss of a chunk, and what its voxels ask of the prototypes.</summary>
    /// <param name="image">As in <see cref="HostSums"/>.</param>
    /// <param name="isBFloat16">Whether they are bfloat16.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="labelsOf">The image's labels.</param>
    /// <param name="first">First voxel of the chunk, a multiple of 16.</param>
    /// <param name="count">Its voxels.</param>
    /// <param name="labels">Labels K.</param>
    /// <param name="isNormalised">Whether features are divided by their lengths.</param>
    /// <param name="prototypes">[K][C].</param>
    /// <param name="weight">scale / (B K voxels).</param>
    /// <param name="logitGradient">Written: the image's G as [voxels / 16, rounded up][K][16].</param>
    /// <param name="pull">Written: <see cref="PullLength"/> values.</param>
    public static void HostPull(
        void* image, bool isBFloat16, in FeatureLayout layout, byte* labelsOf, int first, int count, int labels,
        bool isNormalised, float* prototypes, float weight, float* logitGradient, float* pull)
    {
        if (isBFloat16)
        {
            Pull<WideBFloat16>(
                (byte*)image, layout, labelsOf, first, count, labels, isNormalised, prototypes, weight, logitGradient, pull);
        }
        else
        {
            Pull<WideFloat>(
                (byte*)image, layout, labelsOf, first, count, labels, isNormalised, prototypes, weight, logitGradient, pull);
        }
    }

    /// <summary>Gradient of a chunk's features.</summary>
    /// <param name="image">As in <see cref="HostSums"/>.</param>
    /// <param name="gradient">Written: of the features' type and layout.</param>
    /// <param name="isBFloat16">Whether both are bfloat16.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="labelsOf">The image's labels.</param>
    /// <param name="first">First voxel of the chunk, a multiple of 16.</param>
    /// <param name="count">Its voxels.</param>
    /// <param name="labels">Labels K.</param>
    /// <param name="isNormalised">Whether features are divided by their lengths.</param>
    /// <param name="prototypes">[K][C].</param>
    /// <param name="columns">[K][C], of <see cref="RasdPrototypes.Columns"/>.</param>
    /// <param name="logitGradient">G, as <see cref="HostPull"/> wrote it.</param>
    public static void HostGradient(
        void* image, void* gradient, bool isBFloat16, in FeatureLayout layout, byte* labelsOf, int first, int count, int labels,
        bool isNormalised, float* prototypes, float* columns, float* logitGradient)
    {
        if (isBFloat16)
        {
            Gradient<WideBFloat16>(
                (byte*)image, (byte*)gradient, layout, labelsOf, first, count, labels, isNormalised, prototypes, columns,
                logitGradient);
        }
        else
        {
            Gradient<WideFloat>(
                (byte*)image, (byte*)gradient, layout, labelsOf, first, count, labels, isNormalised, prototypes, columns,
                logitGradient);
        }
    }

    private static void Sums<T>(
        byte* image, in FeatureLayout layout, byte* labelsOf, int first, int count, int labels, bool isNormalised, float* sums)
        where T : struct, IWideElement
    {
        int channels = layout.Channels;
        using var scratch = new Scratch(ScratchLength(labels, channels));
        float* block = scratch.Values;
        float* sum = block + (channels * Lanes);
        float* counts = sum + (labels * channels * Lanes);
        for (int voxel = 0; voxel < count; voxel += Lanes)
        {
            int most = Math.Min(Lanes, count - voxel);
            FeatureBlock.Load<T>(image, layout, first + voxel, most, block);
            Vector512<int> own = FeatureBlock.Labels(labelsOf + first + voxel, most);
            Vector512<float> factor = isNormalised ? InverseLengths(block, channels) : Vector512<float>.One;
            for (int label = 0; label < labels; label++)
            {
                Vector512<int> isOwn = Vector512.Equals(own, Vector512.Create(label));
                // Labels are regions: of most, a block has no voxel.
                if (isOwn == Vector512<int>.Zero)
                {
                    continue;
                }

                Vector512<float> share = factor & isOwn.AsSingle();
                Add(counts + (label * Lanes), Vector512<float>.One & isOwn.AsSingle());
                float* target = sum + (label * channels * Lanes);
                for (int channel = 0; channel < channels; channel++, target += Lanes)
                {
                    HostMath.Fma(Vector512.Load(block + (channel * Lanes)), share, Vector512.Load(target)).Store(target);
                }
            }
        }

        for (int n = 0; n < labels * (channels + 1); n++)
        {
            sums[n] = Vector512.Sum(Vector512.Load(sum + (n * Lanes)));
        }
    }

    private static void Pull<T>(
        byte* image, in FeatureLayout layout, byte* labelsOf, int first, int count, int labels, bool isNormalised,
        float* prototypes, float weight, float* logitGradient, float* pull)
        where T : struct, IWideElement
    {
        int channels = layout.Channels;
        using var scratch = new Scratch(ScratchLength(labels, channels));
        float* block = scratch.Values;
        float* sum = block + (channels * Lanes);
        Vector512<float> logarithms = default;
        for (int voxel = 0; voxel < count; voxel += Lanes)
        {
            int most = Math.Min(Lanes, count - voxel);
            FeatureBlock.Load<T>(image, layout, first + voxel, most, block);
            if (isNormalised)
            {
                Scale(block, channels, InverseLengths(block, channels));
            }

            Vector512<int> own = FeatureBlock.Labels(labelsOf + first + voxel, most);
            float* q = logitGradient + ((long)(first + voxel) / Lanes * labels * Lanes);
            Vector512<float> ofOwn = Softmax(block, channels, labels, prototypes, own, q);

            // Lanes without a voxel have label -1: no q of their own, so no logarithm that counts and no gradient.
            Vector512<float> isVoxel = Vector512.GreaterThanOrEqual(own, Vector512<int>.Zero).AsSingle();
            Vector512<float> offset = ofOwn + Vector512.Create((float)LogOffset);
            logarithms += HostMath.Log(offset) & isVoxel;
            Vector512<float> slope = ofOwn / offset * Vector512.Create((float)(-weight / Temperature)) & isVoxel;
            for (int label = 0; label < labels; label++)
            {
                Vector512<float> isOwn = Vector512<float>.One
                    & Vector512.Equals(own, Vector512.Create(label)).AsSingle();
                Vector512<float> g = (isOwn - Vector512.Load(q + (label * Lanes))) * slope;
                g.Store(q + (label * Lanes));
                float* target = sum + (label * channels * Lanes);
                for (int channel = 0; channel < channels; channel++, target += Lanes)
                {
                    HostMath.Fma(Vector512.Load(block + (channel * Lanes)), g, Vector512.Load(target)).Store(target);
                }
            }
        }

        for (int n = 0; n < labels * channels; n++)
        {
            pull[n] = Vector512.Sum(Vector512.Load(sum + (n * Lanes)));
        }

        pull[labels * channels] = Vector512.Sum(logarithms);
    }

    private static void Gradient<T>(
        byte* image, byte* gradient, in FeatureLayout layout, byte* labelsOf, int first, int count, int labels,
        bool isNormalised, float* prototypes, float* columns, float* logitGradient)
        where T : struct, IWideElement
    {
        int channels = layout.Channels;
        using var scratch = new Scratch(2L * channels * Lanes);
        float* block = scratch.Values;
        float* slope = block + (channels * Lanes);
        for (int voxel = 0; voxel < count; voxel += Lanes)
        {
            int most = Math.Min(Lanes, count - voxel);
            Vector512<int> own = FeatureBlock.Labels(labelsOf + first + voxel, most);
            float* g = logitGradient + ((long)(first + voxel) / Lanes * labels * Lanes);
            new Span<float>(slope, channels * Lanes).Clear();
            for (int label = 0; label < labels; label++)
            {
                Vector512<float> ofLabel = Vector512.Load(g + (label * Lanes));
                Vector512<int> isOwn = Vector512.Equals(own, Vector512.Create(label));
                bool hasOwn = isOwn != Vector512<int>.Zero;
                float* prototype = prototypes + (label * channels);
                float* column = columns + (label * channels);
                for (int channel = 0; channel < channels; channel++)
                {
                    float* target = slope + (channel * Lanes);
                    Vector512<float> sum = HostMath.Fma(Vector512.Create(prototype[channel]), ofLabel, Vector512.Load(target));
                    sum = hasOwn ? sum + (Vector512.Create(column[channel]) & isOwn.AsSingle()) : sum;
                    sum.Store(target);
                }
            }

            if (isNormalised)
            {
                FeatureBlock.Load<T>(image, layout, first + voxel, most, block);
                ThroughNormalisation(block, channels, slope);
            }

            FeatureBlock.Store<T>(gradient, layout, first + voxel, most, slope);
        }
    }

    // q [K][16], and of each lane the q of its own label.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> Softmax(
        float* block, int channels, int labels, float* prototypes, Vector512<int> own, float* q)
    {
        Vector512<float> most = Vector512.Create(float.NegativeInfinity);
        for (int label = 0; label < labels; label++)
        {
            float* prototype = prototypes + (label * channels);
            Vector512<float> even = default, odd = default;
            int channel = 0;
            for (; channel + 2 <= channels; channel += 2)
            {
                even = HostMath.Fma(Vector512.Create(prototype[channel]), Vector512.Load(block + (channel * Lanes)), even);
                odd = HostMath.Fma(
                    Vector512.Create(prototype[channel + 1]), Vector512.Load(block + ((channel + 1) * Lanes)), odd);
            }

            if (channel < channels)
            {
                even = HostMath.Fma(Vector512.Create(prototype[channel]), Vector512.Load(block + (channel * Lanes)), even);
            }

            Vector512<float> logit = (even + odd) * Vector512.Create((float)(1 / Temperature));
            logit.Store(q + (label * Lanes));
            most = Vector512.Max(most, logit);
        }

        Vector512<float> sum = default;
        for (int label = 0; label < labels; label++)
        {
            Vector512<float> power = HostMath.Exp(Vector512.Load(q + (label * Lanes)) - most);
            power.Store(q + (label * Lanes));
            sum += power;
        }

        Vector512<float> perSum = Vector512<float>.One / sum;
        Vector512<float> ofOwn = default;
        for (int label = 0; label < labels; label++)
        {
            Vector512<float> share = Vector512.Load(q + (label * Lanes)) * perSum;
            share.Store(q + (label * Lanes));
            ofOwn |= share & Vector512.Equals(own, Vector512.Create(label)).AsSingle();
        }

        return ofOwn;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> InverseLengths(float* block, int channels)
    {
        Vector512<float> square = default;
        for (int channel = 0; channel < channels; channel++)
        {
            Vector512<float> value = Vector512.Load(block + (channel * Lanes));
            square = HostMath.Fma(value, value, square);
        }

        return Vector512<float>.One / Vector512.Max(Vector512.Sqrt(square), Vector512.Create(ShortestLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(float* block, int channels, Vector512<float> factor)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            (Vector512.Load(block + (channel * Lanes)) * factor).Store(block + (channel * Lanes));
        }
    }

    // (g - f' (f'.g)) / |f|, f' = f / |f|.
    private static void ThroughNormalisation(float* block, int channels, float* slope)
    {
        Vector512<float> inverse = InverseLengths(block, channels);
        Scale(block, channels, inverse);
        Vector512<float> along = default;
        for (int channel = 0; channel < channels; channel++)
        {
            along = HostMath.Fma(Vector512.Load(block + (channel * Lanes)), Vector512.Load(slope + (channel * Lanes)), along);
        }

        for (int channel = 0; channel < channels; channel++)
        {
            Vector512<float> across = HostMath.Fma(
                -Vector512.Load(block + (channel * Lanes)), along, Vector512.Load(slope + (channel * Lanes)));
            (across * inverse).Store(slope + (channel * Lanes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* target, Vector512<float> values) => (Vector512.Load(target) + values).Store(target);
}

/// <summary>Zeroed memory of vectors, on the bounds of cache lines.</summary>
internal readonly unsafe ref struct Scratch
{
    public Scratch(long length)
    {
        nuint bytes = (nuint)(length * sizeof(float));
        Values = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(Values, bytes);
    }

    public float* Values { get; }

    public void Dispose() => NativeMemory.AlignedFree(Values);
}
