using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// Spike: y = I + s sum_j a_j cos(2 pi (k_j . x / N) + p_j), or its magnitude |I + s sum_j a_j e^(i ...)|;  s = max|I| before.
//   e^(i ...) is a product of one number for the plane, one for the row and one for the column: three complex looks per spike, no sine.
// 8 B/voxel. The wave's numbers per plane, row and column are a list of the row: 8 (D + H + W) B per spike.

/// <summary>
/// A few lines of k-space that were recorded far too strong, as a spark in the scanner leaves them: each puts a plane wave of drawn direction,
/// of at least two periods, over the whole image (herringbone). Exactly that: X[k] += a s V e^(ip) of the discrete Fourier transform of the image. The
/// magnitude is what a scanner shows; the real part is what TorchIO and MONAI show. A NaN stays one. Sources: TorchIO RandomSpike (amplitudes
/// uniform 1 to 3 times |mean I|, 0 or 1 spike; here the largest magnitude is the unit); MONAI RandKSpaceSpikeNoise.
/// </summary>
/// <param name="Count">Number of spikes, drawn once, 1 to 8; the nearest whole number counts: draw it by an integer law.</param>
/// <param name="AmplitudeOfMaximum">a_j, drawn for each spike as a fraction of max|I|, 0 to 4.</param>
/// <param name="Magnitude">Probability that the image is the magnitude of the complex sum, 0 to 1; else its real part. Absent: 0.</param>
[Component(
    "spike",
    70,
    Degrades = true,
    Source = "TorchIO, MONAI",
    Says = "Herringbone: plane waves over the image, as spikes in k-space leave them (magnetic resonance).",
    Example = "spike: { count: 2, amplitudeOfMaximum: 0.15 }")]
public sealed record Spike(
    [property: Allowed(1, Spike.Most, Says = "Number of spikes, drawn once and rounded. Like scanners: integer 1 to 3.")]
    Law Count,
    [property: Allowed(0, 4, Says = "Amplitude of a spike's wave as a fraction of the largest magnitude, drawn for each. Like scanners: log-uniform 0.005 to 0.1.")]
    Law AmplitudeOfMaximum,
    [property: Allowed(0, 1, Says = "Probability that the image is the magnitude of the complex sum; else its real part, as TorchIO and MONAI have it.")]
    [property: Absent(0)]
    double Magnitude)
    : PlacedComponent<Spike.Drawn>
{
    /// <summary>The most spikes.</summary>
    public const int Most = 8;

    // Elements of the stream: append only.
    private const uint CountElement = 0;
    private const uint MagnitudeElement = 1;
    private const uint AmplitudeElement = 1 << 8;
    private const uint TurnElement = 2 << 8;
    private const uint FrequencyElement = 3 << 8;

    // Frequencies are drawn again until one has two periods: in an axis of four voxels every fourth has.
    private const int Attempts = 64;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override MeasureNeed Needs => MeasureNeed.Peak;

    // Spikes that the row has room for.
    private int Slots => Math.Clamp((int)(Count.Maximum + 0.5), 1, Most);

    /// <inheritdoc/>
    public override IEnumerable<string> ComplaintsAt(VolumeShape shape) => Math.Max(shape.Depth, Math.Max(shape.Height, shape.Width)) >= 4
        ? []
        : ["draws waves of at least two periods, and no axis has the four voxels that one needs; make the samples larger or take spike away"];

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (5 * Most) + (Slots * WaveLength(facts.Shape));

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        var drawn = new Drawn
        {
            Count = drawing.Number(Count, CountElement),
            IsMagnitude = drawing.Number(Unit, MagnitudeElement) < Magnitude ? 1 : 0,
            AmplitudesOfMaximum = drawing.Each(AmplitudeOfMaximum, AmplitudeElement, Most),
            Turns = drawing.Each(Unit, TurnElement, Most),
            FrequenciesZyx = drawing.List(3 * Most),
            Waves = drawing.List(Slots * WaveLength(drawing.Facts.Shape)),
        };
        Span<float> frequencies = drawing.Numbers(drawn.FrequenciesZyx);
        for (int spike = 0; spike < Most; spike++)
        {
            AxisNumbers frequency = Frequency(in drawing, spike);
            (frequencies[3 * spike], frequencies[(3 * spike) + 1], frequencies[(3 * spike) + 2]) = (frequency.Z, frequency.Y, frequency.X);
        }

        return drawn;
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        (int depth, int height, int width) = (facts.Shape.Depth, facts.Shape.Height, facts.Shape.Width);
        drawn.Place = new VoxelPlace(facts.Shape);
        drawn.Used = Math.Clamp((int)(drawn.Count + 0.5f), 0, Slots);
        drawn.FromRow = 2 * depth;
        drawn.FromColumn = 2 * (depth + height);
        drawn.Length = WaveLength(facts.Shape);
        row.Slice(drawn.Waves.First, drawn.Waves.Count).Clear();
        for (int spike = 0; spike < drawn.Used; spike++)
        {
            ReadOnlySpan<float> frequency = row.Slice(drawn.FrequenciesZyx.First + (3 * spike), 3);
            Span<float> wave = row.Slice(drawn.Waves.First + (spike * drawn.Length), drawn.Length);
            double amplitude = row[drawn.AmplitudesOfMaximum.First + spike];
            Write(wave[..drawn.FromRow], frequency[0], amplitude, row[drawn.Turns.First + spike]);
            Write(wave[drawn.FromRow..drawn.FromColumn], frequency[1], 1, 0);
            Write(wave[drawn.FromColumn..], frequency[2], 1, 0);
        }
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new SpikeStep(in place);

    // Cosines and sines per plane, row and column.
    private static int WaveLength(VolumeShape shape) => 2 * (shape.Depth + shape.Height + shape.Width);

    // Any frequency of the sample's transform is as likely as any other, but for those of fewer than two periods.
    private static AxisNumbers Frequency(in Drawing drawing, int spike)
    {
        VolumeShape shape = drawing.Facts.Shape;
        for (uint attempt = 0; attempt < Attempts; attempt++)
        {
            uint element = FrequencyElement + (3 * (((uint)spike * Attempts) + attempt));
            int z = Periods(drawing.Number(Unit, element), shape.Depth);
            int y = Periods(drawing.Number(Unit, element + 1), shape.Height);
            int x = Periods(drawing.Number(Unit, element + 2), shape.Width);
            if ((z * z) + (y * y) + (x * x) >= 4)
            {
                return new AxisNumbers(z, y, x);
            }
        }

        // Once in 10^8 along an axis of four voxels: the wave that is as long as the longest axis allows.
        return shape.Depth >= 4 ? new AxisNumbers(2, 0, 0) : shape.Height >= 4 ? new AxisNumbers(0, 2, 0) : new AxisNumbers(0, 0, 2);
    }

    private static int Periods(float uniform, int voxels) => Math.Min((int)(uniform * voxels), voxels - 1) - (voxels / 2);

    // Cosines, then sines, of a wave along one axis.
    private static void Write(Span<float> to, double frequency, double amplitude, double turns)
    {
        int voxels = to.Length / 2;
        for (int voxel = 0; voxel < voxels; voxel++)
        {
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * ((frequency * voxel % voxels / voxels) + turns));
            to[voxel] = (float)(amplitude * cosine);
            to[voxels + voxel] = (float)(amplitude * sine);
        }
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>Number of spikes; the nearest whole number counts.</summary>
        [Recorded("spikeCount")]
        public float Count;

        /// <summary>1 where the image is the magnitude of the complex sum, 0 where it is its real part.</summary>
        [Recorded("spikeIsMagnitude", Kind = RecordedKind.Flag)]
        public int IsMagnitude;

        /// <summary>Amplitude of each spike as a fraction of max|I|; of as many as count, as of what follows.</summary>
        [Recorded("spikeAmplitudesOfMaximum")]
        public WordList AmplitudesOfMaximum;

        /// <summary>Phase of each wave at the first voxel, in turns.</summary>
        [Recorded("spikeTurns")]
        public WordList Turns;

        /// <summary>Periods of each wave over the volume along z, y, x.</summary>
        [Recorded("spikeFrequenciesZyx")]
        public WordList FrequenciesZyx;

        /// <summary>Worked out: [spike][z, y, x][cosine, sine][place] of the waves, amplitude and phase in z's.</summary>
        public WordList Waves;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: spikes that count.</summary>
        public int Used;

        /// <summary>Worked out: words of a wave before those along y.</summary>
        public int FromRow;

        /// <summary>Worked out: words of a wave before those along x.</summary>
        public int FromColumn;

        /// <summary>Worked out: words of a wave.</summary>
        public int Length;

        /// <summary>Measured: max|I|.</summary>
        public float Scale;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum)
        {
            Drawn measured = drawn;
            measured.Scale = KernelMath.Max(KernelMath.Abs(minimum), KernelMath.Abs(maximum));
            return measured;
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Whole<F, U>(voxel, out U z, out U y, out U x);
            F real = F.Of(0f);
            F imaginary = F.Of(0f);
            int spike = 0;

            // Once at least: a wave that does not count is 0.
            do
            {
                int wave = spike * drawn.Length;
                drawn.Look(in row, z, wave, drawn.FromRow / 2, out F cosineZ, out F sineZ);
                drawn.Look(in row, y, wave + drawn.FromRow, (drawn.FromColumn - drawn.FromRow) / 2, out F cosineY, out F sineY);
                drawn.Look(in row, x, wave + drawn.FromColumn, (drawn.Length - drawn.FromColumn) / 2, out F cosineX, out F sineX);
                F cosine = (cosineZ * cosineY) - (sineZ * sineY);
                F sine = (cosineZ * sineY) + (sineZ * cosineY);
                real += (cosine * cosineX) - (sine * sineX);
                imaginary += (cosine * sineX) + (sine * cosineX);
                spike++;
            }
            while (spike < drawn.Used);

            F scale = F.Of(drawn.Scale);
            real = F.Fma(scale, real, value);
            imaginary *= scale;
            return drawn.IsMagnitude != 0 ? F.Sqrt(F.Fma(real, real, imaginary * imaginary)) : real;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Look<F, U>(in Row row, U place, int first, int sines, out F cosine, out F sine)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            U at = place + U.Of((uint)first);
            cosine = F.Look(in row, Waves, at);
            sine = F.Look(in row, Waves, at + U.Of((uint)sines));
        }
    }
}
