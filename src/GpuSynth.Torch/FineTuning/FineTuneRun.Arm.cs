using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

// One arm: found complete, or trained at every rate, tested with the best one's weights and written.
public sealed partial class FineTuneRun
{
    private const string TrialsName = "trials";

    private void FindComplete()
    {
        foreach (FineTuneArm arm in Arms())
        {
            string path = Path.Combine(folder.ArmFolder(arm.Name), ArmResult.FileName);
            if (ArmResult.Read(path) is not { } result)
            {
                continue;
            }

            if (FineTuneSettings.Difference(SettingsOf(arm.Init), result.Settings) is { } difference)
            {
                throw new GpuSynthException($"'{path}' has {difference}; choose another folder (--out).");
            }

            results[arm] = result;
        }
    }

    private JsonObject SettingsOf(string init) => FineTuneSettings.OfInit(settings, init, options, start.Head, initialChecksum);

    private string TrialFolder(FineTuneArm arm, double rate) =>
        Path.Combine(folder.ArmFolder(arm.Name), TrialsName, TrialResult.FolderName(rate));

    // A trial that is complete, with its weights; null: it is to be trained.
    private TrialResult? FindTrial(FineTuneArm arm, double rate)
    {
        string place = TrialFolder(arm, rate);
        return TrialResult.Read(Path.Combine(place, TrialResult.FileName)) is { Settings: { } there } trial
            && FineTuneSettings.Difference(SettingsOf(arm.Init), there) is null
            && File.Exists(Path.Combine(place, CheckpointReader.WeightsName))
                ? trial
                : null;
    }

    private void TrainTrial(FineTuneArm arm, double rate, Action isCropDone, CancellationToken stop)
    {
        string place = TrialFolder(arm, rate);
        Directory.CreateDirectory(place);
        File.Delete(Path.Combine(place, TrialResult.FileName));
        (SegmentationNetwork network, ArmParts parts) = start.Create(arm.Init, arm.Seed);
        using SegmentationNetwork held = network;
        using var log = MetricsLog.Open(Path.Combine(place, MetricsLog.FileName));
        var trainer = new ArmTrainer(options, data, Patch);
        TrainedArm trained = arm.TrainCases == 0 ? trainer.AsItIs(network) : trainer.Train(
            network,
            parts,
            CasesOf(arm),
            arm.Seed,
            rate,
            log.Append,
            () =>
            {
                for (int n = 0; n < options.Batch; n++)
                {
                    isCropDone();
                }
            },
            stop);
        SafeTensors.Write(
            Path.Combine(place, CheckpointReader.WeightsName),
            Weights.State(network),
            new Dictionary<string, string>
            {
                ["format"] = "pt",
                [Weights.NetworkKey] = network.Options.ToJson(),
                [Weights.ClassesKey] = $"{data.Classes}",
                [Weights.ClassNamesKey] = JsonSerializer.Serialize(data.LabelNames),
                [TaskDescription.Key] = TaskDescription.Of(data, Patch, options).ToJson(),
            });
        new TrialResult
        {
            Rate = rate,
            BestValidationDice = trained.BestValidationDice,
            BestStep = trained.BestStep,
            Seconds = Math.Round(trained.Seconds, 1),
            Curve = trained.Curve,
            Settings = SettingsOf(arm.Init),
        }.Write(Path.Combine(place, TrialResult.FileName));
    }

    // All trials are complete.
    private ArmResult TestArm(FineTuneArm arm, CancellationToken stop)
    {
        TrialResult[] trials = [.. options.LearningRates.Order().Select(rate => FindTrial(arm, rate)!)];
        TrialResult best = TrialResult.Best(trials);
        (string from, string place) = (TrialFolder(arm, best.Rate), folder.ArmFolder(arm.Name));
        var test = Stopwatch.StartNew();
        using SegmentationNetwork network = start.CreateNew(arm.Seed);
        string weights = Path.Combine(from, CheckpointReader.WeightsName);
        Weights.Load(network, weights);
        network.to(TrainingParts.DeviceOf(options.Device));
        network.eval();
        CaseResult[] tested = options.IsTested ? new TestEvaluation(network, data, Patch, options, TestsOf(arm)).Run(place, stop) : [];
        foreach (string name in new[] { CheckpointReader.WeightsName, MetricsLog.FileName })
        {
            File.Copy(Path.Combine(from, name), Path.Combine(place, name), overwrite: true);
        }

        var result = new ArmResult
        {
            Init = arm.Init,
            TrainCases = arm.TrainCases,
            Seed = arm.Seed,
            Fold = arm.Fold,
            Cases = [.. CasesOf(arm).Select(static one => one.Name)],
            Head = start.HeadOf(arm.Init).Text,
            Rate = best.Rate,
            BestValidationDice = best.BestValidationDice,
            BestStep = best.BestStep,
            Curve = best.Curve,
            CurveArea = LearningCurve.Area([.. best.Curve.Select(static point => (point.Step, point.Dice))]),
            Trials = [.. trials.Select(static trial => trial with { Settings = null })],
            TrainingSeconds = Math.Round(trials.Sum(static trial => trial.Seconds), 1),
            TestSeconds = Math.Round(test.Elapsed.TotalSeconds, 1),
            Test = tested,
            Settings = SettingsOf(arm.Init),
        };
        result.Write(Path.Combine(place, ArmResult.FileName));
        foreach (TrialResult trial in trials)
        {
            File.Delete(Path.Combine(TrialFolder(arm, trial.Rate), CheckpointReader.WeightsName));
        }

        return result;
    }

    private IReadOnlyList<SegmentationCase> CasesOf(FineTuneArm arm) => arm.Fold is { } fold
        ? InFold(arm, own => own != fold)
        : CropSource.Subset(data.Training, arm.TrainCases, arm.Seed);

    private IReadOnlyList<SegmentationCase> TestsOf(FineTuneArm arm) =>
        arm.Fold is { } fold ? InFold(arm, own => own == fold) : data.Test;

    private SegmentationCase[] InFold(FineTuneArm arm, Func<int, bool> isWanted)
    {
        int[] foldOf = DataSplit.FoldsOf(data.Training.Count, options.Folds!.Value, arm.Seed);
        return [.. data.Training.Where((_, n) => isWanted(foldOf[n]))];
    }
}
