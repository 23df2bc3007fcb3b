using GpuSynth.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// A network in training: the weights that the optimiser changes are float32; what computes is the network itself, or a copy of
/// it in bfloat16 whose gradients are added to the float32 ones.
/// </summary>
/// <remarks>
/// bfloat16 has float32's range, so that gradients need no scaling; its 8 bits are too few for weights to grow in.
/// </remarks>
internal sealed class TrainedNetwork : IDisposable
{
    private readonly SegmentationNetwork working;
    private readonly Parameter[] weights;
    private readonly Parameter[] workingWeights;

    /// <summary>A network with fresh weights, drawn from torch's current random state.</summary>
    public TrainedNetwork(NetworkOptions options, Precision precision, Device device)
        : this(() => NetworkFactory.Create(options), precision, device)
    {
    }

    internal TrainedNetwork(Func<SegmentationNetwork> create, Precision precision, Device device)
    {
        Weights = create();
        Weights.to(device);
        working = Weights;
        if (precision == Precision.Bf16)
        {
            working = create();
            working.to(device);
            working.to(ScalarType.BFloat16);
        }

        Type = precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        weights = [.. Weights.parameters()];
        workingWeights = [.. working.parameters()];
        working.train();
        CopyToWorking();
    }

    /// <summary>The float32 network.</summary>
    public SegmentationNetwork Weights { get; }

    /// <summary>What computes: the float32 network itself, or its copy.</summary>
    public SegmentationNetwork Working => working;

    /// <summary>What it computes in.</summary>
    public ScalarType Type { get; }

    /// <summary>The float32 parameters, for the optimiser.</summary>
    public IReadOnlyList<Parameter> Parameters => weights;

    private bool IsCopied => !ReferenceEquals(working, Weights);

    /// <summary>The network's output for float32 images, in its graph.</summary>
    public Tensor Forward(Tensor image) => working.call(IsCopied ? image.to_type(Type) : image);

    /// <summary>After a backward pass: adds the copy's gradients to the float32 ones.</summary>
    public void CollectGradients()
    {
        if (!IsCopied)
        {
            return;
        }

        using IDisposable unrecorded = no_grad();
        for (int n = 0; n < weights.Length; n++)
        {
            using Tensor? gradient = workingWeights[n].grad;
            if (gradient is null)
            {
                continue;
            }

            using Tensor wide = gradient.to_type(ScalarType.Float32);
            using Tensor? sum = weights[n].grad;
            if (sum is null)
            {
                weights[n].grad = wide;
            }
            else
            {
                sum.PlusInPlace(wide);
            }

            gradient.zero_();
        }
    }

    /// <summary>After the optimiser, or after weights were loaded: what computes gets the new weights.</summary>
    public void CopyToWorking()
    {
        if (!IsCopied)
        {
            return;
        }

        using IDisposable unrecorded = no_grad();
        for (int n = 0; n < weights.Length; n++)
        {
            workingWeights[n].copy_(weights[n]);
        }
    }

    /// <summary>Takes what the copy has measured (the running means of batch norm) over to the float32 network.</summary>
    public void CollectBuffers() => CopyBuffers(working, Weights);

    /// <summary>The other way, after weights were loaded.</summary>
    public void RestoreBuffers() => CopyBuffers(Weights, working);

    public void Dispose()
    {
        if (IsCopied)
        {
            working.Dispose();
        }

        Weights.Dispose();
    }

    private void CopyBuffers(SegmentationNetwork from, SegmentationNetwork to)
    {
        if (!IsCopied)
        {
            return;
        }

        using IDisposable unrecorded = no_grad();
        foreach ((Tensor source, Tensor target) in from.buffers().Zip(to.buffers()))
        {
            target.copy_(source);
        }
    }
}
