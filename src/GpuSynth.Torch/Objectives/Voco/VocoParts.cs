using GpuSynth.Torch.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>The student's head and the teacher's, which follows it and has no gradient.</summary>
internal sealed class VocoParts : NamedParts
{
    private const int Width = 128;

    // The share of the student that a teacher takes over with each step.
    private const double NewShare = 0.1;

    private readonly nn.Module<Tensor, Tensor> student;
    private readonly nn.Module<Tensor, Tensor> teacher;

    /// <summary>A student with PyTorch's initial weights, and a teacher that is its copy.</summary>
    /// <param name="features">Features of a crop.</param>
    public VocoParts(int features)
        : base(nameof(VocoParts))
    {
        student = Register(nameof(student), Head(features));
        teacher = Register(nameof(teacher), Head(features));
        foreach (Parameter weight in teacher.parameters())
        {
            weight.requires_grad_(false);
        }

        Follow(1);
    }

    /// <summary>The student's embeddings [n, 128] of features [n, F].</summary>
    public Tensor Student(Tensor features) => student.call(features);

    /// <summary>The teacher's, without a graph.</summary>
    public Tensor Teacher(Tensor features)
    {
        using IDisposable unrecorded = no_grad();
        return teacher.call(features);
    }

    /// <summary>The teacher becomes 0.9 of itself and 0.1 of the student.</summary>
    public void Follow() => Follow(NewShare);

    private void Follow(double share)
    {
        using IDisposable unrecorded = no_grad();
        foreach ((Parameter own, Parameter other) in teacher.parameters().Zip(student.parameters()))
        {
            own.mul_(Scalars.Of(1 - share)).add_(other, Scalars.Of(share));
        }
    }

    // Norms without weights and without running means: all that they know is the batch.
    private static nn.Module<Tensor, Tensor> Head(int features) => nn.Sequential(
        ("linear1", nn.Linear(features, Width)),
        ("norm1", nn.BatchNorm1d(Width, affine: false, track_running_stats: false)),
        ("relu1", nn.ReLU()),
        ("linear2", nn.Linear(Width, Width)),
        ("norm2", nn.BatchNorm1d(Width, affine: false, track_running_stats: false)),
        ("relu2", nn.ReLU()),
        ("linear3", nn.Linear(Width, Width)));
}
