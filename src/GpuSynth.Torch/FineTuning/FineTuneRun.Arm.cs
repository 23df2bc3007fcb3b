using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

// One arm: found complete, or trained, tested and written.
public sealed partial class FineTuneRun
{
    private void FindComplete()
    {
        foreach ((string init, int cases, ulong seed) in Arms())
        {
            string path = Path.Combine(folder.ArmFolder(ArmResult.FolderName(init, cases, seed)), ArmResult.FileName);
            if (ArmResult.Read(path) is not { } result)
            {
                continue;
            }

            if (FineTuneSettings.Difference(SettingsOf(init), result.Settings) is { } difference)
            {
                throw new GpuSynthException($"'{path}' has {difference}; choose another folder (--out).");
            }

            results.Add(result);
        }
    }

    private JsonObject SettingsOf(string init)
    {
        var own = (JsonObject)settings.DeepClone();
        if (init == FineTuneOptions.PretrainedName)
        {
            own["initialWeights"] = initialChecksum;
        }

        return own;
    }

    private ArmResult RunArm(string init, int count, ulong seed, Action isCropDone, CancellationToken stop)
    {
        string place = folder.ArmFolder(ArmResult.FolderName(init, count, seed));
        IReadOnlyList<SegmentationCase> cases = CropSource.Subset(data.Training, count, seed);
        using SegmentationNetwork network = CreateNetwork(init, seed);
        using var log = MetricsLog.Open(Path.Combine(place, MetricsLog.FileName));
        TrainedArm trained = new ArmTrainer(options, data, Patch).Train(
            network,
            cases,
            seed,
            log.Append,
            () =>
            {
                for (int n = 0; n < options.Batch; n++)
                {
                    isCropDone();
                }
            },
            stop);
        var test = Stopwatch.StartNew();
        network.eval();
        CaseResult[] tested = new TestEvaluation(network, data, Patch, options).Run(place, stop);
        SafeTensors.Write(
            Path.Combine(place, CheckpointReader.WeightsName),
            Weights.State(network),
            new Dictionary<string, string>
            {
                ["format"] = "pt",
                [Weights.NetworkKey] = Network.ToJson(),
                ["classes"] = $"{data.Classes}",
                [TaskDescription.Key] = TaskDescription.Of(data, Patch, options).ToJson(),
            });
        var result = new ArmResult
        {
            Init = init,
            TrainCases = count,
            Seed = seed,
            Cases = [.. cases.Select(static one => one.Name)],
            BestValidationDice = trained.BestValidationDice,
            BestStep = trained.BestStep,
            TrainingSeconds = Math.Round(trained.Seconds, 1),
            TestSeconds = Math.Round(test.Elapsed.TotalSeconds, 1),
            Test = tested,
            Settings = SettingsOf(init),
        };
        result.Write(Path.Combine(place, ArmResult.FileName));
        return result;
    }

    // The random state decides the new weights, and whatever the network draws while it is trained.
    private SegmentationNetwork CreateNetwork(string init, ulong seed)
    {
        manual_seed((long)seed);
        SegmentationNetwork network = FineTuneModel.Create(Network, data.Classes);
        if (init == FineTuneOptions.PretrainedName)
        {
            FineTuneModel.LoadPretrained(network, initial!.NetworkTensors);
        }

        network.to(TrainingParts.DeviceOf(options.Device));
        manual_seed((long)seed);
        return network;
    }
}
