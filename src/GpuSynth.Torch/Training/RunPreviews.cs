using System.Runtime.InteropServices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Reports;
using TorchSharp;

namespace GpuSynth.Torch.Training;

/// <summary>
/// Pictures of a run, in its folder: the samples that it began with, and what the network made of new ones at its end.
/// </summary>
internal sealed class RunPreviews
{
    private const string FolderName = "previews";
    private const int MostSamples = 4;
    private const int MostFeatures = 3;

    private readonly TrainingLoop loop;
    private readonly string samplesPath;
    private readonly string featuresPath;

    public RunPreviews(string folder, TrainingLoop loop)
    {
        this.loop = loop;
        samplesPath = Path.Combine(folder, FolderName, "samples.png");
        featuresPath = Path.Combine(folder, FolderName, "features.png");
        if (!File.Exists(samplesPath))
        {
            loop.BatchSeen = Save;
        }
    }

    /// <summary>The pictures that are there.</summary>
    public IReadOnlyList<ReportPicture> All =>
    [
        .. Picture(featuresPath, "New samples after training: image, labels, and the first three principal components of the "
            + "network's output as colours; axial, coronal and sagittal slices"),
        .. Picture(samplesPath, "Samples: the images that the network sees, and the labels that only the loss sees"),
    ];

    /// <summary>Draws what the network makes of samples that it was not trained on.</summary>
    /// <exception cref="VolumeFileException">The picture cannot be written.</exception>
    public void SaveFeatures()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(featuresPath)!);
        var picture = new SlicePicture(loop.Options.Shape, isLabelZeroDark: IsAllOfMaps);
        loop.ShowUnseen(MostFeatures, (images, labels, outputs) =>
        {
            for (int sample = 0; sample < images.shape[0]; sample++)
            {
                using torch.Tensor image = images.select(0, sample).cpu().contiguous();
                using torch.Tensor label = labels.select(0, sample).cpu().contiguous();
                using torch.Tensor output = outputs.select(0, sample).to_type(torch.ScalarType.Float32).cpu().contiguous();
                Span<float> features = MemoryMarshal.Cast<byte, float>(output.bytes);
                picture.NextRow()
                    .Grey(MemoryMarshal.Cast<byte, float>(image.bytes))
                    .Labels(label.bytes)
                    .Colours(FeatureColours.Of(features, (int)output.shape[0]));
            }
        });
        byte[] png = picture.ToPng();
        AtomicFile.Write(featuresPath, png.Length, png, static (stream, content) => stream.Write(content));
    }

    // What is drawn inside a map's labels changes none.
    private bool IsAllOfMaps => loop.Options.Recipe.Anatomy.All(
        static one => one is IAnatomyComponent { NeedsLabelMaps: true } or IAnatomyComponent { Inside: not null });

    private static ReportPicture[] Picture(string path, string caption) =>
        File.Exists(path) ? [new ReportPicture(caption, File.ReadAllBytes(path))] : [];

    private void Save(TensorBatch batch)
    {
        loop.BatchSeen = null;
        Directory.CreateDirectory(Path.GetDirectoryName(samplesPath)!);
        VolumeShape shape = loop.Options.Shape;
        var sheet = new PreviewSheet(
            shape,
            $"{loop.Options.Recipe.Name}  {shape}  {loop.LabelCount} labels  seed {loop.Options.Seed}",
            isLabelZeroDark: IsAllOfMaps);
        for (int sample = 0; sample < Math.Min(MostSamples, loop.Options.Batch); sample++)
        {
            using torch.Tensor image = batch.Image.select(0, sample).cpu().contiguous();
            using torch.Tensor label = batch.Label.select(0, sample).cpu().contiguous();
            sheet.Add($"sample {batch.FirstSample + sample}", MemoryMarshal.Cast<byte, float>(image.bytes), label.bytes);
        }

        sheet.Save(samplesPath);
    }
}
