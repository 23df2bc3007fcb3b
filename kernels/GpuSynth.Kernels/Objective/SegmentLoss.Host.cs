using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

// The host's form: blocks of sixteen voxels, a lane each, as in RasdLoss.
public static unsafe partial class SegmentLoss
{
    private const int Lanes = FeatureBlock.Voxels;

    /// <summary>Sums of a chunk.</summary>
    /// <param name="image">First value of the image's logits, float or bfloat16.</param>
    /// <param name="isBFloat16">Whether they are bfloat16.</param>
    /// <param name="layout">Where they lie; as many channels as labels.</param>
    /// <param name="labelsOf">The image's labels.</param>
    /// <param name="first">First voxel of the chunk.</param>
    /// <param name="count">Its voxels.</param>
    /// <param name="sums">Written: <see cref="SumLength"/> values.</param>
    public static void HostSums(
        void* image, bool isBFloat16, in FeatureLayout layout, byte* labelsOf, int first, int count, float* sums)
    {
        if (isBFloat16)
        {
            Sums<WideBFloat16>((byte*)image, layout, labelsOf, first, count, sums);
        }
        else
        {
            Sums<WideFloat>((byte*)image, layout, labelsOf, first, count, sums);
        }
    }

    /// <summary>Gradient of a chunk's logits.</summary>
    /// <param name="image">As in <see cref="HostSums"/>.</param>
    /// <param name="gradient">Written: of the logits' type and layout.</param>
    /// <param name="isBFloat16">Whether both are bfloat16.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="labelsOf">The image's labels.</param>
    /// <param name="first">First voxel of the chunk.</param>
    /// <param name="count">Its voxels.</param>
    /// <param name="factors">Of <see cref="Combine"/>.</param>
    /// <param name="weight">scale / (B voxels).</param>
    public static void HostGradient(
        void* image, void* gradient, bool isBFloat16, in FeatureLayout layout, byte* labelsOf, int first, int count,
        float* factors, float weight)
    {
        if (isBFloat16)
        {
            Gradient<WideBFloat16>((byte*)image, (byte*)gradient, layout, labelsOf, first, count, factors, weight);
        }
        else
        {
            Gradient<WideFloat>((byte*)image, (byte*)gradient, layout, labelsOf, first, count, factors, weight);
        }
    }

    private static void Sums<T>(byte* image, in FeatureLayout layout, byte* labelsOf, int first, int count, float* sums)
        where T : struct, IWideElement
    {
        int labels = layout.Channels;
        using var scratch = new Scratch(4L * labels * Lanes);
        float* block = scratch.Values;
        float* common = block + (labels * Lanes);
        float* all = common + (labels * Lanes);
        float* voxels = all + (labels * Lanes);
        Vector512<float> logarithms = default;
        for (int voxel = 0; voxel < count; voxel += Lanes)
        {
            int most = Math.Min(Lanes, count - voxel);
            FeatureBlock.Load<T>(image, layout, first + voxel, most, block);
            Vector512<int> own = FeatureBlock.Labels(labelsOf + first + voxel, most);
            Vector512<float> isVoxel = Vector512.GreaterThanOrEqual(own, Vector512<int>.Zero).AsSingle();
            logarithms += Softmax(block, labels, own) & isVoxel;
            for (int label = 0; label < labels; label++)
            {
                Vector512<float> p = Vector512.Load(block + (label * Lanes));
                Vector512<float> isOwn = Vector512.Equals(own, Vector512.Create(label)).AsSingle();
                Add(common + (label * Lanes), p & isOwn);
                Add(all + (label * Lanes), p & isVoxel);
                Add(voxels + (label * Lanes), Vector512<float>.One & isOwn);
            }
        }

        for (int n = 0; n < 3 * labels; n++)
        {
            sums[n] = Vector512.Sum(Vector512.Load(common + (n * Lanes)));
        }

        sums[3 * labels] = Vector512.Sum(logarithms);
    }

    private static void Gradient<T>(
        byte* image, byte* gradient, in FeatureLayout layout, byte* labelsOf, int first, int count, float* factors, float weight)
        where T : struct, IWideElement
    {
        int labels = layout.Channels;
        using var scratch = new Scratch((long)labels * Lanes);
        float* block = scratch.Values;
        for (int voxel = 0; voxel < count; voxel += Lanes)
        {
            int most = Math.Min(Lanes, count - voxel);
            FeatureBlock.Load<T>(image, layout, first + voxel, most, block);
            Vector512<int> own = FeatureBlock.Labels(labelsOf + first + voxel, most);
            Softmax(block, labels, own);
            Vector512<float> mean = default;
            for (int label = 0; label < labels; label++)
            {
                mean = HostMath.Fma(Vector512.Load(block + (label * Lanes)), Slope(own, label, labels, factors), mean);
            }

            for (int label = 0; label < labels; label++)
            {
                Vector512<float> p = Vector512.Load(block + (label * Lanes));
                Vector512<float> isOwn = Vector512<float>.One & Vector512.Equals(own, Vector512.Create(label)).AsSingle();
                Vector512<float> ofDice = p * (Slope(own, label, labels, factors) - mean);
                HostMath.Fma(p - isOwn, Vector512.Create(weight), ofDice).Store(block + (label * Lanes));
            }

            FeatureBlock.Store<T>(gradient, layout, first + voxel, most, block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Slope(Vector512<int> own, int label, int labels, float* factors) =>
        Vector512.Create(factors[labels + label])
            + (Vector512.Create(factors[label]) & Vector512.Equals(own, Vector512.Create(label)).AsSingle());

    // The block's logits become p; of each lane log p of its own label.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> Softmax(float* block, int labels, Vector512<int> own)
    {
        Vector512<float> most = Vector512.Load(block);
        for (int label = 1; label < labels; label++)
        {
            most = Vector512.Max(most, Vector512.Load(block + (label * Lanes)));
        }

        Vector512<float> sum = default;
        Vector512<float> ofOwn = default;
        for (int label = 0; label < labels; label++)
        {
            Vector512<float> logit = Vector512.Load(block + (label * Lanes)) - most;
            ofOwn |= logit & Vector512.Equals(own, Vector512.Create(label)).AsSingle();
            Vector512<float> power = HostMath.Exp(logit);
            power.Store(block + (label * Lanes));
            sum += power;
        }

        Vector512<float> perSum = Vector512<float>.One / sum;
        for (int label = 0; label < labels; label++)
        {
            (Vector512.Load(block + (label * Lanes)) * perSum).Store(block + (label * Lanes));
        }

        return ofOwn - HostMath.Log(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* target, Vector512<float> values) => (Vector512.Load(target) + values).Store(target);
}
