using GpuSynth.Kernels;
using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>Features in the host's memory as the kernels' host forms take them, their labels, room for a gradient.</summary>
internal sealed unsafe class HostFeatures
{
    private readonly torch.Tensor features;
    private readonly torch.Tensor? labels;
    private readonly torch.Tensor gradient;

    private HostFeatures(torch.Tensor features, torch.Tensor? labels, FeatureLayout layout, int labelCount)
    {
        this.features = features;
        this.labels = labels;
        Layout = layout;
        LabelCount = labelCount;
        gradient = torch.empty_strided(features.shape, features.stride(), features.dtype);
    }

    /// <summary>Where the values lie.</summary>
    public FeatureLayout Layout { get; }

    /// <summary>Number of labels K.</summary>
    public int LabelCount { get; }

    /// <summary>Whether they are bfloat16, else float32.</summary>
    public bool IsBFloat16 => features.dtype == torch.ScalarType.BFloat16;

    /// <summary>Of the features' type and layout; written by the caller.</summary>
    public torch.Tensor Gradient => gradient;

    /// <summary>
    /// Features [B, C, (D,) H, W] on the CPU in float32 or bfloat16, or null for what the host's forms do not take: other
    /// devices, float64, voxels that do not follow each other evenly.
    /// </summary>
    /// <param name="features">The network's output, without its graph.</param>
    /// <param name="labels">uint8 [B, (D,) H, W]; null where none are asked for.</param>
    /// <param name="labelCount">Number of labels K.</param>
    public static HostFeatures? Of(torch.Tensor features, torch.Tensor? labels = null, int labelCount = 0)
    {
        if (features.device.type != DeviceType.CPU || features.dtype is not (torch.ScalarType.Float32 or torch.ScalarType.BFloat16)
            || (labels is not null && (labels.device.type != DeviceType.CPU || labels.dtype != torch.ScalarType.Byte)))
        {
            return null;
        }

        return LayoutOf(features) is { } layout
            ? new HostFeatures(features, labels?.contiguous(), layout, labelCount)
            : null;
    }

    /// <summary>First value of an image's features.</summary>
    public byte* Image(int image) => (byte*)TensorAddress.OfFirst(features) + Offset(image);

    /// <summary>First value of an image's gradient.</summary>
    public byte* GradientOf(int image) => (byte*)TensorAddress.OfFirst(gradient) + Offset(image);

    /// <summary>An image's labels.</summary>
    public byte* Labels(int image) => (byte*)TensorAddress.OfFirst(labels!) + ((long)image * Layout.Voxels);

    /// <summary>Does something for every chunk of every image, on as many threads as torch computes with.</summary>
    /// <param name="chunkVoxels">Voxels of a chunk.</param>
    /// <param name="work">Gets the image, the chunk's number, its first voxel and its voxels.</param>
    public void ForEachChunk(int chunkVoxels, Action<int, int, int, int> work)
    {
        int chunks = RasdLoss.ChunkCount(Layout.Voxels, chunkVoxels);
        HostThreads.For(Layout.Batch * chunks, n =>
        {
            int first = n % chunks * chunkVoxels;
            work(n / chunks, n % chunks, first, Math.Min(chunkVoxels, Layout.Voxels - first));
        });
    }

    private long Offset(int image) => (long)image * Layout.ImageStride * (IsBFloat16 ? sizeof(ushort) : sizeof(float));

    private static FeatureLayout? LayoutOf(torch.Tensor features)
    {
        long[] shape = features.shape, strides = features.stride();
        if (shape.Length < 3 || shape.Any(static side => side < 1))
        {
            return null;
        }

        // All voxels as one axis: each axis' stride is what the axes behind it span. An axis of one voxel has no say.
        (long voxels, long stride) = (1, 0);
        for (int axis = shape.Length - 1; axis >= 2; axis--)
        {
            if (shape[axis] == 1)
            {
                continue;
            }

            if (stride == 0)
            {
                stride = strides[axis];
            }
            else if (strides[axis] != stride * voxels)
            {
                return null;
            }

            voxels *= shape[axis];
        }

        stride = Math.Max(stride, 1);
        (long ofImage, long ofChannel) = (Math.Max(strides[0], 1), Math.Max(strides[1], 1));
        long extent = ((shape[0] - 1) * ofImage) + ((shape[1] - 1) * ofChannel) + (voxels * stride);
        return extent > int.MaxValue || ofImage > int.MaxValue || ofChannel > int.MaxValue
            ? null
            : new FeatureLayout((int)shape[0], (int)shape[1], (int)voxels, (int)ofImage, (int)ofChannel, (int)stride);
    }
}
