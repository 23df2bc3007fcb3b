using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;

namespace GpuSynth.Tests.Recipes;

/// <summary>Shapes in every fourth recipe, or several, anywhere behind the first anatomy: what is drawn of the recipe else stays.</summary>
internal static class RandomShapes
{
    public static Recipe With(Recipe recipe, Random random)
    {
        if (random.Next(4) > 0)
        {
            return recipe;
        }

        List<Component> list = [.. recipe.Anatomy];
        for (int more = random.Next(1, 3); more > 0; more--)
        {
            Component shape = random.Next(4) switch { 0 => Mask(random, list), 1 => Cells(random), 2 => Shell(random), _ => Bones(random) };
            double chance = random.Next(3) == 0 && shape is not SphereMask { OwnBackground: true } ? random.NextDouble() : 1;
            int at = shape is SphereMask { OwnBackground: true } ? list.Count : random.Next(1, list.Count + 1);
            list.Insert(at, shape with { Chance = chance });
        }

        return recipe with { Anatomy = [.. list] };
    }

    /// <summary>
    /// A deformation in every fourth recipe, or two, behind the first anatomy and before lesions; reflections where there are no label maps, and nothing so large
    /// that a voxel on a border becomes many.
    /// </summary>
    public static Recipe WithDeformation(Recipe recipe, Random random)
    {
        if (random.Next(4) > 0)
        {
            return recipe;
        }

        List<Component> list = [.. recipe.Anatomy];
        int end = list.FindIndex(static one => one is Lesions);
        bool mayMirror = !list.Any(static one => one is LabelMapAnatomy);
        for (int more = random.Next(1, 3); more > 0; more--)
        {
            var component = new Deformation(
                RandomRecipes.Law(random, -360, 360),
                RandomRecipes.Law(random, 0.513, 1.487),
                RandomRecipes.Law(random, -0.297, 0.297),
                random.Next(3) switch { 0 => null, 1 => false, _ => true },
                RandomRecipes.Law(random, -0.47, 0.47),
                Chance(mayMirror),
                Chance(mayMirror),
                Chance(mayMirror),
                Chance(true),
                random.Next(2) == 0 ? null : new ShiftGrids(RandomRecipes.Scales(random), RandomRecipes.Law(random, 0, 0.05)),
                random.Next(2) == 0 ? null : new ShiftGrids(RandomRecipes.Scales(random), RandomRecipes.Law(random, 0, 0.05)),
                RandomRecipes.Law(random, 0, 2));
            list.Insert(random.Next(1, (end < 0 ? list.Count : end) + 1), component with { Chance = random.Next(2) == 0 ? 1 : random.NextDouble() });
        }

        return recipe with { Anatomy = [.. list] };

        double Chance(bool mayBe) => !mayBe ? 0 : random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
    }

    /// <summary>A part in four is drawn inside label 0, which all have, or inside two.</summary>
    public static Recipe WithPartsInside(Recipe recipe, Random random)
    {
        bool areMaps = recipe.Anatomy.Any(static one => one is LabelMapAnatomy);
        return recipe with
        {
            Anatomy =
            [
                .. recipe.Anatomy.Select((one, at) => one is IAnatomyComponent { MayBeInside: true, Covers: false } && at > 0 && random.Next(4) == 0
                    ? InnerPartTests.Inside(one, areMaps ? [0] : [1, 0])
                    : one),
            ],
        };
    }

    /// <summary>Something cut away in every fourth recipe, or twice, behind the first anatomy; nothing whose border lies on voxels.</summary>
    public static Recipe WithCutAway(Recipe recipe, Random random)
    {
        if (random.Next(4) > 0)
        {
            return recipe;
        }

        List<Component> list = [.. recipe.Anatomy];
        for (int more = random.Next(1, 3); more > 0; more--)
        {
            var cut = new CutAway(new IntegerLaw(0, 2), new UniformLaw(0, 0.513), random.Next(1, 5), random.Next(3) > 0);
            list.Insert(random.Next(1, list.Count + 1), cut with { Chance = random.Next(2) == 0 ? 1 : random.NextDouble() });
        }

        return recipe with { Anatomy = [.. list] };
    }

    private static SphereMask Mask(Random random, List<Component> before) => new(
        RandomRecipes.Law(random, 0.05, 2),
        RandomRecipes.Law(random, -1, 1),
        RandomRecipes.Scales(random),
        RandomRecipes.Law(random, 0, 0.2),
        random.NextDouble(),
        random.Next(3) switch { 0 => 0, _ => random.NextDouble() },
        RandomRecipes.Law(random, 0, 0.2),
        random.Next(2) == 0 && !before.Any(static one => one is LabelMapAnatomy));

    private static Shell Shell(Random random) => new(
        RandomRecipes.Law(random, 0.02, 2),
        RandomRecipes.Law(random, 0.2, 5),
        RandomRecipes.Law(random, -1, 1),
        random.Next(1, GpuSynth.Kernels.Shell.MostLayers + 1),
        RandomRecipes.Law(random, 0.001, 0.5),
        RandomRecipes.Law(random, 0, 0.2),
        RandomRecipes.Law(random, 0.005, 1),
        random.Next(1, 5),
        random.Next(2) == 0);

    private static Bones Bones(Random random) => new(
        RandomRecipes.Law(random, 0, 24),
        RandomRecipes.Law(random, 0.005, 0.3),
        RandomRecipes.Law(random, 0.01, 0.5),
        RandomRecipes.Law(random, 0, 0.8),
        RandomRecipes.Law(random, 0, 12),
        RandomRecipes.Law(random, 0.002, 0.1),
        RandomRecipes.Law(random, 0, 60),
        RandomRecipes.Law(random, 0.02, 1),
        RandomRecipes.Law(random, 0.02, 1),
        RandomRecipes.Law(random, 0, 16),
        RandomRecipes.Law(random, 0.005, 0.2),
        RandomRecipes.Law(random, 0, 100),
        RandomRecipes.Law(random, 0.001, 0.1),
        RandomRecipes.Law(random, -1, 1));

    private static Cells Cells(Random random)
    {
        bool areInstances = random.Next(2) == 0;
        return new(
            areInstances ? RandomRecipes.Law(random, 0.3, 0.5) : RandomRecipes.Law(random, 0.05, 0.5),
            RandomRecipes.Law(random, 0.1, 1.5),
            RandomRecipes.Law(random, 0, 0.5),
            RandomRecipes.Law(random, 0, 1),
            RandomRecipes.Law(random, 0, 0.5),
            random.Next(2) == 0 ? SideMeasure.Of(random.Next(1, 4097)) : SideMeasure.SideOver(random.Next(1, 4097)),
            areInstances,
            random.Next(4) == 0,
            random.Next(3) == 0);
    }
}
