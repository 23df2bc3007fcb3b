using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GpuSynth.Cli.Generating;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Planning;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth generate": samples as files, resumed where they stopped.</summary>
internal static class GenerateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var arguments = new SampleArguments();
        var format = new Option<string>("--format")
        {
            Description = "nifti: image_000000.nii.gz and label_000000.nii.gz; npz: one sample_000000.npz with image and label.",
            DefaultValueFactory = static _ => SampleFormat.Nifti.Name,
        };
        format.HelpName = string.Join('|', SampleFormat.Names);
        format.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: string name }] && !SampleFormat.Names.Contains(name))
            {
                result.AddError($"--format: '{name}' is not one of {string.Join(", ", SampleFormat.Names)}.");
            }
        });
        var outFolder = new Option<string>("--out")
        {
            Description = "Folder; made if it is not there, resumed if it is.",
            HelpName = "DIR",
            Required = true,
        };
        Option<long> batch = ToolOption.Whole(
            "--batch", "B",
            "Samples that are made at once; 0: one per thread on the host, as many as fill a GPU. Changes memory and speed, no sample.",
            0, 65536, 0);
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Say what would be written and how much memory it takes; write nothing.",
        };
        Option<bool> json = ToolOption.Json();
        var command = new Command(
            "generate", "Write samples: images, labels, a manifest and the recipe. The same command again resumes.");
        arguments.AddTo(command);
        command.Add(format);
        command.Add(batch);
        command.Add(outFolder);
        command.Add(dryRun);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var request = new GenerateRequest(
                arguments.Read(parsed),
                SampleFormat.Of(parsed.GetRequiredValue(format)),
                parsed.GetValue(batch) is > 0 and long asked ? (int)asked : null,
                Folder(parsed.GetRequiredValue(outFolder)),
                parsed.GetValue(json));
            EngineOptions options = Prepare(request);
            GenerateBatches batches = GenerateBatches.Of(options, request.Samples.Count, request.BatchSize);
            if (parsed.GetValue(dryRun))
            {
                DryRun.Print(request, batches, context.Output);
                return ExitCode.Done;
            }

            Generate(request, batches, context);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Folder(string path) =>
        path.Trim().Length > 0 ? path : throw new WrongUseException("--out: the folder's name is empty.");

    private static EngineOptions Prepare(GenerateRequest request)
    {
        request.Format.Check(request.Samples.Shape);
        return request.Samples.ToEngineOptions();
    }

    private static void Generate(GenerateRequest request, GenerateBatches batches, ToolContext context)
    {
        LabelMapSet? maps = batches.Plan.Options.LabelMaps;
        ChosenSamples samples = request.Samples;
        context.Output.Tell(maps?.Notices);
        GenerateRecord record = GenerateRecord.Of(samples, maps, request.Format);
        using RunFolder folder = RunFolder.Open(request.Folder, record, request.Format, maps);
        long Complete() => folder.Manifest.CountIn(samples.Start, samples.Count);
        long before = Complete();
        long missing = samples.Count - before;
        if (before > 0 && !request.IsJson)
        {
            context.Output.Messages.WriteLine(Invariant($"resuming: {before} of {samples.Count} are there"));
        }

        var clock = Stopwatch.StartNew();
        try
        {
            if (missing > 0)
            {
                if (!request.IsJson)
                {
                    context.Output.SayIfItCompiles(samples.Device);
                }

                using SynthesisEngine engine = Start(ref batches, request, context.Output);
                GenerateBatches started = batches;
                WatchedWork.Run(
                    context.Output, request.IsJson, "generating", samples.Count, before,
                    isComplete => new SamplePipeline(engine, started, folder, request.Format).Run(
                        Missing(samples, folder.Manifest), isComplete, context.Stop));
            }
        }
        catch (GpuSynthException error)
        {
            throw new GpuSynthException(
                error.Message.TrimEnd('.')
                + Invariant($"; {Complete()} of {samples.Count} samples are complete, and the same command resumes."),
                error);
        }

        Report(request, context, before, Complete() - before, clock.Elapsed.TotalSeconds);
    }

    // What is free on a device is known once it is open. A batch that nobody asked for makes room, down to single samples.
    private static SynthesisEngine Start(ref GenerateBatches batches, GenerateRequest request, Output output)
    {
        int suitable = batches.BatchSize;
        string why = string.Empty;
        while (true)
        {
            try
            {
                var engine = new SynthesisEngine(batches.Plan);
                if (batches.BatchSize < suitable)
                {
                    output.Messages.WriteLine(Invariant($"note: batches of {batches.BatchSize} instead of {suitable}: {why}"));
                }

                return engine;
            }
            catch (GpuSynthException error) when (
                error is PlanException or DeviceException { IsOutOfMemory: true }
                && request.BatchSize is null
                && batches.BatchSize > 1)
            {
                why = why.Length == 0 ? error.Message : why;
                batches.Plan.Device.Dispose();
                batches = batches.Halved(request.Samples.Count);
            }
        }
    }

    // Numbers that the run itself adds are behind the one it asks for.
    private static IEnumerable<long> Missing(ChosenSamples samples, Manifest manifest)
    {
        for (long index = samples.Start; index < samples.Start + samples.Count; index++)
        {
            if (!manifest.Has(index))
            {
                yield return index;
            }
        }
    }

    private static void Report(GenerateRequest request, ToolContext context, long before, long written, double seconds)
    {
        long count = request.Samples.Count;
        bool isComplete = before + written == count;
        double rate = written / Math.Max(seconds, 1e-9);
        if (request.IsJson)
        {
            context.Output.WriteJson(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("out", Path.GetFullPath(request.Folder));
                writer.WriteNumber("samples", count);
                writer.WriteNumber("written", written);
                writer.WriteNumber("skipped", before);
                writer.WriteBoolean("complete", isComplete);
                writer.WriteNumber("seconds", Math.Round(seconds, 3));
                writer.WriteNumber("volumesPerSecond", Math.Round(rate, 3));
                writer.WriteEndObject();
            });
        }

        if (!isComplete)
        {
            throw new StoppedException(Invariant(
                $"Stopped: {before + written} of {count} samples are complete in '{request.Folder}'; the same command resumes."));
        }

        if (!request.IsJson)
        {
            string noun = written == 1 ? "sample" : "samples";
            context.Output.Data.WriteLine(written == 0
                ? Invariant($"All {count} samples are there already: {request.Folder}")
                : Invariant($"{written} {noun} written in {seconds:0.0} s ({rate:0.0} volumes/s): {request.Folder}"));
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
