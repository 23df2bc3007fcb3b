using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>A component by itself, with what was drawn for one sample: its row, and where it stands in it.</summary>
internal sealed unsafe class DrawnComponent : IDisposable
{
    /// <summary>The first sample that is looked at.</summary>
    public const long FirstSample = 3;

    private const ulong Seed = 42;

    // A vector may look into a list behind its end.
    private const int RoomBehindRow = 32;

    private readonly NativeMemoryBlock<uint> words;
    private readonly NativeMemoryBlock<float> measured = new(2);

    /// <summary>Draws a sample, of intensities from 0 to 1.</summary>
    /// <param name="component">The component, which no sample is without here.</param>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="labels">Labels of the sample.</param>
    /// <param name="sample">Its index.</param>
    public DrawnComponent(Component component, VolumeShape shape, int labels, long sample)
    {
        var rows = new RowLayout([component with { Chance = 1 }], new SampleFacts(shape, labels));
        words = new(rows.Length + RoomBehindRow);
        measured.Span[1] = 1;
        Span<uint> drawn = words.Span[..rows.Length];
        rows.Draw(Seed, SampleKey.Of(sample), drawn);
        rows.Prepare(drawn);
        Place = new StepPlace(rows.Entries[0], 0, rows.Facts);
    }

    /// <summary>Where the component stands.</summary>
    public StepPlace Place { get; }

    /// <summary>What was drawn and measured.</summary>
    public Row Row => new(words.Pointer, measured.Pointer);

    /// <summary>
    /// A component as a recipe has it, or the first preset that does, those of as many dimensions first; where none has, one whose numbers lie in the
    /// middle of what its keys allow.
    /// </summary>
    /// <param name="type">The component.</param>
    /// <param name="given">The recipe.</param>
    /// <param name="dimensions">2 of images, 3 of volumes.</param>
    public static Component AsUsed(Type type, Recipes.Recipe given, int dimensions) => OfRecipes(type, given)
        .OrderBy(found => found.Dimensions == dimensions ? 0 : 1)
        .Select(static found => found.Component)
        .FirstOrDefault((Component)Recipes.RecipeSection.Of(type).Middle());

    /// <summary>All components of a kind in a recipe, and in the presets behind it.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="given">The recipe.</param>
    public static IEnumerable<(Component Component, int Dimensions)> OfRecipes(Type type, Recipes.Recipe given) =>
        Recipes.Presets.Names.Select(Recipes.Presets.Get).Prepend(given)
            .SelectMany(static recipe => recipe.Components, static (recipe, component) => (component, recipe.Dimensions))
            .Where(found => found.component.GetType() == type);

    /// <summary>The first sample that a component does anything to, where one of the first thirty is: by what it draws it may leave others as they are.</summary>
    /// <param name="acts">Whether it does anything to a sample.</param>
    public static long FirstThat(Predicate<long> acts)
    {
        for (long sample = FirstSample; sample < FirstSample + 30; sample++)
        {
            if (acts(sample))
            {
                return sample;
            }
        }

        return FirstSample;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        words.Dispose();
        measured.Dispose();
    }
}
