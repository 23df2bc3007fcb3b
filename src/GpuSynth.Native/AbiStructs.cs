// The structs of include/gpusynth.h, field by field. A test compares them with what a C compiler makes of it.
// Fields are only ever added at the end; struct_bytes says how many of them a caller knows.
using System.Runtime.InteropServices;
using GpuSynth.Kernels;

namespace GpuSynth.Native;

/// <summary>gpusynth_options: 72 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiOptions
{
    public uint StructBytes;
    public uint SlotsOnDevice;
    public byte* Recipe;
    public byte* Labels;
    public byte* Device;
    public fixed int Size[3];
    public int Batch;
    public int Threads;
    public int ImageFormat;
    public ulong Seed;
    public ulong Flags;

    // Ends of fields. Up to the batch all are needed: what follows has defaults, all of them zero.
    private static ReadOnlySpan<int> Ends => [48, 52, 56, 64, 72];

    /// <summary>Copies what the caller gave; fields that it does not know are zero.</summary>
    public static AbiOptions Read(AbiOptions* from)
    {
        AbiOptions options = default;
        int given = StructSize.Check(from->StructBytes, Ends[0], "gpusynth_options");
        StructSize.RequireZeros((byte*)from, sizeof(AbiOptions), given, "gpusynth_options");
        NativeMemory.Copy(from, &options, (nuint)StructSize.WholeFields(given, Ends));
        return options;
    }
}

/// <summary>gpusynth_info: 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiInfo
{
    public uint StructBytes;
    public int Dimensions;
    public fixed int Shape[3];
    public int Batch;
    public int Labels;
    public int Threads;
    public int ImageFormat;
    public int Reserved;
    public long ImageBytes;
    public long LabelBytes;
    public long WorkspaceBytes;

    private static ReadOnlySpan<int> Ends => [8, 20, 24, 28, 32, 36, 40, 48, 56, 64];

    /// <summary>The facts of a plan.</summary>
    public static AbiInfo Of(SynthesisPlan plan)
    {
        VolumeShape shape = plan.Options.Shape;
        int batch = plan.Options.BatchSize;
        AbiInfo info = default;
        info.Dimensions = shape.Dimensions;
        info.Shape[0] = shape.Dimensions == 3 ? shape.Depth : shape.Height;
        info.Shape[1] = shape.Dimensions == 3 ? shape.Height : shape.Width;
        info.Shape[2] = shape.Dimensions == 3 ? shape.Width : 0;
        info.Batch = batch;
        info.Labels = plan.LabelCount;
        info.Threads = plan.Threads;
        info.ImageFormat = (int)plan.Options.ImageFormat;
        info.ImageBytes = batch * plan.ImageBytesPerSample;
        info.LabelBytes = batch * plan.LabelBytesPerSample;
        info.WorkspaceBytes = plan.WorkspaceBytes;
        return info;
    }

    /// <summary>Writes what the caller has room for; fields that only a newer caller knows become zero.</summary>
    public readonly void Write(AbiInfo* to)
    {
        int room = StructSize.Check(to->StructBytes, Ends[0], "gpusynth_info");
        AbiInfo info = this;
        info.StructBytes = to->StructBytes;
        int known = StructSize.WholeFields(room, Ends);
        NativeMemory.Copy(&info, to, (nuint)known);
        if (room > sizeof(AbiInfo))
        {
            NativeMemory.Clear((byte*)to + sizeof(AbiInfo), (nuint)(room - sizeof(AbiInfo)));
        }
    }
}

/// <summary>The sizes that callers of other versions give.</summary>
internal static unsafe class StructSize
{
    // No version will ever have more: a number beyond it was not set by anyone.
    private const uint Most = 4096;

    /// <summary>The bytes that a caller says its struct has.</summary>
    public static int Check(uint bytes, int least, string name) => bytes >= least && bytes <= Most
        ? (int)bytes
        : throw new AbiException(
            ResultCode.InvalidArgument,
            $"{name}.struct_bytes is {bytes}, which no version of it has; set it to sizeof({name}) before the call.");

    /// <summary>Bytes of the fields that are there as a whole.</summary>
    public static int WholeFields(int bytes, ReadOnlySpan<int> ends)
    {
        int whole = 0;
        foreach (int end in ends)
        {
            whole = end <= bytes ? end : whole;
        }

        return whole;
    }

    /// <summary>Refuses what a newer caller asks for and this version does not know. Zeros ask for nothing.</summary>
    public static void RequireZeros(byte* from, int known, int given, string name)
    {
        for (int i = known; i < given; i++)
        {
            if (from[i] != 0)
            {
                throw new AbiException(
                    ResultCode.InvalidArgument,
                    $"{name} has {given} bytes, of which this engine (ABI version {Exports.Version}) knows {known}, and what "
                    + "follows is not zero; use a newer engine, or leave the newer fields zero.");
            }
        }
    }
}
