using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Evaluating;

// The arms that a suite itself has.
public static partial class SuiteYaml
{
    private sealed partial class Reader
    {
        private T[] Arms<T>(YamlNode node, string key, Func<YamlNode, string, T?> read)
            where T : SuiteArm
        {
            if (values.Sequence(node, key, "a list of arms") is not { } list)
            {
                return [];
            }

            T[] arms = [.. list.Items.Select((item, n) => read(item, YamlValueReader.Indexed(key, n))).OfType<T>()];
            foreach (IGrouping<string, T> same in arms.GroupBy(static one => one.Name).Where(static group => group.Count() > 1))
            {
                values.Add(node, key, "each name once", $"{same.Key} stands there twice; give one another name");
            }

            return arms;
        }

        private MapArm? MapArm(YamlNode node, string path)
        {
            if (values.Fields(node, path, "name, recipe and more", ["name", "recipe"], MapArmKeys) is not { } fields)
            {
                return null;
            }

            string Key(string name) => YamlValueReader.Child(path, name);
            var usual = new MapArm { Name = "", Recipe = Presets.Get(PretrainDefaults.Preset) };
            return RecipeOf(fields["recipe"], Key("recipe"), "a preset or a file with labelMap") is not { } recipe ? null : new MapArm
            {
                Name = NameOf(fields["name"], Key("name")),
                Recipe = Checked(
                    recipe, recipe.Find<LabelMapAnatomy>() is not null, fields["recipe"], Key("recipe"), "a preset or a file with labelMap", $"{recipe.Name} draws from no label map"),
                Objective = fields.TryGetValue("objective", out YamlNode? objective) ? Text(objective, Key("objective"), "an objective") ?? usual.Objective : usual.Objective,
                Steps = fields.TryGetValue("steps", out YamlNode? steps) ? Whole(steps, Key("steps"), 1, 10_000_000) : usual.Steps,
                Batch = fields.TryGetValue("batch", out YamlNode? batch) ? Whole(batch, Key("batch"), 1, 1024) : usual.Batch,
            };
        }

        private AppearanceArm? AppearanceArm(YamlNode node, string path)
        {
            if (values.Fields(node, path, "name, recipe and more", ["name", "recipe"], AppearanceArmKeys) is not { } fields)
            {
                return null;
            }

            string Key(string name) => YamlValueReader.Child(path, name);
            const string Allowed = "a preset or a file whose intensities are 0 to 1";
            return RecipeOf(fields["recipe"], Key("recipe"), Allowed) is not { } recipe ? null : new AppearanceArm
            {
                Name = NameOf(fields["name"], Key("name")),
                Recipe = Checked(recipe, FineTuning.AppearanceChange.Takes(recipe), fields["recipe"], Key("recipe"), Allowed, $"{recipe.Name} has intensities in HU"),
                Probability = fields.TryGetValue("probability", out YamlNode? probability)
                    ? Number(probability, Key("probability"), 0, 1)
                    : FineTuning.AppearanceChange.UsualProbability,
            };
        }

        private Recipe Checked(Recipe recipe, bool fits, YamlNode node, string path, string allowed, string complaint)
        {
            if (!fits)
            {
                values.Add(node, path, allowed, $"{complaint} (allowed: {allowed})");
            }

            return recipe;
        }

        // A file's path is from the suite's folder. A mistake in it is told with its own line and key.
        private Recipe? RecipeOf(YamlNode node, string path, string allowed)
        {
            if (Text(node, path, allowed) is not { } name)
            {
                return null;
            }

            string file = Path.Combine(folder, name);
            if (!Presets.Names.Contains(name) && !File.Exists(file))
            {
                values.Add(node, path, allowed, $"there is no preset and no file '{RecipeText.Shortened(file)}'");
                return null;
            }

            return Presets.Names.Contains(name) ? Presets.Get(name) : RecipeYaml.Read(file);
        }
    }
}
