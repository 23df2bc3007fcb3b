using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

/// <summary>A network's labels for whole volumes.</summary>
internal sealed class SlidingWindow(SegmentationNetwork network, int classes, VolumeShape patch, double overlap, Device device)
{
    // Windows of a call: more than one, because convolutions of one sample take a slow path on some processors' backends.
    private const int WindowsPerCall = 2;

    /// <summary>The labels of a case in its own file's grid: logits are resampled to it before the largest is taken.</summary>
    public byte[] PredictFile(SegmentationCase one)
    {
        using NativeFloats logits = Logits(one);
        return LargestInFile(one, logits.Span, classes);
    }

    /// <summary>The class with the largest score in every voxel of a case's own file.</summary>
    /// <param name="one">The case.</param>
    /// <param name="logits">Logits, or probabilities, of the prepared grid: [class, voxel].</param>
    /// <param name="classes">Classes.</param>
    public static byte[] LargestInFile(SegmentationCase one, ReadOnlySpan<float> logits, int classes)
    {
        int voxels = (int)one.Shape.VoxelCount;
        if (one.Shape == one.Axes.Shape && one.Spacing == one.CanonicalSpacing)
        {
            return one.Axes.Undo(Largest(logits, voxels, classes));
        }

        // One class after the other: all of them in the file's grid might not fit the memory.
        byte[] labels = new byte[one.FileShape.VoxelCount];
        float[] largest = [];
        for (int label = 0; label < classes; label++)
        {
            float[] inFile = Resampling.Linear(
                logits.Slice(label * voxels, voxels), one.Shape, one.Axes.Shape, one.Spacing, one.CanonicalSpacing);
            if (label == 0)
            {
                largest = inFile;
                continue;
            }

            for (int n = 0; n < labels.Length; n++)
            {
                if (inFile[n] > largest[n])
                {
                    (labels[n], largest[n]) = ((byte)label, inFile[n]);
                }
            }
        }

        return one.Axes.Undo(labels);
    }

    /// <summary>The labels of a case in the prepared grid.</summary>
    public byte[] Predict(SegmentationCase one)
    {
        using NativeFloats logits = Logits(one);
        return Largest(logits.Span, (int)one.Shape.VoxelCount, classes);
    }

    /// <summary>A tensor [count, channels, (D,) H, W] of the processor, to be filled.</summary>
    public static Tensor Empty(int count, int channels, VolumeShape shape)
    {
        long[] size = shape.Dimensions == 2
            ? [count, channels, shape.Height, shape.Width]
            : [count, channels, shape.Depth, shape.Height, shape.Width];
        return empty(size, ScalarType.Float32);
    }

    // Every row of a window that lies inside the volume: where it begins in the volume and in the window, and how long it is.
    private static IEnumerable<(int At, int InWindow, int Length)> Rows(VolumeShape shape, VolumeShape window, int[] origin)
    {
        int from = Math.Max(0, origin[2]);
        int length = Math.Min(shape.Width, origin[2] + window.Width) - from;
        for (int z = Math.Max(0, origin[0]); z < Math.Min(shape.Depth, origin[0] + window.Depth); z++)
        {
            for (int y = Math.Max(0, origin[1]); y < Math.Min(shape.Height, origin[1] + window.Height); y++)
            {
                int inWindow = ((((z - origin[0]) * window.Height) + y - origin[1]) * window.Width) + from - origin[2];
                yield return ((((z * shape.Height) + y) * shape.Width) + from, inWindow, length);
            }
        }
    }

    private static byte[] Largest(ReadOnlySpan<float> logits, int voxels, int classes)
    {
        byte[] labels = new byte[voxels];
        for (int n = 0; n < voxels; n++)
        {
            for (int label = 1; label < classes; label++)
            {
                labels[n] = logits[(label * voxels) + n] > logits[(labels[n] * voxels) + n] ? (byte)label : labels[n];
            }
        }

        return labels;
    }

    /// <summary>The weighted means of the windows' logits in the prepared grid: [class, voxel].</summary>
    /// <remarks>Outside the managed heap, which would hold those of several cases until it is collected.</remarks>
    public NativeFloats Logits(SegmentationCase one)
    {
        VolumeShape shape = one.Shape;
        WindowPlan plan = WindowPlan.Of(shape, patch, network.SideMultiple, overlap);
        int voxels = (int)shape.VoxelCount;
        int windowVoxels = (int)plan.Window.VoxelCount;
        var result = new NativeFloats((long)classes * voxels);
        using var weighted = new NativeFloats(voxels);
        Span<float> sums = result.Span;
        Span<float> total = weighted.Span;
        sums.Clear();
        total.Clear();
        float[] weights = plan.Origins.Count > 1 ? plan.Weights() : [.. Enumerable.Repeat(1f, windowVoxels)];
        using IDisposable unrecorded = no_grad();
        foreach (int[][] origins in plan.Origins.Chunk(WindowsPerCall))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor outputs = Run(one, origins, plan.Window);
            ReadOnlySpan<float> output = MemoryMarshal.Cast<byte, float>(outputs.bytes);
            for (int w = 0; w < origins.Length; w++)
            {
                int first = w * classes * windowVoxels;
                foreach ((int at, int inWindow, int length) in Rows(shape, plan.Window, origins[w]))
                {
                    for (int n = 0; n < length; n++)
                    {
                        float weight = weights[inWindow + n];
                        total[at + n] += weight;
                        for (int label = 0; label < classes; label++)
                        {
                            sums[(label * voxels) + at + n] += weight * output[first + (label * windowVoxels) + inWindow + n];
                        }
                    }
                }
            }
        }

        for (int n = 0; n < sums.Length; n++)
        {
            sums[n] /= total[n % voxels];
        }

        return result;
    }

    // The network's output for windows of a case, on the processor.
    private Tensor Run(SegmentationCase one, int[][] origins, VolumeShape window)
    {
        Tensor input = Empty(origins.Length, one.Channels, window);
        Span<float> values = MemoryMarshal.Cast<byte, float>(input.bytes);
        values.Clear();
        (int voxels, int windowVoxels) = ((int)one.Shape.VoxelCount, (int)window.VoxelCount);
        for (int w = 0; w < origins.Length; w++)
        {
            foreach ((int at, int inWindow, int length) in Rows(one.Shape, window, origins[w]))
            {
                for (int channel = 0; channel < one.Channels; channel++)
                {
                    one.Image.Slice((channel * voxels) + at, length)
                        .CopyTo(values[((((w * one.Channels) + channel) * windowVoxels) + inWindow)..]);
                }
            }
        }

        return network.call(input.to(device)).to(CPU).contiguous();
    }
}
