using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

// Of a voxel with features f, of length l = max(|f|, least), u = f / l, and what K heads give:
//   y_k = W_k.u + b_k
// and with g = dL/dy, v = sum_k g_k W_k:
//   dL/df = (v - u (u.v)) / l, or v / l where |f| is below the least;  dL/dW_k = sum over voxels of g_k u,  dL/db_k = sum of g_k
// The host's form: blocks of sixteen voxels, a lane each, as in RasdLoss. Features are read once on the way there and once on the way back, where operators
// go over them ten times.

/// <summary>Linear heads on features that are divided by their length at every voxel.</summary>
public static unsafe class UnitHeads
{
    /// <summary>The least length that features are divided by.</summary>
    public const float LeastLength = 1e-12f;

    private const int Lanes = FeatureBlock.Voxels;

    /// <summary>Values that <see cref="HostGradient"/> adds up for a chunk: [K][C] of the weights, [K] of the biases.</summary>
    public static int SumLength(int heads, int channels) => heads * (channels + 1);

    /// <summary>What the heads give for a chunk.</summary>
    /// <param name="image">First value of the image's features, float or bfloat16.</param>
    /// <param name="isBFloat16">Whether they are bfloat16.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="first">First voxel of the chunk.</param>
    /// <param name="count">Its voxels.</param>
    /// <param name="weights">float[K][C].</param>
    /// <param name="biases">float[K].</param>
    /// <param name="heads">K.</param>
    /// <param name="values">Written: the image's float[K][voxels].</param>
    public static void Host(
        void* image, bool isBFloat16, in FeatureLayout layout, int first, int count, float* weights, float* biases, int heads, float* values)
    {
        if (isBFloat16)
        {
            Forward<WideBFloat16>((byte*)image, layout, first, count, weights, biases, heads, values);
        }
        else
        {
            Forward<WideFloat>((byte*)image, layout, first, count, weights, biases, heads, values);
        }
    }

    /// <summary>Gradient of a chunk's features, and what it adds to that of weights and biases.</summary>
    /// <param name="image">As in <see cref="Host"/>.</param>
    /// <param name="gradient">Written: of the features' type and layout.</param>
    /// <param name="isBFloat16">Whether both are bfloat16.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="first">First voxel of the chunk.</param>
    /// <param name="count">Its voxels.</param>
    /// <param name="weights">float[K][C].</param>
    /// <param name="heads">K.</param>
    /// <param name="slopes">g, the image's float[K][voxels].</param>
    /// <param name="sums">Written: <see cref="SumLength"/> values.</param>
    public static void HostGradient(
        void* image, void* gradient, bool isBFloat16, in FeatureLayout layout, int first, int count, float* weights, int heads, float* slopes, float* sums)
    {
        if (isBFloat16)
        {
            Backward<WideBFloat16>((byte*)image, (byte*)gradient, layout, first, count, weights, heads, slopes, sums);
        }
        else
        {
            Backward<WideFloat>((byte*)image, (byte*)gradient, layout, first, count, weights, heads, slopes, sums);
        }
    }

    private static void Forward<T>(
        byte* image, in FeatureLayout layout, int first, int count, float* weights, float* biases, int heads, float* values)
        where T : struct, IWideElement
    {
        int channels = layout.Channels;
        using var scratch = new Scratch((long)channels * Lanes);
        float* block = scratch.Values;
        for (int voxel = first; voxel < first + count; voxel += Lanes)
        {
            int most = Math.Min(Lanes, first + count - voxel);
            FeatureBlock.Load<T>(image, layout, voxel, most, block);
            Vector512<float> inverse = Vector512<float>.One / Lengths(block, channels);
            for (int head = 0; head < heads; head++)
            {
                Vector512<float> along = Product(block, channels, weights + ((long)head * channels));
                Put(HostMath.Fma(along, inverse, Vector512.Create(biases[head])), values + ((long)head * layout.Voxels) + voxel, most);
            }
        }
    }

    private static void Backward<T>(
        byte* image, byte* gradient, in FeatureLayout layout, int first, int count, float* weights, int heads, float* slopes, float* sums)
        where T : struct, IWideElement
    {
        int channels = layout.Channels;
        using var scratch = new Scratch((long)((2 * channels) + heads + SumLength(heads, channels)) * Lanes);
        float* block = scratch.Values;
        float* slope = block + (channels * Lanes);
        float* given = slope + (channels * Lanes);
        float* sum = given + (heads * Lanes);
        float* biasSum = sum + ((long)heads * channels * Lanes);
        for (int voxel = first; voxel < first + count; voxel += Lanes)
        {
            int most = Math.Min(Lanes, first + count - voxel);
            FeatureBlock.Load<T>(image, layout, voxel, most, block);
            for (int head = 0; head < heads; head++)
            {
                Vector512<float> g = Get(slopes + ((long)head * layout.Voxels) + voxel, most);
                g.Store(given + (head * Lanes));
                (Vector512.Load(biasSum + (head * Lanes)) + g).Store(biasSum + (head * Lanes));
            }

            Vector512<float> lengths = Lengths(block, channels);
            Vector512<float> inverse = Vector512<float>.One / lengths;
            Vector512<float> along = Slopes(block, channels, weights, heads, given, slope);

            // u (u.v) / l = f (f.v) / l^3; nothing of it where the length is that of all short features.
            Vector512<float> isLong = Vector512.GreaterThan(lengths, Vector512.Create(LeastLength)).AsSingle();
            Across(block, channels, slope, inverse, along * inverse * inverse & isLong);
            FeatureBlock.Store<T>(gradient, layout, voxel, most, slope);
            AddWeights(block, channels, heads, given, inverse, sum);
        }

        for (int n = 0; n < SumLength(heads, channels); n++)
        {
            sums[n] = Vector512.Sum(Vector512.Load(sum + ((long)n * Lanes)));
        }
    }

    private static Vector512<float> Lengths(float* block, int channels)
    {
        Vector512<float> square = default;
        for (int channel = 0; channel < channels; channel++)
        {
            Vector512<float> value = Vector512.Load(block + (channel * Lanes));
            square = HostMath.Fma(value, value, square);
        }

        return Vector512.Max(Vector512.Sqrt(square), Vector512.Create(LeastLength));
    }

    private static Vector512<float> Product(float* block, int channels, float* weights)
    {
        Vector512<float> even = default, odd = default;
        int channel = 0;
        for (; channel + 2 <= channels; channel += 2)
        {
            even = HostMath.Fma(Vector512.Create(weights[channel]), Vector512.Load(block + (channel * Lanes)), even);
            odd = HostMath.Fma(Vector512.Create(weights[channel + 1]), Vector512.Load(block + ((channel + 1) * Lanes)), odd);
        }

        return channel < channels ? HostMath.Fma(Vector512.Create(weights[channel]), Vector512.Load(block + (channel * Lanes)), even + odd) : even + odd;
    }

    // v of every channel, and f.v.
    private static Vector512<float> Slopes(float* block, int channels, float* weights, int heads, float* given, float* slope)
    {
        Vector512<float> along = default;
        for (int channel = 0; channel < channels; channel++)
        {
            Vector512<float> v = default;
            for (int head = 0; head < heads; head++)
            {
                v = HostMath.Fma(Vector512.Create(weights[((long)head * channels) + channel]), Vector512.Load(given + (head * Lanes)), v);
            }

            v.Store(slope + (channel * Lanes));
            along = HostMath.Fma(v, Vector512.Load(block + (channel * Lanes)), along);
        }

        return along;
    }

    private static void Across(float* block, int channels, float* slope, Vector512<float> inverse, Vector512<float> along)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            Vector512<float> across = HostMath.Fma(-Vector512.Load(block + (channel * Lanes)), along, Vector512.Load(slope + (channel * Lanes)));
            (across * inverse).Store(slope + (channel * Lanes));
        }
    }

    private static void AddWeights(float* block, int channels, int heads, float* given, Vector512<float> inverse, float* sum)
    {
        for (int head = 0; head < heads; head++)
        {
            Vector512<float> g = Vector512.Load(given + (head * Lanes)) * inverse;
            float* target = sum + ((long)head * channels * Lanes);
            for (int channel = 0; channel < channels; channel++, target += Lanes)
            {
                HostMath.Fma(Vector512.Load(block + (channel * Lanes)), g, Vector512.Load(target)).Store(target);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<float> lanes, float* to, int count)
    {
        if (count == Lanes)
        {
            lanes.Store(to);
            return;
        }

        for (int lane = 0; lane < count; lane++)
        {
            to[lane] = lanes.GetElement(lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Get(float* from, int count)
    {
        if (count == Lanes)
        {
            return Vector512.Load(from);
        }

        float* lanes = stackalloc float[Lanes];
        for (int lane = 0; lane < count; lane++)
        {
            lanes[lane] = from[lane];
        }

        for (int lane = count; lane < Lanes; lane++)
        {
            lanes[lane] = 0;
        }

        return Vector512.Load(lanes);
    }
}
