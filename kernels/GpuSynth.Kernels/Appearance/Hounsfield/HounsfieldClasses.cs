namespace GpuSynth.Kernels;

/// <summary>
/// What a label may be, by weights: of n labels a class with weight w is w over the sum of all. Source of the numbers: T. M. Buzug, Computed
/// Tomography, Springer 2008, p. 475; the upper end of lung is that of breathing out. Deviations are within the tissue, without noise: ours.
/// </summary>
/// <param name="Air">Weight of air: -1000.</param>
/// <param name="Lung">Weight of lung: -910 to -500, deviation 20 to 80.</param>
/// <param name="Fat">Weight of fat: -120 to -50, deviation 2 to 12.</param>
/// <param name="Fluid">Weight of water-like fluid: -10 to 15, deviation 0 to 4.</param>
/// <param name="Soft">Weight of soft tissue of any kind: 20 to 65, deviation 2 to 12.</param>
/// <param name="Kidney">Weight of kidney: 20 to 40, deviation 2 to 12.</param>
/// <param name="Spleen">Weight of spleen: 35 to 55, deviation 2 to 12.</param>
/// <param name="Liver">Weight of liver: 45 to 65, deviation 2 to 12.</param>
/// <param name="Blood">Weight of blood: 45 to 65, deviation 0 to 6.</param>
/// <param name="Haematoma">Weight of clotted blood: 40 to 90, deviation 2 to 12.</param>
/// <param name="Contrast">Weight of blood with contrast agent: 100 to 500, deviation 2 to 12.</param>
/// <param name="SpongyBone">Weight of spongy bone: 150 to 400, deviation 20 to 80.</param>
/// <param name="DenseBone">Weight of dense bone: 700 to 2000, deviation 20 to 80.</param>
/// <param name="Enamel">Weight of enamel: 2000 to 3000, deviation 20 to 80.</param>
/// <param name="Metal">Weight of metal: 3071, the end of 12 bits.</param>
public sealed record HounsfieldClasses(
    [property: Allowed(0, 1e6, Says = "Weight of air: -1000 HU."), Absent(0)] double Air,
    [property: Allowed(0, 1e6, Says = "Weight of lung: -910 to -500 HU, deviation 20 to 80."), Absent(0)] double Lung,
    [property: Allowed(0, 1e6, Says = "Weight of fat: -120 to -50 HU, deviation 2 to 12."), Absent(0)] double Fat,
    [property: Allowed(0, 1e6, Says = "Weight of water-like fluid: -10 to 15 HU, deviation 0 to 4."), Absent(0)] double Fluid,
    [property: Allowed(0, 1e6, Says = "Weight of soft tissue of any kind: 20 to 65 HU, deviation 2 to 12."), Absent(0)] double Soft,
    [property: Allowed(0, 1e6, Says = "Weight of kidney: 20 to 40 HU, deviation 2 to 12."), Absent(0)] double Kidney,
    [property: Allowed(0, 1e6, Says = "Weight of spleen: 35 to 55 HU, deviation 2 to 12."), Absent(0)] double Spleen,
    [property: Allowed(0, 1e6, Says = "Weight of liver: 45 to 65 HU, deviation 2 to 12."), Absent(0)] double Liver,
    [property: Allowed(0, 1e6, Says = "Weight of blood: 45 to 65 HU, deviation 0 to 6."), Absent(0)] double Blood,
    [property: Allowed(0, 1e6, Says = "Weight of clotted blood: 40 to 90 HU, deviation 2 to 12."), Absent(0)] double Haematoma,
    [property: Allowed(0, 1e6, Says = "Weight of blood with contrast agent: 100 to 500 HU, deviation 2 to 12."), Absent(0)] double Contrast,
    [property: Allowed(0, 1e6, Says = "Weight of spongy bone: 150 to 400 HU, deviation 20 to 80."), Absent(0)] double SpongyBone,
    [property: Allowed(0, 1e6, Says = "Weight of dense bone: 700 to 2000 HU, deviation 20 to 80."), Absent(0)] double DenseBone,
    [property: Allowed(0, 1e6, Says = "Weight of enamel: 2000 to 3000 HU, deviation 20 to 80."), Absent(0)] double Enamel,
    double Metal)
{
    /// <summary>Number of the class that is air.</summary>
    public const int AirClass = 0;

    private static readonly ClassNumbers[] Table =
    [
        new(-1000, -1000, 0, 0),
        new(-910, -500, 20, 80),
        new(-120, -50, 2, 12),
        new(-10, 15, 0, 4),
        new(20, 65, 2, 12),
        new(20, 40, 2, 12),
        new(35, 55, 2, 12),
        new(45, 65, 2, 12),
        new(45, 65, 0, 6),
        new(40, 90, 2, 12),
        new(100, 500, 2, 12),
        new(150, 400, 20, 80),
        new(700, 2000, 20, 80),
        new(2000, 3000, 20, 80),
        new(3071, 3071, 0, 0),
    ];

    /// <summary>Weight of metal.</summary>
    [Allowed(0, 1e6, Says = "Weight of metal: 3071 HU, the end of 12 bits.")]
    [Absent(0)]
    public double Metal { get; init; } =
        Air + Lung + Fat + Fluid + Soft + Kidney + Spleen + Liver + Blood + Haematoma + Contrast + SpongyBone + DenseBone + Enamel + Metal > 0
            ? Metal
            : throw new ArgumentException("no class has a weight above 0; give at least one, as { soft: 1 }");

    /// <summary>What labels are unless a recipe says otherwise: mostly soft tissue. Ours.</summary>
    public static HounsfieldClasses Organs { get; } = Of(lung: 0.1, fat: 0.15, fluid: 0.1, soft: 0.6, spongyBone: 0.05);

    /// <summary>Classes.</summary>
    public static int Count => Table.Length;

    /// <summary>Classes by weights, those that are not named without one.</summary>
    /// <exception cref="ArgumentException">No weight is above 0.</exception>
    public static HounsfieldClasses Of(
        double air = 0,
        double lung = 0,
        double fat = 0,
        double fluid = 0,
        double soft = 0,
        double contrast = 0,
        double blood = 0,
        double spongyBone = 0,
        double denseBone = 0,
        double metal = 0) =>
        new(air, lung, fat, fluid, soft, 0, 0, 0, blood, 0, contrast, spongyBone, denseBone, 0, metal);

    /// <summary>The numbers of a class.</summary>
    /// <param name="number">Which, 0 to <see cref="Count"/> - 1.</param>
    public static ClassNumbers NumbersOf(int number) => Table[number];

    /// <summary>The class that a uniform number chooses.</summary>
    /// <param name="uniform">Inside (0, 1).</param>
    public int Choose(double uniform)
    {
        double sum = 0;
        for (int number = 0; number < Table.Length; number++)
        {
            sum += WeightOf(number);
        }

        // The last class with a weight ends at the sum, which the uniform number is below.
        int chosen = 0;
        double edge = WeightOf(0);
        while (uniform * sum >= edge && chosen < Table.Length - 1)
        {
            chosen++;
            edge += WeightOf(chosen);
        }

        return chosen;
    }

    /// <summary>The weight of a class.</summary>
    /// <param name="number">Which, 0 to <see cref="Count"/> - 1.</param>
    public double WeightOf(int number) => number switch
    {
        0 => Air,
        1 => Lung,
        2 => Fat,
        3 => Fluid,
        4 => Soft,
        5 => Kidney,
        6 => Spleen,
        7 => Liver,
        8 => Blood,
        9 => Haematoma,
        10 => Contrast,
        11 => SpongyBone,
        12 => DenseBone,
        13 => Enamel,
        _ => Metal,
    };
}

/// <summary>What a tissue is in CT, in Hounsfield units.</summary>
/// <param name="LowMean">The lowest mean.</param>
/// <param name="HighMean">The highest.</param>
/// <param name="LowStd">The lowest standard deviation within the tissue.</param>
/// <param name="HighStd">The highest.</param>
public readonly record struct ClassNumbers(float LowMean, float HighMean, float LowStd, float HighStd);

/// <summary>What one label is.</summary>
/// <param name="Label">The label.</param>
/// <param name="Classes">What it may be, by weights.</param>
public sealed record HounsfieldLabel(
    [property: Allowed(0, 255, Says = "The label.")] int Label,
    [property: Says("What it may be: weights of classes.")] HounsfieldClasses Classes);
