using System.CommandLine;
using System.Globalization;
using GpuSynth;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Perf;
using GpuSynth.Perf.Engine;
using GpuSynth.Perf.Native;
using GpuSynth.Perf.Training;

var json = new Option<string?>("--json")
{
    Description = "Write the figures to a file, e.g. perf/results/engine.json.",
    HelpName = "FILE",
};
var threads = new Option<int>("--threads")
{
    Description = "Measure on one thread and on this many.",
    HelpName = "T",
    DefaultValueFactory = static _ => Environment.ProcessorCount,
};
var part = new Option<string>("--part")
{
    Description = $"Only this of {string.Join(", ", TrainingSuite.Parts)}.",
    HelpName = "NAME",
    DefaultValueFactory = static _ => string.Empty,
};
threads.Validators.Add(result => RequireRange(result, "--threads", 1, 1024));

var engine = new Command("engine", "Whole samples over recipes and sizes.") { threads, json };
engine.SetAction(parsed => Reporting(() => MeasureEngine(parsed.GetValue(threads), parsed.GetValue(json))));
var training = new Command("training", "What a training step is made of, whether it waits for data, what the bridge costs.")
{
    part, threads, json,
};
training.SetAction(parsed => Reporting(() =>
    MeasureTraining(parsed.GetRequiredValue(part), parsed.GetValue(threads), parsed.GetValue(json))));
var native = new Command("native", "What a call through the C ABI costs.") { json };
native.SetAction(parsed => Reporting(() => MeasureNative(parsed.GetValue(json))));
var root = new RootCommand("Measures GpuSynth; perf/README.md says how to read the figures.")
{
    engine, training, native,
};
return root.Parse(args).Invoke();

static void RequireRange(System.CommandLine.Parsing.OptionResult result, string name, int least, int most)
{
    if (result.Tokens.Count == 1
        && !(int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            && value >= least && value <= most))
    {
        result.AddError($"{name} is {result.Tokens[0].Value}; it must be a whole number from {least} to {most}.");
    }
}

static int Reporting(Action measure)
{
    try
    {
        measure();
        return 0;
    }
    catch (GpuSynthException error)
    {
        Console.Error.WriteLine(error.Message);
        return 1;
    }
}

static void MeasureEngine(int threads, string? path)
{
    Report<EngineResult> report = Begin<EngineResult>("engine", threads);
    var table = new Table(
        ("recipe", 11), ("size", 11), ("labels", 6), ("threads", 7), ("min ms", 7), ("q1", 7), ("median", 7), ("q3", 7),
        ("max", 7), ("ns/voxel", 8), ("volumes/s", 9), ("draw ms", 7), ("anatomy", 7), ("appearance", 10), ("normalise", 9),
        ("workspace", 9));
    table.WriteHeading();
    IReadOnlyList<EngineResult> results = EngineSuite.Run(report.Ceilings, report.Caches, result => table.WriteLine(
        result.Recipe,
        result.Size,
        $"{result.Labels}",
        $"{result.Threads}",
        Table.Number(result.Milliseconds.Minimum),
        Table.Number(result.Milliseconds.LowerQuartile),
        Table.Number(result.Milliseconds.Median),
        Table.Number(result.Milliseconds.UpperQuartile),
        Table.Number(result.Milliseconds.Maximum),
        Table.Number(result.NanosecondsPerVoxel),
        Table.Number(result.VolumesPerSecond),
        Table.Number(result.StageMilliseconds.Draw),
        Table.Number(result.StageMilliseconds.Anatomy),
        Table.Number(result.StageMilliseconds.Appearance),
        Table.Number(result.StageMilliseconds.Normalise),
        GpuSynth.Planning.ByteCount.Text(result.WorkspaceBytes)));
    foreach (EngineResult result in results)
    {
        if (result.StageCeilingMilliseconds is { } least)
        {
            StageTimes took = result.StageMilliseconds;
            Console.WriteLine(
                $"{result.Recipe} {result.Size}, {result.Threads} threads, share of the ceiling: "
                + $"anatomy {least.Anatomy / took.Anatomy:0 %}, appearance {least.Appearance / took.Appearance:0 %}, "
                + $"normalise {least.Normalise / took.Normalise:0 %}");
        }
    }

    End(report with { Results = results }, path);
}

static void MeasureTraining(string part, int threads, string? path)
{
    Report<TrainingResult> report = Begin<TrainingResult>("training", threads);
    var table = new Table(("measure", 24), ("setting", 36), ("of", 5), ("figure", 9), ("unit", 10), ("target", 8));
    table.WriteHeading();
    IReadOnlyList<TrainingResult> results = TrainingSuite.Run(part, threads, result => table.WriteLine(
        result.Measure,
        result.Setting,
        $"{result.Count}",
        Table.Number(result.Value),
        result.Unit,
        result.Target is { } target ? $"< {target.ToString(CultureInfo.InvariantCulture)}" : string.Empty));
    End(report with { Results = results }, path);
}

static void MeasureNative(string? path)
{
    Report<NativeResult> report = Begin<NativeResult>("native", 1);
    var table = new Table(("call", 44), ("of", 7), ("us", 8), ("q1", 8), ("q3", 8));
    table.WriteHeading();
    IReadOnlyList<NativeResult> results = NativeSuite.Run(result => table.WriteLine(
        result.Call,
        $"{result.Calls}",
        Table.Number(result.Microseconds.Median),
        Table.Number(result.Microseconds.LowerQuartile),
        Table.Number(result.Microseconds.UpperQuartile)));
    End(report with { Results = results }, path);
}

static Report<T> Begin<T>(string name, int threads)
{
    Report<T> report = Report<T>.Begin(name, threads == 1 ? [1] : [1, threads]);
    foreach (string line in report.Heading())
    {
        Console.WriteLine(line);
    }

    Console.WriteLine();
    return report;
}

static void End<T>(Report<T> report, string? path)
{
    if (report.Warning is not null)
    {
        Console.WriteLine();
        Console.WriteLine(report.Warning);
    }

    if (path is not null)
    {
        report.Write(path);
        Console.WriteLine();
        Console.WriteLine($"Written: {path}");
    }
}
