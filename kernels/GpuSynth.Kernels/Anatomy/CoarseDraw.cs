using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// CoarseDraw: nodes[sample][e] = std(scale of e) * z[e], z the normal number of element e at the sample's place (Normal).
//   e is the flat index of a NoiseGridLayout, [scale][channel][z][y][x], so that the same bits are drawn whatever draws them.
// words: uint[B][stride] (SampleLayout); nodes: float[B][elements], written once. 4 B/node.
// One thread per Philox block: four elements, at distances of 16. Random bits: the same on every device. Values: the same run to
// run on one device. Reference: Normal.Reference.cs.

/// <summary>The normal numbers of all coarse grids of a batch.</summary>
public static class CoarseDraw
{
    /// <summary>The standard deviation of an element.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="stdWord">The word of the first scale's standard deviation; negative: every one is 1.</param>
    /// <param name="scales">Scales of the layout; one at least.</param>
    /// <param name="element">Flat index in the layout.</param>
    public static float Std(ArrayView<uint> words, int stdWord, ArrayView<NoiseGridScale> scales, int element)
    {
        if (stdWord < 0)
        {
            return 1f;
        }

        int scale = 0;
        while (scale + 1 < scales.IntLength && element >= scales[scale + 1].Offset)
        {
            scale++;
        }

        return SampleLayout.Number(words, stdWord + scale);
    }

    // One thread per block of the sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words,
        SampleLayout layout,
        CoarseDrawPlan plan,
        ArrayView<NoiseGridScale> scales,
        ArrayView<float> nodes) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int block = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            int first = Uniform.FirstElementOf(block);
            if (first >= plan.Elements)
            {
                return;
            }

            int sample = Grid.IdxY;
            RandomPlace place = plan.OfAppearance != 0
                ? layout.AppearancePlace(words, sample, plan.Stream)
                : layout.AnatomyPlace(words, sample, plan.Stream);
            UInt4 bits = Philox.At(in place, (uint)block);
            Normal.FromBits(bits.X, bits.Y, out float n0, out float n1);
            Normal.FromBits(bits.Z, bits.W, out float n2, out float n3);
            ArrayView<float> own = nodes.SubView(((long)sample * plan.Stride) + plan.First, plan.Elements);
            int stdWord = plan.StdWord < 0 ? -1 : (sample * layout.Stride) + plan.StdWord;
            Store(own, first, n0, words, stdWord, scales);
            Store(own, first + 16, n1, words, stdWord, scales);
            Store(own, first + 32, n2, words, stdWord, scales);
            Store(own, first + 48, n3, words, stdWord, scales);
        }
    }

    private static void Store(
        ArrayView<float> own, int element, float value, ArrayView<uint> words, int stdWord, ArrayView<NoiseGridScale> scales)
    {
        if (element < own.IntLength)
        {
            own[element] = Std(words, stdWord, scales, element) * value;
        }
    }

    /// <summary>Launches the draws of a batch.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, Kernel> kernel;

        /// <summary>Makes the kernel launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            kernel = loader.Load<Kernel>();
        }

        /// <summary>Draws the nodes of every sample.</summary>
        /// <param name="words">Table of the samples' words.</param>
        /// <param name="layout">Where they lie.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="ofAppearance">Whether the numbers belong to the appearance, not to the anatomy.</param>
        /// <param name="stream">One of <see cref="Streams"/>.</param>
        /// <param name="stdWord">The word of the first scale's standard deviation; negative: every one is 1.</param>
        /// <param name="scales">Scales, from <see cref="NoiseField.Scales"/>; empty where every standard
        /// deviation is 1.</param>
        /// <param name="elements">Nodes of one sample.</param>
        /// <param name="nodes">Written: [sample][element]; may be longer.</param>
        /// <param name="others">Nodes before those of each sample, which are not written.</param>
        /// <exception cref="ArgumentException">A view is too short, or there is nothing to draw.</exception>
        public void Run(
            ArrayView<uint> words,
            SampleLayout layout,
            int samples,
            bool ofAppearance,
            uint stream,
            int stdWord,
            ArrayView<NoiseGridScale> scales,
            int elements,
            ArrayView<float> nodes,
            int others = 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
            ArgumentOutOfRangeException.ThrowIfNegative(others);
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(scales.Length, stdWord < 0 ? 0 : 1, nameof(scales));
            LaunchCheck.AtLeast(nodes.Length, (long)samples * (others + elements), nameof(nodes));
            var plan = new CoarseDrawPlan(elements, ofAppearance, stream, stdWord, others);
            kernel(BatchGrid.Of(Uniform.BlocksOf(elements), samples), new(words, layout, plan, scales, nodes));
        }
    }
}

/// <summary>What one launch of <see cref="CoarseDraw"/> draws.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CoarseDrawPlan(int elements, bool ofAppearance, uint stream, int stdWord, int others)
{
    public readonly int First = others;
    public readonly int Stride = others + elements;
    public readonly int Elements = elements;
    public readonly int OfAppearance = ofAppearance ? 1 : 0;
    public readonly uint Stream = stream;
    public readonly int StdWord = stdWord;
}
