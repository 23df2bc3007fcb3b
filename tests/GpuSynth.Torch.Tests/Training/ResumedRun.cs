using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>A run that was stopped and resumed, beside one that was not.</summary>
internal static class ResumedRun
{
    /// <summary>Losses, weights and the last checkpoint, the objective's parts and the optimiser's memory in it, are the same to the bit.</summary>
    /// <param name="options">What to train.</param>
    /// <param name="stop">Steps before the stop.</param>
    public static void AssertToTheBit(PretrainOptions options, int stop)
    {
        using var folder = new TinyRun();
        AssertToTheBit(folder, options, stop);
    }

    /// <summary>The same in a folder that stays: runs "whole" and "parts".</summary>
    public static void AssertToTheBit(TinyRun folder, PretrainOptions options, int stop)
    {
        string[] whole = folder.TrainWhole(options, "whole");
        using (PretrainRun run = PretrainRun.Begin(folder["parts"], options, "x"))
        {
            Assert.That(TinyRun.Train(run, stop), Is.EqualTo(PretrainEnd.Stopped));
            Assert.That(run.Step, Is.EqualTo(stop));
        }

        using (PretrainRun run = PretrainRun.Resume(
            folder["parts"], before => before with { Objectives = options.Objectives }, Assert.Fail))
        {
            Assert.That(run.Step, Is.EqualTo(stop));
            Assert.That(TinyRun.Train(run), Is.EqualTo(PretrainEnd.Finished));
        }

        Assert.That(TinyRun.Losses(folder["parts"]), Is.EqualTo(whole));
        Assert.That(whole, Has.Length.EqualTo(options.Steps).And.Unique);
        foreach (string file in new[] { "weights.safetensors", $"checkpoints/{folder.Names("whole")[^1]}" })
        {
            byte[] Bytes(string run) => File.ReadAllBytes(folder[$"{run}/{file}"]);
            Assert.That(Bytes("parts").AsSpan().SequenceEqual(Bytes("whole")), $"{file}: the same bytes");
        }
    }
}
