using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Classification;

/// <summary>Labelled images, found, split by patient, and made ready for a network.</summary>
internal sealed class ClassificationData
{
    private ClassificationData(string[] classNames, string patientRule) => (ClassNames, PatientRule) = (classNames, patientRule);

    /// <summary>Names in ordinal order; of MedMNIST the numbers.</summary>
    public string[] ClassNames { get; }

    /// <summary>"by patient, ..." or "by image: ...".</summary>
    public string PatientRule { get; }

    /// <summary>How images were prepared.</summary>
    public required ImagePreparation Preparation { get; init; }

    /// <summary>The parts.</summary>
    public required IReadOnlyList<ClassifiedImage> Training { get; init; }

    /// <inheritdoc cref="Training"/>
    public required IReadOnlyList<ClassifiedImage> Validation { get; init; }

    /// <inheritdoc cref="Training"/>
    public required IReadOnlyList<ClassifiedImage> Test { get; init; }

    /// <summary>The SHA-256 of names, classes, parts and values.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Finds what there is, before a network is chosen.</summary>
    public static FoundImage[] Find(string path) =>
        path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) ? MedMnistFile.Find(path) : ImageFolders.Find(path);

    /// <summary>Splits and prepares.</summary>
    /// <param name="options">As asked for.</param>
    /// <param name="found">What <see cref="Find"/> gave.</param>
    /// <param name="network">The network that is to take them.</param>
    /// <param name="notices">Told what a user has to know.</param>
    /// <exception cref="GpuSynthException">One class only, too few images of one, no validation, or images that do not fit.</exception>
    public static ClassificationData Prepare(
        ClassificationOptions options, IReadOnlyList<FoundImage> found, SegmentationNetwork network, Notices notices)
    {
        string[] classNames = [.. found.Select(static image => image.ClassName).Distinct().Order(StringComparer.Ordinal)];
        CheckClasses(options.DataFolder, found, classNames);
        (string[] patients, string rule) = PatientNames.Of(options.DataFolder, found);
        int[] classOf = [.. found.Select(image => Array.IndexOf(classNames, image.ClassName))];
        bool isSplit = found[0].Part.Length > 0;
        string[] parts = isSplit
            ? [.. found.Select(static image => image.Part)]
            : ImageSplit.Parts(patients, classOf, classNames, options.FirstSeed);
        CheckParts(options.DataFolder, parts, classOf, classNames);
        notices.Add("patients", $"Split and intervals are {rule}");
        foreach (IGrouping<string, string> shared in patients.Zip(parts).Distinct().GroupBy(static one => one.First, static one => one.Second))
        {
            if (shared.Count() > 1)
            {
                notices.Add("shared patients", $"The patient '{shared.Key}' is in {string.Join(" and ", shared)}, as the folders have it");
            }
        }

        VolumeShape size = SizeOf(options, found, network, notices);
        int channels = network.Options.InChannels;
        if (found.FirstOrDefault(image => image.Channels != channels) is { } other)
        {
            notices.Add("channels", $"The network has {channels} channel{(channels == 1 ? "" : "s")} and '{other.Name}' {other.Channels}: "
                + (other.Channels == 1 ? "grey images are repeated for every channel" : "their mean is taken"));
        }

        int[] sides = size.Dimensions == 2 ? [size.Height, size.Width] : [size.Depth, size.Height, size.Width];
        var preparation = new ImagePreparation(classNames, sides, channels, options.Intensity.ToString()!, options.PoolAll);
        ClassifiedImage[] images =
        [
            .. found.Select((image, n) => new ClassifiedImage(
                image.Name, patients[n], classOf[n], preparation.Apply(image.Read(), image.Channels, image.Shape, image.Name))),
        ];
        return new ClassificationData(classNames, rule)
        {
            Preparation = preparation,
            Training = Of("train"),
            Validation = Of("val"),
            Test = Of("test"),
            Sha256 = Digest(images, parts),
        };

        ClassifiedImage[] Of(string part) => [.. images.Where((_, n) => parts[n] == part)];
    }

    private static void CheckClasses(string path, IReadOnlyList<FoundImage> found, string[] classNames)
    {
        if (classNames.Length < 2)
        {
            throw new DatasetException(
                $"'{path}' holds one class, '{classNames[0]}', and telling classes apart takes two: add a folder of another class.");
        }

        if (found.GroupBy(static image => image.ClassName).FirstOrDefault(static group => group.Count() == 1) is { } single)
        {
            throw new DatasetException(
                $"The class '{single.Key}' in '{path}' has a single image; add some, or take its folder away.");
        }
    }

    private static void CheckParts(string path, string[] parts, int[] classOf, string[] classNames)
    {
        foreach (string part in ImageFolders.Parts)
        {
            if (!parts.Contains(part))
            {
                string what = part switch { "train" => "training", "val" => "validation", _ => "test" };
                throw new DatasetException(
                    $"'{path}' has no {what} images: add the folder '{part}', or take the part folders away so that all is split.");
            }
        }

        int lacking = Enumerable.Range(0, classNames.Length).FirstOrDefault(k => !parts.Zip(classOf).Contains(("train", k)), -1);
        if (lacking >= 0)
        {
            throw new DatasetException($"The class '{classNames[lacking]}' in '{path}' has no training image; add some to 'train'.");
        }
    }

    private static VolumeShape SizeOf(
        ClassificationOptions options, IReadOnlyList<FoundImage> found, SegmentationNetwork network, Notices notices)
    {
        int dimensions = found[0].Shape.Dimensions;
        if (found.FirstOrDefault(image => image.Shape.Dimensions != network.Options.Dimensions) is { } strange)
        {
            throw new DatasetException(
                $"'{strange.Name}' has {strange.Shape.Dimensions} dimensions and the network {network.Options.Dimensions}: "
                + "use weights that were trained on as many (--init).");
        }

        if (options.Size is { } asked)
        {
            VolumeShape shape = (asked.Count, dimensions) switch
            {
                (1, _) => VolumeShape.Cubic(dimensions, asked[0]),
                (2, 2) => VolumeShape.Image(asked[0], asked[1]),
                (3, 3) => VolumeShape.Volume(asked[0], asked[1], asked[2]),
                _ => throw new GpuSynthException(
                    $"--size {string.Join('x', asked)} does not fit images of {dimensions} dimensions; give as many sides, or one."),
            };
            network.CheckShape(shape);
            return shape;
        }

        int multiple = network.SideMultiple;
        int Side(Func<VolumeShape, int> side)
        {
            int[] sides = [.. found.Select(image => side(image.Shape)).Order()];
            return Math.Max((sides[sides.Length / 2] + multiple - 1) / multiple, 2) * multiple;
        }

        VolumeShape chosen = dimensions == 2
            ? VolumeShape.Image(Side(static one => one.Height), Side(static one => one.Width))
            : VolumeShape.Volume(Side(static one => one.Depth), Side(static one => one.Height), Side(static one => one.Width));
        if (found.Any(image => image.Shape != chosen))
        {
            notices.Add("size", $"Images are resized to {chosen}, which the network can take (--size changes it)");
        }

        return chosen;
    }

    private static string Digest(ClassifiedImage[] images, string[] parts)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach ((ClassifiedImage image, string part) in images.Zip(parts))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{image.Name}\n{image.Patient}\n{image.Class}\n{part}\n")));
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(image.Values.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
