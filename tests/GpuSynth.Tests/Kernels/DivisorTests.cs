using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

/// <summary>Division by a number that is the same for every voxel.</summary>
[Category("Host")]
public sealed class DivisorTests
{
    [Test]
    public void Quotients_AreExact_BelowTwoToThe31st()
    {
        Random random = new(3);
        int[] divisors = [1, 2, 3, 5, 7, 127, 128, 641, 65_535, 65_536, 1_000_003, 1 << 30, int.MaxValue,
            .. Enumerable.Range(0, 200).Select(_ => random.Next(1, 1 << random.Next(1, 31)))];
        foreach (int divisor in divisors)
        {
            var by = new Divisor(divisor);
            int[] numbers = [0, 1, divisor - 1, divisor, Math.Max(0, divisor - 2), int.MaxValue, int.MaxValue - 1,
                int.MaxValue / divisor * divisor, Math.Max(0, (int.MaxValue / divisor * divisor) - 1),
                .. Enumerable.Range(0, 500).Select(_ => random.Next())];
            foreach (int number in numbers)
            {
                WordExact quotient = by.Divide<RealExact, WordExact>(new WordExact((uint)number), out WordExact rest);
                Assert.That((quotient.V, rest.V), Is.EqualTo(((uint)(number / divisor), (uint)(number % divisor))), $"{number} / {divisor}");
            }
        }
    }

    [Test]
    public void ADivisorOfNothing_IsRefused() => Assert.That(() => new Divisor(0), Throws.TypeOf<ArgumentOutOfRangeException>());
}
