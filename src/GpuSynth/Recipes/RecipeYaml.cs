using System.Globalization;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Kernels;
using YamlDotNet.Core;

namespace GpuSynth.Recipes;

/// <summary>
/// Recipes as YAML: read with every mistake named by line, key, value and allowed range, and written to read back equal.
/// </summary>
public static class RecipeYaml
{
    /// <summary>The longest text that is read as a recipe, in bytes.</summary>
    public const int MaximumBytes = 1 << 20;

    /// <summary>Reads a recipe file.</summary>
    /// <param name="path">The file; UTF-8, at most 1 MiB.</param>
    /// <param name="components">The components that it may name; null: the engine's own.</param>
    /// <exception cref="RecipeException">The file cannot be read or is no recipe; the exception lists every mistake.</exception>
    public static Recipe Read(string path, ComponentCatalogue? components = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Parse(ReadText(path), path, components);
    }

    /// <summary>Reads a recipe from its text.</summary>
    /// <param name="text">The YAML text, at most 1 MiB.</param>
    /// <param name="sourceName">What the text is called in complaints, a file name for instance.</param>
    /// <param name="components">The components that it may name; null: the engine's own.</param>
    /// <exception cref="RecipeException">The text is no recipe; the exception lists every mistake.</exception>
    public static Recipe Parse(string text, string sourceName, ComponentCatalogue? components = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(sourceName);
        if (text.Length > MaximumBytes)
        {
            throw Refused(sourceName, TooLarge);
        }

        RefuseControlCharacters(text, sourceName);
        List<RecipeMistake> mistakes = [];
        YamlNode? root;
        try
        {
            root = YamlNode.Read(text, mistakes);
        }
        catch (YamlException error)
        {
            throw NotYaml(sourceName, (int)error.Start.Line, (int)error.Start.Column, error.Message.TrimEnd('.'));
        }

        if (root is null or YamlScalar { IsNothing: true })
        {
            throw Refused(sourceName, "empty; 'gpusynth recipe show rasd-3d' prints a whole recipe to start from");
        }

        return RecipeYamlReader.Read(root, components ?? ComponentCatalogue.Own, mistakes)
            ?? throw new RecipeException(sourceName, [.. mistakes.OrderBy(mistake => mistake.Line)]);
    }

    /// <summary>The recipe as YAML; read again it is an equal recipe. Lines end in "\n".</summary>
    public static string Write(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return RecipeYamlWriter.Write(recipe);
    }

    /// <summary>
    /// SHA-256 of what a run has written into a recipe file, below its heading: as the run took it down, in whichever form it was written.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RecipeException">The file cannot be read.</exception>
    public static string ChecksumOfFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        IEnumerable<string> lines = ReadText(path).Split('\n').SkipWhile(static line => line.StartsWith('#'));
        return Checksum.Sha256(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    private static RecipeException NotYaml(string source, int line, int column, string reason) => new(
        source,
        [
            RecipeMistake.At(
                line, "", "", "YAML", string.Create(CultureInfo.InvariantCulture, $"column {column}: not YAML: {reason}")),
        ]);

    // YAML allows none but tab and line ends; YamlDotNet lets them pass into names and keys.
    private static void RefuseControlCharacters(string text, string sourceName)
    {
        int line = 1;
        int column = 0;
        foreach (char character in text)
        {
            (line, column) = character == '\n' ? (line + 1, 0) : (line, column + 1);
            if (char.IsControl(character) && character is not ('\t' or '\n' or '\r' or '\u0085'))
            {
                throw NotYaml(sourceName, line, column, $"it holds the control character U+{(int)character:x4}; delete it");
            }
        }
    }

    private const string TooLarge = "larger than 1 MiB, and no recipe is; check that this is the file you meant";

    private static RecipeException Refused(string source, string sentence) =>
        new(source, [new RecipeMistake(0, "", "", "a recipe in YAML", sentence)]);

    private static string ReadText(string path)
    {
        try
        {
            // Read, not measured first: a device or a pipe has no length.
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            byte[] bytes = new byte[MaximumBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaximumBytes)
            {
                throw Refused(path, TooLarge);
            }

            using StreamReader reader = new(new MemoryStream(bytes, 0, length), Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refused(
                path,
                MissingFile.LinkReason(path) ?? "there is no such file; 'gpusynth recipe list' names the built-in recipes");
        }
        catch (UnauthorizedAccessException)
        {
            throw Refused(path, Directory.Exists(path) ? "a folder, not a recipe file" : "not readable; check its permissions");
        }
        catch (Exception error) when (error is IOException or ArgumentException or NotSupportedException)
        {
            throw Refused(path, $"cannot be read: {error.Message.TrimEnd('.')}");
        }
    }
}
