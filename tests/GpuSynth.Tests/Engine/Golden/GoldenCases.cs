using GpuSynth.Kernels;

namespace GpuSynth.Tests.Engine.Golden;

/// <summary>
/// The batches that are held: every preset, odd and thin shapes, each stage left out, every law, both anatomies' turns. Recipes
/// are YAML, as a user's are, so that what is held does not depend on how a recipe is built in memory.
/// </summary>
internal static class GoldenCases
{
    private const string Field = "field: { scales: [side/8, side/4], std: { uniform: [0, 1] } }";
    private const string Displacement =
        "displacement: { scales: [side/16, side/8, side/4], stdOfSide: { uniform: [0, 0.0625] } }";

    private const string Noise = $"anatomy: {{ kind: noise, labels: 6, {Field}, {Displacement} }}";
    private const string Contrast = "contrast: { mean: { uniform: [0, 1] } }";
    private const string Bias = "bias: { std: { uniform: [0.01, 0.1] }, fwhmVoxels: { uniform: [16, 32] }, taps: 83 }";
    private const string WhiteNoise = "noise: { stdOfMaximum: { uniform: [0.05, 0.4] } }";
    private const string Blur = "blur: { sigmaVoxels: { uniform: [0, 1] }, taps: 7 }";
    private const string Normalise = "normalise: { epsilon: 1e-6 }";
    private const string Gamma = "gamma: { exponent: { uniform: [0.5, 1.5] } }";

    private const string Pose = "rotationDegrees: { uniform: [-15, 15] }, scaling: { uniform: [0.8, 1.2] }, "
        + "shear: { uniform: [-0.012, 0.012] }, translationOfSide: { uniform: [-0.05, 0.05] }";

    // Of before labels could be one tissue.
    private const string Flip = $"{Sides}, classes: none";

    private const string Sides = "flip: { chance: { p: 0.5, law: 1, otherwise: 0 } }, "
        + "lateralPairs: [[1, 41], [2, 42], [3, 43], [4, 44]]";

    private const string Deformation =
        "deformation: { scales: [side/16, side/8, side/4], stdOfSide: { uniform: [0, 0.02] } }";

    private const string Remap = "remap: [{ label: 0, values: [0, 9] }, { label: 1, values: [1, 2] }, "
        + "{ label: 2, values: [41, 42] }, { label: 5, values: [3, 43] }, { label: 4, values: [4] }, { label: 3, values: [44] }, "
        + "{ label: 7, values: [5, 6, 7, 8] }]";

    public static IReadOnlyList<GoldenCase> All { get; } =
    [
        new("rasd-3d-cube", "rasd-3d", Volume(64, 64, 64), Volume(14, 14, 14), 1, 0, 2, 2),
        new("rasd-3d-odd", "rasd-3d", Volume(31, 33, 29), Volume(17, 13, 21), 20261121, 0, 1, 1),
        new("rasd-3d-oblong", "rasd-3d", Volume(96, 40, 33), Volume(32, 5, 9), 7, 3, 5, 3),
        new("rasd-3d-thin", "rasd-3d", Volume(33, 1, 7), Volume(33, 1, 7), (1UL << 32) + 5, 1L << 33, 2, 2),
        new("rasd-3d-line", "rasd-3d", Volume(1, 1, 100), Volume(1, 1, 100), ulong.MaxValue, 0, 5, 2),
        new("rasd-2d-square", "rasd-2d", Image(100, 100), Image(23, 33), 3, 10, 5, 3),
        new("rasd-2d-oblong", "rasd-2d", Image(320, 203), Image(41, 21), 4, 1, 2, 1),
        new("labelmap-3d", "labelmap-3d", Volume(48, 40, 44), Volume(9, 12, 17), 11, 0, 2, 2),
        new(
            "labelmap-thin", Maps3($"{Pose}, {Flip}, {Deformation}, voxelSpacingMillimetres: 1.25"),
            Volume(33, 1, 50), Volume(25, 1, 27), 12, 5, 5, 3),
        new(
            "labelmap-flips", Maps3($"{Pose}, {Flip}, {Deformation}, voxelSpacingMillimetres: {{ uniform: [0.8, 1.6] }}"),
            Volume(31, 33, 29), Volume(9, 11, 17), 13, 0, 5, 2),
        new("labelmap-remap", Maps3($"{Pose}, {Flip}, {Remap}"), Volume(30, 35, 33), Volume(9, 7, 17), 14, 0, 2, 3),
        new(
            "labelmap-2d",
            Yaml("maps", 2, $"anatomy: {{ kind: labelMap, {Pose}, {Flip}, {Deformation} }}", Contrast, Bias, Blur),
            Image(70, 61), Image(31, 33), 15, 0, 5, 1),
        new(
            "no-bias", Rasd(Noise, Contrast, WhiteNoise, Blur, Normalise, Gamma), Volume(40, 33, 30),
            Volume(9, 7, 17), 21, 0, 2, 2),
        new("trees-3d", Trees(3), Volume(49, 40, 51), Volume(9, 12, 17), 16, 0, 3, 2),
        new("trees-2d", Trees(2), Image(130, 141), Image(31, 33), 17, 0, 5, 1),
        new("no-noise", Rasd(Noise, Contrast, Bias, Blur, Normalise, Gamma), Volume(33, 30, 40), Volume(9, 7, 17), 22, 0, 2, 3),
        new(
            "no-blur", Rasd(Noise, Contrast, Bias, WhiteNoise, Normalise, Gamma), Volume(29, 41, 31),
            Volume(9, 7, 17), 23, 0, 2, 1),
        new("no-normalise", Rasd(Noise, Contrast, Bias, WhiteNoise, Blur), Volume(32, 32, 47), Volume(9, 7, 17), 24, 0, 2, 2),
        new(
            "contrast-only", Rasd(Noise, "contrast: { mean: { uniform: [-3, 5] } }"), Volume(31, 32, 33),
            Volume(9, 10, 19), 25, 0, 2, 2),
        new(
            "blur-31-taps",
            Rasd(Noise, Contrast, Bias, WhiteNoise, "blur: { sigmaVoxels: { uniform: [0, 8] }, taps: 31 }", Normalise),
            Volume(35, 37, 39), Volume(10, 12, 17), 26, 0, 2, 2),
        new(
            "no-displacement", Rasd($"anatomy: {{ kind: noise, labels: 9, {Field} }}", Contrast, Bias, Normalise, Gamma),
            Volume(40, 36, 50), Volume(9, 7, 17), 27, 0, 2, 2),
        new(
            "labels-40",
            Rasd($"anatomy: {{ kind: noise, labels: 40, {Field}, {Displacement} }}", Contrast, WhiteNoise, Normalise),
            Volume(30, 33, 35), Volume(9, 8, 17), 28, 0, 2, 2),
        new(
            "labels-255",
            Yaml("noise", 2, $"anatomy: {{ kind: noise, labels: 255, {Field}, {Displacement} }}", Contrast, Bias, WhiteNoise),
            Image(90, 101), Image(20, 33), 29, 0, 2, 1),
        new(
            "every-law",
            Rasd(
                "anatomy: { kind: noise, labels: side/8, field: { scales: [7, side/3], std: { choice: [0.2, 0.5, 1] } }, "
                + "displacement: { scales: [5], stdOfSide: { logUniform: [0.01, 0.1] } } }",
                "contrast: { mean: { normal: { mean: 0.5, std: 0.4, min: -0.2, max: 1.1 } } }",
                "bias: { std: { logUniform: [0.01, 0.5] }, fwhmVoxels: { choice: [3, 9.5, 20] }, taps: 31 }",
                "noise: { stdOfMaximum: { chance: { p: 0.5, law: { uniform: [0.1, 0.2] }, otherwise: 0 } } }",
                "blur: { sigmaVoxels: { chance: { p: 0.6, law: { normal: { mean: 1, std: 0.5, min: 0, max: 3 } }, otherwise: 0 } "
                + "}, taps: 9 }",
                "normalise: { epsilon: 0.01 }",
                "gamma: { exponent: { logUniform: [0.25, 4] } }"),
            Volume(34, 31, 37), Volume(10, 9, 17), 30, 0, 5, 2),
        // A bias field of two nodes: the largest may be below 0, and the white noise's maximum too.
        new(
            "bias-of-two-nodes",
            Rasd(
                Noise,
                "contrast: { mean: { uniform: [0, 1000000] } }",
                "bias: { std: 2, fwhmVoxels: 2, taps: 83 }"),
            Volume(1, 1, 2), Volume(1, 1, 2), 20261121, 335, 5, 1),
        new(
            "labelmap-regions", Maps3List($"{Pose}, {Sides}, {Deformation}", "labels: 5, inside: [0, 2], chance: 0.8"),
            Volume(33, 30, 41), Volume(9, 8, 17), 33, 0, 3, 2),
        new(
            "labelmap-slices",
            Yaml(
                "maps",
                2,
                $"anatomy: [ {{ labelMap: {{ {Pose}, {Sides}, {Deformation}, sliceAxis: {{ integer: [0, 2] }} }} }} ]",
                $"appearance: [ {{ {Contrast} }}, {{ {Bias} }}, {{ {Blur} }} ]"),
            Image(70, 61), Image(31, 33), 34, 0, 6, 2) { AreSlices = true },
        new("synthseg-3d", "synthseg-3d", Volume(40, 37, 33), Volume(9, 12, 17), 41, 0, 4, 2),
        new("vessels-3d", "vessels-3d", Volume(41, 38, 35), Volume(9, 12, 17), 42, 0, 4, 3),
        new("gaussians-3d", "gaussians-3d", Volume(39, 33, 36), Volume(9, 12, 17), 43, 0, 4, 2),
        new("anatomix-3d", "anatomix-3d", Volume(40, 36, 34), Volume(9, 12, 17), 44, 0, 4, 1),
        new("cornucopia-3d", "cornucopia-3d", Volume(37, 41, 33), Volume(9, 12, 17), 45, 0, 4, 2),
        new("mri-3d", "mri-3d", Volume(40, 37, 33), Volume(9, 12, 17), 46, 0, 6, 3),
        new("mri-2d", "mri-2d", Image(70, 81), Image(21, 33), 47, 0, 8, 2),
        new("ct-3d", "ct-3d", Volume(36, 42, 39), Volume(9, 12, 17), 48, 0, 6, 2),
        new("ct-2d", "ct-2d", Image(83, 70), Image(21, 33), 49, 0, 8, 1),
        new("tubes-2d", "tubes-2d", Image(90, 77), Image(21, 33), 50, 0, 4, 2),
        new("gaussians-soft-3d", "gaussians-soft-3d", Volume(37, 34, 39), Volume(9, 12, 17), 51, 0, 4, 2),
        new("separate-keys", "rasd-3d", Volume(32, 30, 31), Volume(7, 10, 11), 31, 0, 5, 2) { AppearanceShift = 1000 },
        new(
            "separate-keys-of-maps", Maps3($"{Pose}, {Flip}, {Deformation}"),
            Volume(32, 30, 31), Volume(7, 6, 17), 32, 4, 5, 2) { AppearanceShift = 1UL << 40 },
    ];

    /// <summary>The case of a name.</summary>
    public static GoldenCase Of(string name) => All.First(golden => golden.Name == name);

    private static VolumeShape Volume(int depth, int height, int width) => VolumeShape.Volume(depth, height, width);

    private static VolumeShape Image(int height, int width) => VolumeShape.Image(height, width);

    private static string Maps3(string anatomy) => Yaml(
        "maps", 3, $"anatomy: {{ kind: labelMap, {anatomy} }}", Contrast, Bias, WhiteNoise, Blur, Normalise, Gamma);

    private static string Trees(int dimensions) =>
        $"name: trees\ndimensions: {dimensions}\nanatomy:\n- noiseField: {{ labels: 4, {Field} }}\n- trees: {{ count: {{ integer: [1, 6] }}, kinds: 2, "
        + "rootRadiusOfSide: { logNormal: { median: 0.04, sigma: 0.4, min: 0.01, max: 0.1 } }, leastRadiusOfSide: 0.01, "
        + "murrayExponent: { uniform: [2.5, 3] }, asymmetry: { uniform: [0.5, 1] }, lengthOfRadius: { uniform: [6, 18] }, "
        + "tortuosity: { uniform: [1, 3] }, radiusJitter: 0.1, insideChance: 0.5, chance: 0.8 }\n"
        + $"appearance:\n- {Contrast}\n- {Normalise}\n";

    private static string Maps3List(string map, string region) => Yaml(
        "maps",
        3,
        $"anatomy: [ {{ labelMap: {{ {map} }} }}, {{ noiseField: {{ {Field}, {Displacement}, {region} }} }} ]",
        $"appearance: [ {{ {Contrast} }}, {{ {Bias} }}, {{ {WhiteNoise} }}, {{ {Blur} }}, {{ {Normalise} }}, {{ {Gamma} }} ]");

    private static string Rasd(params string[] sections) => Yaml("noise", 3, sections);

    private static string Yaml(string name, int dimensions, params string[] sections) =>
        $"name: {name}\ndimensions: {dimensions}\n{string.Join('\n', sections)}\n";
}
