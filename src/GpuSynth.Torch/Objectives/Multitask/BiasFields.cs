using GpuSynth.Kernels;
using GpuSynth.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// The bias fields of samples. What a component draws depends on nothing but key and seed: in an image of intensity 1 everywhere that has only the
/// recipe's bias fields, the sample of the same key is the fields' product.
/// </summary>
internal sealed class BiasFields : IDisposable
{
    // Below what any field multiplies by; a spline may come near 0.
    private const double Least = 1e-6;

    private readonly Recipe recipe;
    private readonly VolumeShape shape;
    private readonly byte[] labels;
    private SynthesisEngine? engine;
    private DrawnSample? drawn;

    private BiasFields(Recipe recipe, VolumeShape shape) =>
        (this.recipe, this.shape, labels) = (recipe, shape, new byte[shape.VoxelCount]);

    /// <summary>The fields of a recipe; null where it has none.</summary>
    /// <param name="context">Recipe and shape.</param>
    public static BiasFields? Of(ObjectiveContext context)
    {
        Component[] fields = [.. context.Recipe.Appearance.Where(static one => one is Bias or BiasLegendre or BiasSpline)];
        if (fields.Length == 0)
        {
            return null;
        }

        // The cheapest labels there are.
        var anatomy = new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.SideOver(1)], Std: 0), Displacement: null);
        var recipe = new Recipe("bias fields", context.Recipe.Dimensions, [anatomy], [new Contrast(1), .. fields]);
        return new BiasFields(recipe, context.Shape);
    }

    /// <summary>The logarithms of the fields, their mean over each sample 0: [B, 1, (D,) H, W], float32, in the host's memory.</summary>
    public unsafe Tensor Logarithms(ObjectiveStep step, ObjectiveView view)
    {
        engine ??= new SynthesisEngine(SynthesisPlan.Create(new EngineOptions
        {
            Recipe = recipe, Shape = shape, Seed = step.Seed, Threads = get_num_threads(),
        }));
        drawn ??= engine.CreateDrawn();
        using DisposeScope scope = NewDisposeScope();
        Tensor image = step.Image(view), fields = empty(image.shape, ScalarType.Float32);
        int voxels = labels.Length;
        for (int item = 0; item < step.Items; item++)
        {
            var to = new Span<float>((float*)TensorAddress.Of(fields) + ((long)item * voxels), voxels);
            engine.Generate(view.KeyOf(step.FirstItem + item), to, labels, drawn);
        }

        fields.clamp_min_(Scalars.Of(Least)).log_();
        return fields.sub(fields.mean(InputScale.AxesOf(fields), keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => engine?.Dispose();
}
