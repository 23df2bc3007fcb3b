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
    /// <param name="record">What the samples are.</param>
    /// <param name="format">How they are written.</param>
    /// <param name="maps">The label maps, or null.</param>
    /// <exception cref="GpuSynthException">
    /// The folder cannot be written, is in use, or holds something else; nothing was changed then.
    /// </exception>
    public static RunFolder Open(string path, GenerateRecord record, SampleFormat format, LabelMapSet? maps)
    {
        FolderLock held = FolderLock.Take(path);
        try
        {
            Check(path, record);
            RemovePartialFiles(path);
            string recordPath = Place.Combine(path, GenerateRecord.FileName);
            if (!File.Exists(recordPath))
            {
                record.Write(recordPath, maps);
            }

            string recipePath = Place.Combine(path, RecipeName);
            if (!File.Exists(recipePath))
            {
                AtomicFile.WriteText(recipePath, Header() + record.RecipeText);
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
    public static void Check(string path, GenerateRecord record)
    {
        string recordPath = Place.Combine(path, GenerateRecord.FileName);
        if (File.Exists(recordPath))
        {
            GenerateRecord there = GenerateRecord.Read(recordPath);
            string? recipe = RecipeOf(path, record.Components);
            if (recipe == record.RecipeText && RecipeYaml.ChecksumOfFile(Place.Combine(path, RecipeName)) == there.RecipeChecksum)
            {
                // The same recipe, written in another form by an earlier version.
                there = there with { RecipeChecksum = record.RecipeChecksum };
            }

            if (record.DifferenceFrom(there, recipe) is { } difference)
            {
                throw new GpuSynthException($"The samples in '{path}' have {difference}; choose another folder (--out).");
            }
        }
        else if (Directory.Exists(path) && FirstForeign(path) is { } foreign)
        {
            throw new GpuSynthException(
                $"'{path}' holds {foreign} but no {GenerateRecord.FileName} that says what it is; "
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
        + $"# {GenerateRecord.FileName} has their size and seed, {Manifest.FileName} what was drawn for each. samples: {SampleVersion.Current}\n";

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
            if (SampleFormat.IsSampleFile(name) || name is RecipeName or Manifest.FileName or GenerateRecord.FileName)
            {
                File.Delete(file);
            }
        }
    }
}
