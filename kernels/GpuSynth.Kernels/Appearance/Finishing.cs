using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Finishing: I = ((I - min) / (max - min + epsilon))^g of a whole batch, min and max as measured; and the format of the images.
// float: in place, 8 B/voxel; 16 bits: from float scratch, 6 B/voxel.
// The division is a multiplication by the range's reciprocal, one division per thread: three roundings where MinMax.Voxel has
// two, within twice its error. The smallest intensity is 0 still, and none is above 1: x times the rounded 1 / x is 1 at most.
// 16-bit values are rounded to nearest even, by whole-number arithmetic; a NaN stays one.
// Values: the same run to run on one device. Reference: MinMax.Reference.cs, Gamma.Reference.cs. Source: RaSD, steps 9 and 10.

/// <summary>Normalisation, gamma curve and format of a batch's images.</summary>
public static class Finishing
{
    // Voxels of a thread, a group's width apart: enough loads in flight, and few divisions.
    private const int VoxelsPerThread = 8;

    /// <summary>One voxel: the normalisation and the gamma curve, each where the recipe has it.</summary>
    internal static float Voxel(float value, FinishingPlan plan, float minimum, float perRange, float gamma)
    {
        float result = value;
        if (plan.Normalises != 0)
        {
            result = (value - minimum) * perRange;
            if (plan.HasGamma != 0)
            {
                result = Gamma.Voxel(result, gamma);
            }
        }

        return result;
    }

    /// <summary>A value as the bits of an IEEE 754 binary16, rounded to nearest even.</summary>
    /// <param name="value">The value.</param>
    public static uint Float16Bits(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint sign = (bits >> 16) & 0x8000u;
        uint magnitude = bits & 0x7FFFFFFFu;

        // From 2^-14 on: another exponent, and 13 bits less. What rounds up beyond the last exponent is an infinity by itself.
        uint normal = (magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;

        // Below: the spacing of 2^-24 is that of floats between 0.5 and 1, where the addition rounds.
        uint small = Interop.FloatAsInt(Interop.IntAsFloat(magnitude) + 0.5f) - 0x3F000000u;
        uint result = magnitude < 0x38800000u ? small : normal;
        result = magnitude >= 0x47800000u ? 0x7C00u : result;
        result = magnitude > 0x7F800000u ? 0x7E00u : result;
        return sign | result;
    }

    /// <summary>A value as the bits of a bfloat16, rounded to nearest even.</summary>
    /// <param name="value">The value.</param>
    public static uint BFloat16Bits(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
        return (bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : rounded;
    }

    // One thread per eight voxels of the sample Grid.IdxY.
    internal readonly struct InPlaceKernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> image, SampleLayout layout, FinishingPlan plan)
        : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            var law = new FinishingLaw(words, measured, layout, plan, Grid.IdxY);
            ArrayView<float> own = image.SubView((long)Grid.IdxY * plan.Voxels, plan.Voxels);
            int voxel = (Grid.IdxX * KernelLoader.GroupSize * VoxelsPerThread) + Group.IdxX;
            for (int turn = 0; turn < VoxelsPerThread; turn++)
            {
                if (voxel < plan.Voxels)
                {
                    own[voxel] = Voxel(own[voxel], plan, law.Minimum, law.PerRange, law.Gamma);
                }

                voxel += KernelLoader.GroupSize;
            }
        }
    }

    // The same, to 16 bits.
    internal readonly struct NarrowKernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<float> scratch,
        ArrayView<ushort> image,
        SampleLayout layout,
        FinishingPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            var law = new FinishingLaw(words, measured, layout, plan, Grid.IdxY);
            long first = (long)Grid.IdxY * plan.Voxels;
            ArrayView<float> from = scratch.SubView(first, plan.Voxels);
            ArrayView<ushort> to = image.SubView(first, plan.Voxels);
            int voxel = (Grid.IdxX * KernelLoader.GroupSize * VoxelsPerThread) + Group.IdxX;
            for (int turn = 0; turn < VoxelsPerThread; turn++)
            {
                if (voxel < plan.Voxels)
                {
                    float value = Voxel(from[voxel], plan, law.Minimum, law.PerRange, law.Gamma);
                    to[voxel] = (ushort)(plan.IsBFloat16 != 0 ? BFloat16Bits(value) : Float16Bits(value));
                }

                voxel += KernelLoader.GroupSize;
            }
        }
    }

    /// <summary>Finishing on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, InPlaceKernel>? inPlaceKernel;
        private readonly Action<KernelConfig, NarrowKernel>? narrowKernel;
        private readonly FinishingPlan plan;
        private readonly int groups;

        /// <summary>Makes the kernel launchable that a recipe needs.</summary>
        /// <param name="loader">Loads the kernel.</param>
        /// <param name="shape">Shape of one sample.</param>
        /// <param name="format">Format of the images.</param>
        /// <param name="epsilon">Added to the range; null without normalisation.</param>
        /// <param name="hasGamma">Whether there is a gamma curve; only with the normalisation.</param>
        public Launcher(KernelLoader loader, VolumeShape shape, ImageFormat format, float? epsilon, bool hasGamma)
        {
            ArgumentNullException.ThrowIfNull(loader);
            plan = new FinishingPlan(LaunchCheck.Extent(shape.VoxelCount, nameof(shape)), format, epsilon, hasGamma);
            groups = (int)((shape.VoxelCount + (KernelLoader.GroupSize * VoxelsPerThread) - 1)
                / (KernelLoader.GroupSize * VoxelsPerThread));
            if (format != ImageFormat.Float32)
            {
                narrowKernel = loader.Load<NarrowKernel>();
            }
            else if (epsilon is not null)
            {
                inPlaceKernel = loader.Load<InPlaceKernel>();
            }
        }

        /// <summary>Finishes every sample.</summary>
        /// <param name="words">Table of the samples' words.</param>
        /// <param name="measured">The range of every sample, read.</param>
        /// <param name="layout">Where the words lie.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="painted">float[samples][D,H,W]; changed in place where the images are float.</param>
        /// <param name="image16">Written where the images have 16 bits: ushort[samples][D,H,W]; not read or written
        /// otherwise.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Run(
            ArrayView<uint> words,
            ArrayView<uint> measured,
            SampleLayout layout,
            int samples,
            ArrayView<float> painted,
            ArrayView<ushort> image16)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
            LaunchCheck.AtLeast(painted.Length, (long)samples * plan.Voxels, nameof(painted));
            KernelConfig config = BatchGrid.OfGroups(groups, samples, KernelLoader.GroupSize);
            inPlaceKernel?.Invoke(config, new(words, measured, painted, layout, plan));
            if (narrowKernel is not null)
            {
                LaunchCheck.AtLeast(image16.Length, (long)samples * plan.Voxels, nameof(image16));
                narrowKernel(config, new(words, measured, painted, image16, layout, plan));
            }
        }
    }
}

/// <summary>What a launch of <see cref="Finishing"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct FinishingPlan(int voxels, ImageFormat format, float? epsilon, bool hasGamma)
{
    public readonly int Voxels = voxels;
    public readonly int IsBFloat16 = format == ImageFormat.BFloat16 ? 1 : 0;
    public readonly int Normalises = epsilon is null ? 0 : 1;
    public readonly int HasGamma = hasGamma ? 1 : 0;
    public readonly float Epsilon = epsilon ?? 0f;
}

/// <summary>What the voxels of one sample are finished by.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct FinishingLaw
{
    public readonly float Minimum;
    public readonly float PerRange;
    public readonly float Gamma;

    public FinishingLaw(ArrayView<uint> words, ArrayView<uint> measured, SampleLayout layout, FinishingPlan plan, int sample)
    {
        int word = sample * MeasuredWords.PerSample;
        Minimum = MeasuredWords.Value(measured[word + MeasuredWords.Minimum]);
        float maximum = MeasuredWords.Value(measured[word + MeasuredWords.Maximum]);
        PerRange = 1f / MinMax.Range(Minimum, maximum, plan.Epsilon);
        Gamma = SampleLayout.Number(words, (sample * layout.Stride) + SampleLayout.Gamma);
    }
}
