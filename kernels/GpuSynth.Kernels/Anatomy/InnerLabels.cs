using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The labels of an anatomy that is drawn inside labels of those before it: a set of its own in each of them, so that what lies in one tissue is not
/// what lies in another, and every label has one target.
/// </summary>
/// <param name="first">Its first label.</param>
/// <param name="ownCount">Labels of the anatomy itself.</param>
/// <param name="outer">The labels that it is drawn in, sorted.</param>
/// <param name="lift">How much higher these are in the end (<see cref="IAnatomyComponent.LiftsLabels"/>).</param>
/// <param name="before">Those of the anatomies before it that are drawn inside others' labels, too.</param>
public sealed class InnerLabels(int first, int ownCount, byte[] outer, int lift, IReadOnlyList<InnerLabels> before)
{
    /// <summary>Its first label.</summary>
    public int First => first;

    /// <summary>Labels of the anatomy itself.</summary>
    public int OwnCount => ownCount;

    /// <summary>The labels that it is drawn in, sorted.</summary>
    public byte[] Outer => outer;

    /// <summary>What those are in the end: the targets of its labels.</summary>
    public byte[] Targets { get; } = [.. outer.Select(label => (byte)(label + lift))];

    /// <summary>For each of 256 labels what its first label is in there; 0 where it is not drawn.</summary>
    public byte[] FirstInside()
    {
        byte[] table = new byte[LabelTables.Most];
        for (int at = 0; at < outer.Length; at++)
        {
            table[outer[at]] = (byte)(first + (at * ownCount));
        }

        return table;
    }

    /// <summary>The same of a part, which is painted over what the anatomies before it have drawn inside the same labels.</summary>
    public byte[] FirstInsideRegions()
    {
        byte[] table = FirstInside();
        foreach (InnerLabels one in before)
        {
            for (int label = 0; label < one.Targets.Length * one.OwnCount; label++)
            {
                int at = Array.IndexOf(Targets, one.Targets[label / one.OwnCount]);
                table[one.First + label] = at < 0 ? (byte)0 : (byte)(first + (at * ownCount));
            }
        }

        return table;
    }

    /// <summary>Whether any of the labels that it is drawn in is among some.</summary>
    public bool AreIn(ReadOnlySpan<byte> labels) => labels.ContainsAny(outer);

    /// <summary>Puts what the anatomy has drawn into the labels that it is drawn in.</summary>
    /// <param name="drawn">The anatomy's own labels, as many.</param>
    /// <param name="labels">The labels so far; changed.</param>
    public void Put(ReadOnlySpan<byte> drawn, Span<byte> labels)
    {
        // A label that was put is none of those that it is drawn in: the order of these does not matter.
        ref byte from = ref MemoryMarshal.GetReference(drawn);
        ref byte to = ref MemoryMarshal.GetReference(labels);
        int at = 0;
        for (; at + Vector256<byte>.Count <= labels.Length; at += Vector256<byte>.Count)
        {
            Vector256<byte> own = Vector256.LoadUnsafe(ref from, (nuint)at);
            Vector256<byte> old = Vector256.LoadUnsafe(ref to, (nuint)at);
            Vector256<byte> result = old;
            for (int one = 0; one < outer.Length; one++)
            {
                result = Vector256.ConditionalSelect(
                    Vector256.Equals(old, Vector256.Create(outer[one])), own + Vector256.Create((byte)(first + (one * ownCount))), result);
            }

            result.StoreUnsafe(ref to, (nuint)at);
        }

        for (; at < labels.Length; at++)
        {
            int one = outer.AsSpan().IndexOf(labels[at]);
            labels[at] = one < 0 ? labels[at] : (byte)(first + (one * ownCount) + drawn[at]);
        }
    }
}
