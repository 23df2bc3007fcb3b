using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>Labels looked up in a table of bytes, on the host: sixteen entries of the table at a time, 32 labels each.</summary>
public static class ByteTable
{
    private const int Block = 16;

    /// <summary>label = table[label].</summary>
    /// <param name="table">256 bytes; 0 is looked up for labels that are not below <paramref name="count"/>.</param>
    /// <param name="count">Labels that there may be: the fewer, the faster.</param>
    /// <param name="labels">Changed.</param>
    public static void Apply(ReadOnlySpan<byte> table, int count, Span<byte> labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(table.Length, LabelTables.Most);
        int at = 0;
        if (Avx2.IsSupported)
        {
            ref byte to = ref MemoryMarshal.GetReference(labels);
            ref byte from = ref MemoryMarshal.GetReference(table);
            for (; at + Vector256<byte>.Count <= labels.Length; at += Vector256<byte>.Count)
            {
                Vector256<byte> left = Vector256.LoadUnsafe(ref to, (nuint)at);
                Vector256<byte> found = Vector256<byte>.Zero;
                for (int block = 0; block < count; block += Block)
                {
                    // Of an index above 15 the sum has its highest bit, for which a shuffle gives 0.
                    Vector256<byte> index = Avx2.AddSaturate(left - Vector256.Create((byte)block), Vector256.Create((byte)0x70));
                    Vector128<byte> entries = Vector128.LoadUnsafe(ref from, (nuint)block);
                    found |= Avx2.Shuffle(Vector256.Create(entries, entries), index);
                }

                found.StoreUnsafe(ref to, (nuint)at);
            }
        }

        int end = (count + Block - 1) / Block * Block;
        for (; at < labels.Length; at++)
        {
            labels[at] = labels[at] < end ? table[labels[at]] : (byte)0;
        }
    }
}
