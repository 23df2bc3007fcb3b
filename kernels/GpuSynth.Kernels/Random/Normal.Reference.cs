namespace GpuSynth.Kernels;

public static partial class Normal
{
    /// <summary>The normal numbers of elements start to start + count - 1, each from its own block, in double
    /// precision.</summary>
    public static double[] ReferenceValues(RandomPlace place, long start, int count)
    {
        uint[] key = [place.Key0, place.Key1];
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            long element = start + i;
            long group = element / 64;
            long word = element % 64 / 16;
            long lane = element % 16;
            uint[] counter = [(uint)((group * 16) + lane), place.Counter1, place.Counter2, place.Counter3];
            uint[] bits = Philox.ReferenceBlock(counter, key);
            double u = ((bits[word < 2 ? 0 : 2] >> 9) + 0.5) / 8388608.0;
            double v = ((bits[word < 2 ? 1 : 3] >> 9) + 0.5) / 8388608.0;
            double radius = Math.Sqrt(-2.0 * Math.Log(u));
            values[i] = word % 2 == 0 ? radius * Math.Cos(2.0 * Math.PI * v) : radius * Math.Sin(2.0 * Math.PI * v);
        }

        return values;
    }
}
