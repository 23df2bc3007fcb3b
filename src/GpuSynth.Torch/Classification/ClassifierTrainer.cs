using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.ReadOuts;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Classification;

/// <summary>
/// Trains a whole classifier: AdamW behind a clip, a warm-up of a tenth and a cosine, as many images of every class (by chance), the
/// weights of the best validation kept (AUC, then log loss).
/// </summary>
internal sealed class ClassifierTrainer(ClassificationOptions options, ClassificationData data)
{
    private static readonly int[] Axes = [0, 1, 2];

    /// <summary>Trains and leaves the best weights in the classifier.</summary>
    /// <returns>The measures of the best validation and its step, from 1.</returns>
    public (ClassificationMetrics Best, int Step) Train(
        Classifier classifier, double[] factors, double rate, IReadOnlyList<int> shots, ulong seed, CancellationToken stop)
    {
        using var dropout = new DropoutRandom(seed);
        var schedule = new LearningRateSchedule(ScheduleKind.Cosine, rate, Math.Max(1, options.Steps / 10), options.Steps);
        int[][] ofClass = [.. Enumerable.Range(0, data.ClassNames.Length).Select(k => shots.Where(n => data.Training[n].Class == k).ToArray())];
        float[][] validation = [.. data.Validation.Select(static image => image.Values)];
        using var kept = new StateCopy(classifier);
        using var optimizer = new ClippedAdamW(classifier.named_parameters(), rate, options.WeightDecay, factors);
        (ClassificationMetrics best, int bestStep) = (default, 0);
        for (int step = 0; step < options.Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            classifier.train();
            double loss = Step(classifier, optimizer, schedule.RateOf(step), Batch(ofClass, seed, step));
            if (!double.IsFinite(loss))
            {
                throw new GpuSynthException(FormattableString.Invariant(
                    $"The loss of step {step + 1} at the rate {rate} is not a number; take smaller --rates, or look at the images' values."));
            }

            if (EvenSteps.Contains(step, options.Validations, options.Steps))
            {
                ClassificationMetrics metrics = FrozenProbes.Measure(classifier.Predict(validation), data.Validation);
                if (bestStep == 0 || metrics.IsBetterThan(best))
                {
                    (best, bestStep) = (metrics, step + 1);
                    kept.Take();
                }
            }
        }

        kept.Restore();
        return (best, bestStep);
    }

    private double Step(Classifier classifier, ClippedAdamW optimizer, double rate, (float[][] Images, long[] Classes) batch)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.ZeroGradients();
        Tensor input = classifier.Input(batch.Images);
        Tensor loss = nn.functional.cross_entropy(classifier.call(input), tensor(batch.Classes).to(input.device));
        loss.backward();
        optimizer.Clip(options.GradientClip);
        optimizer.Step(rate);
        return loss.item<float>();
    }

    // Every image of a batch by itself: a class by chance, of it an image, of that every axis mirrored or not.
    private (float[][] Images, long[] Classes) Batch(int[][] ofClass, ulong seed, int step)
    {
        float[][] images = new float[options.Batch][];
        long[] classes = new long[options.Batch];
        for (int n = 0; n < images.Length; n++)
        {
            var random = new PlaceRandom(seed, ((ulong)step * (ulong)options.Batch) + (ulong)n, PlaceRandom.ImageStream);
            classes[n] = random.Below(ofClass.Length);
            int[] own = ofClass[classes[n]];
            images[n] = data.Training[own[random.Below(own.Length)]].Values;
            foreach (int axis in Axes)
            {
                if (random.Uniform() < options.Flips)
                {
                    images[n] = Mirrored(images[n], axis, data.Preparation);
                }
            }
        }

        return (images, classes);
    }

    internal static float[] Mirrored(float[] values, int axis, ImagePreparation preparation)
    {
        VolumeShape shape = preparation.Shape;
        int[] sides = [shape.Depth, shape.Height, shape.Width];
        int inner = sides.Skip(axis + 1).Aggregate(1, static (product, side) => product * side);
        float[] mirrored = new float[values.Length];
        for (int n = 0; n < values.Length; n++)
        {
            int at = n / inner % sides[axis];
            mirrored[n + ((sides[axis] - 1 - (2 * at)) * inner)] = values[n];
        }

        return mirrored;
    }
}
