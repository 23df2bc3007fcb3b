using GpuSynth.Cli;
using GpuSynth.Tests.Architecture;

namespace GpuSynth.Tests.Cli;

// A native library that does not load is a sentence with its reason and the way out.
public sealed class NativeLibraryTests
{
    private const string Older = "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /tool/libLibTorchSharp.so)";

    [Test]
    public void TorchThatIsNotThere()
    {
        using var folder = new IO.TestFolder();
        Assert.That(NativeLibraries.WhyTorchDoesNotLoad(folder[string.Empty]), Does.StartWith("there is neither ").And.Contain("LibTorchSharp"));
    }

    [TestCase("")]
    [TestCase("runtimes/linux-x64/native/")]
    public void TorchThatIsNoLibrary(string place)
    {
        if (!OperatingSystem.IsLinux() || System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
            != System.Runtime.InteropServices.Architecture.X64)
        {
            Assert.Ignore("not run: the loader's words are those of Linux on x64");
        }

        using var folder = new IO.TestFolder();
        Directory.CreateDirectory(folder[place]);
        string path = folder[place + "libLibTorchSharp.so"];
        File.WriteAllText(path, "no library");
        Assert.That(NativeLibraries.WhyTorchDoesNotLoad(folder[string.Empty]), Does.Contain(path).And.Not.Contain('\n'));
    }

    // ./gpusynth makes up for an old libstdc++ where a command needs torch, and costs nothing where it does not.
    [Test]
    public void TheStartOfTheTool_KnowsEveryCommandThatLoadsTorch()
    {
        string[] prepared = [.. File.ReadLines(Path.Combine(Repository.Root, "gpusynth")).SkipWhile(static line => !line.StartsWith("case ", StringComparison.Ordinal))
            .Skip(1).First().Trim(' ', ')').Split(" | ")];
        string[] loading =
        [
            .. Directory.GetFiles(Path.Combine(Repository.Root, "tools", "GpuSynth.Cli", "Commands"), "*Command.cs")
                .Where(static path => File.ReadAllText(path).Contains("NativeLibraries.RequireTorch()", StringComparison.Ordinal))
                .Select(static path => Path.GetFileNameWithoutExtension(path).Replace("Command", "", StringComparison.Ordinal).ToLowerInvariant()),
        ];
        Assert.That(prepared, Is.EquivalentTo(loading));
    }

    [Test]
    public void AnOldSystem_IsToldEveryWayOut()
    {
        string sentence = NativeLibraries.TorchComplaint(Older);
        Assert.That(sentence, Does.Contain(Older).And.Contain("./gpusynth").And.Contain("LD_LIBRARY_PATH").And.Contain("Debian 13"));
    }

    // Where the first use of torch is not the one that was looked at.
    [Test]
    public void WhatTorchThrows_IsTheSameSentence()
    {
        using var folder = new IO.TestFolder();
        Exception[] thrown =
        [
            new DllNotFoundException($"Unable to load shared library 'LibTorchSharp' or one of its dependencies.\n{Older}\n"),
            new TypeInitializationException("TorchSharp.torch", new NotSupportedException("Trace from LoadNativeBackend:\n\nmore")),
        ];
        foreach (Exception error in thrown)
        {
            Assert.That(
                NativeLibraries.Complaint(error, folder[string.Empty]),
                Does.StartWith("Torch does not load (there is neither ").And.Not.Contain('\n'));
        }
    }

    [Test]
    public void AnotherLibrary_IsNamedWithWhatItLacks()
    {
        var error = new DllNotFoundException("Unable to load 'x'.\nlibx.so: cannot open\nliby.so.1: version `Y_2' not found (required by libx.so)");
        Assert.That(
            NativeLibraries.Complaint(error, "/tool"),
            Does.Contain("(liby.so.1: version `Y_2' not found (required by libx.so))").And.Contain("LD_LIBRARY_PATH"));
        Assert.That(NativeLibraries.Complaint(new InvalidOperationException("no"), "/tool"), Is.Null);
    }
}
