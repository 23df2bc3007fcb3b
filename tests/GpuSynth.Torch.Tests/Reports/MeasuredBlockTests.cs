using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Reports;

public sealed class MeasuredBlockTests
{
    private static readonly ModelCard Card = new() { Run = PageTests.Pretrained(), MonaiExpression = "UNet(spatial_dims=3)" };

    [Test]
    public void ACardTakesBlocks_EachKeyOnce_AndKeepsAllElse()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("card").FullName, ModelCard.FileName);
        File.WriteAllText(path, Card.ToMarkdown());
        MeasuredBlock probe = new("probe hippocampus", "### Probe\n\n| a | b |\n| - | - |\n| 1 | 2 |");
        MeasuredBlock tuned = new("finetune tuned", "Dice 0.8");
        Assert.That(probe.AddTo(path) && tuned.AddTo(path) && (tuned with { Markdown = "Dice 0.9" }).AddTo(path), Is.True);

        // What the card's writer would have written with the same blocks, so that nothing else was touched.
        MeasuredBlock[] expected = [probe, tuned with { Markdown = "Dice 0.9" }];
        Assert.That(File.ReadAllText(path), Is.EqualTo((Card with { Measured = expected }).ToMarkdown()));
        Assert.That(MeasuredBlock.OfFile(path), Is.EqualTo(expected));
    }

    [Test]
    public void WhereThereIsNoCard_NothingIsMade()
    {
        string folder = Directory.CreateTempSubdirectory("card").FullName;
        string path = Path.Combine(folder, ModelCard.FileName);
        Assert.That(new MeasuredBlock("key", "text").AddTo(path), Is.False);
        Assert.That(Directory.GetFiles(folder), Is.Empty);
        File.WriteAllText(path, "# Somebody's own\n");
        Assert.That(new MeasuredBlock("key", "text").AddTo(path), Is.False);
        Assert.That(File.ReadAllText(path), Is.EqualTo("# Somebody's own\n"));
    }
}
