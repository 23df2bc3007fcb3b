namespace GpuSynth.Kernels;

// P(m) = 1/N sum over q = a to a + n - 1 of e^(2 pi i q m / N) = sin(pi n m / N) / (N sin(pi m / N)) e^(i pi (2 a + n - 1) m / N),  P(0) = n / N,
// for every length N: what the cyclic convolution with P leaves of a line is the n frequencies of the band.

/// <summary>Consecutive frequencies of a line, as the kernel of a cyclic convolution that leaves them and takes away the others.</summary>
internal static class FrequencyBand
{
    /// <summary>Works out the kernel, P(0) to P(N - 1): its real part is even, its imaginary part odd.</summary>
    /// <param name="first">a, the lowest frequency, in cycles per line; negative ones are below 0.</param>
    /// <param name="count">n, how many, 0 to N.</param>
    /// <param name="real">Written: N numbers.</param>
    /// <param name="imaginary">Written: as many.</param>
    public static void Write(int first, int count, Span<float> real, Span<float> imaginary)
    {
        int length = real.Length;
        (real[0], imaginary[0]) = ((float)((double)count / length), 0);
        int ends = (2 * first) + count - 1;
        for (int at = 1; at < length; at++)
        {
            // Angles without whole turns: their sines stay exact however long the line is.
            double size = Math.Sin(Math.PI * ((long)count * at % (2L * length)) / length) / (length * Math.Sin(Math.PI * at / length));
            (double sine, double cosine) = Math.SinCos(Math.PI * ((long)ends * at % (2L * length)) / length);
            (real[at], imaginary[at]) = ((float)(size * cosine), (float)(size * sine));
        }
    }
}
