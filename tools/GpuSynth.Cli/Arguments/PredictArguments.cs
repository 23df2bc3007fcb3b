using System.CommandLine;
using GpuSynth.Torch.Prediction;

namespace GpuSynth.Cli;

/// <summary>The options of "predict", and what they ask for.</summary>
internal sealed class PredictArguments
{
    private readonly Option<string> model = Named(
        "--model", "RUN|ARM|FILE[,...]",
        "A finetune run, an arm of one, or weights.safetensors; the probabilities of several networks, as of a run's folds, are averaged.");

    private readonly Option<string> input = Named(
        "--in", "DIR|FILE",
        "Images (.nii.gz, .nii, .png, .tif): a file, or a folder with the folders in it; several channels: 4D files, or case_0000, "
        + "case_0001.");

    private readonly Option<string> outFolder = Named(
        "--out", "DIR", "Folder for label maps, volumes.csv and overlays; made if it is not there, resumed if it is.");

    private readonly Option<string?> arm = new("--arm")
    {
        Description = "The arm of a run that has several; the one with the best validation Dice, if not given.",
        HelpName = "NAME",
    };

    // Below 0: not given.
    private readonly Option<double> overlap = ToolOption.Real(
        "--overlap", "0 to 0.95", "Overlap of windows; -1: as in the test of the fine-tuning.", -1, 0.95, -1);

    private readonly Option<string> device = new("--device")
    {
        Description = "Where the networks run: host, or cuda:0.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => "host",
    };

    private readonly Option<int> threads = ToolOption.Threads();

    private readonly Option<bool> noPictures = new("--no-pictures") { Description = "Make no overlay pictures." };

    /// <summary>"--json".</summary>
    public Option<bool> Json { get; } = ToolOption.Json();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { model, input, outFolder, arm, overlap, noPictures, device, threads, Json })
        {
            command.Add(option);
        }
    }

    /// <summary>What a command line asks for.</summary>
    public PredictOptions Read(ParseResult parsed)
    {
        string[] models =
        [
            .. parsed.GetRequiredValue(model).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        ];
        double given = parsed.GetValue(overlap);
        return new PredictOptions
        {
            Models = models.Length > 0
                ? models
                : throw new WrongUseException("--model names nothing; name the folder of a 'gpusynth finetune' run."),
            Input = parsed.GetRequiredValue(input),
            OutFolder = parsed.GetRequiredValue(outFolder),
            Arm = parsed.GetValue(arm),
            Overlap = given < 0 ? null : given,
            HasPictures = !parsed.GetValue(noPictures),
            Device = parsed.GetRequiredValue(device),
            Threads = parsed.GetValue(threads),
        };
    }

    private static Option<string> Named(string name, string help, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = help, Required = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string path }] && path.Trim().Length == 0)
            {
                result.AddError($"{name}: the name is empty.");
            }
        });
        return option;
    }
}
