using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// The magnitude of a signal with complex noise, as magnetic resonance images are: M = sqrt((I + s n_1)^2 + s^2 (n_2^2 + ... + n_2L^2)), L the number
/// of coils, n_j ~ N(0, 1) per voxel, s = std g with g a smooth field that says how much noise parallel imaging leaves where. One coil: the Rician
/// law; more: the non-central chi law, for of the signal only its size counts. A NaN stays one. Source: H. Gudbjartsson, S. Patz, MRM 34 (1995) 910;
/// C. Constantinides et al., MRM 38 (1997) 852; laws: cornucopia, AnyStar.
/// </summary>
/// <param name="Std">Standard deviation of each Gaussian component, drawn once, 0 to 4, in the unit of the intensities.</param>
/// <param name="Coils">Number of coils L, drawn once, 1 to 16; the nearest whole number counts: draw it by an integer law.</param>
/// <param name="GFactor">g at the nodes of the field, drawn for each, 0.01 to 10; 1 where nothing is said of it.</param>
/// <param name="Nodes">Nodes of the field along each axis, 1 to 8; 1: the same everywhere.</param>
[Component(
    "ricianNoise",
    18,
    Degrades = true,
    Source = "Gudbjartsson 1995",
    Says = "Magnitude of a signal with complex noise, Rician or non-central chi, with a smooth g-factor field.",
    Example = "ricianNoise: { std: 0.15, coils: 1, gFactor: { uniform: [0.5, 1.5] }, nodes: 4 }")]
public sealed record RicianNoise(
    [property: Allowed(0, 4, Says = "Standard deviation of each Gaussian component, drawn once. AnyStar: up to 0.05; cornucopia: up to 0.1.")]
    Law Std,
    [property: Allowed(1, 16, Says = "Number of coils, drawn once and rounded: 1 is the Rician law. cornucopia: 1 to 4.")]
    Law Coils,
    [property: Allowed(0.01, 10, Says = "Factor of the noise at the nodes of a smooth field, drawn for each. cornucopia: uniform 0.5 to 1.5.")]
    Law GFactor,
    [property: Allowed(1, 8, Says = "Nodes of that field along each axis; 1: the same everywhere. cornucopia: 2 to 5.")] int Nodes)
    : RandomComponent<RicianNoise.Drawn>
{
    /// <summary>Uniform numbers, each at least 2^-24, whose product is taken before its logarithm: that of four is no denormal number.</summary>
    internal const int Merged = 4;

    // Elements of the stream: append only.
    private const uint StdElement = 0;
    private const uint CoilsElement = 1;
    private const uint NodesElement = 2;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => RowField.Length(Nodes, facts.Shape);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Std = drawing.Number(Std, StdElement),
        Coils = drawing.Number(Coils, CoilsElement),
        GFactor = drawing.Each(GFactor, NodesElement, RowField.Length(Nodes, drawing.Facts.Shape)),
    };

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row) =>
        drawn.Field = new RowField(drawn.GFactor, Nodes, facts.Shape);

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new RicianNoiseStep(in place, place.Stream(VoxelStream));

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IRandomMath<Drawn>
    {
        /// <summary>Standard deviation of each Gaussian component.</summary>
        [Recorded("ricianNoiseStd")]
        public float Std;

        /// <summary>Number of coils; the nearest whole number counts.</summary>
        [Recorded("ricianNoiseCoils")]
        public float Coils;

        /// <summary>g at the nodes of the field.</summary>
        [Recorded("ricianNoiseGFactor")]
        public WordList GFactor;

        /// <summary>Worked out: the field.</summary>
        public RowField Field;

        internal readonly int CoilCount => (int)(Coils + 0.5f);

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in RandomPlace place, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            // Of 2L - 1 squares one is a normal number's; each further pair is -2 ln of a uniform number, and of
            // several the logarithm of their product.
            Four<F> real = Normal.Block<F, U>(in place, voxels.Block);
            Four<F> other = Normal.Block<F, U>(place.Part(1), voxels.Block);
            F a = other.A * other.A;
            F b = other.B * other.B;
            F c = other.C * other.C;
            F d = other.D * other.D;
            int coils = drawn.CoilCount;
            for (int coil = 1; coil < coils; coil += Merged)
            {
                Four<F> product = Uniform.Block<F, U>(place.Part((uint)coil + 1), voxels.Block);
                for (int next = coil + 1; next < coils && next < coil + Merged; next++)
                {
                    Four<F> pair = Uniform.Block<F, U>(place.Part((uint)next + 1), voxels.Block);
                    product = new(product.A * pair.A, product.B * pair.B, product.C * pair.C, product.D * pair.D);
                }

                a = F.Fma(F.Of(-2f), F.Log(product.A), a);
                b = F.Fma(F.Of(-2f), F.Log(product.B), b);
                c = F.Fma(F.Of(-2f), F.Log(product.C), c);
                d = F.Fma(F.Of(-2f), F.Log(product.D), d);
            }

            U first = voxels.First;
            return new Four<F>(
                Magnitude<F, U>(values.A, real.A, a, drawn.StdAt<F, U>(in voxels.Row, first)),
                Magnitude<F, U>(values.B, real.B, b, drawn.StdAt<F, U>(in voxels.Row, first + U.Of(16))),
                Magnitude<F, U>(values.C, real.C, c, drawn.StdAt<F, U>(in voxels.Row, first + U.Of(32))),
                Magnitude<F, U>(values.D, real.D, d, drawn.StdAt<F, U>(in voxels.Row, first + U.Of(48))));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static F Magnitude<F, U>(F value, F real, F squares, F std)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F along = F.Fma(std, real, value);
            return F.Sqrt(F.Fma(along, along, std * std * squares));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly F StdAt<F, U>(in Row row, U voxel)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> => F.Of(Std) * Field.At<F, U>(in row, voxel);
    }
}
