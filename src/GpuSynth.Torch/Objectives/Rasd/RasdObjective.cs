using GpuSynth.Torch.Networks;
using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// RaSD's disentanglement (arXiv 2602.12317): every voxel's feature is pulled to the prototype of its label, and the prototypes
/// are pushed apart. Per image, with t = 0.07:
/// <code>
/// p[k] = sum over x of f(x) y_k(x) / (sum over x of y_k(x) + e)         e = 0 in 3D, 1 in 2D; an absent label has p[k] = 0
/// pull = -mean over (B, K, voxels) of y_k log(q_k + 1e-6),               q(x) = softmax over k of p[k].f(x) / t
/// push = -mean over (B, K, K) of I log(R + 1e-6),                        R = softmax over rows of (P^T P) / t
/// </code>
/// The normalised variant has f / |f| in place of f, and p / |p| of those in place of p.
/// </summary>
/// <remarks>
/// Features on the host are swept by <see cref="Kernels.RasdLoss"/>; the tensor form here is for all others. Gradients in closed
/// form, a chunk of voxels at a time: nothing of K x volume is ever held, no one-hot tensor and no softmax,
/// and no graph over the logits is built. What is held is the gradient of the features, which the network's backward pass needs
/// anyway.
/// With w = -c q_y / (q_y + 1e-6), c = 1 / (B K voxels), G = w (y - q):
/// <code>
/// dL/df(x) = P G(x) / t + dL/dp[y(x)] / (count_y + e)                     dL/dP = sum over x of f(x) G(x)^T / t + push's
/// </code>
/// p = 0 of an absent label is the limit of e to 0; it takes part in the softmax as it does in 2D.
/// </remarks>
[Objective("rasd", "RaSD's disentanglement: features gather around the prototype of their label.")]
[Objective("rasd-cosine", "The same of features and prototypes of length 1.")]
public sealed class RasdObjective : OutputObjective
{
    private const double Temperature = 0.07;
    private const double LogOffset = 1e-6;

    // Vectors that are shorter are not made longer: a feature of exactly 0 has no direction.
    private const double ShortestLength = 1e-12;

    // Values of a chunk's features: a few megabytes, so that they are still in the cache for the second product.
    private const int ChunkValues = 1 << 20;

    private readonly bool isNormalised;
    private readonly int chunkValues;
    private int labelCount;

    /// <summary>The objective of its declared name.</summary>
    /// <param name="context">What it is made for.</param>
    public RasdObjective(ObjectiveContext context)
        : this((context ?? throw new ArgumentNullException(nameof(context))).Name == "rasd-cosine")
    {
    }

    /// <summary>The objective.</summary>
    /// <param name="isNormalised">Whether features and prototypes are divided by their lengths.</param>
    public RasdObjective(bool isNormalised)
        : this(isNormalised, ChunkValues)
    {
    }

    internal RasdObjective(bool isNormalised, int chunkValues) =>
        (this.isNormalised, this.chunkValues) = (isNormalised, chunkValues);

    /// <summary>At chance all prototypes are alike: pull and push are ln(K) / K each. No network gets below 0.</summary>
    public override ObjectiveBounds Bounds => labelCount > 0 ? new(2 * Math.Log(labelCount) / labelCount, 0) : default;

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount) => this.labelCount = labelCount;

    /// <inheritdoc/>
    public override ObjectiveValue Backward(torch.Tensor features, torch.Tensor labels, int labelCount, double scale)
    {
        ObjectiveInput.Check(features, labels, labelCount);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor gradient;
        double pull, push;
        using (torch.no_grad())
        {
            if (HostFeatures.Of(features.detach(), labels, labelCount) is { } given)
            {
                (pull, push) = HostObjectives.Rasd(given, isNormalised, CountOffset(features), scale);
                gradient = given.Gradient;
            }
            else
            {
                (gradient, torch.Tensor pulls, torch.Tensor pushes) =
                    Differentiate(features.detach(), labels, labelCount, scale);
                (pull, push) = (pulls.item<double>(), pushes.item<double>());
            }
        }

        if (features.requires_grad)
        {
            features.backward([gradient]);
        }

        return new ObjectiveValue(pull + push, [("pull", pull), ("push", push)]);
    }

    /// <summary>
    /// The tensor form, for every device and type, and the reference of the host's form: gradient of the features times
    /// <paramref name="scale"/>, in their type, and the two losses as float64.
    /// </summary>
    internal (torch.Tensor Gradient, torch.Tensor Pull, torch.Tensor Push) Differentiate(
        torch.Tensor features, torch.Tensor labels, int labelCount, double scale)
    {
        long batch = features.shape[0], channels = features.shape[1];
        torch.ScalarType type = features.dtype == torch.float64 ? torch.float64 : torch.float32;
        torch.Tensor flat = features.reshape(batch, channels, -1);
        torch.Tensor flatLabels = labels.reshape(batch, -1);
        torch.Tensor gradient = torch.empty(flat.shape, type, features.device);
        torch.Tensor pull = torch.zeros(1, torch.float64, features.device);
        torch.Tensor push = torch.zeros(1, torch.float64, features.device);
        double countOffset = CountOffset(features);
        for (long image = 0; image < batch; image++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            var chunks = new LabelledChunks(
                flat.select(0, image), flatLabels.select(0, image), gradient.select(0, image), labelCount,
                chunkVoxels: Math.Max(1, chunkValues / channels), isNormalised ? ShortestLength : null);
            Differentiate(chunks, batch, countOffset, scale, pull, push);
        }

        return (gradient.to_type(features.dtype).reshape(features.shape), pull, push);
    }

    private static double CountOffset(torch.Tensor features) => features.shape.Length == 5 ? 0 : 1;

    private void Differentiate(
        LabelledChunks chunks, long batch, double countOffset, double scale, torch.Tensor pull, torch.Tensor push)
    {
        double weight = 1.0 / (batch * chunks.LabelCount * chunks.Voxels);
        (torch.Tensor sums, torch.Tensor counts) = chunks.SumByLabel();

        // Counts are whole: the maximum changes nothing but the 0 of an absent label.
        torch.Tensor inverse = counts.Plus(countOffset).clamp_min(Scalars.Of(1)).reciprocal();
        torch.Tensor prototypes = sums * inverse;
        torch.Tensor lengths = prototypes.mul(prototypes).sum(0, keepdim: true).sqrt().clamp_min(Scalars.Of(ShortestLength));
        if (isNormalised)
        {
            prototypes = prototypes / lengths;
        }

        torch.Tensor prototypeGradient = Push(prototypes, 1.0 / (batch * chunks.LabelCount * chunks.LabelCount), scale, push);
        foreach (LabelledChunk chunk in chunks.Chunks())
        {
            torch.Tensor probabilities = prototypes.t().matmul(chunk.Features).div_(Scalars.Of(Temperature)).softmax(0);
            torch.Tensor own = (probabilities * chunk.OneHot).sum(dim: 0);
            pull.sub_(own.Plus(LogOffset).log_().sum().to_type(torch.float64).mul_(Scalars.Of(weight)));
            torch.Tensor slope = own.div(own.Plus(LogOffset)).mul_(Scalars.Of(-weight * scale / Temperature));
            torch.Tensor logitGradient = chunk.OneHot.sub(probabilities).mul_(slope);
            prototypeGradient.PlusInPlace(chunk.Features.matmul(logitGradient.t()));
            chunk.Gradient.copy_(prototypes.matmul(logitGradient));
        }

        if (isNormalised)
        {
            torch.Tensor along = (prototypes * prototypeGradient).sum(0, keepdim: true);
            prototypeGradient = prototypeGradient.sub(prototypes * along).div_(lengths);
        }

        chunks.AddByLabel(prototypeGradient * inverse);
    }

    // Z = P^T P / t, R = softmax of its rows: dL/dZ = -w r / (r + 1e-6) (I - R) with r on the diagonal,
    // dL/dP = P (dZ + dZ^T) / t.
    private static torch.Tensor Push(torch.Tensor prototypes, double weight, double scale, torch.Tensor push)
    {
        torch.Tensor rows = prototypes.t().matmul(prototypes).div_(Scalars.Of(Temperature)).softmax(1);
        torch.Tensor diagonal = rows.diagonal();
        push.sub_(diagonal.Plus(LogOffset).log_().sum().to_type(torch.float64).mul_(Scalars.Of(weight)));
        torch.Tensor slope = diagonal.div(diagonal.Plus(LogOffset)).mul_(Scalars.Of(-weight * scale / Temperature)).unsqueeze(1);
        torch.Tensor identity = torch.eye(rows.shape[0], dtype: rows.dtype, device: rows.device);
        torch.Tensor logitGradient = identity.sub_(rows).mul_(slope);
        return prototypes.matmul(logitGradient.Plus(logitGradient.t()));
    }
}
