using System.Runtime.CompilerServices;

// Kernels fill their stack buffers before they read them; zeroing kilobytes per block of voxels would cost more than the block.
[module: SkipLocalsInit]
[assembly: InternalsVisibleTo("GpuSynth.Tests")]
