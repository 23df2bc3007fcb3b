using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Statistics;

/// <summary>
/// Every number that a preset draws against its law, on what the engine says it drew: shapes of side 64 with few voxels, so
/// that the labels and scales are those of side 64. By the inequality of Dvoretzky, Kiefer and Wolfowitz a law that is off by
/// twice the critical distance anywhere is rejected with probability at least 1 - alpha. Independence: the correlation of every
/// pair of numbers, of one sample and of neighbouring samples, all pairs together at alpha 1e-3.
/// </summary>
[Category("Slow")]
public sealed class DrawnLawTests
{
    private const int Samples = 4000;
    private const double Alpha = 1e-3;

    private static readonly Lazy<Drawing> Volumes = new(() => new Drawing("rasd-3d", VolumeShape.Volume(64, 2, 3), null));
    private static readonly Lazy<Drawing> Images = new(() => new Drawing("rasd-2d", VolumeShape.Image(64, 3), null));
    private static readonly Lazy<Drawing> Maps = new(DrawMaps);

    private static readonly (string Name, double Low, double High)[] AppearanceLaws =
    [
        ("mean 0", 0, 1), ("mean 1", 0, 1),
        ("bias std", 0.01, 0.1), ("bias maximum", 0, 1),
        ("bias fwhm z", 16, 32), ("bias fwhm y", 16, 32), ("bias fwhm x", 16, 32),
        ("noise std", 0.05, 0.4),
        ("blur sigma z", 0, 1), ("blur sigma y", 0, 1), ("blur sigma x", 0, 1),
        ("gamma", 0.5, 1.5),
    ];

    // S / 16 = 4 voxels at side 64.
    private static readonly (string Name, double Low, double High)[] NoiseAnatomyLaws =
    [
        ("field std 0", 0, 1), ("field std 1", 0, 1),
        ("displacement std 0", 0, 4), ("displacement std 1", 0, 4), ("displacement std 2", 0, 4),
    ];

    // 0.02 of the side is 1.28 voxels at side 64.
    private static readonly (string Name, double Low, double High)[] MapLaws =
    [
        ("rotation z", -15, 15), ("rotation y", -15, 15), ("rotation x", -15, 15),
        ("scaling z", 0.8, 1.2), ("scaling y", 0.8, 1.2), ("scaling x", 0.8, 1.2),
        ("shear zy", -0.012, 0.012), ("shear zx", -0.012, 0.012), ("shear yz", -0.012, 0.012),
        ("shear yx", -0.012, 0.012), ("shear xz", -0.012, 0.012), ("shear xy", -0.012, 0.012),
        ("translation z", -0.05, 0.05), ("translation y", -0.05, 0.05), ("translation x", -0.05, 0.05),
        ("deformation std 0", 0, 1.28), ("deformation std 1", 0, 1.28), ("deformation std 2", 0, 1.28),
    ];

    private static IEnumerable<string> AppearanceNames =>
        AppearanceLaws.Select(law => law.Name).Append("mean 2").Append("mean 3");

    private static IEnumerable<string> NoiseAnatomyNames => NoiseAnatomyLaws.Select(law => law.Name);

    private static IEnumerable<string> MapNames => MapLaws.Select(law => law.Name);

    [Test]
    public void Volume_KS_n4000_alpha1e3_seed20261121([ValueSource(nameof(AppearanceNames))] string name) =>
        AssertUniform(
            Volumes.Value,
            name,
            name.StartsWith("mean", StringComparison.Ordinal) ? (name, 0, 1) : LawOf(AppearanceLaws, name));

    [Test]
    public void VolumeAnatomy_KS_n4000_alpha1e3_seed20261121([ValueSource(nameof(NoiseAnatomyNames))] string name) =>
        AssertUniform(Volumes.Value, name, LawOf(NoiseAnatomyLaws, name));

    [Test]
    public void ImageAnatomy_KS_n4000_alpha1e3_seed20261121([ValueSource(nameof(NoiseAnatomyNames))] string name) =>
        AssertUniform(Images.Value, name, LawOf(NoiseAnatomyLaws, name));

    [Test]
    public void Image_KS_n4000_alpha1e3_seed20261121(
        [Values(
            "mean 0",
            "mean 1",
            "bias std",
            "bias fwhm y",
            "bias fwhm x",
            "noise std",
            "blur sigma y",
            "blur sigma x",
            "gamma")] string name) =>
        AssertUniform(Images.Value, name, LawOf(AppearanceLaws, name));

    [Test]
    public void LabelMap_KS_n4000_alpha1e3_seed20261121([ValueSource(nameof(MapNames))] string name) =>
        AssertUniform(Maps.Value, name, LawOf(MapLaws, name));

    [Test]
    public void LabelMapFlip_Binomial_n4000_alpha1e3_seed20261121() =>
        AssertShare(Maps.Value["flipped"].Count(value => value == 1), 0.5);

    [Test]
    public void LabelMapChoice_Binomial_n4000_alpha1e3_seed20261121([Values(0, 1, 2)] int map) =>
        AssertShare(Maps.Value["map"].Count(value => value == map), 1.0 / 3);

    [Test]
    public void VolumeNumbers_Correlation_n4000_alpha1e3_seed20261121() => AssertIndependent(Volumes.Value);

    [Test]
    public void ImageNumbers_Correlation_n4000_alpha1e3_seed20261121() => AssertIndependent(Images.Value);

    [Test]
    public void LabelMapNumbers_Correlation_n4000_alpha1e3_seed20261121() => AssertIndependent(Maps.Value);

    private static (string Name, double Low, double High) LawOf((string Name, double Low, double High)[] laws, string name) =>
        laws.Single(law => law.Name == name);

    private static Drawing DrawMaps()
    {
        using LabelMapFolder folder = new();
        foreach (string name in new[] { "a.nii", "b.nii", "c.nii" })
        {
            folder.Put(name, VolumeShape.Volume(4, 4, 4), voxel => (byte)(voxel % 2));
        }

        return new Drawing("labelmap-3d", VolumeShape.Volume(64, 2, 3), folder.Load());
    }

    private static void AssertUniform(Drawing drawing, string name, (string Name, double Low, double High) law)
    {
        double critical = Ladder.Critical(Alpha, Samples);
        Assert.That(2 * critical, Is.LessThan(0.065), "n does not suffice to see a law that is off by 0.065");
        double distance = Ladder.KolmogorovSmirnov(drawing[name], x => (x - law.Low) / (law.High - law.Low));
        TestContext.Out.WriteLine($"D = {distance:0.0000}, critical {critical:0.0000}");
        Assert.That(distance, Is.LessThan(critical));
        Assert.That((drawing[name].Min(), drawing[name].Max()), Is.EqualTo((law.Low, law.High)).Using<(double Low, double High)>(
            (found, ends) => found.Low >= ends.Low - 1e-6 && found.High <= ends.High + 1e-6), "within its ends");
    }

    private static void AssertShare(int count, double share)
    {
        double deviation = Math.Sqrt(Samples * share * (1 - share));
        double critical = NormalQuantile.AtUpperTail(Alpha / 2) * deviation;
        Assert.That(2 * critical / Samples, Is.LessThan(0.055), "n does not suffice to see a share that is off by 0.055");
        Assert.That(Math.Abs(count - (Samples * share)), Is.LessThan(critical));
    }

    // Pearson's r of independent numbers is normal with the standard deviation 1 / sqrt(n). Tested in the order of the numbers:
    // of one sample each pair once, of neighbouring samples each pair both ways.
    private static void AssertIndependent(Drawing drawing)
    {
        string[] names = [.. drawing.Names];
        int tests = (names.Length * (names.Length - 1) / 2) + (names.Length * names.Length);
        double quantile = NormalQuantile.AtUpperTail(Alpha / 2 / tests);
        double critical = quantile / Math.Sqrt(Samples - 1);
        double detectable = (quantile + NormalQuantile.AtUpperTail(0.1)) / Math.Sqrt(Samples - 1);
        TestContext.Out.WriteLine(
            $"{tests} pairs; a correlation of {detectable:0.000} is seen with probability 0.9; "
            + $"critical {critical:0.000}");
        Assert.That(detectable, Is.LessThan(0.11), "n does not suffice to see a correlation of 0.11");
        double[][] columns = [.. names.Select(name => Standardised(drawing[name]))];
        for (int a = 0; a < names.Length; a++)
        {
            for (int b = 0; b < names.Length; b++)
            {
                if (b < a)
                {
                    Assert.That(
                        Math.Abs(Correlation(columns[a], columns[b], 0)),
                        Is.LessThan(critical),
                        $"{names[a]} and {names[b]}");
                }

                Assert.That(
                    Math.Abs(Correlation(columns[a], columns[b], 1)),
                    Is.LessThan(critical),
                    $"{names[a]} and the next {names[b]}");
            }
        }
    }

    private static double[] Standardised(double[] values)
    {
        double mean = values.Average();
        double std = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return [.. values.Select(value => (value - mean) / std)];
    }

    private static double Correlation(double[] a, double[] b, int lag) =>
        Enumerable.Range(0, Samples - lag).Average(n => a[n] * b[n + lag]);

    /// <summary>What a number of samples drew, a column per number.</summary>
    private sealed class Drawing
    {
        private readonly Dictionary<string, double[]> columns = [];

        public Drawing(string preset, VolumeShape shape, GpuSynth.IO.LabelMapSet? maps)
        {
            Recipe recipe = Presets.Get(preset);
            if (recipe.Find<LabelMapAnatomy>() is { } anatomy)
            {
                // The preset does not flip, for it does not know which labels have a side.
                anatomy = anatomy with { Flip = new ChanceLaw(0.5, 1, 0), LateralPairs = LateralPairs.None };
                recipe = recipe.With(anatomy);
            }

            EngineOptions options = Options(recipe, shape, 1, 1) with { LabelMaps = maps };
            bool isVolume = shape.Dimensions == 3;
            var samples = Drawn(options, Samples, drawn => Numbers(drawn, isVolume));
            foreach (string name in samples[0].Keys)
            {
                columns.Add(name, [.. samples.Select(sample => sample[name])]);
            }
        }

        public IEnumerable<string> Names => columns.Keys;

        public double[] this[string name] => columns[name];

        private static Dictionary<string, double> Numbers(DrawnSample drawn, bool isVolume)
        {
            Dictionary<string, double> numbers = new()
            {
                ["bias std"] = drawn.BiasStd,
                ["bias maximum"] = drawn.BiasMaximumUniform,
                ["noise std"] = drawn.NoiseStdOfMaximum,
                ["gamma"] = drawn.Gamma,
            };
            AddEach("mean", drawn.Means);
            AddAxes("bias fwhm", drawn.BiasFwhmVoxels);
            AddAxes("blur sigma", drawn.BlurSigmaVoxels);
            if (drawn.Has<NoiseAnatomy>())
            {
                AddEach("field std", drawn.FieldStd);
                AddEach("displacement std", drawn.DisplacementStdInPlace.ToArray());
            }

            if (drawn.Has<LabelMapAnatomy>())
            {
                LabelMapAnatomy.Drawn pose = drawn.Of<LabelMapAnatomy.Drawn>();
                numbers["map"] = pose.Map;
                numbers["flipped"] = pose.Flipped;
                AddAxes("rotation", pose.RotationDegrees.ToArray());
                AddAxes("scaling", pose.Scaling.ToArray());
                AddAxes("translation", pose.TranslationOfSide.ToArray());
                AddEach("deformation std", drawn.List(pose.DeformationStdVoxels).ToArray());
                ShearNumbers shear = pose.Shear;
                foreach ((string name, float value) in new[]
                {
                    ("zy", shear.ZY), ("zx", shear.ZX), ("yz", shear.YZ), ("yx", shear.YX), ("xz", shear.XZ), ("xy", shear.XY),
                })
                {
                    numbers[$"shear {name}"] = value;
                }
            }

            return numbers;

            void AddEach(string name, float[] values)
            {
                for (int n = 0; n < values.Length; n++)
                {
                    numbers[$"{name} {n}"] = values[n];
                }
            }

            void AddAxes(string name, float[] values)
            {
                for (int axis = isVolume ? 0 : 1; axis < 3; axis++)
                {
                    numbers[$"{name} {"zyx"[axis]}"] = values[axis];
                }
            }
        }
    }
}
