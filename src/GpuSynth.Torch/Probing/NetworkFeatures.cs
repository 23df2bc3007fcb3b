using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Probing;

/// <summary>
/// The feature maps of a frozen network that sees an image whole, padded with zeros to the network's multiple. A level of more
/// than <see cref="Projection.MostChannels"/> channels is projected to so many.
/// </summary>
/// <param name="network">The network, in eval mode.</param>
/// <param name="isOwner">Whether it goes with this object.</param>
internal sealed class NetworkFeatures(SegmentationNetwork network, bool isOwner = true) : IFeatureSource
{
    private readonly ConcurrentDictionary<int, Lazy<float[]>> projections = new();
    private readonly Device device = network.parameters().First().device;

    public IReadOnlyList<FeatureLevel> Of(ProbeImage image)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        (int[] sides, int[] margins) = Padded(image.Shape);
        Tensor input = Input(image, sides, margins).to(device);
        return [.. network.FeatureMaps(input).Select(map => Level(map, image.Shape, sides, margins))];
    }

    /// <summary>Lets batch norms of new weights measure images that are fitted on.</summary>
    public void MeasureNorms(IReadOnlyList<ProbeImage> images) => BatchNorms.Measure(network, n =>
    {
        ProbeImage image = images[n % images.Count];
        (int[] sides, int[] margins) = Padded(image.Shape);
        return Input(image, sides, margins).to(device);
    });

    public void Dispose()
    {
        if (isOwner)
        {
            network.Dispose();
        }
    }

    private (int[] Sides, int[] Margins) Padded(VolumeShape shape)
    {
        var plan = WindowPlan.Whole(shape, network.SideMultiple);
        VolumeShape window = plan.Window;
        return ([window.Depth, window.Height, window.Width], [.. plan.Origins[0].Select(static begin => -begin)]);
    }

    private static Tensor Input(ProbeImage image, int[] sides, int[] margins)
    {
        VolumeShape shape = image.Shape;
        long[] size = shape.Dimensions == 2
            ? [1, image.Channels, sides[1], sides[2]]
            : [1, image.Channels, sides[0], sides[1], sides[2]];
        Tensor input = zeros(size, ScalarType.Float32);
        Span<float> values = MemoryMarshal.Cast<byte, float>(input.bytes);
        int row = 0;
        for (int channel = 0; channel < image.Channels; channel++)
        {
            for (int z = 0; z < shape.Depth; z++)
            {
                for (int y = 0; y < shape.Height; y++, row++)
                {
                    int to = ((((((channel * sides[0]) + z + margins[0]) * sides[1]) + y + margins[1]) * sides[2]) + margins[2]);
                    image.Values.AsSpan(row * shape.Width, shape.Width).CopyTo(values[to..]);
                }
            }
        }

        return input;
    }

    private FeatureLevel Level(FeatureMap map, VolumeShape shape, int[] sides, int[] margins)
    {
        long[] size = map.Values.shape;
        int[] own = shape.Dimensions == 2 ? [1, (int)size[2], (int)size[3]] : [(int)size[2], (int)size[3], (int)size[4]];
        Tensor values = map.Values.to_type(ScalarType.Float32).cpu().contiguous().reshape(size[1], -1);
        int channels = (int)size[1];
        if (channels > Projection.MostChannels)
        {
            float[] matrix = projections.GetOrAdd(
                channels, static count => new Lazy<float[]>(() => Projection.Of(count, Projection.MostChannels))).Value;
            values = tensor(matrix, [Projection.MostChannels, channels]).matmul(values);
            channels = Projection.MostChannels;
        }

        int[] factors = [.. sides.Zip(own, static (side, voxels) => side / voxels)];
        return new FeatureLevel(
            map.Name, channels, new LevelGrid(shape, own, factors, margins),
            MemoryMarshal.Cast<byte, float>(values.bytes).ToArray());
    }
}
