using GpuSynth.Kernels;

namespace GpuSynth.Torch.Probing;

/// <summary>Features of one image at one level.</summary>
/// <param name="Name">"encoder/4".</param>
/// <param name="Channels">Channels.</param>
/// <param name="Grid">Where they lie.</param>
/// <param name="Values">[channels, voxels of the map].</param>
internal sealed record FeatureLevel(string Name, int Channels, LevelGrid Grid, float[] Values)
{
    /// <summary>Features [n, channels] of voxels of the image, linear between the map's.</summary>
    public float[] At(ReadOnlySpan<int> voxels)
    {
        float[] rows = new float[voxels.Length * Channels];
        Span<int> at = stackalloc int[8];
        Span<float> weights = stackalloc float[8];
        for (int n = 0; n < voxels.Length; n++)
        {
            int corners = Grid.Corners(voxels[n], at, weights);
            for (int channel = 0; channel < Channels; channel++)
            {
                float sum = 0;
                for (int corner = 0; corner < corners; corner++)
                {
                    sum += weights[corner] * Values[(channel * Grid.Count) + at[corner]];
                }

                rows[(n * Channels) + channel] = sum;
            }
        }

        return rows;
    }
}

/// <summary>An image as feature extractors take it.</summary>
/// <param name="Values">[channels, (depth,) height, width], normalised.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Shape">Voxels.</param>
internal sealed record ProbeImage(float[] Values, int Channels, VolumeShape Shape);

/// <summary>What makes features of an image. Several threads may ask at once; the answer depends on the image alone.</summary>
internal interface IFeatureSource : IDisposable
{
    /// <summary>Whether every level holds the one before it, so that all together are no more than the last.</summary>
    bool IsNested => false;

    /// <summary>The features of every level; the same levels for every image.</summary>
    IReadOnlyList<FeatureLevel> Of(ProbeImage image);
}
