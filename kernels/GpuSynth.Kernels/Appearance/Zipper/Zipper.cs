using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// A line of noise across the image, as a radio wave that the scanner's shield lets through leaves it: at one place of the readout axis (or two, side by
/// side) I becomes |I + a s (z_1 + i z_2)|, z_j ~ N(0, 1) per voxel and s = max|I| before, whatever the other places are. Of a volume the line is a
/// plane. A NaN stays one; labels stay. Source: the artefact as textbooks have it; laws: our choice.
/// </summary>
/// <param name="StdOfMaximum">a, standard deviation of each Gaussian component as a fraction of max|I|, drawn once, 0 to 4.</param>
/// <param name="WidthVoxels">Width of the line in voxels, drawn once, 1 to 8; the nearest whole number counts: draw it by an integer law.</param>
[Component(
    "zipper",
    72,
    Degrades = true,
    Source = "textbooks of magnetic resonance",
    Says = "A bright line of noise across the image at one place of the readout axis (magnetic resonance).",
    Example = "zipper: { stdOfMaximum: 0.4, widthVoxels: 2 }")]
public sealed record Zipper(
    [property: Allowed(0, 4, Says = "Standard deviation of the line's noise as a fraction of the largest magnitude, drawn once. Like scanners: log-uniform 0.05 to 0.5.")]
    Law StdOfMaximum,
    [property: Allowed(1, 8, "voxels", Says = "Width of the line, drawn once and rounded. Like scanners: integer 1 to 2.")]
    [property: Absent(1)]
    Law WidthVoxels)
    : RandomComponent<Zipper.Drawn>
{
    // Elements of the stream: append only.
    private const uint StdElement = 0;
    private const uint WidthElement = 1;
    private const uint AxisElement = 2;
    private const uint PositionElement = 3;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override MeasureNeed Needs => MeasureNeed.Peak;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int axes = drawing.Facts.Shape.Dimensions;
        return new Drawn
        {
            StdOfMaximum = drawing.Number(StdOfMaximum, StdElement),
            WidthVoxels = drawing.Number(WidthVoxels, WidthElement),
            Axis = 3 - axes + (int)(drawing.Number(Unit, AxisElement) * axes),
            Position = drawing.Number(Unit, PositionElement),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        int voxels = drawn.Axis < 0.5f ? facts.Shape.Depth : drawn.Axis < 1.5f ? facts.Shape.Height : facts.Shape.Width;
        int width = Math.Clamp((int)(drawn.WidthVoxels + 0.5f), 1, voxels);
        drawn.Place = new VoxelPlace(facts.Shape);
        drawn.First = Math.Clamp((int)(drawn.Position * (voxels - width + 1)), 0, voxels - width);
        drawn.End = drawn.First + width;
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new ZipperStep(in place, place.Stream(VoxelStream));

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IRandomMath<Drawn>
    {
        /// <summary>Standard deviation of each Gaussian component as a fraction of max|I|.</summary>
        [Recorded("zipperStdOfMaximum")]
        public float StdOfMaximum;

        /// <summary>Width of the line in voxels; the nearest whole number counts.</summary>
        [Recorded("zipperWidthVoxels")]
        public float WidthVoxels;

        /// <summary>The readout axis: 0 is z, 1 is y, 2 is x.</summary>
        [Recorded("zipperAxis")]
        public float Axis;

        /// <summary>Where the line lies along it, 0 at the first voxel that it can begin at and 1 at the last.</summary>
        [Recorded("zipperPosition")]
        public float Position;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: the line's first place along the axis, in voxels.</summary>
        public float First;

        /// <summary>Worked out: the place behind its last.</summary>
        public float End;

        /// <summary>Measured: standard deviation of each Gaussian component.</summary>
        public float Std;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum)
        {
            Drawn measured = drawn;
            measured.Std = drawn.StdOfMaximum * KernelMath.Max(KernelMath.Abs(minimum), KernelMath.Abs(maximum));
            return measured;
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in RandomPlace place, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            Four<F> real = Normal.Block<F, U>(in place, voxels.Block);
            Four<F> imaginary = Normal.Block<F, U>(place.Part(1), voxels.Block);
            U first = voxels.First;
            return new Four<F>(
                drawn.Line<F, U>(values.A, real.A, imaginary.A, first),
                drawn.Line<F, U>(values.B, real.B, imaginary.B, first + U.Of(16)),
                drawn.Line<F, U>(values.C, real.C, imaginary.C, first + U.Of(32)),
                drawn.Line<F, U>(values.D, real.D, imaginary.D, first + U.Of(48)));
        }

        /// <summary>What a voxel of the line becomes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly F Noisy<F, U>(F value, F real, F imaginary)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F along = F.Fma(F.Of(Std), real, value);
            F across = F.Of(Std) * imaginary;
            return F.Sqrt(F.Fma(along, along, across * across));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly F Line<F, U>(F value, F real, F imaginary, U voxel)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            Place.Of(voxel, out F z, out F y, out F x);
            F at = Axis < 0.5f ? z : Axis < 1.5f ? y : x;
            F noisy = Noisy<F, U>(value, real, imaginary);
            return F.WhereLess(at, F.Of(First), value, F.WhereLess(at, F.Of(End), noisy, value));
        }
    }
}
