using System.Reflection;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>Components of other assemblies: what recipes may name beside the engine's own.</summary>
public static class ComponentFile
{
    /// <summary>The engine's components and those of assemblies.</summary>
    /// <param name="paths">Files of .NET assemblies (dll), built against this version of GpuSynth.Kernels.</param>
    /// <exception cref="GpuSynthException">
    /// A file is missing, is no such assembly or holds no component, or a component cannot be one of a recipe; one sentence says which and why.
    /// </exception>
    public static ComponentCatalogue Load(params IEnumerable<string> paths) => Load(paths, mayHoldNone: false);

    /// <summary>The same of assemblies that are taken for other things too: one may hold no component.</summary>
    internal static ComponentCatalogue Load(IEnumerable<string> paths, bool mayHoldNone)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var catalogue = ComponentCatalogue.Own;
        List<Assembly> assemblies = [];
        foreach (string path in paths)
        {
            int before = catalogue.Types.Count;
            Assembly assembly = LoadAssembly(path);
            if (assemblies.Contains(assembly))
            {
                continue;
            }

            assemblies.Add(assembly);
            catalogue = Read(path, () => ComponentCatalogue.With(assemblies));
            if (catalogue.Types.Count == before && !mayHoldNone)
            {
                throw Refused(path, "it holds no component: no record in it has [Component(name, stream)]");
            }
        }

        return catalogue;
    }

    private static Assembly LoadAssembly(string path)
    {
        if (Directory.Exists(path) || !File.Exists(path))
        {
            throw Refused(
                path, Directory.Exists(path) ? "it is a folder; name the dll in it" : MissingFile.LinkReason(path) ?? "there is no such file");
        }

        return Read(path, () => Assembly.LoadFrom(Path.GetFullPath(path)));
    }

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            T result = read();
            if (result is ComponentCatalogue catalogue)
            {
                // What a recipe cannot hold is told now, and not by the first recipe that names it.
                _ = catalogue.Types.Values.Select(RecipeSection.Of).Count(static section => section.MayBeEmpty);
            }

            return result;
        }
        catch (BadImageFormatException)
        {
            throw Refused(path, "it is no .NET assembly for this machine; name a dll that was built of a C# project");
        }
        catch (ReflectionTypeLoadException error)
        {
            string reason = error.LoaderExceptions.FirstOrDefault(static one => one is not null)?.Message.TrimEnd('.') ?? error.Message;
            throw Refused(path, $"{RecipeText.Shortened(reason)}; build it against this version of GpuSynth, with what it needs beside it");
        }
        catch (Exception error) when (error is GpuSynthException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw Refused(path, error.Message.TrimEnd('.'));
        }
    }

    private static GpuSynthException Refused(string path, string reason) =>
        new($"Cannot take components from '{path}': {reason}.");
}
