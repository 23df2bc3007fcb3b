using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Reports;
using TorchSharp;

namespace GpuSynth.Torch.Training;

/// <summary>What a run leaves for people: pictures of its samples, curves, a report, a model card.</summary>
internal sealed class RunReports : IDisposable
{
    private const string PreviewFolder = "previews";
    private const int PreviewSamples = 4;

    private readonly string folder;
    private readonly TrainingLoop loop;

    public RunReports(string folder, TrainingLoop loop)
    {
        (this.folder, this.loop) = (folder, loop);
        if (!File.Exists(PreviewPath))
        {
            loop.BatchSeen = SavePreview;
        }
    }

    private string PreviewPath => Path.Combine(folder, PreviewFolder, "samples.png");

    public void Add(MetricsRow row)
    {
    }

    public void Write(RunRecord record, long step)
    {
    }

    public void Dispose()
    {
    }

    private void SavePreview(TensorBatch batch)
    {
        loop.BatchSeen = null;
        Directory.CreateDirectory(Path.Combine(folder, PreviewFolder));
        VolumeShape shape = loop.Options.Shape;
        var sheet = new PreviewSheet(
            shape, $"{loop.Options.Recipe.Name}  {shape}  {loop.LabelCount} labels  seed {loop.Options.Seed}",
            isLabelZeroDark: loop.Options.Labels is not null);
        for (int sample = 0; sample < Math.Min(PreviewSamples, loop.Options.Batch); sample++)
        {
            using torch.Tensor image = batch.Image.select(0, sample).cpu().contiguous();
            using torch.Tensor label = batch.Label.select(0, sample).cpu().contiguous();
            sheet.Add(
                $"sample {batch.FirstSample + sample}",
                System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(image.bytes),
                label.bytes);
        }

        sheet.Save(PreviewPath);
    }
}
