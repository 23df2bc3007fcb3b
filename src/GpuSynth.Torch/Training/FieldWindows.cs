using GpuSynth.Kernels;
using GpuSynth.Torch.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// Windows of samples that are larger than what the network is given: of every item one, at a place of its own that all its views share. What recipes draw as a
/// share of the side is then as large as crops of real images have it, and what lies at an image's border or middle need not lie at the window's.
/// </summary>
/// <param name="field">Shape of the samples.</param>
/// <param name="window">Shape of a window; no axis is longer than the field's.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class FieldWindows(VolumeShape field, VolumeShape window, ulong seed)
{
    private readonly int[] from = Axes(field), to = Axes(window);

    /// <summary>Where the window of an item begins in its samples: (z,) y, x. Every place that it fits in is as likely.</summary>
    public int[] OriginOf(long item)
    {
        var random = new PlaceRandom(seed, (ulong)item, PlaceRandom.WindowStream);
        int[] origin = new int[from.Length];
        for (int axis = 0; axis < origin.Length; axis++)
        {
            origin[axis] = random.Below(from[axis] - to[axis] + 1);
        }

        return origin;
    }

    /// <summary>The windows of a batch of one view, as tensors of their own.</summary>
    /// <param name="samples">Images and labels of the samples.</param>
    /// <param name="origins">Where the window of every item begins.</param>
    public ViewTensors Cut(ViewTensors samples, int[][] origins)
    {
        using IDisposable unrecorded = no_grad();
        return samples with { Image = Windows(samples.Image, origins), Labels = Windows(samples.Labels, origins) };
    }

    private static int[] Axes(VolumeShape shape) => shape.Dimensions == 2 ? [shape.Height, shape.Width] : [shape.Depth, shape.Height, shape.Width];

    // The last axes are those of space.
    private Tensor Windows(Tensor samples, int[][] origins)
    {
        using DisposeScope scope = NewDisposeScope();
        return stack([.. origins.Select((origin, n) =>
        {
            Tensor one = samples.select(0, n);
            for (int axis = 0; axis < origin.Length; axis++)
            {
                one = one.narrow(one.dim() - origin.Length + axis, origin[axis], to[axis]);
            }

            return one;
        })]).MoveToOuterDisposeScope();
    }
}
