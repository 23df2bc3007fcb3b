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

    /// <summary>The labels of a case in its own file's grid: logits are brought back to it before the largest is taken.</summary>
    public byte[] PredictFile(SegmentationCase one)
    {
        float[] logits = Logits(one.Image, one.Shape);
        int voxels = (int)one.Shape.VoxelCount;
        if (one.Shape == one.Axes.Shape && one.Spacing == one.CanonicalSpacing)
        {
            return one.Axes.Undo(Largest(logits, voxels));
        }

        int fileVoxels = (int)one.FileShape.VoxelCount;
        float[] inFile = new float[classes * fileVoxels];
        for (int label = 0; label < classes; label++)
        {
            Resampling.Linear(
                logits.AsSpan(label * voxels, voxels), one.Shape, one.Axes.Shape, one.Spacing, one.CanonicalSpacing)
                .CopyTo(inFile, label * fileVoxels);
        }

        return one.Axes.Undo(Largest(inFile, fileVoxels));
    }

    /// <summary>The labels of a case in the prepared grid.</summary>
    public byte[] Predict(SegmentationCase one) => Largest(Logits(one.Image, one.Shape), (int)one.Shape.VoxelCount);

    private static float[] Cut(float[] image, VolumeShape shape, WindowPlan plan, int[] origin)
    {
        float[] window = new float[plan.Window.VoxelCount];
        ForRows(shape, plan.Window, origin, (at, inWindow, length) => image.AsSpan(at, length).CopyTo(window.AsSpan(inWindow)));
        return window;
    }

    // Every row of a window that lies inside the volume: where it begins in the volume and in the window, and how long it is.
    private static void ForRows(VolumeShape shape, VolumeShape window, int[] origin, Action<int, int, int> row)
    {
        int from = Math.Max(0, origin[2]);
        int length = Math.Min(shape.Width, origin[2] + window.Width) - from;
        for (int z = Math.Max(0, origin[0]); z < Math.Min(shape.Depth, origin[0] + window.Depth); z++)
        {
            for (int y = Math.Max(0, origin[1]); y < Math.Min(shape.Height, origin[1] + window.Height); y++)
            {
                int inWindow = ((((z - origin[0]) * window.Height) + y - origin[1]) * window.Width) + from - origin[2];
                row((((z * shape.Height) + y) * shape.Width) + from, inWindow, length);
            }
        }
    }

    private byte[] Largest(float[] logits, int voxels)
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

    // The weighted means of the windows' logits: [class, voxel].
    private float[] Logits(float[] image, VolumeShape shape)
    {
        WindowPlan plan = WindowPlan.Of(shape, patch, network.SideMultiple, overlap);
        int voxels = image.Length;
        int windowVoxels = (int)plan.Window.VoxelCount;
        float[] sums = new float[classes * voxels];
        float[] total = new float[voxels];
        float[] weights = plan.Origins.Count > 1 ? plan.Weights() : [.. Enumerable.Repeat(1f, windowVoxels)];
        using IDisposable unrecorded = no_grad();
        foreach (int[][] origins in plan.Origins.Chunk(WindowsPerCall))
        {
            using DisposeScope scope = NewDisposeScope();
            float[] windows = [.. origins.SelectMany(origin => Cut(image, shape, plan, origin))];
            float[] output = Run(windows, origins.Length, plan.Window);
            for (int w = 0; w < origins.Length; w++)
            {
                int first = w * classes * windowVoxels;
                ForRows(shape, plan.Window, origins[w], (at, inWindow, length) =>
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
                });
            }
        }

        for (int n = 0; n < sums.Length; n++)
        {
            sums[n] /= total[n % voxels];
        }

        return sums;
    }

    private float[] Run(float[] windows, int count, VolumeShape window)
    {
        Tensor input = TensorOf(windows, count, window);
        Tensor output = network.call(input.to(device)).to(CPU).contiguous();
        return MemoryMarshal.Cast<byte, float>(output.bytes).ToArray();
    }

    /// <summary>A tensor [count, 1, (D,) H, W] of values.</summary>
    public static Tensor TensorOf(ReadOnlySpan<float> values, int count, VolumeShape shape)
    {
        long[] size = shape.Dimensions == 2
            ? [count, 1, shape.Height, shape.Width]
            : [count, 1, shape.Depth, shape.Height, shape.Width];
        Tensor tensor = empty(size, ScalarType.Float32);
        MemoryMarshal.AsBytes(values).CopyTo(tensor.bytes);
        return tensor;
    }
}
