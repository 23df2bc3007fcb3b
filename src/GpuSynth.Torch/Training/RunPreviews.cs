using System.Runtime.InteropServices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Reports;
using TorchSharp;

namespace GpuSynth.Torch.Training;

/// <summary>Pictures of a run, in its folder: the samples that it began with.</summary>
internal sealed class RunPreviews
{
    private const string FolderName = "previews";
    private const int MostSamples = 4;

    private readonly TrainingLoop loop;
    private readonly string path;

    public RunPreviews(string folder, TrainingLoop loop)
    {
        this.loop = loop;
        path = Path.Combine(folder, FolderName, "samples.png");
        if (!File.Exists(path))
        {
            loop.BatchSeen = Save;
        }
    }

    /// <summary>The pictures that are there.</summary>
    public IReadOnlyList<ReportPicture> All => File.Exists(path)
        ? [new ReportPicture("Samples: the images that the network sees, and the labels that only the loss sees", File.ReadAllBytes(path))]
        : [];

    private void Save(TensorBatch batch)
    {
        loop.BatchSeen = null;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        VolumeShape shape = loop.Options.Shape;
        var sheet = new PreviewSheet(
            shape,
            $"{loop.Options.Recipe.Name}  {shape}  {loop.LabelCount} labels  seed {loop.Options.Seed}",
            isLabelZeroDark: loop.Options.Labels is not null);
        for (int sample = 0; sample < Math.Min(MostSamples, loop.Options.Batch); sample++)
        {
            using torch.Tensor image = batch.Image.select(0, sample).cpu().contiguous();
            using torch.Tensor label = batch.Label.select(0, sample).cpu().contiguous();
            sheet.Add($"sample {batch.FirstSample + sample}", MemoryMarshal.Cast<byte, float>(image.bytes), label.bytes);
        }

        sheet.Save(path);
    }
}
