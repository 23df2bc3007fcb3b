using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>The form of a lesion, as it stands in a sample's row; the formula is that of <see cref="Lesions"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LesionForm
{
    /// <summary>Words of it.</summary>
    public const int Words = 12;

    /// <summary>Ridges that reach out; a ball is 0.</summary>
    public const int SpiculatedKind = 1;

    /// <summary>Fluid in a wall.</summary>
    public const int CysticKind = 2;

    /// <summary>A rim.</summary>
    public const int RimKind = 3;

    /// <summary>Specks.</summary>
    public const int CalcifiedKind = 4;

    /// <summary>Heights of one smooth noise over the whole sample.</summary>
    public const int DiffuseKind = 5;

    /// <summary>What a ring around a lesion is, beside the four that it may be made of.</summary>
    public const int RingTissue = 5;

    /// <summary>The noise of a border counts no more than this.</summary>
    public const float MostNoise = 3;

    /// <summary>A radius is never below this part of R.</summary>
    public const float LeastFactor = 0.25f;

    /// <summary>Noise above this is a speck.</summary>
    public const float SpeckNoise = 1.7f;

    /// <summary>Lattice steps per voxel of that noise.</summary>
    public const float SpeckSteps = 0.5f;

    /// <summary>Its kind.</summary>
    public float Kind;

    /// <summary>R in voxels.</summary>
    public float Radius;

    /// <summary>a.</summary>
    public float Strength;

    /// <summary>q.</summary>
    public float Sharpness;

    /// <summary>k: the radius of the sphere in the lattice that directions are looked up on; of a diffuse one lattice steps per voxel.</summary>
    public float Steps;

    /// <summary>w in voxels.</summary>
    public float Wall;

    /// <summary>Width of the ring around it in voxels.</summary>
    public float Ring;

    /// <summary>Where the noise begins in the tile.</summary>
    public AxisNumbers Offset;

    /// <summary>Farther from the centre there is nothing of it, in voxels.</summary>
    public float Largest;

    /// <summary>What the noise of a diffuse one is above.</summary>
    public float Threshold;

    /// <summary>Whether it can be painted.</summary>
    public readonly bool IsRight => Kind is 0 or SpiculatedKind or CysticKind or RimKind or CalcifiedKind or DiffuseKind
        && Radius > 0 && Strength >= 0 && Sharpness > 0 && Steps > 0 && Wall >= 0 && Ring >= 0
        && MathF.Abs(Threshold) < 1e6f && MathF.Abs(Largest + Wall + Ring + Steps + Sharpness) < 1e6f && MathF.Abs(Offset.Z) + MathF.Abs(Offset.Y) + MathF.Abs(Offset.X) < 1e5f;

    /// <summary>The form of a lesion that was drawn.</summary>
    public static LesionForm Of(in Lesions.Drawn drawn, ReadOnlySpan<float> row, int lesion, VolumeShape shape)
    {
        float kind = row[drawn.Kinds.First + lesion];
        bool isSpiculated = kind == SpiculatedKind;
        bool isDiffuse = kind == DiffuseKind;
        float share = row[drawn.Shares.First + lesion];
        double across = Math.Sqrt(((double)shape.Depth * shape.Depth) + ((double)shape.Height * shape.Height) + ((double)shape.Width * shape.Width));
        float strength = row[(isSpiculated ? drawn.Spicules : drawn.Irregularities).First + lesion];
        float radius = row[drawn.Radii.First + lesion];
        float ring = row[drawn.Rings.First + lesion];
        ReadOnlySpan<float> offset = row.Slice(drawn.Offsets.First + (3 * lesion), 3);
        return new LesionForm
        {
            Kind = kind,
            Radius = radius,
            Strength = strength,
            Sharpness = row[drawn.Sharpnesses.First + lesion],
            Steps = isDiffuse ? 2f / shape.Side : row[drawn.Cells.First + lesion] / MathF.Tau,
            Wall = row[drawn.Walls.First + lesion],
            Ring = ring,
            Offset = new AxisNumbers(offset[0], offset[1], offset[2]),
            Largest = isDiffuse ? (float)across + 1 : (radius * (1 + (strength * (isSpiculated ? 1 : MostNoise)))) + ring + 0.01f,
            Threshold = share is > 0 and < 1 ? (float)NormalQuantile.AtUpperTail(share) : float.NaN,
        };
    }

    /// <summary>What of it lies at a place: 0 nothing, 1 lesion, 2 fluid, 3 rim, 4 a speck, 5 the ring around it.</summary>
    /// <param name="z">From its centre along z, in voxels.</param>
    /// <param name="y">Along y.</param>
    /// <param name="x">Along x.</param>
    /// <param name="tile">The sample's noise.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F At<F, U>(F z, F y, F x, in LatticeTile tile)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        if (Kind == DiffuseKind)
        {
            F everywhere = tile.At<F, U>(
                F.Fma(z, F.Of(Steps), F.Of(Offset.Z)), F.Fma(y, F.Of(Steps), F.Of(Offset.Y)), F.Fma(x, F.Of(Steps), F.Of(Offset.X)));
            return F.WhereLess(F.Of(Threshold), everywhere, F.Of(1f), F.Of(0f));
        }

        F distance = F.Sqrt(F.Fma(z, z, F.Fma(y, y, x * x)));
        F s = distance - (F.Of(Radius) * Factor<F, U>(z, y, x, distance, in tile));
        F ring = F.WhereLess(s, F.Of(Ring), F.Of(RingTissue), F.Of(0f));
        return F.WhereLess(s, F.Of(0f), Inside<F, U>(s, z, y, x, in tile), ring);
    }

    /// <summary>Which of a component's labels a tissue has.</summary>
    /// <param name="tissue">What lies there, 1 to 5.</param>
    /// <param name="labelEachTissue">Whether each has its own; the ring has in either case.</param>
    public static int LabelOf(int tissue, bool labelEachTissue) =>
        labelEachTissue ? tissue - 1 : tissue == RingTissue ? 1 : 0;

    // What of it lies at a place inside.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly F Inside<F, U>(F s, F z, F y, F x, in LatticeTile tile)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F lesion = F.Of(1f);
        if (Kind == CysticKind)
        {
            return F.WhereLess(s, F.Of(-Wall), F.Of(2f), lesion);
        }

        if (Kind == RimKind)
        {
            return F.WhereLess(s, F.Of(-Wall), lesion, F.Of(3f));
        }

        if (Kind != CalcifiedKind)
        {
            return lesion;
        }

        F noise = tile.At<F, U>(
            F.Fma(z, F.Of(SpeckSteps), F.Of(Offset.Z)), F.Fma(y, F.Of(SpeckSteps), F.Of(Offset.Y)), F.Fma(x, F.Of(SpeckSteps), F.Of(Offset.X)));
        F speck = F.WhereLess(F.Of(SpeckNoise), noise, F.Of(4f), lesion);
        return F.WhereLess(s, F.Of(-1f), speck, lesion);
    }

    // f at a direction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly F Factor<F, U>(F z, F y, F x, F distance, in LatticeTile tile)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F steps = F.Of(Steps) / F.Max(distance, F.Of(1e-6f));
        F noise = tile.At<F, U>(F.Fma(z, steps, F.Of(Offset.Z)), F.Fma(y, steps, F.Of(Offset.Y)), F.Fma(x, steps, F.Of(Offset.X)));
        if (Kind == SpiculatedKind)
        {
            F ridge = F.Max(F.Of(1f) - F.Abs(noise), F.Of(1e-6f));
            return F.Fma(F.Of(Strength), F.Exp(F.Of(Sharpness) * F.Log(ridge)), F.Of(1f));
        }

        noise = F.Min(F.Max(noise, F.Of(-MostNoise)), F.Of(MostNoise));
        return F.Max(F.Fma(F.Of(Strength), noise, F.Of(1f)), F.Of(LeastFactor));
    }
}
