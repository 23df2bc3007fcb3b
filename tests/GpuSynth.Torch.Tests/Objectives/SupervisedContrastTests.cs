using GpuSynth.Torch.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>The contrast of rows: values by hand, and what must not matter.</summary>
[NonParallelizable]
public sealed class SupervisedContrastTests
{
    private static readonly double[] Axes = [1, 0, 0, 1, 1, 0, 0, 1];

    [Test]
    public void TwoLabelsApartInBothViews_AreTheValueByHand([Values] bool isDouble)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = tensor(Axes).reshape(1, 4, 2).to_type(isDouble ? ScalarType.Float64 : ScalarType.Float32);
        Tensor loss = SupervisedContrast.Loss(rows, tensor(new long[] { 0, 1, 0, 1 }).reshape(1, 4), isBalanced: false);
        Assert.That(Number(loss), Is.EqualTo(Math.Log(1 + (2 * Math.Exp(-1 / 0.33)))).Within(isDouble ? 1e-14 : 2e-7));
        Assert.That(Number(loss), Is.EqualTo(0.0922163).Within(2e-7));
    }

    [Test]
    public void RowsThatAreAllEqual_AreAtChance()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = SupervisedContrast.Loss(full([1, 4, 3], 0.7), zeros([1, 4], ScalarType.Byte), isBalanced: false);
        Assert.That(Number(loss), Is.EqualTo(1.0986123).Within(3e-7).And.EqualTo(SupervisedContrast.Chance(4)).Within(3e-7));
    }

    // Two rows of label 0 at (1, 0) and four of label 1 at (0, 1), q = e^(1 / T).
    //   Plain: an anchor of label 0 has ln((q + 4) / q), one of label 1 ln((3 q + 2) / q); mean over 2 and 4 anchors.
    //   Balanced: label 0 has ln((q / 1 + 4 / 4) / q), label 1 ln((3 q / 3 + 2 / 2) / q); both labels weigh alike.
    [Test]
    public void RareLabelsWeighAsFrequentOnes_ByHand([Values] bool isBalanced)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = tensor(new long[] { 0, 1, 1, 0, 1, 1 }).reshape(1, 6);
        Tensor rows = stack([labels.eq(0), labels.eq(1)], 2).to_type(ScalarType.Float64);
        double q = Math.Exp(1 / 0.33);
        double expected = isBalanced
            ? Math.Log((q + 1) / q)
            : ((2 * Math.Log((q + 4) / q)) + (4 * Math.Log(((3 * q) + 2) / q))) / 6;
        Assert.That(Number(SupervisedContrast.Loss(rows, labels, isBalanced)), Is.EqualTo(expected).Within(1e-13));
    }

    // Where the labels' losses differ, the weights of the anchors show: three rows at one place and one elsewhere, of label 1.
    [Test]
    public void TheBalancedMeanIsThatOfTheLabelsMeans()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = tensor(new long[] { 0, 0, 1, 1, 1, 1 }).reshape(1, 6);
        Tensor rows = tensor(new double[] { 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, -1 }).reshape(1, 6, 2);
        double q = Math.Exp(1 / 0.33);
        double ofZero = Math.Log(q + ((3 + 1) / 4.0)) - (1 / 0.33);
        double ofThree = Math.Log((((2 * q) + (1 / q)) / 3) + 1) - ((2 - 1) / 3.0 / 0.33);
        double ofOne = Math.Log((3 / q / 3) + 1) + (1 / 0.33);
        double expected = (ofZero + (((3 * ofThree) + ofOne) / 4)) / 2;
        Assert.That(Number(SupervisedContrast.Loss(rows, labels, isBalanced: true)), Is.EqualTo(expected).Within(1e-13));
    }

    [Test]
    public void ItemsDoNotSeeEachOther()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor rows, Tensor labels) = Drawn(items: 2, voxels: 9);
        double One(long item) => Number(SupervisedContrast.Loss(rows.narrow(0, item, 1), labels.narrow(0, item, 1), isBalanced: false));
        Assert.That(Number(SupervisedContrast.Loss(rows, labels, isBalanced: false)), Is.EqualTo((One(0) + One(1)) / 2).Within(1e-13));
    }

    [Test]
    public void PositionsAndLabelNumbersAndViewsDoNotMatter_ButPositionsThatDifferDo([Values] bool isBalanced)
    {
        const int Voxels = 12;
        using DisposeScope scope = NewDisposeScope();
        (Tensor rows, Tensor labels) = Drawn(1, Voxels);
        (double loss, Tensor gradient) = Differentiate(rows, labels);
        Tensor order = randperm(Voxels), inBoth = cat([order, order + Voxels]), swapped = arange(2 * Voxels).roll(Voxels);
        Assert.Multiple(() =>
        {
            foreach (Tensor moved in new[] { inBoth, swapped })
            {
                (double ofMoved, Tensor gradientOfMoved) = Differentiate(rows.index_select(1, moved), labels.index_select(1, moved));
                Assert.That(ofMoved, Is.EqualTo(loss).Within(1e-13));
                Assert.That((gradientOfMoved - gradient.index_select(1, moved)).abs().max().item<double>(), Is.LessThan(1e-13));
            }

            (double ofNumbers, Tensor gradientOfNumbers) = Differentiate(rows, (labels * 5 + 3) % 7);
            Assert.That(ofNumbers, Is.EqualTo(loss).Within(1e-13));
            Assert.That((gradientOfNumbers - gradient).abs().max().item<double>(), Is.LessThan(1e-13));
            Tensor inOne = cat([arange(Voxels), order + Voxels]);
            Assert.That(Differentiate(rows.index_select(1, inOne), labels).Loss, Is.Not.EqualTo(loss).Within(1e-3));
        });

        (double Loss, Tensor Gradient) Differentiate(Tensor given, Tensor numbers)
        {
            Tensor leaf = given.clone().requires_grad_();
            Tensor value = SupervisedContrast.Loss(leaf, numbers, isBalanced);
            value.backward();
            return (Number(value), leaf.grad!);
        }
    }

    // What the host works out in float by sweeps of its own is what operators make in double; rows that fill no vector too.
    [Test]
    public void TheHostsFormIsThatOfOperators([Values] bool isBalanced, [Values(2, 8, 37, 256)] int voxels, [Values(1, 3)] int items)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor rows, Tensor labels) = Drawn(items, voxels);
        (Tensor exact, Tensor single) = (rows.requires_grad_(), rows.detach().to_type(ScalarType.Float32).requires_grad_());
        Tensor loss = SupervisedContrast.Loss(exact, labels, isBalanced), host = SupervisedContrast.Loss(single, labels, isBalanced);
        loss.mul(3).backward();
        host.mul(3).backward();
        Assert.That(host.item<float>(), Is.EqualTo(Number(loss)).Within(1e-6 * Number(loss)));
        double off = (single.grad!.to_type(ScalarType.Float64) - exact.grad!).abs().max().item<double>();
        Assert.That(off, Is.LessThan(1e-5 * exact.grad!.abs().max().item<double>()));
    }

    [Test]
    public void ThreadsChangeNoBit()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor rows, Tensor labels) = Drawn(items: 5, voxels: 50);
        int before = get_num_threads();
        try
        {
            Tensor[] gradients = [.. new[] { 1, 3 }.Select(threads =>
            {
                set_num_threads(threads);
                Tensor leaf = rows.to_type(ScalarType.Float32).requires_grad_();
                SupervisedContrast.Loss(leaf, labels, isBalanced: true).backward();
                return leaf.grad!;
            })];
            Assert.That(gradients[1].equal(gradients[0]).all().item<bool>());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Test]
    public void RowsAndLabelsOfDifferentShapesAreRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.That(
            () => SupervisedContrast.Loss(zeros([1, 4, 2]), zeros([1, 5]), isBalanced: false),
            Throws.ArgumentException.With.Message.Contains("Rows [1, 4, 2] and labels [1, 5] do not fit"));
    }

    private static double Number(Tensor tensor) => tensor.detach().to_type(ScalarType.Float64).item<double>();

    private static (Tensor Rows, Tensor Labels) Drawn(int items, int voxels)
    {
        manual_seed(4);
        Tensor labels = randint(0, 3, [items, voxels], ScalarType.Int64);
        return (randn([items, 2 * voxels, 5], ScalarType.Float64), labels.repeat(1, 2));
    }
}
