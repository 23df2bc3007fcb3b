using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Training;
using YamlDotNet.Core;

namespace GpuSynth.Torch.Evaluating;

/// <summary>Suites as YAML, read with every mistake named by line and key.</summary>
public static partial class SuiteYaml
{
    private const int MostCases = 1_000_000;
    private static readonly string[] SuiteKeys = ["steps", "batch", "seeds", "rates", "finalists", "always", "labelMaps", "appearances"];
    private static readonly string[] MapArmKeys = ["objective", "steps", "batch"];
    private static readonly string[] AppearanceArmKeys = ["probability"];
    private static readonly string[] TaskKeys =
        ["cases", "shares", "data", "ratesAt", "validationCases", "testCases", "patch", "augmentation", "flips", "intensity", "ignoreLabel"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="GpuSynthException">It cannot be read, or is no suite; the message lists every mistake.</exception>
    public static EvaluationSuite Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GpuSynthException($"Cannot read the suite '{path}': {error.Message.TrimEnd('.')}; perf/suites/small.yaml is one.", error);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="source">What it is called in complaints.</param>
    /// <exception cref="GpuSynthException">It is no suite; the message lists every mistake.</exception>
    public static EvaluationSuite Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<RecipeMistake> mistakes = [];
        YamlNode? root;
        try
        {
            root = YamlNode.Read(text, mistakes);
        }
        catch (YamlException error)
        {
            throw new RecipeException(
                source, [RecipeMistake.At((int)error.Start.Line, "", "", "YAML", $"column {error.Start.Column}: not YAML: {error.Message.TrimEnd('.')}")]);
        }

        EvaluationSuite? suite = root is null ? null : new Reader(mistakes, Path.GetDirectoryName(source) ?? "").Suite(root);
        if (root is null)
        {
            mistakes.Add(RecipeMistake.At(0, "", "", "a suite in YAML", "empty; perf/suites/small.yaml is a whole suite to start from"));
        }

        return mistakes.Count == 0 ? suite! : throw new RecipeException(source, [.. mistakes.OrderBy(static mistake => mistake.Line)]);
    }

    private sealed partial class Reader(List<RecipeMistake> mistakes, string folder)
    {
        private readonly YamlValueReader values = new(mistakes);

        public EvaluationSuite? Suite(YamlNode root)
        {
            if (values.Fields(root, "suite", "name, tasks and what every training has", ["name", "tasks"], SuiteKeys) is not { } fields)
            {
                return null;
            }

            var preset = new EvaluationSuite { Name = "", Tasks = [] };
            return new EvaluationSuite
            {
                Name = NameOf(fields["name"], "name"),
                Tasks = Tasks(fields["tasks"]),
                Steps = fields.TryGetValue("steps", out YamlNode? steps) ? Whole(steps, "steps", 1, 1_000_000) : preset.Steps,
                Batch = fields.TryGetValue("batch", out YamlNode? batch) ? Whole(batch, "batch", 1, 1024) : preset.Batch,
                Seeds = fields.TryGetValue("seeds", out YamlNode? seeds) ? Whole(seeds, "seeds", 1, 1000) : preset.Seeds,
                Rates = fields.TryGetValue("rates", out YamlNode? rates) ? Numbers(rates, "rates", 1e-8, 1) : preset.Rates,
                Finalists = fields.TryGetValue("finalists", out YamlNode? finalists) ? Whole(finalists, "finalists", 1, 1000) : null,
                Always = fields.TryGetValue("always", out YamlNode? always) ? Names(always) : [],
                LabelMaps = fields.TryGetValue("labelMaps", out YamlNode? maps) ? Arms(maps, "labelMaps", MapArm) : [],
                Appearances = fields.TryGetValue("appearances", out YamlNode? appearances) ? Arms(appearances, "appearances", AppearanceArm) : [],
            };
        }

        private EvaluationTask[] Tasks(YamlNode node)
        {
            if (values.Sequence(node, "tasks", "a list of tasks") is not { } list)
            {
                return [];
            }

            if (list.Items.Count == 0)
            {
                values.Add(node, "tasks", "one task or more", "is empty (allowed: one task or more)");
            }

            EvaluationTask?[] tasks = [.. list.Items.Select((item, n) => Task(item, YamlValueReader.Indexed("tasks", n)))];
            foreach (IGrouping<string, (EvaluationTask Task, int Place)> same in tasks.Select(static (task, n) => (task!, n))
                .Where(static pair => pair.Item1 is not null).GroupBy(static pair => pair.Item1.Name).Where(static group => group.Count() > 1))
            {
                values.Add(
                    list.Items[same.Last().Place], YamlValueReader.Indexed("tasks", same.Last().Place), "each name once",
                    $"{same.Key} stands there twice; give one another name");
            }

            return [.. tasks.OfType<EvaluationTask>()];
        }

        private EvaluationTask? Task(YamlNode node, string path)
        {
            if (values.Fields(node, path, "name, cases or shares, and more", ["name"], TaskKeys) is not { } fields)
            {
                return null;
            }

            string Key(string name) => YamlValueReader.Child(path, name);
            int? Optional(string name, int least, int most) =>
                fields.TryGetValue(name, out YamlNode? value) ? Whole(value, Key(name), least, most) : null;

            string name = NameOf(fields["name"], Key("name"));
            if (fields.ContainsKey("cases") == fields.ContainsKey("shares"))
            {
                values.Add(node, path, "cases or shares", "has cases, of segmentation, or shares, of classification (allowed: one of them)");
                return null;
            }

            if (fields.TryGetValue("shares", out YamlNode? shares))
            {
                return Classification(name, shares, fields, path);
            }

            int[] cases = [.. Wholes(fields["cases"], Key("cases"), 0, MostCases).Distinct().Order()], budgets = [.. cases.Where(static count => count > 0)];
            if (cases is [0])
            {
                values.Add(fields["cases"], Key("cases"), "one number above 0 or more", "has nothing to train on (allowed: one number above 0 or more)");
            }

            int ratesAt = Optional("ratesAt", 1, MostCases) ?? (budgets.Length > 0 ? budgets[budgets.Length / 2] : 0);
            if (budgets.Length > 0 && !budgets.Contains(ratesAt))
            {
                values.Add(fields["ratesAt"], Key("ratesAt"), "one of cases", $"{ratesAt} is not one of cases, {string.Join(", ", cases)}");
            }

            Augmentation augmentation = fields.TryGetValue("augmentation", out YamlNode? chosen) ? AugmentationOf(chosen, Key("augmentation")) : Augmentation.Full;
            if (fields.TryGetValue("flips", out YamlNode? flips))
            {
                augmentation = augmentation with { FlipProbability = Number(flips, Key("flips"), 0, 1) };
            }

            return new EvaluationTask
            {
                Name = name,
                Data = fields.TryGetValue("data", out YamlNode? data) ? Text(data, Key("data"), "a folder") ?? name : name,
                Cases = cases,
                RatesAt = ratesAt,
                ValidationCases = Optional("validationCases", 1, MostCases),
                TestCases = Optional("testCases", 1, MostCases),
                Patch = fields.TryGetValue("patch", out YamlNode? patch) ? Wholes(patch, Key("patch"), 1, 4096) : null,
                Augmentation = augmentation,
                Intensity = fields.TryGetValue("intensity", out YamlNode? intensity) ? IntensityOf(intensity, Key("intensity")) : IntensityScale.ZScore,
                IgnoreLabel = Optional("ignoreLabel", -65536, 65536),
            };
        }

        private EvaluationTask? Classification(string name, YamlNode shares, Dictionary<string, YamlNode> fields, string path)
        {
            string Key(string key) => YamlValueReader.Child(path, key);
            foreach (string key in fields.Keys.Except(["name", "shares", "data", "patch", "flips", "intensity"]))
            {
                values.Add(fields[key], Key(key), "a task of segmentation", "is for segmentation (allowed here: name, shares, data, patch, flips, intensity)");
            }

            double[] percent = Numbers(shares, Key("shares"), 1e-3, 100);
            return new EvaluationTask
            {
                Name = name,
                Data = fields.TryGetValue("data", out YamlNode? data) ? Text(data, Key("data"), "a folder or an .npz file") ?? name : name,
                Shares = percent,
                Patch = fields.TryGetValue("patch", out YamlNode? patch) ? Wholes(patch, Key("patch"), 1, 4096) : null,
                Augmentation = Augmentation.None with { FlipProbability = fields.TryGetValue("flips", out YamlNode? flips) ? Number(flips, Key("flips"), 0, 1) : 0 },
                Intensity = fields.TryGetValue("intensity", out YamlNode? intensity) ? IntensityOf(intensity, Key("intensity")) : IntensityScale.ZScore,
            };
        }
    }
}
