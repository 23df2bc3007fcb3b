using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The test of an arm: labels of every test case in its file's own grid, measured and written.</summary>
internal sealed class TestEvaluation(
    SegmentationNetwork network, SegmentationData data, VolumeShape patch, FineTuneOptions options,
    IReadOnlyList<SegmentationCase>? cases = null)
{
    public const string PreviewName = "preview.png";

    // Rows of the picture: these cases, each with its truth and its prediction.
    private const int PicturedCases = 3;

    // Those of the data, where no others are given.
    private readonly IReadOnlyList<SegmentationCase> tests = cases ?? data.Test;

    public CaseResult[] Run(string folder, CancellationToken stop)
    {
        string predictions = Path.Combine(folder, "predictions");
        Directory.CreateDirectory(predictions);
        var window = new SlidingWindow(
            network, data.Classes, patch, options.Overlap, TrainingParts.DeviceOf(options.Device));
        var results = new CaseResult[tests.Count];
        VolumeShape shape = SheetShape([.. tests.Take(PicturedCases).Select(static one => one.Shape)]);
        var sheet = new PreviewSheet(shape, "test cases: truth, prediction", isLabelZeroDark: true);
        for (int n = 0; n < results.Length; n++)
        {
            stop.ThrowIfCancellationRequested();
            SegmentationCase one = tests[n];
            byte[] labels = window.PredictFile(one);
            Nifti.WriteLabels(
                Path.Combine(predictions, one.Name + ".nii.gz"),
                one.FileShape,
                labels,
                one.Geometry,
                data.Labels.IsConsecutive ? null : data.Labels.Numbers);
            SegmentationMetrics metrics =
                SegmentationMetrics.Of(labels, one.FileLabels, one.FileShape, one.FileSpacing, data.Classes);
            results[n] = new CaseResult(one.Name, metrics.Dice, metrics.Hausdorff95);
            if (n < PicturedCases)
            {
                Draw(sheet, shape, one, labels, results[n]);
            }
        }

        sheet.Save(Path.Combine(folder, PreviewName));
        return results;
    }

    // Cases differ in shape, a sheet has one: that of the largest, with the others in the middle.
    private static VolumeShape SheetShape(VolumeShape[] shapes) => shapes[0].Dimensions == 2
        ? VolumeShape.Image(shapes.Max(static shape => shape.Height), shapes.Max(static shape => shape.Width))
        : VolumeShape.Volume(
            shapes.Max(static shape => shape.Depth),
            shapes.Max(static shape => shape.Height),
            shapes.Max(static shape => shape.Width));

    private static void Draw(PreviewSheet sheet, VolumeShape shape, SegmentationCase one, byte[] labels, CaseResult result)
    {
        byte[] prediction = one.ToPrepared(labels);
        DrawnCrop centre = DrawnCrop.Centre(one.Shape, shape);
        float[] image = new float[shape.VoxelCount];
        byte[] picture = new byte[image.Length];
        ReadOnlySpan<float> first = one.Image[..(int)one.Shape.VoxelCount];
        centre.Apply(first, one.Labels, one.Shape, shape, image, picture);
        GreyRange.Of(first).Stretch(image);
        sheet.Add($"{one.Name}, truth", image, picture);
        centre.Apply(first, prediction, one.Shape, shape, new float[image.Length], picture);
        double dice = SegmentationMetrics.Mean(result.Dice);
        sheet.Add(FormattableString.Invariant($"{one.Name}, prediction, mean Dice {dice:0.000}"), image, picture);
    }
}
