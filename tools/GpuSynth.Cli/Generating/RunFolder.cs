using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using Place = System.IO.Path;

namespace GpuSynth.Cli.Generating;

/// <summary>
/// The folder of a run: samples, manifest.jsonl, recipe.yaml, run.json. Held by one process at a time, and by samples of one
/// recipe, size, seed, format and set of label maps.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string RecipeName = "recipe.yaml";

    private readonly FolderLock held;

    private RunFolder(string path, FolderLock held, Manifest manifest) => (Path, this.held, Manifest) = (path, held, manifest);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Which samples are complete.</summary>
    public Manifest Manifest { get; }

    /// <summary>Creates the folder or goes on in it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="facts">What the samples are.</param>
    /// <param name="format">How they are written.</param>
    /// <param name="maps">The label maps, or null.</param>
    /// <exception cref="GpuSynthException">
    /// The folder cannot be written, is in use, or holds something else; nothing was changed then.
    /// </exception>
    public static RunFolder Open(string path, RunFacts facts, SampleFormat format, LabelMapSet? maps)
    {
        FolderLock held = FolderLock.Take(path);
        try
        {
            Check(path, facts);
            RemovePartialFiles(path);
            string factsPath = Place.Combine(path, RunFacts.FileName);
            if (!File.Exists(factsPath))
            {
                facts.Write(factsPath, maps);
            }

            string recipePath = Place.Combine(path, RecipeName);
            if (!File.Exists(recipePath))
            {
                AtomicFile.WriteText(recipePath, Header() + facts.RecipeText);
            }

            return new RunFolder(path, held, Manifest.Open(path, format));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a folder that holds something else, without touching it.</summary>
    /// <exception cref="GpuSynthException">It holds samples of another run, or files of an unknown one.</exception>
    public static void Check(string path, RunFacts facts)
    {
        string factsPath = Place.Combine(path, RunFacts.FileName);
        if (File.Exists(factsPath))
        {
            RunFacts there = RunFacts.Read(factsPath);
            string? recipe = RecipeOf(path, facts.Components);
            if (recipe == facts.RecipeText && RecipeYaml.ChecksumOfFile(Place.Combine(path, RecipeName)) == there.RecipeChecksum)
            {
                // The same recipe, written in another form by an earlier version.
                there = there with { RecipeChecksum = facts.RecipeChecksum };
            }

            if (facts.DifferenceFrom(there, recipe) is { } difference)
            {
                throw new GpuSynthException($"The samples in '{path}' have {difference}; choose another folder (--out).");
            }
        }
        else if (Directory.Exists(path) && FirstForeign(path) is { } foreign)
        {
            throw new GpuSynthException(
                $"'{path}' holds {foreign} but no {RunFacts.FileName} that says what it is; "
                + "choose another folder (--out), so that nothing is lost.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Manifest.Dispose();
        held.Dispose();
    }

    private static string Header() =>
        $"# The recipe of this folder's samples, written by gpusynth {ToolVersion.Short}.\n"
        + $"# {RunFacts.FileName} has their size and seed, {Manifest.FileName} what was drawn for each.\n";

    private static string? FirstForeign(string path) => Directory.EnumerateFiles(path)
        .Select(static file => Place.GetFileName(file))
        .Where(static name => SampleFormat.IsSampleFile(name) || name is RecipeName or Manifest.FileName)
        .Order(StringComparer.Ordinal)
        .FirstOrDefault();

    private static string? RecipeOf(string path, ComponentCatalogue components)
    {
        try
        {
            return RecipeYaml.Write(RecipeYaml.Read(Place.Combine(path, RecipeName), components));
        }
        catch (RecipeException)
        {
            return null;
        }
    }

    // Left behind by a process that was killed. Only names that a run writes: another's partial files are not ours.
    private static void RemovePartialFiles(string path)
    {
        foreach (string file in Directory.EnumerateFiles(path, "*" + AtomicFile.PartialSuffix))
        {
            string name = Place.GetFileName(file)[..^AtomicFile.PartialSuffix.Length];
            if (SampleFormat.IsSampleFile(name) || name is RecipeName or Manifest.FileName or RunFacts.FileName)
            {
                File.Delete(file);
            }
        }
    }
}
