using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>
/// Weights and images by formula, so that a few numbers of MONAI's output stand for a whole network. In numpy: for entry j of the
/// sorted state, v = sin(0.7 i + j); variances 1 + 0.5 v; vectors 0.1 v (biases, means) or 0.25 + 0.1 v; the rest v sqrt(2
/// shape[0] / n).
/// </summary>
internal static class MonaiGolden
{
    public static void Fill(nn.Module network)
    {
        (string Name, Tensor Tensor)[] state =
            [.. Weights.State(network).OrderBy(static entry => entry.Name, StringComparer.Ordinal)];
        for (int j = 0; j < state.Length; j++)
        {
            (string name, Tensor tensor) = state[j];
            if (tensor.dtype != ScalarType.Float32)
            {
                continue;
            }

            using Tensor flat = tensor.detach();
            Span<float> values = MemoryMarshal.Cast<byte, float>(flat.bytes);
            (double offset, double scale) = name switch
            {
                _ when name.EndsWith("running_var", StringComparison.Ordinal) => (1, 0.5),
                _ when tensor.shape.Length > 1 => (0, Math.Sqrt(2.0 / (values.Length / tensor.shape[0]))),
                _ when name.EndsWith("bias", StringComparison.Ordinal) => (0, 0.1),
                _ when name.EndsWith("running_mean", StringComparison.Ordinal) => (0, 0.1),
                _ => (0.25, 0.1),
            };
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(offset + (scale * Math.Sin((0.7 * i) + j)));
            }
        }
    }

    /// <summary>0.5 + 0.5 sin(0.37 i + 0.00001 i^2).</summary>
    public static Tensor Image(params long[] shape)
    {
        Tensor image = empty(shape);
        Span<float> values = MemoryMarshal.Cast<byte, float>(image.bytes);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(0.5 + (0.5 * Math.Sin((0.37 * i) + (0.00001 * i * i))));
        }

        return image;
    }

    /// <summary>SHA-256 of the sorted lines "name [shape]" of a network's state.</summary>
    public static string StateDigest(nn.Module network)
    {
        IEnumerable<string> lines = Weights.State(network)
            .Select(static entry => $"{entry.Name} [{string.Join(", ", entry.Tensor.shape)}]\n")
            .Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    /// <summary>The output's root mean square, and eight values: at i n / 7 for i below 7, and the last.</summary>
    public static void AssertForward(SegmentationNetwork network, long[] shape, double rms, double[] samples)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        Fill(network);
        network.eval();
        using Tensor output = network.call(Image(shape)).contiguous();
        Assert.That(output.shape, Is.EqualTo(new[] { shape[0], network.Options.OutChannels }.Concat(shape[2..])));
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(output.bytes);
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        // Sums of thousands of products in another order: about a hundred roundings of the typical value.
        double tolerance = 1e-5 * rms;
        Assert.That(Math.Sqrt(sum / values.Length), Is.EqualTo(rms).Within(tolerance));
        for (int i = 0; i < samples.Length; i++)
        {
            int place = Math.Min((int)((long)i * values.Length / 7), values.Length - 1);
            Assert.That(values[place], Is.EqualTo(samples[i]).Within(2 * tolerance), $"sample {i}");
        }
    }

    /// <summary>Training mode: every parameter gets a finite gradient, and some of it is not zero.</summary>
    public static void AssertTrains(SegmentationNetwork network, params long[] shape)
    {
        using var scope = NewDisposeScope();
        network.train();
        Tensor output = network.call(Image(shape));
        (output * output).mean().backward();
        foreach ((string name, var parameter) in network.named_parameters())
        {
            Tensor? gradient = parameter.grad;
            Assert.That(gradient is not null, name);
            float norm = gradient!.abs().sum().item<float>();
            Assert.That(float.IsFinite(norm), name);
        }
    }
}
