using System.Reflection;
using GpuSynth.Recipes;

namespace GpuSynth.Torch.Objectives;

/// <summary>The objectives of some assemblies, found by their declarations.</summary>
public sealed class ObjectiveCatalogue
{
    private readonly SortedDictionary<string, (Type Type, string Says)> found = new(StringComparer.Ordinal);

    private ObjectiveCatalogue(IEnumerable<Assembly> assemblies)
    {
        foreach (Type type in assemblies.SelectMany(static assembly => assembly.GetTypes()))
        {
            foreach (ObjectiveAttribute declaration in type.GetCustomAttributes<ObjectiveAttribute>(inherit: false))
            {
                Check(type, declaration.Name);
                if (!found.TryAdd(declaration.Name, (type, declaration.Says)))
                {
                    throw new ArgumentException(
                        $"{type.FullName} and {found[declaration.Name].Type.FullName} are both called {declaration.Name}; rename one.");
                }
            }
        }
    }

    /// <summary>The objectives of GpuSynth itself.</summary>
    public static ObjectiveCatalogue Own { get; } = new([typeof(ObjectiveCatalogue).Assembly]);

    /// <summary>Their names, in alphabetical order.</summary>
    public IReadOnlyCollection<string> Names => found.Keys;

    /// <summary>GpuSynth's own objectives and those of other assemblies.</summary>
    /// <param name="assemblies">The other assemblies.</param>
    /// <exception cref="ArgumentException">Two have one name, or a declaration stands on something else.</exception>
    public static ObjectiveCatalogue With(params IEnumerable<Assembly> assemblies) =>
        new(assemblies.Prepend(typeof(ObjectiveCatalogue).Assembly).Distinct());

    /// <summary>What an objective learns, in one line.</summary>
    public string Says(string name) => found[name].Says;

    /// <summary>The objective of a name, or of a sum: "rasd+mae:0.5".</summary>
    /// <param name="text">Names with weights (1 where none is given), joined by plus signs.</param>
    /// <param name="context">What it is made for.</param>
    /// <exception cref="GpuSynthException">There is none of a name, a weight is none, or the objective refuses recipe or network.</exception>
    public Objective Create(string text, ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ObjectiveTerm> terms = Parse(text);
        List<(Objective Objective, ObjectiveTerm Term)> made = [];
        try
        {
            foreach (ObjectiveTerm term in terms)
            {
                made.Add((CreateOne(term.Name, context), term));
            }

            return terms is [{ Weight: 1 }] ? made[0].Objective : new SumObjective(made);
        }
        catch
        {
            made.ForEach(static one => one.Objective.Dispose());
            throw;
        }
    }

    /// <summary>The terms of a sum.</summary>
    /// <exception cref="GpuSynthException">There is no objective of a name, or a weight is none.</exception>
    public IReadOnlyList<ObjectiveTerm> Parse(string text)
    {
        IReadOnlyList<ObjectiveTerm> terms = ObjectiveTerm.Parse(text);
        foreach (ObjectiveTerm term in terms)
        {
            if (!found.ContainsKey(term.Name))
            {
                string guess = NearestName.Of(term.Name, [.. Names]) is { } nearest ? $"; did you mean {nearest}?" : ".";
                throw new GpuSynthException(
                    $"There is no objective '{term.Name}'; choose one of {string.Join(", ", Names)}, or a sum of them such as "
                    + $"rasd+mae:0.5{guess}");
            }
        }

        return terms;
    }

    private static void Check(Type type, string name)
    {
        if (!type.IsAssignableTo(typeof(Objective)) || type.IsAbstract || type.GetConstructor([typeof(ObjectiveContext)]) is null)
        {
            throw new ArgumentException(
                $"{type.FullName} is declared the objective {name}; make it a class that derives from {nameof(Objective)} and has a "
                + $"constructor of one {nameof(ObjectiveContext)}.");
        }

        if (name.Length == 0 || !name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
        {
            throw new ArgumentException($"{type.FullName} is called '{name}'; an objective's name is of small letters, digits and hyphens.");
        }
    }

    // A refusal comes as it was thrown.
    private Objective CreateOne(string name, ObjectiveContext context) =>
        (Objective)found[name].Type.GetConstructor([typeof(ObjectiveContext)])!
            .Invoke(BindingFlags.DoNotWrapExceptions, binder: null, [context with { Name = name }], culture: null);
}
