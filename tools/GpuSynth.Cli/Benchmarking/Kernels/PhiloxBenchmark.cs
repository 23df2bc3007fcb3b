using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Philox: the rate of random words. The host form exists only inside the draws that use its words in registers; it is measured
/// through the thinnest, <see cref="Uniform"/>, into a few rows that never leave the first cache. Against <see
/// cref="UniformBenchmark"/>, which writes a volume, this shows what the generator costs without memory.
/// </summary>
[HostForm(BenchmarkKind.Kernel)]
internal sealed unsafe class PhiloxBenchmark : KernelBenchmark
{
    private const int Words = 1024;
    private static readonly RandomPlace Place = new(42, 3, Streams.NoiseVoxels);

    public PhiloxBenchmark(VolumeShape shape, int threads)
        : base(shape, threads) => AllocateScratch(Words);

    // One word and its map to a number. No bytes: what is written is written over.
    public override KernelCost Cost => KernelCost.PhiloxWord + KernelCost.UniformMap;

    public override int Pieces(int phase) => FlatPieces;

    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        for (int at = 0; at < count; at += Words)
        {
            Uniform.HostFill(Scratch(thread), Math.Min(Words, count - at), Place, first + at);
        }
    }

    // Every word of seven groups, back from the numbers: u = (bits >> 9 + 0.5) / 2^23 is exact.
    public override void Check()
    {
        const int count = 7 * 64;
        Uniform.HostFill(Scratch(0), count, Place);
        for (int element = 0; element < count; element++)
        {
            uint block = (uint)((element / 64 * 16) + (element % 16));
            uint[] counter = [block, Place.Counter1, Place.Counter2, Place.Counter3];
            uint[] words = Philox.ReferenceBlock(counter, [Place.Key0, Place.Key1]);
            uint expected = words[element % 64 / 16] >> 9;
            uint found = (uint)((Scratch(0)[element] * 8388608.0) - 0.5);
            if (found != expected)
            {
                throw new GpuSynthException(
                    $"Philox is wrong at word {element}: {found}, not {expected} as the reference; run ./test first.");
            }
        }
    }
}
