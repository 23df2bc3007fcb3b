using System.Numerics;
using GpuSynth.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// AdamW behind a clip of the gradients' norm. On the host in two sweeps over gradients and weights, on as many threads as torch
/// computes with; elsewhere by TorchSharp's operators, of which a parameter takes a dozen.
/// </summary>
/// <remarks>
/// g' = g min(1, clip / (|g| + 1e-6)); w = w (1 - rate decay); m = b1 m + (1 - b1) g'; v = b2 v + (1 - b2) g'^2;
/// w = w - rate / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + e). Source: Loshchilov, Hutter, "Decoupled weight decay
/// regularization", ICLR 2019; the order of the operations is that of TorchSharp's AdamW, whose memory this is.
/// </remarks>
internal sealed unsafe class ClippedAdamW : IDisposable
{
    private const double ClipOffset = 1e-6;

    // Of one work item: some of each array, so that they stay in a core's second cache between the arrays' reads and writes.
    private const int PieceValues = 1 << 15;

    // In the order of the groups of Inner, which are those of one factor.
    private readonly Parameter[] parameters;
    private readonly double[] factors;
    private readonly double[] groupFactors;
    private readonly AdamW.State[] states;
    private readonly AdamW.Options[] laws;
    private readonly (int Parameter, int First, int Count)[] pieces;
    private readonly nint[] gradients;
    private readonly bool isOnHost;
    private bool isSwept;
    private float factor = 1;

    /// <summary>The same of parameters without names: none of them is a table of positions.</summary>
    public ClippedAdamW(IEnumerable<Parameter> parameters, double rate, double weightDecay, IReadOnlyList<double>? rateFactors = null)
        : this(parameters.Select(static one => ("", one)), rate, weightDecay, rateFactors)
    {
    }

    /// <summary>An optimiser without a memory of gradients.</summary>
    /// <param name="parameters">What is trained, on its device, and what it is called in its network.</param>
    /// <param name="rate">Learning rate, until a step has another.</param>
    /// <param name="weightDecay">Decay of the weights per step, times the rate: of matrices, see <see cref="Decays"/>.</param>
    /// <param name="rateFactors">What the rate of each parameter is multiplied by; null: 1.</param>
    public ClippedAdamW(
        IEnumerable<(string Name, Parameter One)> parameters, double rate, double weightDecay, IReadOnlyList<double>? rateFactors = null)
    {
        (int Place, Parameter One, double Factor, bool Decays)[][] groups =
        [
            .. parameters.Select((one, n) => (n, one.One, Factor: rateFactors?[n] ?? 1, Decays: Decays(one.Name, one.One)))
                .GroupBy(static entry => (entry.Factor, entry.Decays))
                .Select(static group => group.ToArray()),
        ];
        this.parameters = [.. groups.SelectMany(static group => group.Select(static entry => entry.One))];
        factors = [.. groups.SelectMany(static group => group.Select(static entry => entry.Factor))];
        groupFactors = [.. groups.Select(static group => group[0].Factor)];
        Inner = optim.AdamW(
            groups.Select(group => new AdamW.ParamGroup(
                group.Select(static entry => entry.One), lr: rate, weight_decay: group[0].Decays ? weightDecay : 0)),
            rate,
            weight_decay: weightDecay);
        states = [.. Inner.state_dict().State.Cast<AdamW.State>()];
        int[] places = [.. groups.SelectMany(static group => group.Select(static entry => entry.Place))];
        States = [.. Enumerable.Range(0, states.Length).Select(place => states[Array.IndexOf(places, place)])];
        laws = [.. Inner.ParamGroups.Cast<AdamW.ParamGroup>().SelectMany((group, n) => Enumerable.Repeat((AdamW.Options)group.Options, groups[n].Length))];
        gradients = new nint[this.parameters.Length];
        isOnHost = Array.TrueForAll(this.parameters, static one => IsSwept(one) && one.numel() <= int.MaxValue);
        pieces = isOnHost
            ? [.. this.parameters.SelectMany(static (one, n) => Pieces(n, (int)one.numel()))]
            : [];
    }

    /// <summary>The memory of each parameter, in the order in which they were given: for checkpoints.</summary>
    public IReadOnlyList<AdamW.State> States { get; }

    // TorchSharp's optimiser.
    private AdamW Inner { get; }

    /// <summary>
    /// Whether a parameter's weights decay: matrices and kernels do; vectors (biases, factors of norms, slopes, tokens) and tables of positions do not.
    /// Source: He et al., MAE (util/lr_decay.py), which leaves out what has one axis; Liu et al., Swin Transformer, which leaves its tables out.
    /// </summary>
    public static bool Decays(string name, Parameter parameter) =>
        parameter.shape.Count(static side => side > 1) > 1 && !name.EndsWith(WindowAttention.Table, StringComparison.Ordinal);

    /// <summary>Before the gradients of a step are added up.</summary>
    public void ZeroGradients() => Inner.zero_grad();

    /// <summary>Has the next step's gradients clipped.</summary>
    /// <param name="most">Largest norm of all gradients together.</param>
    /// <returns>Their norm as it is.</returns>
    public double Clip(double most)
    {
        isSwept = isOnHost && FindGradients();
        if (!isSwept)
        {
            return nn.utils.clip_grad_norm_(parameters, most);
        }

        double[] sums = new double[pieces.Length];
        HostThreads.For(pieces.Length, n =>
        {
            (int parameter, int first, int count) = pieces[n];
            float* from = (float*)gradients[parameter];
            sums[n] = from is null ? 0 : SumOfSquares(from + first, count);
        });
        double norm = Math.Sqrt(sums.Sum());
        factor = (float)Math.Min(1, most / (norm + ClipOffset));
        return norm;
    }

    /// <summary>Changes the weights; after <see cref="Clip"/>.</summary>
    /// <param name="rate">Learning rate.</param>
    public void Step(double rate)
    {
        foreach ((optim.ILearningRateController group, double own) in Inner.ParamGroups.Zip(groupFactors))
        {
            group.LearningRate = rate * own;
        }

        if (!isSwept)
        {
            Inner.step();
            return;
        }

        var moves = new Move[parameters.Length];
        for (int n = 0; n < moves.Length; n++)
        {
            if (gradients[n] != 0)
            {
                states[n].step++;
                moves[n] = new Move(laws[n], rate * factors[n], states[n].step, factor)
                {
                    Weights = (float*)TensorAddress.OfFirst(parameters[n]),
                    Gradients = (float*)gradients[n],
                    Means = (float*)TensorAddress.OfFirst(states[n].exp_avg),
                    Squares = (float*)TensorAddress.OfFirst(states[n].exp_avg_sq),
                };
            }
        }

        HostThreads.For(pieces.Length, n =>
        {
            (int parameter, int first, int count) = pieces[n];
            moves[parameter].Do(first, count);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => Inner.Dispose();

    private static bool IsSwept(Tensor tensor) =>
        tensor.device.type == DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();

    private static IEnumerable<(int Parameter, int First, int Count)> Pieces(int parameter, int values)
    {
        for (int first = 0; first < values; first += PieceValues)
        {
            yield return (parameter, first, Math.Min(PieceValues, values - first));
        }
    }

    // Where they are; 0 where a parameter has none. False where one does not lie as its parameter does.
    private bool FindGradients()
    {
        for (int n = 0; n < parameters.Length; n++)
        {
            using Tensor? gradient = parameters[n].grad;
            if (gradient is not null && !IsSwept(gradient))
            {
                return false;
            }

            gradients[n] = gradient is null ? 0 : TensorAddress.OfFirst(gradient);
        }

        return true;
    }

    private static double SumOfSquares(float* from, int count)
    {
        (Vector<double> low, Vector<double> high) = (Vector<double>.Zero, Vector<double>.Zero);
        int n = 0;
        for (; n <= count - Vector<float>.Count; n += Vector<float>.Count)
        {
            Vector.Widen(Vector.Load(from + n), out Vector<double> a, out Vector<double> b);
            low += a * a;
            high += b * b;
        }

        double sum = Vector.Sum(low + high);
        for (; n < count; n++)
        {
            sum += (double)from[n] * from[n];
        }

        return sum;
    }

    // A step of one parameter. Products and sums are not fused, so that the rest of an array is computed as its vectors are.
    private struct Move(AdamW.Options laws, double rate, long step, float factor)
    {
        public float* Weights;
        public float* Gradients;
        public float* Means;
        public float* Squares;

        private readonly float decay = (float)(1 - (rate * laws.weight_decay!.Value));
        private readonly float keptMean = (float)laws.beta1!.Value;
        private readonly float newMean = (float)(1 - laws.beta1.Value);
        private readonly float keptSquare = (float)laws.beta2!.Value;
        private readonly float newSquare = (float)(1 - laws.beta2.Value);
        private readonly float squareScale = (float)Math.Sqrt(1 - Math.Pow(laws.beta2.Value, step));
        private readonly float offset = (float)laws.eps!.Value;
        private readonly float size = (float)(rate / (1 - Math.Pow(laws.beta1.Value, step)));

        public readonly void Do(int first, int count)
        {
            if (Gradients is null)
            {
                return;
            }

            int n = first, end = first + count;
            for (; n <= end - Vector<float>.Count; n += Vector<float>.Count)
            {
                Vector<float> g = Vector.Load(Gradients + n) * factor;
                Vector<float> mean = (Vector.Load(Means + n) * keptMean) + (g * newMean);
                Vector<float> square = (Vector.Load(Squares + n) * keptSquare) + (g * g * newSquare);
                Vector<float> length = (Vector.SquareRoot(square) / new Vector<float>(squareScale)) + new Vector<float>(offset);
                Vector<float> weight = (Vector.Load(Weights + n) * decay) - (mean / length * size);
                mean.Store(Means + n);
                square.Store(Squares + n);
                weight.Store(Weights + n);
            }

            for (; n < end; n++)
            {
                float g = Gradients[n] * factor;
                Means[n] = (Means[n] * keptMean) + (g * newMean);
                Squares[n] = (Squares[n] * keptSquare) + (g * g * newSquare);
                float length = (MathF.Sqrt(Squares[n]) / squareScale) + offset;
                Weights[n] = (Weights[n] * decay) - (Means[n] / length * size);
            }
        }
    }
}
