using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GpuSynth.Cli.Generating;
using GpuSynth.Kernels;
using GpuSynth.Tests.Cli;
using GpuSynth.Tests.Engine.Golden;
using GpuSynth.Tests.IO;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// Golden guard: sample n of a recipe, shape and seed is the sample that it was in the last version, bit for bit on the host,
/// whatever the vector width, with the same line in the manifest; and a device's differs from it by rounding alone. It protects
/// every data set and every network that someone wants to make again, and lets the engine be rebuilt from the inside: whatever
/// other tests hold (references, laws, determinism), a change of one bit, of a stream number or of a key in the manifest is seen
/// here first.
/// <para>
/// A change of samples on purpose renews the file, <c>GPUSYNTH_RENEW_GOLDEN=1 ./test --filter GoldenGuard</c>: the tests write
/// what they got and fail. The diff of the file then says whose samples changed, and the commit why.
/// </para>
/// <para>
/// What is not held: the checksums of the written files, which hold what the runtime's zlib made of the voxels, and the tool's
/// version. They are taken out of a line; all else stands there as <c>generate</c> writes it.
/// </para>
/// <para>
/// What the machine's C library could change: voxels are computed by fixed sequences of IEEE operations (HostMath), but a few
/// numbers per sample (laws, the blurs' weights, a pose's sine and cosine, the quantile of the bias field's maximum) come from
/// exp, log, sin and cos of the C library in double. They are rounded to float once, so another library's last bit of a double
/// changes a float in about one of 2^28 numbers (a double has 29 bits more), and here are some thousands. Should one case fail
/// on one system alone, with a single drawn number a float's last bit away, that is why.
/// </para>
/// </summary>
public sealed class GoldenGuardTests
{
    private static readonly string[] All = [.. GoldenCases.All.Select(static golden => golden.Name)];
    private static readonly string[] OfTool =
        [.. GoldenCases.All.Where(static golden => golden.AppearanceShift == 0).Select(static golden => golden.Name)];

    private GoldenMaps maps = null!;

    [OneTimeSetUp]
    public void WriteMaps() => maps = new GoldenMaps();

    [OneTimeTearDown]
    public void DeleteMaps() => maps.Dispose();

    [Test]
    public void TheFile_HoldsTheCases_AndNoOthers()
    {
        SkipWhileRenewing();
        Assert.That(GoldenFile.Read().Keys, Is.EquivalentTo(All), Renewal);
    }

    [TestCaseSource(nameof(All))]
    public void OnTheHost_NoBitChanges(string name)
    {
        GoldenCase golden = GoldenCases.Of(name);
        GoldenEntry now = OnHost(golden);
        if (GoldenFile.IsRenewing)
        {
            Renew(golden, entry => entry with { What = now.What, Image = now.Image, Label = now.Label, Manifest = now.Manifest });
        }

        GoldenEntry before = Held(golden);
        var changes = new List<string>();
        if (now.What != before.What)
        {
            changes.Add($"the case itself: {now.What}; the file has {before.What}");
        }

        if (now.Label != before.Label)
        {
            changes.Add($"labels: SHA-256 {now.Label}; the file has {before.Label}");
        }

        if (now.Image != before.Image)
        {
            changes.Add($"image: SHA-256 {now.Image}; the file has {before.Image}");
        }

        AssertNone(golden, [.. changes, .. ManifestLine.Changes(before.Manifest, now.Manifest)]);
    }

    // The tool, in a process whose vectors are 256 bits wide. Its manifest holds the checksums of the voxels.
    [Category("Slow")]
    [TestCaseSource(nameof(OfTool))]
    public void WithoutAvx512_TheToolWritesTheSameSamples(string name)
    {
        GoldenCase golden = GoldenCases.Of(name);
        SkipWhileRenewing();
        using TestFolder folder = new();
        string[] recipe = golden.IsPreset
            ? ["--preset", golden.RecipeText]
            : ["--recipe", folder.Put("recipe.yaml", Encoding.UTF8.GetBytes(golden.RecipeText))];
        string[] labels = golden.Options(maps).LabelMaps is null ? [] : ["--labels", golden.MapFolder(maps)];
        ToolRun run = WithoutAvx512(
        [
            "generate", .. recipe, .. labels, "--size", $"{golden.Shape}", "--seed", $"{golden.Seed}",
            "--start", $"{golden.Start}", "--count", $"{golden.BatchSize}", "--threads", $"{golden.Threads}",
            "--format", "npz", "--out", folder["run"],
        ]);
        Assert.That(run.ExitCode, Is.Zero, run.Messages);
        string[] lines = [.. File.ReadAllLines(folder["run/manifest.jsonl"]).Select(ManifestLine.WithoutFilesAndVersion)];
        AssertNone(golden, ManifestLine.Changes(Held(golden).Manifest, lines));
    }

    [Test]
    [Category("Slow")]
    public void WithoutAvx512_VectorsAreNarrower() =>
        Assert.That(WithoutAvx512("devices").Data, Does.Match("host .*(256|128)-bit vectors"));

    // The bound is the house's rule for rounding: twice what plain float makes of the same mathematics (here: what it made when
    // the file was written) and 4 ulp of the largest intensity. On one machine the same code gives the same figure again, but a
    // device's float bits are its own, and so are the last bits of another C library's expf and logf. Labels have no slack: these
    // samples have no voxel so near a tie that the device's rounding decides it.
    [Category("Slow")]
    [TestCaseSource(nameof(All))]
    public void OnIlgpusCpu_LabelsAreTheHosts_AndImagesNoFartherThanTheyWere(string name)
    {
        GoldenCase golden = GoldenCases.Of(name);
        EngineOptions options = golden.Options(maps) with { Shape = golden.SmallShape };
        (int labels, float difference, float intensity) = Compare(options, golden.Keys);
        string shape = $"{golden.SmallShape}";
        if (GoldenFile.IsRenewing)
        {
            Assert.That(labels, Is.Zero, $"{golden}: voxels too near a tie to be held; choose another seed or shape");
            Renew(
                golden,
                entry => entry with { SmallShape = shape, LargestDifference = difference, LargestIntensity = intensity });
        }

        GoldenEntry before = Held(golden);
        float ulp = MathF.BitIncrement(before.LargestIntensity) - before.LargestIntensity;
        float bound = (2 * before.LargestDifference) + (4 * ulp);
        var changes = new List<string>();
        if (shape != before.SmallShape)
        {
            changes.Add($"the case itself: {shape} on ilgpu-cpu; the file has {before.SmallShape}");
        }

        if (labels > 0)
        {
            changes.Add($"labels: {labels} voxels of ilgpu-cpu at {shape} differ from the host's");
        }

        if (!(difference <= bound))
        {
            changes.Add($"image: ilgpu-cpu at {shape} is up to {difference} off the host's; the file allows {bound}");
        }

        AssertNone(golden, changes);
    }

    private static string Renewal => Environment.NewLine
        + $"If samples are meant to change, {GoldenFile.Variable}=1 ./test --filter GoldenGuard writes {GoldenFile.Name}; "
        + "commit it with the change and say why.";

    private static ToolRun WithoutAvx512(params string[] args) => ToolRun.OfProcess(("DOTNET_EnableAVX512", "0"), args);

    private static void SkipWhileRenewing()
    {
        if (GoldenFile.IsRenewing)
        {
            Assert.Ignore($"not run: {GoldenFile.Name} is being renewed");
        }
    }

    private static void Renew(GoldenCase golden, Func<GoldenEntry, GoldenEntry> change)
    {
        GoldenFile.Renew(golden, change);
        Assert.Fail(
            $"{golden}: {GoldenFile.Name} was renewed ({GoldenFile.Variable}=1); look at its diff, and run again without it");
    }

    private static GoldenEntry Held(GoldenCase golden)
    {
        GoldenEntry? entry = GoldenFile.Read().GetValueOrDefault(golden.Name);
        Assert.That(entry, Is.Not.Null, $"{golden} is not in the file.{Renewal}");
        return entry!;
    }

    private static void AssertNone(GoldenCase golden, List<string> changes)
    {
        if (changes.Count > 0)
        {
            Assert.Fail($"Samples of {golden} changed:{Environment.NewLine}{string.Join(Environment.NewLine, changes)}{Renewal}");
        }
    }

    // A whole batch, and each of its samples for the manifest.
    private GoldenEntry OnHost(GoldenCase golden)
    {
        using SynthesisEngine engine = Start(golden.Options(maps));
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        engine.GenerateBatch(golden.Keys, slot.Memory, drawn);
        slot.AssertGuards();
        using var images = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var labels = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] lines = new string[golden.BatchSize];
        for (int n = 0; n < lines.Length; n++)
        {
            images.AppendData(MemoryMarshal.AsBytes(slot.Image(n)));
            labels.AppendData(slot.Label(n));
            long index = golden.Start + n;
            ManifestEntry entry = ManifestEntry.Of(index, string.Empty, [], slot.Image(n), slot.Label(n), drawn[n]);
            lines[n] = ManifestLine.WithoutFilesAndVersion(Encoding.UTF8.GetString(entry.Line.Span));
        }

        return new GoldenEntry
        {
            What = golden.What,
            Image = Convert.ToHexStringLower(images.GetHashAndReset()),
            Label = Convert.ToHexStringLower(labels.GetHashAndReset()),
            Manifest = lines,
        };
    }

    private static (int Labels, float Difference, float Intensity) Compare(EngineOptions options, SampleKey[] keys)
    {
        using SynthesisEngine host = Start(options);
        using SynthesisEngine device = Start(options with { Device = "ilgpu-cpu" });
        using GuardedSlot expected = new(host);
        using GuardedSlot slot = new(device);
        host.GenerateBatch(keys, expected.Memory, DrawnFor(host));
        device.GenerateBatch(keys, slot.Memory, DrawnFor(device));
        slot.AssertGuards();
        (int labels, float difference, float intensity) = (0, 0f, 0f);
        for (int n = 0; n < keys.Length; n++)
        {
            for (int voxel = 0; voxel < expected.Label(n).Length; voxel++)
            {
                labels += slot.Label(n)[voxel] == expected.Label(n)[voxel] ? 0 : 1;

                // MathF.Max keeps a NaN, and a NaN is within no bound.
                difference = MathF.Max(difference, MathF.Abs(slot.Image(n)[voxel] - expected.Image(n)[voxel]));
                intensity = MathF.Max(intensity, MathF.Abs(expected.Image(n)[voxel]));
            }
        }

        return (labels, difference, intensity);
    }
}
