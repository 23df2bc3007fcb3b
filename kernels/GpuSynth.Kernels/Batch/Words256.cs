using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// Words as a launch carries them: by value. A kernel cannot index a struct, so each level hands the store on to one of its parts.

[StructLayout(LayoutKind.Sequential)]
internal readonly struct Words4
{
    private readonly uint w0;
    private readonly uint w1;
    private readonly uint w2;
    private readonly uint w3;

    public void Store(ArrayView<uint> words, int at)
    {
        words[at] = w0;
        words[at + 1] = w1;
        words[at + 2] = w2;
        words[at + 3] = w3;
    }
}

[StructLayout(LayoutKind.Sequential)]
internal readonly struct Words16
{
    public const int Count = 16;

    private readonly Words4 w0;
    private readonly Words4 w4;
    private readonly Words4 w8;
    private readonly Words4 w12;

    public void Store(ArrayView<uint> words, int at)
    {
        w0.Store(words, at);
        w4.Store(words, at + 4);
        w8.Store(words, at + 8);
        w12.Store(words, at + 12);
    }
}

[StructLayout(LayoutKind.Sequential)]
internal readonly struct Words64
{
    private readonly Words16 w0;
    private readonly Words16 w16;
    private readonly Words16 w32;
    private readonly Words16 w48;

    public void Store(ArrayView<uint> words, int block, int at)
    {
        if (block == 0)
        {
            w0.Store(words, at);
        }
        else if (block == 1)
        {
            w16.Store(words, at);
        }
        else if (block == 2)
        {
            w32.Store(words, at);
        }
        else
        {
            w48.Store(words, at);
        }
    }
}

[StructLayout(LayoutKind.Sequential)]
internal readonly struct Words256
{
    private readonly Words64 w0;
    private readonly Words64 w64;
    private readonly Words64 w128;
    private readonly Words64 w192;

    // Block: which sixteen words, 0 to 15.
    public void Store(ArrayView<uint> words, int block, int at)
    {
        int part = block % 4;
        if (block < 4)
        {
            w0.Store(words, part, at);
        }
        else if (block < 8)
        {
            w64.Store(words, part, at);
        }
        else if (block < 12)
        {
            w128.Store(words, part, at);
        }
        else
        {
            w192.Store(words, part, at);
        }
    }
}
