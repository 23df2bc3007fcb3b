using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The result of training an arm; the network holds the weights of the best validation.</summary>
internal readonly record struct TrainedArm(
    double BestValidationDice, int BestStep, double Seconds, IReadOnlyList<CurvePoint> Curve);

/// <summary>
/// Trains one arm: the same crops and the same budget whatever the weights at its start. Without validation cases the last
/// weights are kept.
/// </summary>
internal sealed class ArmTrainer(FineTuneOptions options, SegmentationData data, VolumeShape patch)
{
    // The single windows of validation need no overlap; where a case is larger than a window, half is enough to rank weights.
    private const double ValidationOverlap = 0.5;

    private readonly Device device = TrainingParts.DeviceOf(options.Device);
    private readonly HashSet<int> curveSteps = [.. LearningCurve.StepsOf(options.Steps)];

    /// <summary>Trains and leaves the best weights in the network.</summary>
    /// <param name="network">Takes images, gives logits.</param>
    /// <param name="parts">How its parts are trained.</param>
    /// <param name="cases">The training cases.</param>
    /// <param name="seed">Of crops, augmentation and dropout.</param>
    /// <param name="rate">The highest learning rate.</param>
    /// <param name="log">Is given a row per step.</param>
    /// <param name="isStepDone">Called after every step.</param>
    /// <param name="stop">Ends the training.</param>
    public TrainedArm Train(
        SegmentationNetwork network,
        ArmParts parts,
        IReadOnlyList<SegmentationCase> cases,
        ulong seed,
        double rate,
        Action<MetricsRow> log,
        Action isStepDone,
        CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        using var dropout = new DropoutRandom(seed);
        using CropAppearance? appearance = options.Appearance is { } change ? new CropAppearance(change, seed, patch) : null;
        var source = new CropSource(cases, seed, options.Batch, patch, options.Augmentation, data.LateralExchange, appearance);
        var schedule = new FineTuneSchedule(rate, options.Steps, parts.HeadSteps);
        using var best = new StateCopy(network);
        using var stages = new TrainingStages(network, parts, schedule, options.WeightDecay);
        float[] images = new float[options.Batch * data.Channels * patch.VoxelCount];
        byte[] labels = new byte[options.Batch * patch.VoxelCount];
        var curve = new List<CurvePoint>();
        (double bestDice, int bestStep) = (double.NegativeInfinity, 0);
        for (int step = 0; step < options.Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            double before = clock.Elapsed.TotalSeconds;
            source.Fill(step, images, labels);
            network.train();
            (double loss, double norm) = Step(network, stages.OptimizerOf(step), schedule.RateOf(step), images, labels);
            if (!double.IsFinite(loss))
            {
                throw new GpuSynthException(FormattableString.Invariant(
                    $"The loss of step {step + 1} at the rate {rate} is not a number; take a smaller one (--lr, --rates), or look at the images' values."));
            }

            var row = new MetricsRow(step + 1)
            {
                [MetricsRow.Loss] = loss,
                [MetricsRow.LearningRate] = schedule.RateOf(step),
                [MetricsRow.GradientNorm] = norm,
                [MetricsRow.Seconds] = clock.Elapsed.TotalSeconds - before,
            };
            bool isOnCurve = curveSteps.Contains(step + 1);
            if (data.Validation.Count > 0 && (isOnCurve || EvenSteps.Contains(step, options.Validations, options.Steps)))
            {
                double[] dices = ValidateCases(network);
                double dice = MeanOf(dices);
                row[MetricsRow.ValidationDice] = dice;
                if (isOnCurve)
                {
                    curve.Add(new CurvePoint(step + 1, dice, dices));
                }

                if (dice > bestDice)
                {
                    (bestDice, bestStep) = (dice, step + 1);
                    best.Take();
                }
            }

            log(row);
            isStepDone();
        }

        if (bestStep == 0)
        {
            return new TrainedArm(double.NaN, options.Steps, clock.Elapsed.TotalSeconds, curve);
        }

        best.Restore();
        return new TrainedArm(bestDice, bestStep, clock.Elapsed.TotalSeconds, curve);
    }

    /// <summary>A network that no case trains: what validation says of it.</summary>
    public TrainedArm AsItIs(SegmentationNetwork network)
    {
        var clock = Stopwatch.StartNew();
        double dice = data.Validation.Count > 0 ? Validate(network) : double.NaN;
        return new TrainedArm(dice, 0, clock.Elapsed.TotalSeconds, []);
    }

    /// <summary>Mean Dice over labels, then over cases; 0 where no case has a label.</summary>
    internal double Validate(SegmentationNetwork network) => MeanOf(ValidateCases(network));

    private static double MeanOf(double[] dices)
    {
        double mean = SegmentationMetrics.Mean(dices);
        return double.IsNaN(mean) ? 0 : mean;
    }

    private double[] ValidateCases(SegmentationNetwork network)
    {
        network.eval();
        var window = new SlidingWindow(network, data.Classes, patch, ValidationOverlap, device);
        return
        [
            .. data.Validation.Select(one => SegmentationMetrics.Mean(
                SegmentationMetrics.DiceOf(window.Predict(one), one.Labels, data.Classes))),
        ];
    }

    private (double Loss, double Norm) Step(
        SegmentationNetwork network,
        ClippedAdamW optimizer,
        double rate,
        float[] images,
        byte[] labels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = SlidingWindow.Empty(options.Batch, data.Channels, patch);
        MemoryMarshal.AsBytes(images.AsSpan()).CopyTo(input.bytes);
        Tensor truth = SlidingWindow.Empty(options.Batch, data.Classes, patch);
        long counted = DiceCrossEntropy.OneHot(
            labels, options.Batch, data.Classes, MemoryMarshal.Cast<byte, float>(truth.bytes));
        optimizer.ZeroGradients();
        Tensor loss = DiceCrossEntropy.Of(network.call(input.to(device)), truth.to(device), counted);
        double value = loss.item<float>();
        loss.backward();
        double norm = optimizer.Clip(options.GradientClip);
        optimizer.Step(rate);
        return (value, norm);
    }
}
