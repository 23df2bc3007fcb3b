using GpuSynth.Torch.Images;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Prediction;

/// <summary>
/// Labels of every image of a folder by fine-tuned networks. A case is complete or not there; one that cannot be read is named and
/// left out. Cases run beside one another, each on one thread: their number changes no voxel.
/// </summary>
public sealed class PredictRun : IDisposable
{
    private const double MemoryShare = 0.6;
    private const string OverlayFolder = "overlays";

    private readonly PredictOptions options;
    private readonly PredictionModels models;
    private readonly LabelClasses labels;
    private readonly IReadOnlyList<CaseFiles> cases;
    private readonly double overlap;
    private readonly PredictFolder folder;
    private readonly Lock guard = new();
    private readonly SortedDictionary<string, BadCase> bad = new(StringComparer.Ordinal);
    private readonly List<(CaseFiles Files, long Bytes)> open = [];

    private PredictRun(PredictOptions options, PredictionModels models, IReadOnlyList<CaseFiles> cases)
    {
        (this.options, this.models, this.cases) = (options, models, cases);
        labels = models.Task.Labels;
        overlap = options.Overlap ?? models.Task.Overlap;
        folder = PredictFolder.Open(options.OutFolder, new JsonObject
        {
            ["model"] = models.Checksum,
            ["overlap"] = overlap,
            ["device"] = options.Device,
            ["networks"] = new JsonArray([.. models.Checksums.Select(static one => (JsonNode)one)]),
            ["labels"] = string.Join(", ", labels.Names),
        });
    }

    /// <summary>What a user has to know of the files.</summary>
    public Notices Notices { get; } = new();

    /// <summary>The files of weights whose probabilities are averaged.</summary>
    public IReadOnlyList<string> Networks => models.Files;

    /// <summary>Names of the classes but the background.</summary>
    public IReadOnlyList<string> ClassNames => [.. labels.Names.Skip(1)];

    /// <summary>Cases in all.</summary>
    public int CaseCount => cases.Count;

    /// <summary>Cases that were there before, unchanged.</summary>
    public int FoundCount { get; private set; }

    /// <summary>Cases that are complete.</summary>
    public IReadOnlyCollection<PredictedCase> Complete => folder.Cases;

    /// <summary>Cases that could not be predicted.</summary>
    public IReadOnlyCollection<BadCase> Bad => bad.Values;

    /// <summary>In what volumes.csv counts: "ml"; of images "mm2"; of pictures, which have no scale, "pixels" or "voxels".</summary>
    public string Unit => (models.Task.Dimensions == 2, folder.Cases.Any(static one => one.IsPicture)) switch
    {
        (true, true) => "pixels",
        (true, false) => "mm2",
        (false, true) => "voxels",
        _ => "ml",
    };

    /// <summary>Finds networks and images, and opens the folder.</summary>
    /// <exception cref="GpuSynthException">Something does not fit; nothing was written.</exception>
    public static PredictRun Open(PredictOptions options, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(say);
        TrainingParts.DeviceOf(options.Device); // Refuses one that is not there.
        TorchSettings.Apply();
        var models = PredictionModels.Find(options.Models, options.Arm, say);
        IReadOnlyList<CaseFiles> cases = PredictionInputs.Find(options.Input, models.Task.Channels.Count);
        CheckApart(options);
        var run = new PredictRun(options, models, cases);
        try
        {
            run.ReadHeaders();
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Predicts every case that is not there, and writes the table.</summary>
    /// <param name="isCaseDone">Called after each case, from any thread.</param>
    /// <param name="stop">Ends the run; cases that are complete stay.</param>
    public void Run(Action isCaseDone, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(isCaseDone);
        var queue = new ConcurrentQueue<CaseFiles>(open.Select(static one => one.Files));
        int workers = Workers();
        // Each worker has networks of its own, for all the cases that it takes.
        TorchThreads.Run(
            [.. Enumerable.Repeat<Action<CancellationToken>>(
                ending =>
                {
                    using var networks = new CasePrediction(models, overlap, TrainingParts.DeviceOf(options.Device));
                    while (queue.TryDequeue(out CaseFiles? files))
                    {
                        ending.ThrowIfCancellationRequested();
                        Predict(networks, files);
                        isCaseDone();
                    }
                },
                workers)],
            workers,
            threadsEach: 1,
            stop);

        folder.Keep(cases.Select(static one => one.Name).Where(name => !bad.ContainsKey(name)).ToHashSet(StringComparer.Ordinal));
        folder.WriteTable(ClassNames, Unit);
        PredictionCards.Write(Networks, options.Input, ClassNames, Complete, bad.Count, Notices);
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    // What is written must never be read as an image.
    private static void CheckApart(PredictOptions options)
    {
        static string Whole(string path) =>
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
        if (Directory.Exists(options.Input) && Whole(options.OutFolder).StartsWith(Whole(options.Input), StringComparison.Ordinal))
        {
            throw new GpuSynthException(
                $"The output folder '{options.OutFolder}' lies in the input folder '{options.Input}', whose images the predictions "
                + "would be the next time; choose a folder outside (--out).");
        }
    }

    private void ReadHeaders()
    {
        foreach (CaseFiles files in cases)
        {
            try
            {
                files.ImagePaths.ToList().ForEach(static path => CaseFiles.CheckIsThere(path, "The input folder held"));
                if (folder.Find(files.Name, PredictedCase.FilesOf(files)) is not null)
                {
                    FoundCount++;
                    continue;
                }

                var header = CaseHeader.Read(files);
                Check(header);
                var plan = MemoryPlan.Of(
                    [header], 1, models.Task.VoxelSpacing, labels.Count * Math.Min(2, models.Files.Count),
                    options.MemoryBytes ?? MemoryPlan.MachineBytes);
                open.Add((files, plan.HeldBytes + plan.WorkingBytes));
            }
            catch (GpuSynthException error)
            {
                bad[files.Name] = new BadCase(files.Name, error.Message);
            }
        }
    }

    private void Check(CaseHeader header)
    {
        (int dimensions, int channels) = (models.Task.Dimensions, models.Task.Channels.Count);
        if (header.Shape.Dimensions != dimensions)
        {
            throw new DatasetException(
                $"'{header.Files.ImagePath}' has {header.Shape.Dimensions} dimensions, and the networks were trained on {dimensions}; "
                + "use networks trained on such images.");
        }

        if (header.Channels != channels)
        {
            throw new DatasetException(
                $"'{header.Files.ImagePath}' has {header.Channels} channels, and the networks take {channels} "
                + $"({string.Join(", ", models.Task.Channels)}); give every case these, as one file or as case_0000, case_0001.");
        }
    }

    // As many as fit the memory, of the largest cases; on a GPU one.
    private int Workers()
    {
        int wanted = options.Device is "host" or "cpu"
            ? options.Threads > 0 ? options.Threads : Environment.ProcessorCount
            : 1;
        double memory = MemoryShare * (options.MemoryBytes ?? MemoryPlan.MachineBytes);
        long largest = open.Select(static one => one.Bytes).DefaultIfEmpty(1).Max();
        return (int)Math.Clamp(Math.Min(wanted, memory / Math.Max(1, largest)), 1, Math.Max(1, open.Count));
    }

    private void Predict(CasePrediction networks, CaseFiles files)
    {
        string[] read = PredictedCase.FilesOf(files);
        SegmentationCase one;
        byte[] classes;
        try
        {
            one = SegmentationCase.ReadUnlabelled(files, Notices);
            one.Prepare(models.Task.VoxelSpacing, models.Task.IntensityScale, keepsFileLabels: false);
            classes = networks.Predict(one);
        }
        catch (GpuSynthException error)
        {
            lock (guard)
            {
                bad[files.Name] = new BadCase(files.Name, error.Message);
            }

            return;
        }

        // What cannot be written ends the run: the next case could not be either.
        bool isPicture = VolumeFile.IsPicture(files.ImagePath);
        string output = Write(files, one, classes);
        if (options.HasPictures)
        {
            byte[] picture = OverlayPicture.Of(one, classes);
            AtomicFile.Write(
                folder.Made($"{OverlayFolder}/{files.Name}_overlay.png"), picture.Length, picture,
                static (stream, content) => stream.Write(content));
        }

        VoxelSpacing spacing = one.FileSpacing;
        lock (guard)
        {
            folder.Add(new PredictedCase
            {
                Case = files.Name,
                Files = read,
                Output = output,
                Voxels = Count(classes),
                VoxelSize = spacing.Height * spacing.Width * (one.FileShape.Dimensions == 2 ? 1 : spacing.Depth),
                IsPicture = isPicture,
            });
        }
    }

    // A picture's labels as a picture, but for a stack and for numbers that none can hold.
    private string Write(CaseFiles files, SegmentationCase one, byte[] classes)
    {
        if (VolumeFile.IsPicture(files.ImagePath) && one.FileShape.Dimensions == 2 && labels.Numbers[^1] <= ushort.MaxValue)
        {
            string picture = files.Name + ".png";
            Png.WriteNumbers(folder.Made(picture), one.FileShape.Width, one.FileShape.Height, labels.ToNumbers(classes));
            return picture;
        }

        string volume = files.Name + ".nii.gz";
        Nifti.WriteLabels(
            folder.Made(volume), one.FileShape, classes, one.Geometry, labels.IsConsecutive ? null : labels.Numbers);
        return volume;
    }

    private long[] Count(byte[] classes)
    {
        long[] counts = new long[labels.Count];
        foreach (byte label in classes)
        {
            counts[label]++;
        }

        return counts[1..];
    }
}
