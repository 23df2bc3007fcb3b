// The C ABI, version 2: include/gpusynth.h documents it. A host gets each method from the runtime's
// load_assembly_and_get_function_pointer with the type "GpuSynth.Native.Exports, GpuSynth.Native", the method's name, and
// UNMANAGEDCALLERSONLY_METHOD. Nothing is thrown through these methods, and no object crosses them.
#pragma warning disable CA1031 // Whatever is thrown becomes a code and a sentence: a host cannot catch it.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Native;

/// <summary>The functions of include/gpusynth.h, which says what they do; names are those of C without their prefix.</summary>
public static unsafe class Exports
{
    internal const int Version = 2;

    /// <summary>gpusynth_abi_version</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int AbiVersion()
    {
        try
        {
            LoadAll();
            return Version;
        }
        catch (Exception)
        {
            return 0;
        }
    }

    /// <summary>gpusynth_create</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Create(AbiOptions* options, ulong* engine)
    {
        AbiOptions copy = default;
        try
        {
            RequirePointer(engine, nameof(engine));
            *engine = 0;
            RequirePointer(options, nameof(options));
            copy = AbiOptions.Read(options);
            *engine = EngineTable.Add(HeldEngine.Start(OptionsReader.Read(in copy)));
            return (int)ResultCode.Done;
        }
        catch (PlanException exception)
        {
            return ThreadError.Keep(exception, IsAbsent(in copy));
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception, ResultCode.Plan);
        }
    }

    /// <summary>gpusynth_info_of</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int InfoOf(ulong engine, AbiInfo* info)
    {
        try
        {
            HeldEngine held = EngineTable.Find(engine);
            RequirePointer(info, nameof(info));
            held.Describe(info);
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_generate</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Generate(ulong engine, SampleKey* keys, int count, void* image, void* label)
    {
        try
        {
            EngineTable.Find(engine).Generate(keys, count, (nint)image, (nint)label);
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_complete</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Complete(ulong engine)
    {
        try
        {
            EngineTable.Find(engine).Complete();
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_drawn</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Drawn(ulong engine, int sample, byte* json, long capacity, long* needed)
    {
        try
        {
            EngineTable.Find(engine).Drawn(sample, json, capacity, needed);
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_affine</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Affine(ulong engine, int sample, double* affine)
    {
        try
        {
            EngineTable.Find(engine).Affine(sample, affine);
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_await_stream</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int AwaitStream(ulong engine, void* stream)
    {
        try
        {
            EngineTable.Find(engine).AwaitStream((nint)stream);
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_stream_awaits</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int StreamAwaits(ulong engine, void* stream)
    {
        try
        {
            EngineTable.Find(engine).StreamAwaits((nint)stream);
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_destroy</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Destroy(ulong engine)
    {
        try
        {
            EngineTable.Remove(engine).Dispose();
            return (int)ResultCode.Done;
        }
        catch (Exception exception)
        {
            return ThreadError.Keep(exception);
        }
    }

    /// <summary>gpusynth_last_error</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static long LastError(byte* text, long capacity)
    {
        try
        {
            return ThreadError.Read(text, capacity);
        }
        catch (Exception)
        {
            return 0;
        }
    }

    // The other methods name types of these libraries, and are compiled before their own try begins. Where a file is missing, it
    // is noticed here: this method is the first that a host calls.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LoadAll()
    {
        RuntimeHelpers.RunModuleConstructor(typeof(SynthesisPlan).Module.ModuleHandle);
        RuntimeHelpers.RunModuleConstructor(typeof(SampleKey).Module.ModuleHandle);
    }

    // On the way out of a failure: whether the device is what is missing. It must not fail in its turn.
    private static ResultCode IsAbsent(in AbiOptions options)
    {
        try
        {
            return OptionsReader.IsAbsent(in options) ? ResultCode.Device : ResultCode.Plan;
        }
        catch (Exception)
        {
            return ResultCode.Plan;
        }
    }

    private static void RequirePointer(void* pointer, string name)
    {
        if (pointer is null)
        {
            throw new AbiException(ResultCode.InvalidArgument, $"{name} is NULL; give the address of one.");
        }
    }
}
