using System.Runtime.InteropServices;
using GpuSynth.Torch.FineTuning;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Dice + cross-entropy against nested loops in double.</summary>
internal sealed class LossTests
{
    private const int Batch = 2;
    private const int Classes = 3;
    private const int Voxels = 2 * 3 * 5;

    [Test]
    public void Loss_equals_the_dull_form_and_its_gradient_central_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, Batch * Classes * Voxels).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        byte[] labels = [.. Enumerable.Range(0, Batch * Voxels).Select(_ => (byte)random.Next(Classes))];
        Tensor input = Of(logits).requires_grad_(true);
        Tensor loss = DiceCrossEntropy.Of(input, Of(OneHot(labels)));
        loss.backward();
        Assert.That(loss.ToDouble(), Is.EqualTo(Dull(logits, labels)).Within(1e-5));
        float[] gradient = MemoryMarshal.Cast<byte, float>(input.grad!.bytes).ToArray();
        foreach (int n in new[] { 0, 17, 63, 100, 179 })
        {
            Assert.That(gradient[n], Is.EqualTo(Difference(logits, labels, n)).Within(1e-5), $"logit {n}");
        }
    }

    [Test]
    public void A_label_that_is_neither_there_nor_predicted_costs_nothing()
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] labels = new byte[Batch * Voxels];
        labels[4] = 1;
        float[] logits = OneHot(labels);
        Tensor loss = DiceCrossEntropy.Of(Of([.. logits.Select(value => 60 * value)]), Of(logits));
        Assert.That(loss.ToDouble(), Is.Zero.Within(1e-5));
    }

    [Test]
    public void Voxels_that_are_left_out_count_in_no_sum_and_get_no_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(5);
        float[] logits = [.. Enumerable.Range(0, Batch * Classes * Voxels).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        byte[] labels = [.. Enumerable.Range(0, Batch * Voxels).Select(n =>
            n % 4 == 1 ? LabelClasses.Ignored : (byte)random.Next(Classes))];
        float[] truth = new float[logits.Length];
        long counted = DiceCrossEntropy.OneHot(labels, Batch, Classes, truth);
        Assert.That(counted, Is.EqualTo(Batch * Voxels * 3 / 4));
        Tensor input = Of(logits).requires_grad_(true);
        Tensor loss = DiceCrossEntropy.Of(input, Of(truth), counted);
        loss.backward();
        Assert.That(loss.ToDouble(), Is.EqualTo(Dull(logits, labels)).Within(1e-5));
        float[] gradient = MemoryMarshal.Cast<byte, float>(input.grad!.bytes).ToArray();
        for (int n = 0; n < labels.Length; n++)
        {
            float[] own = [.. Enumerable.Range(0, Classes).Select(c => gradient[((n / Voxels * Classes) + c) * Voxels + (n % Voxels)])];
            Assert.That(own, labels[n] == LabelClasses.Ignored ? Is.All.Zero : Is.Not.All.Zero, $"voxel {n}");
        }
    }

    [Test]
    public void A_batch_that_is_left_out_as_a_whole_costs_nothing_and_moves_nothing()
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] labels = [.. Enumerable.Repeat(LabelClasses.Ignored, Batch * Voxels)];
        float[] truth = new float[Classes * labels.Length];
        long counted = DiceCrossEntropy.OneHot(labels, Batch, Classes, truth);
        Tensor input = Of([.. Enumerable.Range(0, truth.Length).Select(n => n % 7f)]).requires_grad_(true);
        Tensor loss = DiceCrossEntropy.Of(input, Of(truth), counted);
        loss.backward();
        Assert.That(loss.ToDouble(), Is.Zero);
        Assert.That(MemoryMarshal.Cast<byte, float>(input.grad!.bytes).ToArray(), Is.All.Zero);
    }

    private static float[] OneHot(byte[] labels)
    {
        float[] truth = new float[Classes * labels.Length];
        Assert.That(DiceCrossEntropy.OneHot(labels, Batch, Classes, truth), Is.EqualTo(labels.Length));
        return truth;
    }

    private static Tensor Of(float[] values)
    {
        Tensor tensor = empty([Batch, Classes, 2, 3, 5], ScalarType.Float32);
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(tensor.bytes);
        return tensor;
    }

    private static double Difference(float[] logits, byte[] labels, int n)
    {
        double[] moved = [.. logits.Select(value => (double)value)];
        moved[n] += 1e-4;
        double high = Dull(moved, labels);
        moved[n] -= 2e-4;
        return (high - Dull(moved, labels)) / 2e-4;
    }

    private static double Dull(float[] logits, byte[] labels) => Dull([.. logits.Select(value => (double)value)], labels);

    private static double Dull(double[] logits, byte[] labels)
    {
        int counted = labels.Count(label => label != LabelClasses.Ignored);
        double crossEntropy = 0;
        double[] both = new double[Classes];
        double[] total = new double[Classes];
        for (int b = 0; b < Batch; b++)
        {
            for (int v = 0; v < Voxels; v++)
            {
                int At(int c) => (((b * Classes) + c) * Voxels) + v;
                double[] powers = [.. Enumerable.Range(0, Classes).Select(c => Math.Exp(logits[At(c)]))];
                int label = labels[(b * Voxels) + v];
                if (label == LabelClasses.Ignored)
                {
                    continue;
                }

                crossEntropy -= Math.Log(powers[label] / powers.Sum()) / counted;
                for (int c = 0; c < Classes; c++)
                {
                    double share = powers[c] / powers.Sum();
                    both[c] += c == label ? share : 0;
                    total[c] += share + (c == label ? 1 : 0);
                }
            }
        }

        double dice = Enumerable.Range(1, Classes - 1).Average(c => ((2 * both[c]) + 1e-5) / (total[c] + 1e-5));
        return crossEntropy + 1 - dice;
    }
}
