using System.Runtime.InteropServices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>How a run ended.</summary>
public enum PretrainEnd
{
    /// <summary>All steps are done.</summary>
    Finished,

    /// <summary>It was asked to stop; a checkpoint holds what was done.</summary>
    Stopped,
}

/// <summary>
/// A pre-training run and its folder: run.json, recipe.yaml, metrics.jsonl, previews, checkpoints, and at the end the weights, a
/// report and a model card. Killed at any moment and resumed it gives the same losses, to the bit, as one that was never killed.
/// </summary>
public sealed class PretrainRun : IDisposable
{
    private readonly FolderLock held;
    private readonly TrainingLoop loop;
    private readonly CheckpointFolder checkpoints;
    private readonly RunReports reports;
    private readonly MetricsLog metrics;
    private RunRecord record;
    private long savedStep;

    private PretrainRun(string folder, FolderLock held, TrainingLoop loop, RunRecord record)
    {
        Folder = folder;
        (this.held, this.loop) = (held, loop);
        // The network's output channels are the objective's: run.json says what was built.
        this.record = record with { Options = loop.Options };
        checkpoints = CheckpointsOf(folder, loop.Options.Keep);
        savedStep = loop.Step;
        metrics = MetricsLog.Open(Path.Combine(folder, MetricsLog.FileName), loop.Step);
        reports = new RunReports(folder, loop);
    }

    /// <summary>The run's folder.</summary>
    public string Folder { get; }

    /// <summary>Steps that were done.</summary>
    public long Step => loop.Step;

    /// <summary>What is trained.</summary>
    public PretrainOptions Options => loop.Options;

    /// <summary>Trained parameters.</summary>
    public long ParameterCount => loop.Network.ParameterCount;

    /// <summary>What a user has to know of the label maps; null where there are none.</summary>
    public Notices? Notices => loop.Notices;

    /// <summary>Labels of the recipe.</summary>
    public int LabelCount => loop.LabelCount;

    /// <summary>Samples of a step.</summary>
    public long SamplesPerStep => loop.SamplesPerStep;

    /// <summary>Judges the weights at some steps; null: nothing does.</summary>
    public ICheckpointProbe? Probe { get; set; }

    internal TrainingLoop Loop => loop;

    /// <summary>Begins a run.</summary>
    /// <param name="folder">A folder that holds no run.</param>
    /// <param name="options">What to train.</param>
    /// <param name="command">The command, as typed, for the record.</param>
    /// <exception cref="GpuSynthException">The folder holds a run, or the settings do not fit each other.</exception>
    public static PretrainRun Begin(string folder, PretrainOptions options, string command)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Before anything is made: a folder is not left behind for a typing mistake.
        options.Check();
        FolderLock held = FolderLock.Take(folder);
        try
        {
            if (RunRecord.IsIn(folder))
            {
                throw new GpuSynthException(
                    $"'{folder}' holds a run already; give --resume to go on with it, or choose another folder (--out).");
            }

            var record = new RunRecord
            {
                Options = options,
                Status = "running",
                Started = DateTimeOffset.UtcNow,
                Command = command,
                LabelMaps = ResumeRules.LabelMapsOf(options),
            };
            return Open(folder, held, record, null);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Goes on with a run from its latest checkpoint that is whole, or from the beginning where there is none yet.
    /// </summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="change">Given the run's settings; returns those to go on with. Null: as they are.</param>
    /// <param name="say">Told about damaged checkpoints that are left out.</param>
    /// <param name="components">The components that the run's recipe may name; null: the engine's own.</param>
    /// <exception cref="GpuSynthException">
    /// There is no run, no checkpoint is whole, the recipe does not fit, or settings were changed that have shaped the past.
    /// </exception>
    public static PretrainRun Resume(
        string folder, Func<PretrainOptions, PretrainOptions>? change, Action<string> say, ComponentCatalogue? components = null)
    {
        ArgumentNullException.ThrowIfNull(say);
        if (!Directory.Exists(folder))
        {
            throw new GpuSynthException($"There is no folder '{folder}' to resume; leave out --resume to begin a run there.");
        }

        FolderLock held = FolderLock.Take(folder);
        try
        {
            RunRecord record = RunRecord.Read(folder, components);
            PretrainOptions options = change?.Invoke(record.Options) ?? record.Options;
            ResumeRules.CheckLabelMaps(record);
            CheckpointFolder checkpoints = CheckpointsOf(folder, options.Keep);
            checkpoints.RemovePartialFiles();
            using CheckpointFile? latest = checkpoints.ReadLatest(say);
            if (latest is not null)
            {
                ResumeRules.Check(latest.Metadata, record);
                ResumeRules.Check(record.Options, options, latest.Metadata.Step);
            }

            return Open(folder, held, record with { Options = options, Status = "running" }, latest);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Trains until all steps are done or a stop is asked for, which takes effect after the current step.</summary>
    /// <param name="onStep">Called after each step with what was measured.</param>
    /// <param name="stop">Asks for a stop.</param>
    /// <exception cref="NonFiniteLossException">The loss became NaN or infinite; the latest checkpoint stays.</exception>
    /// <exception cref="GpuSynthException">A checkpoint cannot be written; the one before it stays.</exception>
    public PretrainEnd Run(Action<MetricsRow> onStep, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(onStep);
        try
        {
            ProbeNewWeights();
            while (loop.Step < Options.Steps && !stop.IsCancellationRequested)
            {
                MetricsRow row = loop.DoStep();
                AddProbe(row);
                metrics.Append(row);
                reports.Add(row);
                onStep(row);
                if (loop.Step % Options.CheckpointEvery == 0)
                {
                    Save();
                }
            }

            Save();
        }
        catch (NonFiniteLossException error)
        {
            TryEnd("failed");
            throw new NonFiniteLossException($"{error.Message}; {Stays()}.", error)
            {
                FirstSample = error.FirstSample,
                SampleCount = error.SampleCount,
            };
        }
        catch (GpuSynthException)
        {
            TryEnd("failed");
            throw;
        }
        catch (ExternalException error) when (TorchFailure.Of(error) is not null)
        {
            TryEnd("failed");
            throw new GpuSynthException($"{TorchFailure.Of(error)}; {Stays()}, and --resume goes on from there.", error);
        }

        bool isFinished = loop.Step >= Options.Steps;
        if (isFinished)
        {
            SaveWeights();
        }

        reports.AddFeatures();
        End(isFinished ? RunRecord.Finished : "stopped");
        return isFinished ? PretrainEnd.Finished : PretrainEnd.Stopped;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reports.Dispose();
        metrics.Dispose();
        loop.Dispose();
        held.Dispose();
    }

    private static PretrainRun Open(string folder, FolderLock held, RunRecord record, CheckpointFile? checkpoint)
    {
        var loop = new TrainingLoop(record.Options, checkpoint);
        try
        {
            var run = new PretrainRun(folder, held, loop, record);
            run.WriteRecord();
            return run;
        }
        catch
        {
            loop.Dispose();
            throw;
        }
    }

    private static CheckpointFolder CheckpointsOf(string folder, int keep) =>
        new(Path.Combine(folder, CheckpointFolder.Name), keep);

    private void Save()
    {
        if (savedStep == loop.Step)
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        metrics.Flush();
        reports.Flush();
        checkpoints.Write(loop.Metadata(record.RecipeSha256), loop.Capture());
        savedStep = loop.Step;
    }

    // Once: a run that is resumed before its first checkpoint has the row already.
    private void ProbeNewWeights()
    {
        if (Probe is null || loop.Step > 0 || MetricsLog.Read(Path.Combine(Folder, MetricsLog.FileName)).Count > 0)
        {
            return;
        }

        var row = new MetricsRow(0);
        AddProbe(row);
        metrics.Append(row);
        reports.Add(row);
    }

    private void AddProbe(MetricsRow row)
    {
        if (Probe is not null && ICheckpointProbe.IsDue(row.Step, Options.Steps))
        {
            loop.ShowFrozen(network => Probe.Measure(network, row));
        }
    }

    private void SaveWeights()
    {
        Dictionary<string, string> metadata = loop.Metadata(record.RecipeSha256).ToMetadata();
        // PyTorch's own readers look for this word; the file holds nothing but weights.
        metadata["format"] = "pt";
        SafeTensors.Write(Path.Combine(Folder, CheckpointReader.WeightsName), Weights.State(loop.Network), metadata);
    }

    private void End(string status)
    {
        record = record with { Status = status };
        WriteRecord();
        reports.Write(record);
    }

    // The disk may be full, or the GPU gone: that is what the caller is told.
    private void TryEnd(string status)
    {
        try
        {
            End(status);
        }
        catch (Exception error) when (error is GpuSynthException or ExternalException)
        {
        }
    }

    private void WriteRecord() => record.Write(Folder, loop.Step, loop.Step * SamplesPerStep, ParameterCount, LabelCount);

    private string Stays() => savedStep > 0
        ? $"the checkpoint of step {savedStep} stays"
        : "no checkpoint was written before it";
}
