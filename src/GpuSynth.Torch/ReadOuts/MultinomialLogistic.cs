using System.Numerics.Tensors;

namespace GpuSynth.Torch.ReadOuts;

/// <summary>
/// Multinomial logistic regression: least mean log loss + l2 / 2 |weights|^2, biases free of the penalty. Full batch, L-BFGS, one
/// thread: the same rows give the same weights to the bit.
/// </summary>
/// <remarks>Source of the minimiser: Nocedal, Wright, "Numerical optimization", 2nd edition, algorithms 7.4 and 3.1.</remarks>
internal sealed class MultinomialLogistic
{
    private const int Memory = 10;
    private const int MostSteps = 2000;
    private const double Tolerance = 1e-7;

    private readonly double[] weights; // [classes, channels + 1], the bias last.
    private readonly int channels;
    private readonly int classes;

    private MultinomialLogistic(double[] weights, int channels, int classes) =>
        (this.weights, this.channels, this.classes) = (weights, channels, classes);

    /// <summary>The weight of a channel for a class.</summary>
    public double Weight(int ofClass, int channel) => weights[(ofClass * (channels + 1)) + channel];

    /// <summary>A class' bias.</summary>
    public double Bias(int ofClass) => weights[(ofClass * (channels + 1)) + channels];

    /// <summary>Finds the weights.</summary>
    /// <param name="features">[rows, channels], best of mean 0 and deviation 1.</param>
    /// <param name="channels">Channels of a row.</param>
    /// <param name="classOf">The class of every row, from 0.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="l2">The penalty's factor, above 0.</param>
    /// <param name="start">Where to begin; null: at zero.</param>
    public static MultinomialLogistic Fit(
        float[] features, int channels, int[] classOf, int classes, double l2, MultinomialLogistic? start = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(l2);
        double[] at = start?.weights.ToArray() ?? new double[classes * (channels + 1)];
        double[] rows = WithOnes(features, channels);
        var problem = new Loss(rows, channels + 1, classOf, classes, l2);
        Minimise(problem, at);
        return new MultinomialLogistic(at, channels, classes);
    }

    /// <summary>The probability of every class for one row.</summary>
    /// <param name="row">[channels].</param>
    public double[] Probabilities(ReadOnlySpan<float> row)
    {
        double[] scores = new double[classes];
        for (int k = 0; k < classes; k++)
        {
            scores[k] = Bias(k);
            for (int c = 0; c < channels; c++)
            {
                scores[k] += Weight(k, c) * row[c];
            }
        }

        Softmax(scores);
        return scores;
    }

    /// <summary>Turns scores into probabilities, in place; returns the logarithm of their sum of exponentials.</summary>
    internal static double Softmax(Span<double> scores)
    {
        double most = TensorPrimitives.Max<double>(scores);
        double sum = 0;
        foreach (ref double score in scores)
        {
            score = Math.Exp(score - most);
            sum += score;
        }

        foreach (ref double score in scores)
        {
            score /= sum;
        }

        return most + Math.Log(sum);
    }

    private static double[] WithOnes(float[] features, int channels)
    {
        double[] rows = new double[features.Length / channels * (channels + 1)];
        for (int from = 0, to = 0; from < features.Length; to++)
        {
            for (int c = 0; c < channels; c++)
            {
                rows[to++] = features[from++];
            }

            rows[to] = 1;
        }

        return rows;
    }

    private static void Minimise(Loss problem, double[] at)
    {
        double[] gradient = new double[at.Length];
        double value = problem.At(at, gradient);
        var pairs = new List<(double[] Step, double[] Change, double Product)>();
        for (int n = 0; n < MostSteps && TensorPrimitives.MaxMagnitude<double>(gradient) is not (< Tolerance and > -Tolerance); n++)
        {
            double[] direction = Direction(gradient, pairs);
            double slope = TensorPrimitives.Dot<double>(gradient, direction);
            double[] next = new double[at.Length], nextGradient = new double[at.Length];
            double nextValue = double.NaN;
            double length = pairs.Count == 0 ? 1 / Math.Max(1, TensorPrimitives.Norm<double>(gradient)) : 1;
            bool isLower = false;
            for (int halved = 0; halved < 40 && !isLower; halved++, length /= 2)
            {
                TensorPrimitives.MultiplyAdd(direction, length, at, next);
                nextValue = problem.At(next, nextGradient);
                isLower = nextValue <= value + (1e-4 * length * slope);
            }

            if (!isLower)
            {
                return; // Nothing lower can be told apart in double precision.
            }

            double[] step = new double[at.Length], change = new double[at.Length];
            TensorPrimitives.Subtract(next, at, step);
            TensorPrimitives.Subtract(nextGradient, gradient, change);
            double product = TensorPrimitives.Dot<double>(step, change);
            if (product > 1e-300)
            {
                pairs.Add((step, change, product));
                if (pairs.Count > Memory)
                {
                    pairs.RemoveAt(0);
                }
            }

            next.CopyTo(at, 0);
            (gradient, value) = (nextGradient, nextValue);
        }
    }

    // The two loops of L-BFGS.
    private static double[] Direction(double[] gradient, List<(double[] Step, double[] Change, double Product)> pairs)
    {
        double[] direction = new double[gradient.Length];
        TensorPrimitives.Negate(gradient, direction);
        double[] shares = new double[pairs.Count];
        for (int n = pairs.Count - 1; n >= 0; n--)
        {
            shares[n] = TensorPrimitives.Dot<double>(pairs[n].Step, direction) / pairs[n].Product;
            TensorPrimitives.MultiplyAdd(pairs[n].Change, -shares[n], direction, direction);
        }

        if (pairs.Count > 0)
        {
            double scale = pairs[^1].Product / TensorPrimitives.Dot<double>(pairs[^1].Change, pairs[^1].Change);
            TensorPrimitives.Multiply(direction, scale, direction);
        }

        for (int n = 0; n < pairs.Count; n++)
        {
            double other = TensorPrimitives.Dot<double>(pairs[n].Change, direction) / pairs[n].Product;
            TensorPrimitives.MultiplyAdd(pairs[n].Step, shares[n] - other, direction, direction);
        }

        return direction;
    }

    private sealed class Loss(double[] rows, int width, int[] classOf, int classes, double l2)
    {
        /// <summary>The loss at some weights; writes its gradient.</summary>
        public double At(double[] weights, double[] gradient)
        {
            Array.Clear(gradient);
            double loss = 0;
            Span<double> scores = new double[classes];
            for (int n = 0; n < classOf.Length; n++)
            {
                ReadOnlySpan<double> row = rows.AsSpan(n * width, width);
                for (int k = 0; k < classes; k++)
                {
                    scores[k] = TensorPrimitives.Dot(weights.AsSpan(k * width, width), row);
                }

                loss -= scores[classOf[n]];
                loss += Softmax(scores);
                scores[classOf[n]] -= 1;
                for (int k = 0; k < classes; k++)
                {
                    Span<double> part = gradient.AsSpan(k * width, width);
                    TensorPrimitives.MultiplyAdd(row, scores[k] / classOf.Length, part, part);
                }
            }

            loss /= classOf.Length;
            for (int k = 0; k < classes; k++)
            {
                ReadOnlySpan<double> own = weights.AsSpan(k * width, width - 1);
                Span<double> part = gradient.AsSpan(k * width, width - 1);
                loss += l2 / 2 * TensorPrimitives.SumOfSquares(own);
                TensorPrimitives.MultiplyAdd(own, l2, part, part);
            }

            return loss;
        }
    }
}
