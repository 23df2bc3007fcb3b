using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>What a <see cref="FusedNorm"/> does beside its tensors.</summary>
/// <param name="Rows">How the values lie.</param>
/// <param name="IsBatch">Batch norm, else instance norm.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Dropout">Share of values that become 0; 0 for none.</param>
/// <param name="Seed">Of dropout's mask.</param>
internal sealed record FusedNormPlan(NormRows Rows, bool IsBatch, double Epsilon, double Dropout, ulong Seed)
{
    /// <summary>Dropout in the steps that random bits are drawn in.</summary>
    public int Threshold => (int)Math.Round(Dropout * NormActivation.DropoutSteps);

    /// <summary>What kept values are multiplied by.</summary>
    public float Keep => Dropout > 0 ? (float)(1 / (1 - ((double)Threshold / NormActivation.DropoutSteps))) : 1f;

    /// <summary>Whether something is added to the result.</summary>
    public bool HasSum { get; set; }

    /// <summary>The law of the forward pass.</summary>
    public NormLaw? Law { get; set; }

    /// <summary>The first handle of the result, until the graph has one of its own.</summary>
    public Tensor? Output { get; set; }
}

/// <summary>
/// Norm, dropout, activation and a sum as one operator of the graph, by <see cref="NormActivation"/>: on the host, channels last.
/// </summary>
internal sealed unsafe class FusedNorm : autograd.SingleTensorFunction<FusedNorm>
{
    private const string Plan = "plan";

    // Gradients that were handed to torch: it has handles of its own by the time that the next node is asked.
    [ThreadStatic]
    private static List<Tensor>? returned;

    /// <inheritdoc/>
    public override string Name => nameof(FusedNorm);

    /// <summary>y = activation(dropout(norm(x) gamma + beta)) + added.</summary>
    /// <param name="x">[B, C, (D,) H, W], channels last, float32 or bfloat16.</param>
    /// <param name="gamma">[C] or null.</param>
    /// <param name="beta">[C] or null.</param>
    /// <param name="slope">[1], of the activation below 0; null: 0.</param>
    /// <param name="bias">What the norm makes no difference of: it gets a gradient of 0. Or null.</param>
    /// <param name="added">As x, or null.</param>
    /// <param name="plan">How.</param>
    public static Tensor Compute(
        Tensor x, Tensor? gamma, Tensor? beta, Tensor? slope, Tensor? bias, Tensor? added, FusedNormPlan plan)
    {
        if (!is_grad_enabled())
        {
            return Forward(x, gamma, beta, slope, added, null, plan);
        }

        Tensor result = apply(x, gamma!, beta!, slope!, bias!, added!, plan);
        plan.Output!.Dispose();
        plan.Output = null;
        return result;
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        var plan = (FusedNormPlan)vars[6];
        var x = (Tensor)vars[0];
        Tensor? mask = plan.Dropout > 0 ? empty([x.numel() / 16], ScalarType.Int16) : null;
        plan.Output = Forward(x, vars[1] as Tensor, vars[2] as Tensor, vars[3] as Tensor, vars[5] as Tensor, mask, plan);
        plan.HasSum = vars[5] is Tensor;
        ctx.save_for_backward([x, vars[1] as Tensor, vars[3] as Tensor, vars[4] as Tensor, mask]);
        ctx.save_data(Plan, plan);
        return plan.Output;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ArgumentNullException.ThrowIfNull(grad_output);
        returned?.ForEach(static tensor => tensor?.Dispose());
        List<Tensor> saved = ctx.get_saved_variables();
        try
        {
            var plan = (FusedNormPlan)ctx.get_data(Plan);
            return returned = Backward(saved[0], saved[1], saved[2], saved[3], saved[4], grad_output, plan);
        }
        finally
        {
            grad_output.Dispose();
            saved.ForEach(static tensor => tensor?.Dispose());
        }
    }

    private static Tensor Forward(
        Tensor x, Tensor? gamma, Tensor? beta, Tensor? slope, Tensor? added, Tensor? mask, FusedNormPlan plan)
    {
        NormRows rows = plan.Rows;
        var values = new Values(x, rows);
        plan.Law = new NormLaw(
            rows, plan.IsBatch, values.Shifts(), values.Sums(plan.IsBatch), Floats(gamma), Floats(beta), plan.Epsilon);
        NormLaw law = plan.Law;
        Tensor result = empty_strided(x.shape, x.stride(), x.dtype);
        using Tensor? dense = added is null ? null : ChannelsLast.Of(added);
        var y = new Values(result, rows);
        Values? sum = dense is null ? null : new Values(dense, rows);
        (int threshold, float keep, float below) = (plan.Threshold, plan.Keep, slope is null ? 0 : Floats(slope)[0]);
        ushort* words = mask is null ? null : (ushort*)TensorAddress.OfFirst(mask);
        values.ForEach((sample, chunk) =>
        {
            ushort* own = words is null ? null : words + values.FirstVector(sample, chunk);
            if (own is not null)
            {
                long first = (long)chunk * rows.ChunkRows * rows.Period / 16;
                NormActivation.HostMask(
                    new RandomPlace(plan.Seed, (ulong)sample, Streams.Dropout), first, rows.RowsOf(chunk) * rows.Period / 16,
                    threshold, own);
            }

            fixed (float* factor = &law.Factor[law.Begin(sample)], offset = &law.Offset[law.Begin(sample)])
            {
                NormActivation.HostForward(
                    values.At(sample, chunk), y.At(sample, chunk), sum is null ? null : sum.At(sample, chunk), own,
                    values.IsBFloat16, rows.RowsOf(chunk), rows.Period, factor, offset, keep, below);
            }
        });
        return result;
    }

    private static List<Tensor> Backward(
        Tensor x, Tensor? gamma, Tensor? slope, Tensor? bias, Tensor? mask, Tensor given, FusedNormPlan plan)
    {
        NormRows rows = plan.Rows;
        NormLaw law = plan.Law!;
        Tensor g = ChannelsLast.Of(given);
        Tensor dx = empty_strided(x.shape, x.stride(), x.dtype);
        Values values = new(x, rows), slopes = new(g, rows), target = new(dx, rows);
        (float keep, float below) = (plan.Keep, slope is null ? 0 : Floats(slope)[0]);
        ushort* words = mask is null ? null : (ushort*)TensorAddress.OfFirst(mask);
        float[] sums = new float[rows.Samples * rows.Chunks * 2 * rows.Period];
        double[] ofSlope = new double[rows.Samples * rows.Chunks];
        values.ForEach((sample, chunk) =>
        {
            int n = (sample * rows.Chunks) + chunk, begin = law.Begin(sample);
            fixed (float* factor = &law.Factor[begin], offset = &law.Offset[begin], unitFactor = &law.UnitFactor[begin],
                unitOffset = &law.UnitOffset[begin], to = &sums[n * 2 * rows.Period])
            {
                var pointers = new NormPointers
                {
                    Factor = factor, Offset = offset, UnitFactor = unitFactor, UnitOffset = unitOffset,
                };
                ofSlope[n] = NormActivation.HostBackwardSums(
                    values.At(sample, chunk), slopes.At(sample, chunk),
                    words is null ? null : words + values.FirstVector(sample, chunk), values.IsBFloat16, rows.RowsOf(chunk),
                    rows.Period, pointers, keep, below, to);
            }
        });
        NormBackwardLaw back = law.Backward(sums);
        values.ForEach((sample, chunk) =>
        {
            int begin = law.Begin(sample);
            fixed (float* factor = &law.Factor[begin], offset = &law.Offset[begin], ofX = &back.Slope[begin],
                constant = &back.Constant[begin])
            {
                var pointers = new NormPointers { Factor = factor, Offset = offset, Slope = ofX, Constant = constant };
                NormActivation.HostBackward(
                    values.At(sample, chunk), slopes.At(sample, chunk), target.At(sample, chunk),
                    words is null ? null : words + values.FirstVector(sample, chunk), values.IsBFloat16, rows.RowsOf(chunk),
                    rows.Period, pointers, keep, below);
            }
        });
        Tensor? ofSum = plan.HasSum ? g : null;
        if (ofSum is null)
        {
            g.Dispose();
        }

        return
        [
            dx,
            gamma is null ? null! : Of(back.Gamma, gamma.dtype),
            gamma is null ? null! : Of(back.Beta, gamma.dtype),
            slope is null ? null! : Of([(float)ofSlope.Sum()], slope.dtype),
            bias is null ? null! : zeros_like(bias),
            ofSum!,
            null!,
        ];
    }

    private static Tensor Of(float[] values, ScalarType type)
    {
        using Tensor wide = tensor(values);
        return wide.to_type(type, copy: true);
    }

    private static float[] Floats(Tensor? small)
    {
        if (small is null)
        {
            return [];
        }

        using Tensor plain = small.detach();
        using Tensor wide = plain.to_type(ScalarType.Float32, copy: true);
        return MemoryMarshal.Cast<byte, float>(wide.bytes).ToArray();
    }

    // A layer's values in memory.
    private sealed class Values(Tensor tensor, NormRows rows)
    {
        private readonly byte* first = (byte*)TensorAddress.OfFirst(tensor);
        private readonly int size = tensor.dtype == ScalarType.BFloat16 ? sizeof(ushort) : sizeof(float);

        public bool IsBFloat16 => size == sizeof(ushort);

        public byte* At(int sample, int chunk) =>
            first + (((sample * rows.Rows) + ((long)chunk * rows.ChunkRows)) * rows.Period * size);

        public long FirstVector(int sample, int chunk) =>
            ((sample * rows.Rows) + ((long)chunk * rows.ChunkRows)) * rows.Period / 16;

        public void ForEach(Action<int, int> work) =>
            HostThreads.For(rows.Samples * rows.Chunks, n => work(n / rows.Chunks, n % rows.Chunks));

        // The first voxel of every sample [samples][C].
        public float[] Shifts()
        {
            var shifts = new float[rows.Samples * rows.Channels];
            for (int n = 0; n < shifts.Length; n++)
            {
                byte* voxel = At(n / rows.Channels, 0);
                int channel = n % rows.Channels;
                shifts[n] = IsBFloat16
                    ? BitConverter.UInt32BitsToSingle((uint)((ushort*)voxel)[channel] << 16)
                    : ((float*)voxel)[channel];
            }

            return shifts;
        }

        public float[] Sums(bool isBatch)
        {
            float[] sums = new float[rows.Samples * rows.Chunks * 2 * rows.Period];
            float[] shifts = Shifts(), wide = new float[rows.Samples * rows.Period];
            for (int n = 0; n < wide.Length; n++)
            {
                wide[n] = shifts[((isBatch ? 0 : n / rows.Period) * rows.Channels) + (n % rows.Period % rows.Channels)];
            }

            ForEach((sample, chunk) =>
            {
                fixed (float* shift = &wide[sample * rows.Period], to = &sums[((sample * rows.Chunks) + chunk) * 2 * rows.Period])
                {
                    NormActivation.HostSums(At(sample, chunk), IsBFloat16, rows.RowsOf(chunk), rows.Period, shift, to);
                }
            });
            return sums;
        }
    }
}
