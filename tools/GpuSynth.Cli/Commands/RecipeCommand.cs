using System.CommandLine;
using System.CommandLine.Help;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth recipe list | show NAME | check FILE | explain FILE | components | catalogue | schema".</summary>
internal static class RecipeCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var command = new Command("recipe", "List, show, check and explain recipes.")
        {
            List(context.Output),
            Show(context.Output),
            Check(context.Output),
            ExplainCommand.Create(context),
            ComponentTable.Create(context.Output),
            CatalogueCommand.Create(context),
            Schema(context.Output),
        };
        command.SetAction(static parsed => new HelpAction().Invoke(parsed));
        return command;
    }

    private static Command List(Output output)
    {
        Option<bool> json = ToolOption.Json();
        var command = new Command("list", "List the built-in recipes.") { json };
        command.SetAction(parsed => ListPresets(parsed.GetValue(json), output));
        return command;
    }

    private static Command Show(Output output)
    {
        var name = new Argument<string>("NAME") { Description = "A built-in recipe." };
        var command = new Command("show", "Print a built-in recipe: a text to start one of your own from.") { name };
        command.SetAction(parsed =>
        {
            output.Data.Write(RecipeArguments.PresetText(parsed.GetRequiredValue(name)));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Check(Output output)
    {
        var file = new Argument<string>("FILE") { Description = "A recipe in YAML." };
        Option<string[]> plugin = ToolOption.Plugin();
        Option<bool> json = ToolOption.Json();
        var command = new Command("check", "Check a recipe: every mistake with its line, key, value and what is allowed.")
        {
            file, plugin, json,
        };
        command.SetAction(parsed => CheckFile(
            parsed.GetRequiredValue(file), ToolOption.Components(parsed, plugin), parsed.GetValue(json), output));
        return command;
    }

    private static Command Schema(Output output)
    {
        Option<string[]> plugin = ToolOption.Plugin();
        var command = new Command(
            "schema", "Print the JSON schema of recipes, for editors that complete and check while one types.")
        {
            plugin,
        };
        command.SetAction(parsed =>
        {
            output.Data.WriteLine(RecipeSchema.ToJson(ToolOption.Components(parsed, plugin)).TrimEnd());
            return ExitCode.Done;
        });
        return command;
    }

    private static int ListPresets(bool isJson, Output output)
    {
        List<Recipe> recipes = [.. Presets.Names.Select(Presets.Get)];
        if (isJson)
        {
            output.WriteJson(writer =>
            {
                writer.WriteObjects(null, recipes, recipe =>
                {
                    writer.WriteString("name", recipe.Name);
                    writer.WriteNumber("dimensions", recipe.Dimensions);
                    writer.WriteString("anatomy", KindOf(recipe));
                    writer.WriteString("about", AboutOf(recipe.Name));
                });
            });
            return ExitCode.Done;
        }

        Table table = Output.Table("name", "makes", "anatomy", "about");
        foreach (Recipe recipe in recipes)
        {
            string makes = recipe.Dimensions == 3 ? "volumes" : "images";
            Output.AddRow(table, recipe.Name, makes, KindOf(recipe), AboutOf(recipe.Name));
        }

        output.DataConsole.Write(table);
        return ExitCode.Done;
    }

    private static int CheckFile(string file, ComponentCatalogue components, bool isJson, Output output)
    {
        Recipe? recipe = null;
        IReadOnlyList<RecipeMistake> mistakes = [];
        try
        {
            recipe = RecipeYaml.Read(file, components);
        }
        catch (RecipeException error) when (isJson)
        {
            mistakes = error.Mistakes;
        }

        if (!isJson)
        {
            output.Data.WriteLine($"{file}: recipe '{recipe!.Name}' is right ({recipe.Dimensions}D, {KindOf(recipe)} anatomy).");
            return ExitCode.Done;
        }

        output.WriteJson(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("file", file);
            writer.WriteBoolean("valid", recipe is not null);
            writer.WriteString("name", recipe?.Name);
            writer.WriteObjects("mistakes", mistakes, mistake =>
            {
                writer.WriteNumber("line", mistake.Line);
                writer.WriteString("key", mistake.Key);
                writer.WriteString("value", mistake.Value);
                writer.WriteString("allowed", mistake.Allowed);
                writer.WriteString("sentence", mistake.Sentence);
            });
            writer.WriteEndObject();
        });
        return recipe is null ? ExitCode.Failed : ExitCode.Done;
    }

    private static string KindOf(Recipe recipe) => string.Join(", ", recipe.Anatomy.Select(static component => component.Name));

    // The presets begin with a comment that says what they are, a colon, and where they come from.
    private static string AboutOf(string name)
    {
        string text = Presets.Text(name);
        return text.StartsWith('#') ? text.TrimStart('#', ' ').Split(':', '\n')[0] : string.Empty;
    }
}
