using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Random features and labels, as arrays for the reference and as tensors for the objectives.</summary>
internal sealed class ObjectiveRig : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly long[] space;

    public ObjectiveRig(int batch, int channels, int labelCount, long[] space, int absentLabel = -1, double size = 0.3)
    {
        this.space = space;
        int voxels = (int)space.Aggregate(1L, static (product, side) => product * side);
        var random = new Random(7);
        LabelCount = labelCount;
        Features =
        [
            .. Enumerable.Range(0, batch).Select(_ => Enumerable.Range(0, channels)
                .Select(_ => Enumerable.Range(0, voxels).Select(_ => (random.NextDouble() - 0.5) * 4 * size).ToArray())
                .ToArray()),
        ];
        // Only the first image lacks the label: one that is there and one that is not are different branches.
        Labels =
        [
            .. Enumerable.Range(0, batch).Select(b => Enumerable.Range(0, voxels).Select(_ =>
            {
                int label = random.Next(labelCount);
                return (byte)(b == 0 && label == absentLabel ? (label + 1) % labelCount : label);
            }).ToArray()),
        ];
    }

    public int LabelCount { get; }

    public double[][][] Features { get; }

    public byte[][] Labels { get; }

    public double Offset => space.Length == 3 ? 0 : 1;

    public Tensor FeatureTensor(ScalarType type, bool hasGradient = false)
    {
        Tensor tensor = empty([Features.Length, Features[0].Length, .. space], ScalarType.Float64);
        double[] values = [.. Features.SelectMany(static image => image.SelectMany(static channel => channel))];
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(tensor.bytes);
        return tensor.to_type(type).requires_grad_(hasGradient);
    }

    public Tensor LabelTensor()
    {
        Tensor tensor = empty([Labels.Length, .. space], ScalarType.Byte);
        Labels.SelectMany(static image => image).ToArray().CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>The derivative of a loss by one feature, by central differences.</summary>
    public double Derivative(Func<double> loss, int b, int c, int x, double step = 1e-5)
    {
        double before = Features[b][c][x];
        Features[b][c][x] = before + step;
        double above = loss();
        Features[b][c][x] = before - step;
        double below = loss();
        Features[b][c][x] = before;
        return (above - below) / (2 * step);
    }

    public void Dispose() => scope.Dispose();
}
