using System.Globalization;
using GpuSynth.Recipes;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Evaluating;

/// <content>Single values of a suite: texts, names, numbers and what has a form of its own.</content>
public static partial class SuiteYaml
{
    private sealed partial class Reader
    {
        private string? Text(YamlNode node, string path, string allowed)
        {
            if (node is YamlScalar { IsNothing: false } scalar)
            {
                return scalar.Value;
            }

            values.AddWrongType(node, path, "text", allowed);
            return null;
        }

        // A name is a folder's too.
        private string NameOf(YamlNode node, string path)
        {
            const string Allowed = "letters, digits, '-', '_', '.'";
            string? text = Text(node, path, Allowed);
            if (text is not null && (text.Length > 64 || !EvaluatedWeights.IsName(text)))
            {
                values.Add(node, path, Allowed, $"'{RecipeText.Shortened(text)}' is not 1 to 64 of {Allowed}");
            }

            return text ?? "";
        }

        private string[] Names(YamlNode node) => values.Sequence(node, "always", "a list of names") is { } list
            ? [.. list.Items.Select((item, n) => NameOf(item, YamlValueReader.Indexed("always", n)))]
            : [];

        private double[] Numbers(YamlNode node, string path, double least, double most) =>
            [.. List(node, path, "a list of numbers", (item, at) => Number(item, at, least, most)).Distinct().Order()];

        private int[] Wholes(YamlNode node, string path, int least, int most) => List(node, path, "a list of whole numbers", (item, at) => Whole(item, at, least, most));

        private T[] List<T>(YamlNode node, string path, string expected, Func<YamlNode, string, T> read)
        {
            if (values.Sequence(node, path, expected) is not { } list)
            {
                return [];
            }

            if (list.Items.Count == 0)
            {
                values.Add(node, path, "one number or more", "is empty (allowed: one number or more)");
            }

            return [.. list.Items.Select((item, n) => read(item, YamlValueReader.Indexed(path, n)))];
        }

        private int Whole(YamlNode node, string path, int least, int most) => Within(node, path, least, most, values.Integer);

        private double Number(YamlNode node, string path, double least, double most) => Within(node, path, least, most, values.Number);

        private T Within<T>(YamlNode node, string path, T least, T most, Func<YamlNode, string, string, T?> read)
            where T : struct, IComparable<T>
        {
            string allowed = string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");
            T? value = read(node, path, allowed);
            if (value is { } known && (known.CompareTo(least) < 0 || known.CompareTo(most) > 0))
            {
                values.Add(node, path, allowed, string.Create(CultureInfo.InvariantCulture, $"{known} is not {allowed}"));
            }

            return value ?? least;
        }

        private Augmentation AugmentationOf(YamlNode node, string path)
        {
            string allowed = string.Join(", ", Augmentation.Names);
            if (Text(node, path, allowed) is not { } name)
            {
                return Augmentation.Full;
            }

            if (!Augmentation.Names.Contains(name))
            {
                values.Add(node, path, allowed, $"'{RecipeText.Shortened(name)}' is not one of {allowed}");
                return Augmentation.Full;
            }

            return Augmentation.Of(name);
        }

        private IntensityScale IntensityOf(YamlNode node, string path)
        {
            const string Allowed = "zscore, zscore-nonzero or hu:MIN:MAX";
            string? text = Text(node, path, Allowed);
            if (text is not null && IntensityScale.TryParse(text, out IntensityScale? scale) && scale is not null)
            {
                return scale;
            }

            if (text is not null)
            {
                values.Add(node, path, Allowed, $"'{RecipeText.Shortened(text)}' is not {Allowed}");
            }

            return IntensityScale.ZScore;
        }
    }
}
