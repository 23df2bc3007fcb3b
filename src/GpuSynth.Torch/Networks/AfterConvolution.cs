using GpuSynth.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// What stands behind a convolution: norm ("N"), dropout ("D"), activation ("A"). One operator (<see cref="FusedNorm"/>) where
/// the values are on the host with their channels last; otherwise torch's, one after the other.
/// </summary>
internal sealed class AfterConvolution : NamedModule
{
    private readonly nn.Module<Tensor, Tensor> norm;
    private readonly nn.Module<Tensor, Tensor>? dropout;
    private readonly nn.Module<Tensor, Tensor> activation;
    private readonly double share;

    public AfterConvolution(NetworkOptions options, int channels)
        : base(nameof(AfterConvolution))
    {
        norm = Register("N", Layers.Norm(options.Norm, options.Dimensions, channels));
        share = options.Dropout;
        dropout = share > 0 ? Register("D", (nn.Module<Tensor, Tensor>)nn.Dropout(share)) : null;
        activation = Register("A", Layers.Activation(options.Activation));
    }

    private bool IsBatch => norm is BatchNorm;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using Tensor normed = norm.call(input);
        if (dropout is null)
        {
            return activation.call(normed);
        }

        using Tensor thinned = (training ? DropoutRandom.Thinned(normed, share) : null) ?? dropout.call(normed);
        return activation.call(thinned);
    }

    /// <summary>
    /// Whether a convolution of this input may leave its bias out: the norm takes it away, and <see cref="Join"/> knows of it.
    /// </summary>
    public bool TakesBias(Tensor input) => (training || !IsBatch) && IsOnHost(input) && ChannelsLast.Is(input);

    /// <summary>The block's result from a convolution without its bias.</summary>
    /// <param name="x">The convolution's result.</param>
    /// <param name="bias">What it left out, or null.</param>
    /// <param name="added">Added to the result, or null.</param>
    public Tensor Join(Tensor x, Tensor? bias, Tensor? added)
    {
        long[] shape = x.shape;
        NormRows? rows = IsOnHost(x) && ChannelsLast.Is(x)
            ? NormRows.Of(shape[0], shape[1], shape.Skip(2).Aggregate(1L, static (product, side) => product * side))
            : null;
        if (rows is null)
        {
            using Tensor? wide = bias?.view([1, -1, .. Enumerable.Repeat(1L, shape.Length - 2)]);
            using Tensor whole = wide is null ? x.alias() : x.Plus(wide);
            return Plus(call(whole), added);
        }

        bool drops = training && share > 0;
        var plan = new FusedNormPlan(rows, IsBatch, NormEpsilon, drops ? share : 0, drops ? DropoutRandom.DrawSeed() : 0);
        Tensor? slope = (activation as PReLU)?.weight;
        (Tensor? gamma, Tensor? beta) = norm is BatchNorm batch ? (batch.weight, batch.bias) : (null, null);
        Tensor result = FusedNorm.Compute(x, gamma, beta, slope, bias, added, plan);
        if (IsBatch)
        {
            Track((BatchNorm)norm, plan.Law!, bias);
        }

        return result;
    }

    /// <summary>A sum, where there is one; the first term is disposed of.</summary>
    public static Tensor Plus(Tensor result, Tensor? added)
    {
        if (added is null)
        {
            return result;
        }

        using (result)
        {
            return result.Plus(added);
        }
    }

    private double NormEpsilon => norm is BatchNorm batch ? batch.eps : ((InstanceNorm)norm).eps;

    private static bool IsOnHost(Tensor tensor) =>
        tensor.device.type == DeviceType.CPU && tensor.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    // Running means and variances, as torch's batch norm keeps them: unbiased variances, and the bias in the means.
    private static void Track(BatchNorm batch, NormLaw law, Tensor? bias)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        double momentum = batch.momentum ?? 0.1;
        double unbiased = law.Count > 1 ? (double)law.Count / (law.Count - 1) : 1;
        (Tensor runningMean, Tensor runningVariance) = (batch.running_mean!, batch.running_var!);
        ScalarType type = runningMean.dtype;
        Tensor mean = tensor(law.Mean).to_type(type);
        Tensor variance = tensor(law.Variance).mul_(Scalars.Of(unbiased)).to_type(type);
        runningMean.mul_(Scalars.Of(1 - momentum)).add_(bias is null ? mean : mean.PlusInPlace(bias), Scalars.Of(momentum));
        runningVariance.mul_(Scalars.Of(1 - momentum)).add_(variance, Scalars.Of(momentum));
        batch.num_batches_tracked!.add_(Scalars.Of(1), Scalars.Of(1));
    }
}
