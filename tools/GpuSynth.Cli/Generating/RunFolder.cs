using GpuSynth.IO;
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
    private const string LockName = ".gpusynth.lock";

    private readonly FileStream held;

    private RunFolder(string path, FileStream held, Manifest manifest) => (Path, this.held, Manifest) = (path, held, manifest);

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
        Create(path);
        FileStream held = Hold(path);
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
            if (facts.DifferenceFrom(RunFacts.Read(factsPath), RecipeOf(path)) is { } difference)
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

    private static void Create(string path)
    {
        try
        {
            for (string? place = Place.GetFullPath(path); place is not null; place = Place.GetDirectoryName(place))
            {
                if (File.Exists(place))
                {
                    throw new GpuSynthException(
                        $"Cannot write to '{path}': '{place}' is a file, not a folder; choose another folder (--out).");
                }
            }

            Directory.CreateDirectory(path);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unwritable(path, error);
        }
    }

    // The system frees the lock with the process, however it ends: a file that was left behind locks nobody out.
    private static FileStream Hold(string path)
    {
        string lockPath = Place.Combine(path, LockName);
        try
        {
            return new FileStream(
                lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (IsHeldByAnother(error))
        {
            throw new GpuSynthException(
                $"Another gpusynth is writing to '{path}'; wait for it or choose another folder (--out).", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error);
        }
    }

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows: .NET has no exception type for it.
    private static bool IsHeldByAnother(IOException error) => OperatingSystem.IsWindows()
        ? error.HResult == unchecked((int)0x80070020)
        : error.HResult == (OperatingSystem.IsMacOS() ? 35 : 11);

    private static GpuSynthException Unwritable(string path, Exception error) => new(
        $"Cannot write to '{path}': {Reason(error)}; change its permissions or choose another folder (--out).", error);

    private static string Reason(Exception error) =>
        error is UnauthorizedAccessException ? "this user may not write there" : error.Message.TrimEnd('.');

    private static string? FirstForeign(string path) => Directory.EnumerateFiles(path)
        .Select(static file => Place.GetFileName(file))
        .Where(static name => SampleFormat.IsSampleFile(name) || name is RecipeName or Manifest.FileName)
        .Order(StringComparer.Ordinal)
        .FirstOrDefault();

    private static string? RecipeOf(string path)
    {
        try
        {
            return RecipeYaml.Write(RecipeYaml.Read(Place.Combine(path, RecipeName)));
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
