using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The test of an arm: labels of every test case in its file's own grid, measured and written.</summary>
internal sealed class TestEvaluation(
    SegmentationNetwork network, SegmentationData data, VolumeShape patch, FineTuneOptions options)
{
    public const string PreviewName = "preview.png";

    // Rows of the picture: these cases, each with its truth and its prediction.
    private const int PicturedCases = 3;

    public CaseResult[] Run(string folder, CancellationToken stop)
    {
        string predictions = Path.Combine(folder, "predictions");
        Directory.CreateDirectory(predictions);
        var window = new SlidingWindow(
            network, data.Classes, patch, options.Overlap, TrainingParts.DeviceOf(options.Device));
        var results = new CaseResult[data.Test.Count];
        var pictured = new List<(SegmentationCase, byte[])>();
        for (int n = 0; n < results.Length; n++)
        {
            stop.ThrowIfCancellationRequested();
            SegmentationCase one = data.Test[n];
            byte[] labels = window.PredictFile(one);
            Nifti.WriteLabels(Path.Combine(predictions, one.Name + ".nii.gz"), one.FileShape, labels, one.Geometry);
            SegmentationMetrics metrics =
                SegmentationMetrics.Of(labels, one.FileLabels, one.FileShape, one.FileSpacing, data.Classes);
            results[n] = new CaseResult(one.Name, metrics.Dice, metrics.Hausdorff95);
            if (n < PicturedCases)
            {
                pictured.Add((one, labels));
            }
        }

        Draw(Path.Combine(folder, PreviewName), pictured, results);
        return results;
    }

    private static void Draw(string path, List<(SegmentationCase Case, byte[] Labels)> pictured, CaseResult[] results)
    {
        // Cases differ in shape, a sheet has one: that of the largest, with the others in the middle.
        VolumeShape shape = pictured[0].Case.Shape.Dimensions == 2
            ? VolumeShape.Image(
                pictured.Max(static one => one.Case.Shape.Height),
                pictured.Max(static one => one.Case.Shape.Width))
            : VolumeShape.Volume(
                pictured.Max(static one => one.Case.Shape.Depth),
                pictured.Max(static one => one.Case.Shape.Height),
                pictured.Max(static one => one.Case.Shape.Width));
        var sheet = new PreviewSheet(shape, "test cases: truth, prediction", isLabelZeroDark: true);
        for (int n = 0; n < pictured.Count; n++)
        {
            (SegmentationCase one, byte[] labels) = pictured[n];
            byte[] prediction = one.ToPrepared(labels);
            DrawnCrop centre = DrawnCrop.Centre(one.Shape, shape);
            float[] image = new float[shape.VoxelCount];
            byte[] picture = new byte[image.Length];
            centre.Apply(one.Image, one.Labels, one.Shape, shape, image, picture);
            Stretch(image, one.Image);
            sheet.Add($"{one.Name}, truth", image, picture);
            centre.Apply(one.Image, prediction, one.Shape, shape, new float[image.Length], picture);
            double dice = SegmentationMetrics.Mean(results[n].Dice);
            sheet.Add(FormattableString.Invariant($"{one.Name}, prediction, mean Dice {dice:0.000}"), image, picture);
        }

        sheet.Save(path);
    }

    // From the darkest to the brightest hundredth of the case.
    private static void Stretch(float[] image, float[] values)
    {
        float[] sorted = [.. values.Order()];
        (float low, float high) = (sorted[sorted.Length / 100], sorted[sorted.Length - 1 - (sorted.Length / 100)]);
        for (int n = 0; n < image.Length; n++)
        {
            image[n] = (image[n] - low) / Math.Max(1e-6f, high - low);
        }
    }
}
