using System.Text.Json;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Cli;

// The commands that only report.
public sealed class ReportTests
{
    [Test]
    public void DevicesListTheHost()
    {
        Assert.That(ToolRun.Of("devices").Data, Does.Contain("host").And.Not.Contain("\u001b"));
        JsonElement first = ToolRun.Of("devices", "--json").Json[0];
        Assert.That(first.GetProperty("name").GetString(), Is.EqualTo("host"));
        Assert.That(first.GetProperty("canGenerate").GetBoolean(), Is.True);
    }

    [Test]
    public void RecipesAreListed()
    {
        string[] expected = [.. Presets.Names];
        JsonElement list = ToolRun.Of("recipe", "list", "--json").Json;
        Assert.That(list.EnumerateArray().Select(static recipe => recipe.GetProperty("name").GetString()), Is.EqualTo(expected));
        Assert.That(ToolRun.Of("recipe", "list").Data, Does.Contain("rasd-2d"));
    }

    [Test]
    public void ARecipeThatIsShownIsRight()
    {
        using var folder = new IO.TestFolder();
        foreach (string name in Presets.Names)
        {
            File.WriteAllText(folder["shown.yaml"], ToolRun.Of("recipe", "show", name).Data);
            ToolRun check = ToolRun.Of("recipe", "check", folder["shown.yaml"]);
            Assert.That((check.ExitCode, check.Messages), Is.EqualTo((0, string.Empty)));
            Assert.That(check.Data, Does.Contain($"recipe '{name}' is right"));
        }
    }

    [Test]
    public void EveryMistakeOfARecipeIsToldAtOnce()
    {
        using var folder = new IO.TestFolder();
        string text = ToolRun.Of("recipe", "show", "rasd-3d").Data
            .Replace("noise:", "nois:", StringComparison.Ordinal).Replace("taps: 7", "taps: 8", StringComparison.Ordinal);
        File.WriteAllText(folder["wrong.yaml"], text);
        ToolRun run = ToolRun.Of("recipe", "check", folder["wrong.yaml"]);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(1));
            Assert.That(run.Messages, Does.Contain("2 mistakes").And.Contain("nois").And.Contain("blur.taps"));
            Assert.That(run.Messages, Does.Contain("line "));
        });

        ToolRun json = ToolRun.Of("recipe", "check", folder["wrong.yaml"], "--json");
        Assert.Multiple(() =>
        {
            Assert.That(json.ExitCode, Is.EqualTo(1));
            Assert.That(json.Json.GetProperty("valid").GetBoolean(), Is.False);
            Assert.That(json.Json.GetProperty("mistakes").GetArrayLength(), Is.EqualTo(2));
            Assert.That(json.Json.GetProperty("mistakes")[0].GetProperty("line").GetInt32(), Is.GreaterThan(0));
        });
    }

    [Test]
    public void TheSchemaIsJson() =>
        Assert.That(ToolRun.Of("recipe", "schema").Json.GetProperty("$schema").GetString(), Does.Contain("json-schema.org"));

    [Test]
    public void AMissingRecipeFileFails()
    {
        ToolRun run = ToolRun.Of("recipe", "check", "nowhere.yaml");
        Assert.That((run.ExitCode, run.Messages.Contains("no such file", StringComparison.Ordinal)), Is.EqualTo((1, true)));
    }

    [Test]
    public void APreviewIsAPicture()
    {
        using var folder = new IO.TestFolder();
        ToolRun run = ToolRun.Of(
            "preview", "--preset", "rasd-2d", "--size", "48x40", "--count", "2", "--out", folder["sheet.png"]);
        Assert.That((run.ExitCode, run.Data.Trim()), Is.EqualTo((0, folder["sheet.png"])), run.Messages);
        Assert.That(
            File.ReadAllBytes(folder["sheet.png"])[..4], Is.EqualTo("\u0089PNG".Select(static letter => (byte)letter)));
        Assert.That(folder.Names, Is.EqualTo("sheet.png"));
    }

    [Test]
    public void APreviewForAMissingFolderFails()
    {
        using var folder = new IO.TestFolder();
        ToolRun run = ToolRun.Of("preview", "--preset", "rasd-2d", "--size", "32", "--out", folder["no/sheet.png"]);
        Assert.That((run.ExitCode, run.Messages.Contains("there is no folder", StringComparison.Ordinal)), Is.EqualTo((1, true)));
    }
}
