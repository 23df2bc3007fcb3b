using System.Text;
using GpuSynth.Kernels;
using GpuSynth.Native;

namespace GpuSynth.Tests.Native;

/// <summary>The exported functions, called as a host calls them: by their addresses.</summary>
internal static unsafe class Abi
{
    private static readonly delegate* unmanaged[Cdecl]<int> VersionAt = &Exports.AbiVersion;
    private static readonly delegate* unmanaged[Cdecl]<AbiOptions*, ulong*, int> CreateAt = &Exports.Create;
    private static readonly delegate* unmanaged[Cdecl]<ulong, AbiInfo*, int> InfoAt = &Exports.InfoOf;
    private static readonly delegate* unmanaged[Cdecl]<ulong, SampleKey*, int, void*, void*, int> GenerateAt = &Exports.Generate;
    private static readonly delegate* unmanaged[Cdecl]<ulong, int> CompleteAt = &Exports.Complete;
    private static readonly delegate* unmanaged[Cdecl]<ulong, int, byte*, long, long*, int> DrawnAt = &Exports.Drawn;
    private static readonly delegate* unmanaged[Cdecl]<ulong, int, double*, int> AffineAt = &Exports.Affine;
    private static readonly delegate* unmanaged[Cdecl]<ulong, void*, int> AwaitStreamAt = &Exports.AwaitStream;
    private static readonly delegate* unmanaged[Cdecl]<ulong, void*, int> StreamAwaitsAt = &Exports.StreamAwaits;
    private static readonly delegate* unmanaged[Cdecl]<ulong, int> DestroyAt = &Exports.Destroy;
    private static readonly delegate* unmanaged[Cdecl]<byte*, long, long> LastErrorAt = &Exports.LastError;

    public static int Version() => VersionAt();

    public static ResultCode Create(AbiOptions* options, ulong* engine) => (ResultCode)CreateAt(options, engine);

    public static ResultCode InfoOf(ulong engine, AbiInfo* info) => (ResultCode)InfoAt(engine, info);

    public static ResultCode Generate(ulong engine, SampleKey* keys, int count, void* image, void* label) =>
        (ResultCode)GenerateAt(engine, keys, count, image, label);

    public static ResultCode Complete(ulong engine) => (ResultCode)CompleteAt(engine);

    public static ResultCode Drawn(ulong engine, int sample, byte* json, long capacity, long* needed) =>
        (ResultCode)DrawnAt(engine, sample, json, capacity, needed);

    public static ResultCode Affine(ulong engine, int sample, double* affine) => (ResultCode)AffineAt(engine, sample, affine);

    public static ResultCode AwaitStream(ulong engine, nint stream) => (ResultCode)AwaitStreamAt(engine, (void*)stream);

    public static ResultCode StreamAwaits(ulong engine, nint stream) => (ResultCode)StreamAwaitsAt(engine, (void*)stream);

    public static ResultCode Destroy(ulong engine) => (ResultCode)DestroyAt(engine);

    public static long LastError(byte* text, long capacity) => LastErrorAt(text, capacity);

    /// <summary>The sentence of the last call that failed.</summary>
    public static string LastError()
    {
        byte[] text = new byte[LastErrorAt(null, 0)];
        fixed (byte* at = text)
        {
            Assert.That(LastErrorAt(at, text.Length), Is.EqualTo(text.Length));
        }

        Assert.That(text[^1], Is.Zero);
        return Encoding.UTF8.GetString(text, 0, text.Length - 1);
    }

    /// <summary>Creates an engine from a request.</summary>
    public static ResultCode Create(AbiRequest request, out ulong engine)
    {
        // The texts are gone after the call: an engine must have copied what it needs.
        byte[]? recipe = Bytes(request.Recipe);
        byte[]? labels = Bytes(request.Labels);
        byte[]? device = Bytes(request.Device);
        ulong handle = ulong.MaxValue;
        ResultCode code;
        fixed (byte* recipeAt = recipe, labelsAt = labels, deviceAt = device)
        {
            AbiOptions options = request.Options;
            options.Recipe = recipeAt;
            options.Labels = labelsAt;
            options.Device = deviceAt;
            code = Create(&options, &handle);
        }

        Array.Fill(recipe ?? [], (byte)'x');
        Array.Fill(labels ?? [], (byte)'x');
        Array.Fill(device ?? [], (byte)'x');
        engine = handle;
        return code;
    }

    /// <summary>Creates an engine that must be there.</summary>
    public static ulong Create(AbiRequest request)
    {
        ResultCode code = Create(request, out ulong engine);
        Assert.That(code, Is.EqualTo(ResultCode.Done), LastError);
        Assert.That(engine, Is.Not.Zero);
        return engine;
    }

    /// <summary>The record of a sample as text.</summary>
    public static string Drawn(ulong engine, int sample)
    {
        long needed;
        Assert.That(Drawn(engine, sample, null, 0, &needed), Is.EqualTo(ResultCode.Done), LastError);
        byte[] json = new byte[needed];
        fixed (byte* at = json)
        {
            Assert.That(Drawn(engine, sample, at, needed, null), Is.EqualTo(ResultCode.Done), LastError);
        }

        Assert.That(json[^1], Is.Zero);
        return Encoding.UTF8.GetString(json, 0, json.Length - 1);
    }

    /// <summary>Where a sample lies: a 4x4 matrix, row by row.</summary>
    public static double[] Affine(ulong engine, int sample)
    {
        double[] affine = new double[16];
        fixed (double* at = affine)
        {
            Assert.That(Affine(engine, sample, at), Is.EqualTo(ResultCode.Done), LastError);
        }

        return affine;
    }

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text + '\0');
}

/// <summary>What an engine is asked for, with texts as strings.</summary>
internal sealed unsafe record AbiRequest
{
    public string? Recipe { get; init; } = "rasd-3d";

    public string? Labels { get; init; }

    public string? Device { get; init; }

    public int[] Size { get; init; } = [4, 4, 4];

    public int Batch { get; init; } = 1;

    public int Threads { get; init; } = 1;

    public int ImageFormat { get; init; }

    public ulong Seed { get; init; } = 7;

    public ulong Flags { get; init; }

    public uint SlotsOnDevice { get; init; }

    public uint StructBytes { get; init; } = (uint)sizeof(AbiOptions);

    public AbiOptions Options
    {
        get
        {
            AbiOptions options = default;
            options.StructBytes = StructBytes;
            options.SlotsOnDevice = SlotsOnDevice;
            options.Batch = Batch;
            options.Threads = Threads;
            options.ImageFormat = ImageFormat;
            options.Seed = Seed;
            options.Flags = Flags;
            for (int axis = 0; axis < Size.Length; axis++)
            {
                options.Size[axis] = Size[axis];
            }

            return options;
        }
    }
}
