using System.Runtime.InteropServices;

namespace ILGPU.Runtime.CPU
{
    /// <summary>Bytes of the process.</summary>
    public abstract class CPUMemoryBuffer : MemoryBuffer
    {
        /// <summary>Bytes that its creator gives an address to.</summary>
        /// <param name="accelerator">The device.</param>
        /// <param name="length">The number of elements.</param>
        /// <param name="elementSize">The bytes of one.</param>
        protected internal CPUMemoryBuffer(Accelerator accelerator, long length, int elementSize)
            : base(accelerator, length, elementSize)
        {
        }

        /// <summary>Memory of someone else: disposing of it frees nothing.</summary>
        /// <param name="accelerator">The device.</param>
        /// <param name="ptr">The address of the first byte.</param>
        /// <param name="length">The number of elements.</param>
        /// <param name="elementSize">The bytes of one.</param>
        public static CPUMemoryBuffer Create(Accelerator accelerator, nint ptr, long length, int elementSize) =>
            new Borrowed(accelerator, ptr, length, elementSize);

        /// <inheritdoc/>
        protected internal override unsafe void MemSet(AcceleratorStream stream, byte value, in ArrayView<byte> targetView) =>
            NativeMemory.Fill((void*)targetView.Pointer, (nuint)targetView.Length, value);

        /// <inheritdoc/>
        protected internal override void CopyTo(
            AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
            Copy(sourceView, targetView);

        /// <inheritdoc/>
        protected internal override void CopyFrom(
            AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
            Copy(sourceView, targetView);

        /// <inheritdoc/>
        protected override void DisposeAcceleratorObject(bool disposing) => NativePtr = 0;

        private sealed class Borrowed : CPUMemoryBuffer
        {
            public Borrowed(Accelerator accelerator, nint address, long length, int elementSize)
                : base(accelerator, length, elementSize) => NativePtr = address;
        }

        private static unsafe void Copy(in ArrayView<byte> sourceView, in ArrayView<byte> targetView) => Buffer.MemoryCopy(
            (void*)sourceView.Pointer, (void*)targetView.Pointer, targetView.Length, sourceView.Length);
    }
}

namespace ILGPU.Runtime
{
    using System.Runtime.CompilerServices;
    using System.Runtime.InteropServices;
    using ILGPU.Runtime.CPU;

    /// <summary>
    /// Bytes of the process. They are filled with 0xCD, as memory of a real device is not zero either: a kernel that forgets to
    /// write, or reads before anything was written, is found out here.
    /// </summary>
    internal sealed unsafe class HostMemory : CPUMemoryBuffer
    {
        private const int Alignment = 128;
        private const byte Garbage = 0xCD;

        public HostMemory(Accelerator accelerator, long length, int elementSize)
            : base(accelerator, length, elementSize)
        {
            nuint bytes = checked((nuint)LengthInBytes);
            void* memory = NativeMemory.AlignedAlloc(nuint.Max(bytes, 1), Alignment);
            NativeMemory.Fill(memory, bytes, Garbage);
            NativePtr = (nint)memory;
        }

        ~HostMemory() => DisposeAcceleratorObject(false);

        public static HostMemory Of<T>(Accelerator accelerator, long length)
            where T : unmanaged => new(accelerator, length, Unsafe.SizeOf<T>());

        /// <inheritdoc/>
        protected override void DisposeAcceleratorObject(bool disposing)
        {
            NativeMemory.AlignedFree((void*)NativePtr);
            NativePtr = 0;
        }
    }
}
