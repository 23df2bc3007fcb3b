using System.Runtime.CompilerServices;

// Kernels fill their stack buffers before they read them; zeroing kilobytes per block of voxels would cost more than the block.
[module: SkipLocalsInit]
[assembly: InternalsVisibleTo("GpuSynth.Tests")]

// Its benchmarks draw a component's numbers.
[assembly: InternalsVisibleTo("GpuSynth.Cli")]

// ILGPU launches kernels from an assembly that it generates, by this name: the entry points are internal.
[assembly: InternalsVisibleTo("ILGPURuntime")]
