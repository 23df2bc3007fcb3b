using System.Globalization;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
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

    /// <summary>Writes a table of probabilities: name, then p(CLASS) for every class, a row per image in the order given.</summary>
    /// <param name="modelPath">An arm's folder, or its weights.safetensors.</param>
    /// <param name="inputs">Image files of any form that is read.</param>
    /// <param name="outCsv">The table; its folder must exist.</param>
    /// <param name="device">"host" or "cuda:0".</param>
    /// <returns>The number of images.</returns>
    /// <exception cref="GpuSynthException">The model or an image cannot be read, or they do not fit.</exception>
    public static int Run(string modelPath, IReadOnlyList<string> inputs, string outCsv, string device = "host")
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var single = new SingleThread();
        (Classifier classifier, ImagePreparation preparation) =
            Classifier.Load(WeightsOf(modelPath), TrainingParts.DeviceOf(device));
        using (classifier)
        {
            var table = new StringBuilder("name");
            table.AppendJoin(string.Empty, preparation.Classes.Select(static name => $",{Cell($"p({name})")}")).Append('\n');
            foreach (string path in inputs)
            {
                NiftiImage image = VolumeFile.ReadImage(path);
                double[] row = classifier.Predict([preparation.Apply(image.Data, image.Channels, image.Shape, path)])[0];
                table.Append(Cell(Path.GetFileName(VolumeFile.StemOf(path) ?? path)));
                table.AppendJoin(
                    string.Empty, row.Select(static p => "," + p.ToString("0.######", CultureInfo.InvariantCulture))).Append('\n');
            }

            AtomicFile.WriteText(outCsv, table.ToString());
        }

        return inputs.Count;
    }

    private static string WeightsOf(string modelPath) =>
        Directory.Exists(modelPath) ? Path.Combine(modelPath, CheckpointReader.WeightsName) : modelPath;

    private static string Cell(string text) =>
        text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
