using GpuSynth.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// What heads give for a network's features, divided by their length at every voxel, and the way back from there to the network. On the host both are
/// one sweep over the features (<see cref="UnitHeads"/>); elsewhere torch's operators (<see cref="VoxelHeads.OfUnit"/>).
/// </summary>
internal sealed unsafe class UnitHeadPass
{
    private const int ChunkVoxels = RasdLoss.HostChunkVoxels;

    private readonly Tensor features;
    private readonly Linear[] heads;
    private readonly HostFeatures? host;
    private readonly Tensor[] graph = [];
    private readonly float[] weights = [];

    /// <summary>The way there.</summary>
    /// <param name="voxelHeads">The heads.</param>
    /// <param name="features">[B, C, (D,) H, W], in the network's graph.</param>
    public UnitHeadPass(VoxelHeads voxelHeads, Tensor features)
    {
        this.features = features;
        heads = [.. voxelHeads.All];
        host = HostFeatures.Of(features.detach());
        if (host is null)
        {
            graph = voxelHeads.OfUnit(features);
            Outputs = [.. graph.Select(static output => output.detach().requires_grad_())];
            return;
        }

        weights = [.. heads.SelectMany(static head => head.weight!.detach().cpu().data<float>())];
        float[] biases = [.. heads.SelectMany(static head => head.bias!.detach().cpu().data<float>())];
        long[] shape = features.shape;
        shape[1] = biases.Length;
        Tensor values = empty(shape, ScalarType.Float32);
        var to = (float*)TensorAddress.Of(values);
        FeatureLayout layout = host.Layout;
        host.ForEachChunk(ChunkVoxels, (image, _, first, count) =>
        {
            fixed (float* ofWeights = weights, ofBiases = biases)
            {
                UnitHeads.Host(
                    host.Image(image), host.IsBFloat16, layout, first, count, ofWeights, ofBiases, biases.Length,
                    to + ((long)image * biases.Length * layout.Voxels));
            }
        });
        Outputs = new Tensor[heads.Length];
        long at = 0;
        for (int n = 0; n < heads.Length; n++)
        {
            long count = heads[n].weight!.shape[0];
            Outputs[n] = values.narrow(1, at, count).detach().requires_grad_();
            at += count;
        }
    }

    /// <summary>What every head gives: [B, outputs, (D,) H, W] in float32, to be differentiated by.</summary>
    public Tensor[] Outputs { get; }

    /// <summary>The way back: adds the outputs' gradients to those of heads and network.</summary>
    public void Backward()
    {
        Tensor[] slopes = [.. Outputs.Select(static output => output.grad ?? zeros_like(output))];
        if (host is null)
        {
            autograd.backward(graph, slopes);
            return;
        }

        FeatureLayout layout = host.Layout;
        Tensor all = cat(slopes, 1).contiguous();
        int outputs = (int)all.shape[1], channels = layout.Channels, length = UnitHeads.SumLength(outputs, channels);
        int chunks = RasdLoss.ChunkCount(layout.Voxels, ChunkVoxels);
        float[] sums = new float[(long)layout.Batch * chunks * length];
        var from = (float*)TensorAddress.Of(all);
        host.ForEachChunk(ChunkVoxels, (image, chunk, first, count) =>
        {
            fixed (float* ofWeights = weights, own = &sums[((image * chunks) + chunk) * length])
            {
                UnitHeads.HostGradient(
                    host.Image(image), host.GradientOf(image), host.IsBFloat16, layout, first, count, ofWeights, outputs,
                    from + ((long)image * outputs * layout.Voxels), own);
            }
        });
        float[] whole = new float[length];
        for (int n = 0; n < length; n++)
        {
            double sum = 0;
            for (int part = n; part < sums.Length; part += length)
            {
                sum += sums[part];
            }

            whole[n] = (float)sum;
        }

        int first = 0;
        foreach (Linear head in heads)
        {
            int count = (int)head.weight!.shape[0];
            Add(head.weight!, tensor(whole.AsSpan(first * channels, count * channels).ToArray()).reshape(count, channels));
            Add(head.bias!, tensor(whole.AsSpan((outputs * channels) + first, count).ToArray()));
            first += count;
        }

        features.backward([host.Gradient]);
    }

    private static void Add(Parameter parameter, Tensor gradient)
    {
        using Tensor? before = parameter.grad;
        parameter.grad = before is null ? gradient : before.Plus(gradient);
    }
}
