using GpuSynth.Torch.Images;
using System.Globalization;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Classification;

/// <summary>Images through a trained classifier.</summary>
public static class ClassifierPrediction
{
    /// <summary>Whether a file of weights, or an arm's folder, is of a classifier.</summary>
    /// <param name="modelPath">An arm's folder, or its weights.safetensors.</param>
    public static bool IsClassifier(string modelPath)
    {
        string path = WeightsOf(modelPath);
        if (!File.Exists(path))
        {
            return false;
        }

        using Networks.SafeTensorsFile file = Networks.SafeTensors.Read(path);
        return file.Metadata.ContainsKey(ImagePreparation.Key);
    }

    /// <summary>The classifier that models name; null where they name none.</summary>
    /// <param name="models">A run, an arm of one, or its weights.safetensors.</param>
    /// <param name="arm">The arm of a run; null: the one that validation likes best.</param>
    /// <param name="say">Told which arm was chosen.</param>
    /// <exception cref="GpuSynthException">The run has no such arm, or several classifiers are named.</exception>
    public static string? Find(IReadOnlyList<string> models, string? arm, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(say);
        string[] found = [.. models.Select(model => IsClassifier(model) ? model : OfRun(model, arm, say)).OfType<string>()];
        return found.Length == 0 ? null
            : models.Count == 1 ? found[0]
            : throw new GpuSynthException($"'{found[0]}' classifies images, and classifiers are not averaged; name it alone (--model).");
    }

    /// <summary>
    /// Writes a table of probabilities: name, then p(CLASS) for every class, a row per image in the order given. An image that cannot
    /// be used has no row.
    /// </summary>
    /// <param name="modelPath">An arm's folder, or its weights.safetensors.</param>
    /// <param name="inputs">Names and image files of any form that is read.</param>
    /// <param name="outCsv">The table; its folder must exist.</param>
    /// <param name="device">"host" or "cuda:0".</param>
    /// <param name="isImageDone">Called after every image.</param>
    /// <param name="stop">Ends it; nothing is written.</param>
    /// <returns>The images that were left out, and why.</returns>
    /// <exception cref="GpuSynthException">The model cannot be read, or the table cannot be written.</exception>
    public static IReadOnlyList<(string Name, string Problem)> Run(
        string modelPath,
        IReadOnlyList<(string Name, string Path)> inputs,
        string outCsv,
        string device = "host",
        Action? isImageDone = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using IDisposable single = TorchThreads.One();
        List<(string, string)> bad = [];
        (Classifier classifier, ImagePreparation preparation) =
            Classifier.Load(WeightsOf(modelPath), TrainingParts.DeviceOf(device));
        using (classifier)
        {
            var table = new StringBuilder("name");
            table.AppendJoin(string.Empty, preparation.Classes.Select(static name => $",{ReportText.CsvCell($"p({name})")}")).Append('\n');
            foreach ((string name, string path) in inputs)
            {
                stop.ThrowIfCancellationRequested();
                try
                {
                    NiftiImage image = VolumeFile.ReadImage(path);
                    double[] row = classifier.Predict([preparation.Apply(image.Data, image.Channels, image.Shape, path)])[0];
                    table.Append(ReportText.CsvCell(name)).AppendJoin(
                        string.Empty, row.Select(static p => "," + p.ToString("0.######", CultureInfo.InvariantCulture))).Append('\n');
                    isImageDone?.Invoke();
                }
                catch (GpuSynthException error)
                {
                    bad.Add((name, error.Message));
                }
            }

            AtomicFile.WriteText(outCsv, table.ToString());
        }

        return bad;
    }

    // The arm of a run; null where the folder is no run of classification.
    private static string? OfRun(string model, string? wanted, Action<string> say)
    {
        string arms = Path.Combine(model, "arms");
        (string Path, ClassificationArm Arm)[] complete =
        [
            .. (Directory.Exists(arms) ? Directory.GetDirectories(arms) : []).Order(StringComparer.Ordinal)
                .Where(IsClassifier)
                .Select(static path => (path, ClassificationArm.Read(Path.Combine(path, ArmResult.FileName))))
                .Where(static one => one.Item2 is not null)
                .Select(static one => (one.path, one.Item2!)),
        ];
        if (complete.Length == 0)
        {
            return null;
        }

        var choice = new ArmChoice<(string Path, ClassificationArm Arm)>(
            model, "classifier", [.. complete.Select(static one => (Path.GetFileName(one.Path), one))]);
        return wanted is not null
            ? choice.Named(wanted).Path
            : choice.Best(
                static (one, other) => one.Arm.Validation.IsBetterThan(other.Arm.Validation),
                static _ => "the best in validation",
                say).Path;
    }

    private static string WeightsOf(string modelPath) =>
        Directory.Exists(modelPath) ? Path.Combine(modelPath, CheckpointReader.WeightsName) : modelPath;
}
