using System.Buffers;
using System.Text.Json;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;

namespace GpuSynth.Native;

/// <summary>
/// An engine with what its callers need beside it: the records of its last batch, events between streams, and a lock, for a
/// handle may be used from any thread. Threads wait for each other; a call that waited for a destruction finds it stale.
/// </summary>
internal sealed unsafe class HeldEngine : IDisposable
{
    private readonly Lock door = new();
    private readonly SynthesisEngine engine;
    private readonly DrawnSample[] drawn;
    private readonly AbiInfo info;
    private ArrayBufferWriter<byte>? json;
    private Utf8JsonWriter? writer;
    private nint behind;
    private nint ready;
    private int drawnCount;
    private bool isDestroyed;

    private HeldEngine(SynthesisEngine engine)
    {
        this.engine = engine;
        info = AbiInfo.Of(engine.Plan);
        drawn = new DrawnSample[engine.Plan.Options.BatchSize];
        for (int sample = 0; sample < drawn.Length; sample++)
        {
            drawn[sample] = engine.CreateDrawn();
        }
    }

    /// <summary>Plans a run and starts it; what was started is stopped again where that fails.</summary>
    /// <exception cref="GpuSynthException">It cannot be planned, or the device does not open.</exception>
    public static HeldEngine Start(EngineOptions options)
    {
        SynthesisPlan plan = SynthesisPlan.Create(options);
        try
        {
            return new HeldEngine(new SynthesisEngine(plan));
        }
        catch
        {
            plan.Device.Dispose();
            throw;
        }
    }

    /// <summary>Writes what the engine is; needs no lock, for it never changes.</summary>
    public void Describe(AbiInfo* to) => info.Write(to);

    /// <summary>Fills the caller's memory. Allocates nothing.</summary>
    public void Generate(SampleKey* keys, int count, nint image, nint label)
    {
        EngineOptions options = engine.Plan.Options;
        if (count < 0 || count > options.BatchSize)
        {
            throw Refused($"{count} keys were given; this engine takes 0 to {options.BatchSize} at a time, its batch size.");
        }

        if (count == 0)
        {
            return;
        }

        if (keys is null || image == 0 || label == 0)
        {
            string missing = keys is null ? "keys" : image == 0 ? "image" : "label";
            throw Refused($"{missing} is NULL; give memory for {count} of it.");
        }

        int valueBytes = GpuSlots.ValueBytes(options.ImageFormat);
        if (image % valueBytes != 0)
        {
            throw Refused($"The address of the images is not a multiple of the {valueBytes} bytes of a value; align it.");
        }

        lock (door)
        {
            Enter();
            drawnCount = 0;
            engine.GenerateBatch(new ReadOnlySpan<SampleKey>(keys, count), new SlotMemory(image, label), drawn);
            drawnCount = count;
        }
    }

    /// <summary>Waits for the last batch and completes its records.</summary>
    public void Complete()
    {
        lock (door)
        {
            Enter();
            if (drawnCount == 0)
            {
                return;
            }

            // Should it fail, there is no batch, and its records say nothing.
            int count = drawnCount;
            drawnCount = 0;
            engine.Complete(drawn);
            drawnCount = count;
        }
    }

    /// <summary>Writes what was drawn for a sample of the last batch, as JSON with a zero byte behind it.</summary>
    public void Drawn(int sample, byte* to, long capacity, long* needed)
    {
        if (to is null && needed is null)
        {
            throw Refused("json and needed are both NULL: there is nowhere to put anything.");
        }

        lock (door)
        {
            Enter();
            RequireDrawn(sample);
            json ??= new ArrayBufferWriter<byte>(1024);
            json.ResetWrittenCount();
            writer ??= new Utf8JsonWriter(json);
            writer.Reset();
            drawn[sample].WriteJson(writer);
            writer.Flush();
            ReadOnlySpan<byte> text = json.WrittenSpan;
            long bytes = text.Length + 1L;
            if (needed is not null)
            {
                *needed = bytes;
            }

            if (to is null)
            {
                return;
            }

            if (capacity < bytes)
            {
                throw Refused($"The record has {bytes} bytes with its zero, and {capacity} were given; give as many as it has.");
            }

            text.CopyTo(new Span<byte>(to, text.Length));
            to[text.Length] = 0;
        }
    }

    /// <summary>Writes where a sample of the last batch lies: a 4x4 matrix, row by row.</summary>
    public void Affine(int sample, double* affine)
    {
        if (affine is null)
        {
            throw Refused("affine is NULL; give memory for 16 numbers.");
        }

        lock (door)
        {
            Enter();
            RequireDrawn(sample);
            Span<double> to = new(affine, 16);
            SampleGeometry.Of(engine.Plan.Options, drawn[sample]).ToArray().CopyTo(to);
            ReadOnlySpan<double> last = [0, 0, 0, 1];
            last.CopyTo(to[12..]);
        }
    }

    /// <summary>What the engine launches from now on comes after what the stream holds now.</summary>
    public void AwaitStream(nint stream)
    {
        lock (door)
        {
            IStreamEvents events = EnterWithEvents();
            if (behind == 0)
            {
                behind = events.Create();
            }

            events.RecordOn(behind, stream);
            events.Await(behind);
        }
    }

    /// <summary>The stream goes no further before what the engine has launched is there.</summary>
    public void StreamAwaits(nint stream)
    {
        lock (door)
        {
            IStreamEvents events = EnterWithEvents();
            if (ready == 0)
            {
                ready = events.Create();
            }

            events.Record(ready);
            events.AwaitOn(ready, stream);
        }
    }

    /// <summary>Waits for a call that is at work, then gives everything back.</summary>
    public void Dispose()
    {
        lock (door)
        {
            if (isDestroyed)
            {
                return;
            }

            isDestroyed = true;
            // Events go with the engine's device, which first waits for what it still runs.
            engine.Dispose();
            writer?.Dispose();
        }
    }

    private static AbiException Refused(string sentence) => new(ResultCode.InvalidArgument, sentence);

    private void RequireDrawn(int sample)
    {
        if ((uint)sample >= (uint)drawnCount)
        {
            throw Refused($"There is no sample {sample} in the last batch, which has {drawnCount}; count from 0.");
        }
    }

    private void Enter()
    {
        if (isDestroyed)
        {
            throw new AbiException(ResultCode.Stale, "The engine was destroyed while this call waited for it.");
        }
    }

    private IStreamEvents EnterWithEvents()
    {
        Enter();
        return engine.Events ?? throw Refused(
            $"Device {engine.Plan.Options.Device} has no streams to wait for; gpusynth_complete waits for its last batch.");
    }
}
