using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>Checkpoints are whole or not there, the last few stay, and a damaged one is passed over aloud.</summary>
[CancelAfter(120_000)]
public sealed class CheckpointTests
{
    [Test]
    public void TheLastFewStay()
    {
        using var folder = new TinyRun();
        folder.TrainWhole(TinyRun.Options with { Steps = 7 }, "run");
        Assert.That(folder.Names("run"), Is.EqualTo(new[] { "step_000006.safetensors", "step_000007.safetensors" }));
    }

    [Test]
    public void ADamagedNewestOneIsPassedOver_AndSaid([Values] bool isTorn)
    {
        using var folder = new TinyRun();
        string[] whole = folder.TrainWhole(TinyRun.Options, "run");
        string newest = folder["run/checkpoints/step_000006.safetensors"];
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(newest, isTorn ? bytes[..(bytes.Length / 2)] : bytes);
        List<string> said = [];
        using (PretrainRun run = PretrainRun.Resume(folder["run"], null, said.Add))
        {
            Assert.That(run.Step, Is.EqualTo(4));
            Assert.That(said, Has.Count.EqualTo(1).And.Some.Contains("step_000006.safetensors"));
            TinyRun.Train(run);
        }

        Assert.That(TinyRun.Losses(folder["run"]), Is.EqualTo(whole));
        using CheckpointReader reader = CheckpointReader.Open(newest);
        Assert.That(reader.Step, Is.EqualTo(6), "written again, whole");
    }

    [Test]
    public void WhenNoneIsWholeTheRunIsNotBegunAgainInSilence()
    {
        using var folder = new TinyRun();
        folder.TrainWhole(TinyRun.Options, "run");
        foreach (string file in Directory.EnumerateFiles(folder["run/checkpoints"]))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..100]);
        }

        Assert.That(
            () => PretrainRun.Resume(folder["run"], null, static _ => { }),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("None of the 2 checkpoints"));
    }

    [Test]
    public void WithoutSpace_TheLastGoodOneStays()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Ignore("not run: this system has no /dev/full");
        }

        using var folder = new TinyRun();
        string[] whole = folder.TrainWhole(TinyRun.Options, "whole");
        using (PretrainRun run = PretrainRun.Begin(folder["run"], TinyRun.Options, "x"))
        {
            TinyRun.Train(run, 2);
            File.CreateSymbolicLink(folder["run/checkpoints/step_000004.safetensors.partial"], "/dev/full");
            var error = Assert.Throws<GpuSynthException>(() => TinyRun.Train(run));
            Assert.That(error!.Message, Does.Match(
                @"^Cannot write '.*step_000004.safetensors': the disk is full .*; the checkpoint of step 2 stays, and --resume .*"
                + @"\.$"));
        }

        Assert.That(folder.Names("run"), Is.EqualTo(new[] { "step_000002.safetensors" }));
        using (PretrainRun run = PretrainRun.Resume(folder["run"], null, Assert.Fail))
        {
            TinyRun.Train(run);
        }

        Assert.That(TinyRun.Losses(folder["run"]), Is.EqualTo(whole));
    }

    [Test]
    public void ForeignFilesAreNoWeights()
    {
        using var folder = new TinyRun();
        AssertRefused(folder.Folder, "holds neither checkpoints nor weights.safetensors");
        AssertRefused(folder["absent"], "no such file");
        File.WriteAllText(folder["text"], "this is not a checkpoint");
        AssertRefused(folder["text"], "not a safetensors file");
        using TorchSharp.torch.Tensor tensor = TorchSharp.torch.zeros([2], TorchSharp.torch.float32);
        SafeTensors.Write(folder["foreign.safetensors"], [("a", tensor)]);
        AssertRefused(folder["foreign.safetensors"], "does not say what network its weights are of");
    }

    private static void AssertRefused(string path, string part) => Assert.That(
        () => CheckpointReader.Open(path), Throws.TypeOf<CheckpointException>().With.Message.Contains(part));
}
