using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Training;

/// <summary>What a run leaves for people: pictures, TensorBoard's curves, and at its end a report and a model card.</summary>
internal sealed class RunReports : IDisposable
{
    private const string ReportName = "report.html";

    private readonly string folder;
    private readonly TrainingLoop loop;
    private readonly TensorBoardWriter curves;
    private readonly RunPreviews previews;

    public RunReports(string folder, TrainingLoop loop)
    {
        (this.folder, this.loop) = (folder, loop);
        curves = new TensorBoardWriter(folder, loop.Step > 0 ? loop.Step : null);
        previews = new RunPreviews(folder, loop);
    }

    public void Add(MetricsRow row) => curves.Scalars(row);

    /// <summary>Takes what was written so far to the disk.</summary>
    public void Flush() => curves.Flush();

    /// <summary>Draws what the network makes of new samples, for the report.</summary>
    /// <exception cref="VolumeFileException">The picture cannot be written.</exception>
    public void AddFeatures() => previews.SaveFeatures();

    /// <summary>Writes the report and the model card.</summary>
    /// <exception cref="VolumeFileException">One cannot be written.</exception>
    public void Write(RunRecord record)
    {
        IReadOnlyList<MetricsRow> rows = MetricsLog.Read(Path.Combine(folder, MetricsLog.FileName));
        PretrainDescription run = Description(record, rows);
        foreach (ReportPicture picture in previews.All)
        {
            curves.Image(picture.Caption, picture.Png, loop.Step);
        }

        curves.Flush();
        AtomicFile.WriteText(Path.Combine(folder, ReportName), PretrainReport.ToHtml(run, rows, previews.All));
        string cardPath = Path.Combine(folder, ModelCard.FileName);
        var card = new ModelCard
        {
            Run = run,
            MonaiExpression = MonaiText.Of(loop.Options.Network),
            LastRow = rows.Count > 0 ? rows[^1] : null,
            Measured = MeasuredBlock.OfFile(cardPath),
        };
        AtomicFile.WriteText(cardPath, card.ToMarkdown());
    }

    public void Dispose() => curves.Dispose();

    private PretrainDescription Description(RunRecord record, IReadOnlyList<MetricsRow> rows)
    {
        PretrainOptions options = loop.Options;
        return new PretrainDescription
        {
            Name = ReportText.FolderName(folder),
            Status = record.Status == RunRecord.Finished ? record.Status : Text($"{record.Status} at step {loop.Step}"),
            Command = record.Command,
            RecipeName = options.Recipe.Name,
            RecipeText = record.RecipeText,
            RecipeSha256 = record.RecipeSha256,
            Seed = options.Seed,
            Shape = Spaced(options.Shape),
            Field = options.Field is { } field ? Spaced(field) : null,
            Dimensions = options.Shape.Dimensions,
            LabelCount = loop.LabelCount,
            LabelMaps = options.Labels is null ? null : Text($"{record.LabelMaps.Count} label maps of {options.Labels}{Shapes(options.Recipe)}"),
            Objective = options.Objective,
            LossAtChance = loop.Bounds.Chance,
            LossFloor = loop.Bounds.Floor,
            Network = MonaiText.Words(options.Network),
            FeatureChannels = options.Network.OutChannels,
            ParameterCount = loop.Network.ParameterCount,
            BatchSize = options.Batch,
            AccumulatedBatches = options.Accumulate,
            StepsPlanned = options.Steps,
            StepsDone = loop.Step,
            UniqueSamples = Math.Min(loop.Step * options.ItemsPerStep, options.Distinct ?? long.MaxValue) * (loop.SamplesPerStep / options.ItemsPerStep),
            SamplesSeen = loop.Step * loop.SamplesPerStep,
            Optimiser = OptimiserText(options),
            Precision = options.Precision == Precision.Bf16 ? "bfloat16" : "float32",
            Device = options.Device == "host" ? "cpu" : options.Device,
            SynthesisDevice = options.SynthesisDevice,
            Cores = Environment.ProcessorCount,
            Started = record.Started,
            Duration = TimeSpan.FromSeconds(rows.Sum(static row => row.TryGet(MetricsRow.Seconds, out double seconds) ? seconds : 0)),
            Versions = TorchVersions.All,
        };
    }

    private static string Spaced(VolumeShape shape) => shape.ToString().Replace("x", " x ", StringComparison.Ordinal);

    private static string Shapes(Recipe recipe) =>
        recipe.Anatomy.Any(static one => one is IAnatomyComponent { NeedsLabelMaps: false, Inside: null }) ? ", and random shapes" : string.Empty;

    private static string OptimiserText(PretrainOptions options)
    {
        string schedule = options.Schedule == ScheduleKind.Cosine ? "cosine to 0" : "constant";
        string clip = options.Clip > 0 ? Text($"gradients clipped at {options.Clip}") : "gradients not clipped";
        return Text($"AdamW, rate {options.LearningRate}, {options.WarmupSteps} steps of warm-up, then {schedule}, ")
            + Text($"weight decay {options.WeightDecay}, {clip}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
