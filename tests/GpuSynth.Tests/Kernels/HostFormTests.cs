using System.Runtime.Intrinsics;
using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

/// <summary>The SIMD forms against the references, by the rule: at most twice the error of the plain float mathematics.</summary>
[Category("Host")]
public sealed unsafe class HostFormTests
{
    private const int Room = 32;
    private static readonly RandomPlace Place = new(0xFEDCBA9876543210, 0x123456789, Streams.NoiseVoxels | (3u << 24));
    private static readonly int[] Counts = [1, 2, 3, 31, 33, 96, 100, 1000];
    private static readonly long[] Starts = [0, 5, 63, 64, 1_000_003];
    private static readonly VolumeShape[] Shapes = [.. Ladder.Shapes, VolumeShape.Volume(40, 33, 47)];

    [Test]
    public void PhiloxBlocks_EqualPlain_BitForBit([Values(0u, 1u, 0xFFFFFFF8u)] uint first)
    {
        var blocks = new Word16(Vector512.Create(first) + Vector512<uint>.Indices);
        Philox.Blocks<Real16, Word16>(Place, blocks, out Word16 x, out Word16 y, out Word16 z, out Word16 w);
        var blocks8 = new Word8(blocks.V.GetLower());
        Philox.Blocks<Real8, Word8>(Place, blocks8, out Word8 x8, out Word8 y8, out Word8 z8, out Word8 w8);
        for (int lane = 0; lane < 16; lane++)
        {
            UInt4 block = Philox.At(Place, unchecked(first + (uint)lane));
            Assert.That(new UInt4(x.V[lane], y.V[lane], z.V[lane], w.V[lane]), Is.EqualTo(block));
            if (lane < 8)
            {
                Assert.That(new UInt4(x8.V[lane], y8.V[lane], z8.V[lane], w8.V[lane]), Is.EqualTo(block));
            }
        }
    }

    [Test]
    public void Uniform_EqualsReference([ValueSource(nameof(Counts))] int count, [ValueSource(nameof(Starts))] long start)
    {
        var values = new float[count];
        fixed (float* at = values)
        {
            Uniform.HostFill(at, count, Place, start);
        }

        Assert.That(values, Is.EqualTo(Uniform.ReferenceValues(Place, start, count).Select(v => (float)v)));
    }

    // The error is that of the worst element, so the plain form gets a whole volume's worth of elements to be wrong in.
    [Test]
    public void Normal_Ladder([ValueSource(nameof(Starts))] long start)
    {
        const int count = 20_001;
        var values = new float[count];
        fixed (float* at = values)
        {
            Normal.HostFill(at, count, Place, start);
        }

        float[] plain = [.. Enumerable.Range(0, count).Select(i => Normal.At(Place, start + i))];
        Ladder.AssertHolds(Normal.ReferenceValues(Place, start, count), plain, values);
    }

    [Test]
    public void Normal_AnyPart_HasTheSameBits([ValueSource(nameof(Counts))] int count, [ValueSource(nameof(Starts))] long start)
    {
        var whole = new float[count + 200];
        var part = new float[count];
        fixed (float* wholeAt = whole, partAt = part)
        {
            Normal.HostFill(wholeAt, whole.Length, Place, start);
            Normal.HostFill(partAt, count, Place, start + 77);
        }

        Assert.That(part, Is.EqualTo(whole.Skip(77).Take(count)));
    }

    [Test]
    public void Reduction_EqualsPlain_BitForBit([Values(1, 2, 3, 15, 16, 17, 31, 33, 4095, 4096)] int count,
        [Values] bool withNaN)
    {
        float[] values = [.. Enumerable.Range(0, count).Select(i => Normal.At(Place, i))];
        values[count / 2] = withNaN ? float.NaN : values[count / 2];
        fixed (float* at = values)
        {
            ReductionPartial host = Reduction.HostChunk(at, count);
            ReductionPartial plain = Reduction.PlainChunk(values);
            Assert.That(
                (host.Minimum, host.Maximum, host.Sum, host.NonFinite),
                Is.EqualTo((plain.Minimum, plain.Maximum, plain.Sum, plain.NonFinite)));
        }
    }

    // Pass after pass as the engine does it: rows across along z and y, then along x.
    [Test]
    public void Blur_Ladder([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] before = AppearanceTests.Uniforms(shape, 7);
        float[] sigmas = [0.7f, 0.4f, 0.95f];
        double[] reference = Blur.ReferenceImage([.. before.Select(v => (double)v)], shape, sigmas, 7);
        float[] plain = PlainForms.Blur(before, shape, sigmas, 7);
        Ladder.AssertHolds(reference, plain, HostBlur(before, shape, sigmas, 7));
    }

    [Test]
    public void Blur_LosesWhatFallsOutside()
    {
        float[] weights = Blur.Weights(1f, 7);
        float[] blurred = HostBlur([0f, 0f, 1f], VolumeShape.Image(1, 3), [1f, 0f, 1f], 7);
        Assert.That(blurred, Is.EqualTo(new[] { weights[1], weights[2], weights[3] }));
    }

    [Test]
    public void BiasField_Ladder([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        var grid = new BiasGrid(shape, 6.8f, 83);
        float[] sigmas = [7f, 13.1f, 9.4f];
        const float std = 0.08f;
        const float u = 0.81f;
        var cells = new float[grid.CellCount];
        fixed (float* at = cells)
        {
            Normal.HostFill(at, cells.Length, Place);
        }

        double[] field = BiasField.ReferenceCoarse(grid, sigmas, cells, std * NormalQuantile.OfMaximum(u, shape.VoxelCount));
        float[] image = AppearanceTests.Uniforms(shape, 8);
        double[] reference = BiasField.ReferenceApply(image, field);
        float[] plain = PlainForms.Bias(grid, std, sigmas, cells, u, image);
        Ladder.AssertHolds(reference, plain, HostBias(grid, std, sigmas, u, image));
    }

    private static float[] HostBias(BiasGrid grid, float std, float[] sigmas, float u, float[] image)
    {
        var host = new BiasFieldHost(grid);
        var nodes = new float[host.NodeLength];
        var scratch = new float[Math.Max(host.DrawScratchLength, host.RowScratchLength)];
        int width = grid.Shape.Width;
        var row = new float[width + Room];
        var logField = new float[width + Room];
        var result = new float[image.Length];
        fixed (float* nodesAt = nodes, scratchAt = scratch, rowAt = row, logAt = logField)
        {
            host.DrawNodes(Place, std, sigmas, u, nodesAt, scratchAt);
            for (int first = 0; first < image.Length; first += width)
            {
                Array.Copy(image, first, row, 0, width);
                host.Row(nodesAt, first / width / grid.Shape.Height, first / width % grid.Shape.Height, logAt, scratchAt);
                BiasFieldHost.HostApply(rowAt, logAt, width);
                Array.Copy(row, 0, result, first, width);
            }
        }

        return result;
    }

    private static float[] HostBlur(float[] before, VolumeShape shape, float[] sigmasZYX, int taps)
    {
        int radius = taps / 2;
        int width = shape.Width;
        int rowCount = shape.Depth * shape.Height;
        float[][] rows = [.. Enumerable.Range(0, rowCount).Select(r =>
            (float[])[.. before.AsSpan(r * width, width), .. new float[Room]])];
        for (int axis = shape.Dimensions == 3 ? 0 : 1; axis < 2; axis++)
        {
            float[] weights = Blur.Weights(sigmasZYX[axis], taps);
            int length = axis == 0 ? shape.Depth : shape.Height;
            int stride = axis == 0 ? shape.Height : 1;
            float[][] next = [.. rows.Select((_, r) => Across(rows, r, r / stride % length, length, stride, weights))];
            rows = next;
        }

        float[] along = Blur.Weights(sigmasZYX[2], taps);
        return [.. rows.SelectMany(row => Along(row, along, radius, width))];
    }

    private static float[] Across(float[][] rows, int row, int position, int length, int stride, float[] weights)
    {
        int radius = weights.Length / 2;
        int first = Math.Max(0, radius - position);
        int end = Math.Min(weights.Length, radius - position + length);
        int room = rows[0].Length;
        float[] gathered = [.. Enumerable.Range(first, end - first).SelectMany(tap => rows[row + ((tap - radius) * stride)])];
        var to = new float[room];
        float** at = stackalloc float*[end - first];
        fixed (float* from = gathered, weightsAt = weights, toAt = to)
        {
            for (int i = 0; i < end - first; i++)
            {
                at[i] = from + (i * room);
            }

            Blur.HostSum(at, weightsAt + first, end - first, toAt, room - Room);
        }

        Array.Clear(to, room - Room, Room);
        return to;
    }

    private static IEnumerable<float> Along(float[] row, float[] weights, int radius, int width)
    {
        float[] padded = [.. new float[radius], .. row];
        var to = new float[width + Room];
        fixed (float* from = padded, weightsAt = weights, toAt = to)
        {
            Blur.HostRow(from + radius, weightsAt, weights.Length, toAt, width);
        }

        return to.Take(width);
    }
}
