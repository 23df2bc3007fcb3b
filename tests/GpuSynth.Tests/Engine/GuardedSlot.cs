using System.Runtime.InteropServices;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// Memory for one batch between guards of 4 kB, poisoned: every float a NaN, every label 255. Images start 4 bytes off a vector's
/// alignment and labels at an odd address, as a caller's memory may.
/// </summary>
internal sealed unsafe class GuardedSlot : IDisposable
{
    private const int GuardBytes = 4096;
    private const int Skew = 20;
    private const byte Canary = 0xA5;
    private readonly byte* image;
    private readonly byte* label;
    private readonly long imageBytes;
    private readonly long labelBytes;
    private readonly long voxels;

    public GuardedSlot(SynthesisEngine engine)
    {
        voxels = engine.Plan.Options.Shape.VoxelCount;
        imageBytes = engine.Plan.Options.BatchSize * voxels * sizeof(float);
        labelBytes = engine.Plan.Options.BatchSize * voxels;
        image = (byte*)NativeMemory.AlignedAlloc((nuint)(imageBytes + (2 * GuardBytes) + Skew), 64);
        label = (byte*)NativeMemory.AlignedAlloc((nuint)(labelBytes + (2 * GuardBytes) + Skew), 64);
        NativeMemory.Fill(image, (nuint)(imageBytes + (2 * GuardBytes) + Skew), Canary);
        NativeMemory.Fill(label, (nuint)(labelBytes + (2 * GuardBytes) + Skew), Canary);
        Memory = new SlotMemory((nint)(image + GuardBytes + Skew), (nint)(label + GuardBytes + Skew - 1));
        Poison();
    }

    public SlotMemory Memory { get; }

    public void Poison()
    {
        new Span<byte>((void*)Memory.Image, (int)imageBytes).Fill(0xFF);
        new Span<byte>((void*)Memory.Label, (int)labelBytes).Fill(0xFF);
    }

    public ReadOnlySpan<float> Image(int sample) => new((float*)Memory.Image + (sample * voxels), (int)voxels);

    public ReadOnlySpan<byte> Label(int sample) => new((byte*)Memory.Label + (sample * voxels), (int)voxels);

    public bool HasSameBytes(int sample, RenderedSample expected) =>
        MemoryMarshal.AsBytes(Image(sample)).SequenceEqual(MemoryMarshal.AsBytes<float>(expected.Image))
        && Label(sample).SequenceEqual(expected.Label);

    public void AssertGuards()
    {
        AssertGuards("image", image, (byte*)Memory.Image, imageBytes);
        AssertGuards("label", label, (byte*)Memory.Label, labelBytes);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(image);
        NativeMemory.AlignedFree(label);
    }

    private static void AssertGuards(string name, byte* all, byte* inner, long innerBytes)
    {
        ReadOnlySpan<byte> before = new(all, (int)(inner - all));
        ReadOnlySpan<byte> after = new(inner + innerBytes, GuardBytes);
        Assert.That(before.IndexOfAnyExcept(Canary), Is.EqualTo(-1), $"written before the {name}");
        Assert.That(after.IndexOfAnyExcept(Canary), Is.EqualTo(-1), $"written after the {name}");
    }
}
