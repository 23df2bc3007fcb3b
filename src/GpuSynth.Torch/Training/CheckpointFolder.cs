using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>The checkpoints of a run: step_000100.safetensors and so on, the last few of them.</summary>
internal sealed class CheckpointFolder(string path, int keep)
{
    public const string Name = "checkpoints";

    private const string Prefix = "step_";
    private const string Suffix = ".safetensors";

    /// <summary>The steps of which there are files, the latest first; whether they are whole is not known.</summary>
    public IReadOnlyList<long> Steps => Directory.Exists(path)
        ?
        [
            .. Directory.EnumerateFiles(path, Prefix + "*" + Suffix)
                .Select(static file => StepOf(Path.GetFileName(file)))
                .Where(static step => step >= 0)
                .OrderDescending(),
        ]
        : [];

    public string PathOf(long step) =>
        Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:000000}{Suffix}"));

    /// <summary>Writes a checkpoint, and then deletes those before it that are too many.</summary>
    /// <exception cref="GpuSynthException">It cannot be written; the ones before it stay.</exception>
    public void Write(CheckpointMetadata metadata, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        try
        {
            Directory.CreateDirectory(path);
            CheckpointFile.Write(PathOf(metadata.Step), metadata, tensors);
        }
        catch (Exception error) when (error is VolumeFileException or IOException or UnauthorizedAccessException)
        {
            string stays = Steps is [long last, ..]
                ? FormattableString.Invariant($"the checkpoint of step {last} stays, and --resume goes on from there")
                : "there is none before it";
            throw new GpuSynthException($"{error.Message.TrimEnd('.')}; {stays}.", error);
        }

        foreach (long step in Steps.Where(step => step < metadata.Step).Skip(keep - 1))
        {
            Remove(PathOf(step));
        }
    }

    /// <summary>The latest checkpoint that is whole, or null where there is no file at all.</summary>
    /// <param name="say">Told about every later one that is not.</param>
    /// <exception cref="CheckpointException">There are files, but none is whole.</exception>
    public CheckpointFile? ReadLatest(Action<string> say)
    {
        IReadOnlyList<long> steps = Steps;
        foreach (long step in steps)
        {
            try
            {
                return CheckpointFile.Read(PathOf(step));
            }
            catch (CheckpointException error)
            {
                say($"Left out: {error.Message}");
            }
        }

        return steps.Count == 0
            ? null
            : throw new CheckpointException(
                $"None of the {steps.Count} checkpoints in '{path}' is whole; begin another run (--out).");
    }

    /// <summary>Removes what a killed process left half written.</summary>
    public void RemovePartialFiles()
    {
        if (Directory.Exists(path))
        {
            foreach (string file in Directory.EnumerateFiles(path, Prefix + "*" + Suffix + AtomicFile.PartialSuffix))
            {
                Remove(file);
            }
        }
    }

    private static long StepOf(string name) => long.TryParse(
        name[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long step)
        ? step
        : -1;

    // One checkpoint too many is no reason to end a run.
    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
