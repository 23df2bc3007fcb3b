using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>Memory of a recorded run.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Address">Where the record pretends that it lies.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record RecordedBuffer(int Id, long Address, long Bytes)
{
    /// <summary>What was uploaded to it at the start; null where nothing was.</summary>
    public byte[]? Contents { get; set; }
}

/// <summary>An address among the arguments of a launch.</summary>
/// <param name="Offset">Where it stands.</param>
/// <param name="Buffer">The buffer that it points into.</param>
/// <param name="ByteOffset">How far.</param>
internal readonly record struct RecordedPointer(int Offset, int Buffer, long ByteOffset);

/// <summary>One launch.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Config">Groups and threads.</param>
/// <param name="Arguments">The bytes of the kernel's one parameter, with pretended addresses.</param>
/// <param name="Pointers">Where those stand: the views among the kernel's fields.</param>
internal sealed record RecordedLaunch(
    EmittedKernel Kernel, KernelConfig Config, byte[] Arguments, IReadOnlyList<RecordedPointer> Pointers);

/// <summary>
/// A backend that runs nothing and writes down everything: kernels as PTX, memory by number, launches with their arguments. What
/// it wrote can be run where there is a GPU and no .NET.
/// </summary>
internal sealed class LaunchRecorder : GpuBackend
{
    // Far apart, so that an address tells its buffer, and unlike any number that a kernel is given.
    private const int AddressBits = 40;
    private const long FirstAddress = 0x5EL << 48;
    private readonly KernelEmitter emitter = new();
    private readonly Dictionary<Type, EmittedKernel> kernels = [];
    private readonly List<RecordedBuffer> buffers = [];
    private readonly List<RecordedLaunch> launches = [];

    /// <summary>A recorder with nothing on record.</summary>
    public LaunchRecorder() => Kernels = new Loader(this);

    /// <summary>Memory, by number.</summary>
    public IReadOnlyList<RecordedBuffer> Buffers => buffers;

    /// <summary>Launches in order.</summary>
    public IReadOnlyList<RecordedLaunch> Launches => launches;

    /// <summary>Kernels that were loaded.</summary>
    public IReadOnlyCollection<EmittedKernel> Emitted => kernels.Values;

    /// <inheritdoc/>
    public override KernelLoader Kernels { get; }

    /// <inheritdoc/>
    public override bool SharesHostMemory => false;

    /// <inheritdoc/>
    public override void Bind()
    {
        // There is no device.
    }

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long length, int elementSize)
    {
        var buffer = new RecordedBuffer(
            buffers.Count, FirstAddress + ((long)buffers.Count << AddressBits), checked(length * elementSize));
        buffers.Add(buffer);
        return Borrow((nint)buffer.Address, length, elementSize);
    }

    /// <inheritdoc/>
    public override MemoryBuffer Borrow(nint address, long length, int elementSize) =>
        new ExternalCudaBuffer(address, length, elementSize);

    /// <inheritdoc/>
    public override void Upload<T>(ReadOnlySpan<T> values, ArrayView<T> target)
    {
        (RecordedBuffer buffer, long offset) = Find(target.LoadEffectiveAddressAsPtr())
            ?? throw new InvalidOperationException("Something was uploaded to memory that is not on record.");
        buffer.Contents ??= new byte[buffer.Bytes];
        MemoryMarshal.AsBytes(values).CopyTo(buffer.Contents.AsSpan(checked((int)offset)));
    }

    /// <inheritdoc/>
    public override void Download<T>(ArrayView<T> source, Span<T> values) =>
        throw new NotSupportedException("A recorder runs nothing, so that there is nothing to read.");

    /// <inheritdoc/>
    public override void Synchronise()
    {
        // Nothing runs.
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // It holds nothing.
    }

    private (RecordedBuffer Buffer, long Offset)? Find(long address)
    {
        long number = (address - FirstAddress) >> AddressBits;
        return address >= FirstAddress && number < buffers.Count && address - buffers[(int)number].Address <= buffers[(int)number].Bytes
            ? (buffers[(int)number], address - buffers[(int)number].Address)
            : null;
    }

    private EmittedKernel Emit(Type kernel)
    {
        if (!kernels.TryGetValue(kernel, out EmittedKernel? emitted))
        {
            emitted = emitter.Emit(kernel, "the recorder");
            kernels.Add(kernel, emitted);
        }

        return emitted;
    }

    private void Add(EmittedKernel kernel, KernelConfig config, byte[] arguments)
    {
        var pointers = new List<RecordedPointer>();
        foreach (KernelArgument argument in kernel.Layout.Arguments.Where(static argument => argument.IsView))
        {
            if (Find(MemoryMarshal.Read<long>(arguments.AsSpan(argument.Offset))) is { } target)
            {
                pointers.Add(new RecordedPointer(argument.Offset, target.Buffer.Id, target.Offset));
            }
        }

        launches.Add(new RecordedLaunch(kernel, config, arguments, pointers));
    }

    private sealed unsafe class Loader(LaunchRecorder recorder) : KernelLoader
    {
        public override Action<KernelConfig, TKernel> Load<TKernel>()
        {
            EmittedKernel emitted = recorder.Emit(typeof(TKernel));
            KernelArguments.Writer<TKernel> write = KernelArguments.WriterOf<TKernel>(emitted.Layout);
            return (config, kernel) =>
            {
                byte[] arguments = new byte[emitted.Layout.Bytes];
                fixed (byte* target = arguments)
                {
                    write(in kernel, target);
                }

                recorder.Add(emitted, config, arguments);
            };
        }
    }
}
