using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Prediction;
using FineTuneFolder = GpuSynth.Torch.Tests.FineTuning.FineTuneFolder;

namespace GpuSynth.Torch.Tests.Prediction;

/// <summary>Tiny fine-tuned networks, and the images that they were tested on; gone after the tests.</summary>
internal sealed class PredictFolders : IDisposable
{
    private static readonly NetworkOptions Small3D =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };

    private readonly FineTuneFolder data;

    private PredictFolders(FineTuneFolder data) => this.data = data;

    public string Root => data.Root;

    public string Run => Path.Combine(Root, "run");

    public string Images => Path.Combine(Root, "images");

    /// <summary>The folder of a seed's arm.</summary>
    public string Arm(int seed) => Directory.GetDirectories(Path.Combine(Run, "arms"), $"*_s{seed}*").Single();

    /// <summary>Two seeds on volumes, of which the last is oblique with other voxels and the one before runs backwards.</summary>
    public static PredictFolders Of3D()
    {
        FineTuneFolder data = FineTuneFolder.WithCases(5);
        VolumeShape shape = VolumeShape.Volume(12, 13, 14);
        (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, 3);
        data.Put("case_003", shape, image, labels, new NiftiGeometry([-1, 0, 0, 5, 0, -1, 0, 6, 0, 0, 1, -4]));
        (float c, float s) = (0.9f * 1.5f, 0.43588989f * 1.5f);
        data.Put("case_004", shape, image, labels, new NiftiGeometry([c, -s, 0, 5, s, c, 0, -3, 0, 0, -0.75, 8]));
        return Train(data, Small3D, [8], steps: 30);
    }

    /// <summary>One seed on pictures whose labels are 0, 100 and 255.</summary>
    public static PredictFolders OfPictures()
    {
        var data = new FineTuneFolder();
        for (int n = 0; n < 4; n++)
        {
            (float[] image, byte[] labels) = FineTuneFolder.Sample(VolumeShape.Volume(6, 20, 18), n);
            int plane = 4 * 20 * 18;
            Png.WriteNumbers(
                data.Made($"images/case_{n}.png"), 18, 20, [.. image.Skip(plane).Take(360).Select(static value => (int)value)]);
            Png.WriteNumbers(
                data.Made($"labels/case_{n}.png"), 18, 20,
                [.. labels.Skip(plane).Take(360).Select(static label => new[] { 0, 100, 255 }[label])]);
        }

        return Train(data, Small3D with { Dimensions = 2 }, [16], steps: 30);
    }

    public PredictOptions Options(string outFolder, params string[] models) => new()
    {
        Models = models.Length > 0 ? models : [Run],
        Input = Images,
        OutFolder = Path.Combine(Root, outFolder),
        HasPictures = false,
        Threads = 1,
    };

    /// <summary>Predicts; the run is over and can still be asked.</summary>
    public static PredictRun Predict(PredictOptions options, List<string>? said = null)
    {
        using PredictRun run = PredictRun.Open(options, said is null ? _ => { } : said.Add);
        run.Run(() => { });
        return run;
    }

    /// <summary>The tool, in this process.</summary>
    public static (int Code, string Data, string Messages) Tool(params string[] args)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        int code = Program.Run(args, new Output(data, messages), interruption);
        return (code, data.ToString(), messages.ToString());
    }

    public void Dispose() => data.Dispose();

    private static PredictFolders Train(FineTuneFolder data, NetworkOptions network, int[] patch, int steps)
    {
        var folders = new PredictFolders(data);
        using FineTuneRun run = FineTuneRun.Open(
            new FineTuneOptions
            {
                DataFolder = data.Root,
                OutFolder = folders.Run,
                Init = data.WeightsOf(network),
                Seeds = network.Dimensions == 3 ? 2 : 1,
                Steps = steps,
                Validations = 1,
                Patch = patch,
                TestCases = 2,
                LearningRates = [1e-2],
                Overlap = 0.5,
            },
            _ => { });
        run.Run(_ => { }, () => { }, "gpusynth finetune");
        return folders;
    }
}
