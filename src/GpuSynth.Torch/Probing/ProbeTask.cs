using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.ReadOuts;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Probing;

/// <summary>Judges features: fits read-outs on the training cases and measures them on the others.</summary>
/// <param name="data">The cases.</param>
/// <param name="pairs">Synthetic pairs; none: nothing is measured without labels.</param>
/// <param name="threads">Threads; no result depends on their number.</param>
internal sealed class ProbeTask(ProbeData data, SyntheticPair[] pairs, int threads)
{
    private const int Neighbours = 20;
    private const int MostPictured = 64; // Channels of the picture's principal components.

    /// <summary>Judges an arm.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="features">The features.</param>
    /// <param name="stop">Ends the work.</param>
    public ProbeArm Judge(string name, string kind, IFeatureSource features, CancellationToken stop)
    {
        CaseRows[] training = TorchThreads.Select(
            data.Training.Count, threads, n => Rows(data.Training[n], features), stop);
        ReadOut[] readOuts = Fit(training, stop);
        NearestNeighbours[] nearest = [.. readOuts.Select((_, n) => NearestOf(training[0], n))];
        ChannelScale[] scales = [.. readOuts.Select((_, n) => ChannelScale.Of([training[0].Neighbours[n]], training[0].Channels[n]))];
        CaseScores[] scores = TorchThreads.Select(
            data.Evaluation.Count, threads, n => Score(data.Evaluation[n], features, readOuts, nearest, scales), stop);
        double[] ranks = pairs.Length == 0 ? [] : TorchThreads.Select(readOuts.Length, threads, n => EffectiveRank.OfRows(
            [.. training.Select(one => one.Uniform).Concat(scores.Select(static one => one.Uniform)).SelectMany(rows => rows[n])],
            training[0].Channels[n]), stop);
        PairMeasures[] measures = MeasurePairs(features, training[0].Channels, stop);
        return new ProbeArm(name, kind, null, [.. readOuts.Select((one, n) => new ProbeLevel
        {
            Name = one.Name,
            Channels = one.Channels,
            FitDice = one.FitDice,
            Lambda = one.Lambda,
            CaseDice = [.. scores.Select(score => ProbeScores.Mean(score.Dice[n]))],
            LabelDice = [.. Enumerable.Range(0, data.Classes - 1).Select(label => ProbeScores.Mean(scores.Select(score => score.Dice[n][label])))],
            CaseAuc = [.. scores.Select(score => score.Auc[n])],
            CaseNeighbourDice = [.. scores.Select(score => score.NeighbourDice[n])],
            EffectiveRank = ranks.Length > 0 ? ranks[n] : double.NaN,
            Pairs = measures.Length > 0 ? measures[n] : null,
        })]);
    }

    /// <summary>Lets batch norms of new weights measure the training cases, on one thread: how torch splits a sum changes its last bits.</summary>
    public void MeasureNorms(NetworkFeatures features) => TorchThreads.Select(
        1, 1, _ =>
        {
            features.MeasureNorms([.. data.Training.Select(static one => one.Image)]);
            return true;
        }, default);

    /// <summary>The first evaluation case beside the features of some levels as colours; those that there are not are left out.</summary>
    public byte[] Picture(IFeatureSource features, params string[] levels)
    {
        ProbeCase one = data.Evaluation[0];
        VolumeShape shape = one.Image.Shape;
        int voxels = (int)shape.VoxelCount;
        IReadOnlyList<FeatureLevel> made = TorchThreads.Select(1, 1, _ => features.Of(one.Image), default)[0];
        SlicePicture picture = new SlicePicture(shape, isLabelZeroDark: true)
            .Grey(Grey(one.Image.Values.AsSpan(0, voxels)))
            .Labels(one.Labels);
        foreach (FeatureLevel level in levels.Distinct().SelectMany(name => made.Where(own => own.Name == name)))
        {
            int count = level.Grid.Count;
            int channels = Math.Min(MostPictured, level.Channels);
            float[] values = level.Values;
            if (channels < level.Channels)
            {
                float[] matrix = Projection.Of(level.Channels, channels);
                values = new float[channels * count];
                for (int n = 0; n < channels * level.Channels; n++)
                {
                    (int to, int from) = Math.DivRem(n, level.Channels);
                    Span<float> sums = values.AsSpan(to * count, count);
                    System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(level.Values.AsSpan(from * count, count), matrix[n], sums, sums);
                }
            }

            float[] colours = FeatureColours.Of(values, channels);
            float[] whole = new float[3 * voxels];
            for (int colour = 0; colour < 3; colour++)
            {
                level.Grid.AddTo(colours.AsSpan(colour * count, count), whole.AsSpan(colour * voxels, voxels));
            }

            picture.Colours(whole);
        }

        return picture.ToPng();
    }

    private static float[] Grey(ReadOnlySpan<float> values)
    {
        float[] sorted = values.ToArray();
        Array.Sort(sorted);
        (float low, float high) = (sorted[sorted.Length / 200], sorted[^((sorted.Length / 200) + 1)]);
        float scale = high > low ? 1 / (high - low) : 0;
        return [.. values.ToArray().Select(value => (value - low) * scale)];
    }

    // The levels' rows and, where there are several levels, all together.
    private static float[][] WithAll(IReadOnlyList<FeatureLevel> levels, bool isNested, int[] voxels)
    {
        float[][] rows = [.. levels.Select(level => level.At(voxels))];
        return isNested || rows.Length < 2 ? rows : [.. rows, new TogetherRows(ChannelsOf(levels)).Of(rows, voxels.Length)];
    }

    private static int[] ChannelsOf(IReadOnlyList<FeatureLevel> levels) => [.. levels.Select(static level => level.Channels)];

    private CaseRows Rows(ProbeCase one, IFeatureSource features)
    {
        IReadOnlyList<FeatureLevel> levels = features.Of(one.Image);
        int[] channels = ChannelsOf(levels);
        float[][] Of(int[] voxels) => WithAll(levels, features.IsNested, voxels);
        string[] names = [.. levels.Select(static level => level.Name)];
        float[][] fit = Of(one.Fit);
        return fit.Length == names.Length
            ? new CaseRows(names, channels, fit, Of(one.Neighbours), Of(one.Uniform))
            : new CaseRows(
                [.. names, ReadOut.AllLevels], [.. channels, new TogetherRows(channels).Channels],
                fit, Of(one.Neighbours), Of(one.Uniform));
    }

    private ReadOut[] Fit(CaseRows[] training, CancellationToken stop)
    {
        byte[][] truth = [.. data.Training.Select(static one => one.ClassesOf(one.Fit))];
        double[][] voxelsOf = [.. data.Training.Select((one, n) => one.VoxelsOf(truth[n], data.Classes))];
        string[] names = training[0].Names;
        int[] channels = training[0].Channels;
        return TorchThreads.Select(names.Length, threads, n =>
        {
            var fitted = ReadOut.Fit(
                names[n], n, [.. training.Select(one => one.Fit[n])], channels[n], truth, voxelsOf);
            return names[n] == ReadOut.AllLevels ? new TogetherRows(channels[..^1]).OnLevels(fitted) : fitted;
        }, stop);
    }

    private NearestNeighbours NearestOf(CaseRows rows, int level)
    {
        ProbeCase one = data.Training[0];
        int channels = rows.Channels[level];
        ChannelScale scale = ChannelScale.Of([rows.Neighbours[level]], channels);
        return new NearestNeighbours(
            scale.Apply(rows.Neighbours[level]), channels, [.. one.ClassesOf(one.Neighbours).Select(static value => (int)value)],
            data.Classes);
    }

    private CaseScores Score(
        ProbeCase one, IFeatureSource features, ReadOut[] readOuts, NearestNeighbours[] nearest, ChannelScale[] scales)
    {
        IReadOnlyList<FeatureLevel> levels = features.Of(one.Image);
        float[][] asked = WithAll(levels, features.IsNested, one.Neighbours);
        float[][] uniform = WithAll(levels, features.IsNested, one.Uniform);
        byte[] truth = one.ClassesOf(one.Neighbours);
        double[] weights = one.VoxelsOf(truth, data.Classes);
        double[] ones = [.. Enumerable.Repeat(1.0, data.Classes)];
        double[][] dice = new double[readOuts.Length][];
        double[] auc = new double[readOuts.Length];
        double[] neighbourDice = new double[readOuts.Length];
        for (int n = 0; n < readOuts.Length; n++)
        {
            float[][] scores = readOuts[n].Scores(levels, one.Labels.Length);
            dice[n] = ProbeScores.Dice(one.Labels, ProbeScores.Answers(scores), ones);
            auc[n] = ProbeScores.Auc(one.Labels, scores);
            int width = scales[n].Means.Length;
            float[] rows = scales[n].Apply(asked[n]);
            byte[] answers = new byte[truth.Length];
            for (int row = 0; row < truth.Length; row++)
            {
                double[] votes = nearest[n].Probabilities(rows.AsSpan(row * width, width), Neighbours);
                answers[row] = (byte)Array.IndexOf(votes, votes.Max());
            }

            neighbourDice[n] = ProbeScores.Mean(ProbeScores.Dice(truth, answers, weights));
        }

        return new CaseScores(dice, auc, neighbourDice, uniform);
    }

    private PairMeasures[] MeasurePairs(IFeatureSource features, int[] channels, CancellationToken stop)
    {
        if (pairs.Length == 0)
        {
            return [];
        }

        float[][][] rows = TorchThreads.Select(2 * pairs.Length, threads, n =>
        {
            SyntheticPair pair = pairs[n / 2];
            IReadOnlyList<FeatureLevel> levels = features.Of(n % 2 == 0 ? pair.First : pair.Second);
            return WithAll(levels, features.IsNested, pair.Voxels);
        }, stop);
        // Images of several channels give more hand-made features than the synthetic ones, which have one.
        return TorchThreads.Select(channels.Length, threads, n => SyntheticPairs.Measure(
            pairs,
            [.. Enumerable.Range(0, pairs.Length).Select(pair => (rows[2 * pair][n], rows[(2 * pair) + 1][n]))],
            rows[0][n].Length / pairs[0].Voxels.Length), stop);
    }

    // By level: features of a case's voxels.
    private sealed record CaseRows(string[] Names, int[] Channels, float[][] Fit, float[][] Neighbours, float[][] Uniform);

    private sealed record CaseScores(double[][] Dice, double[] Auc, double[] NeighbourDice, float[][] Uniform);
}
