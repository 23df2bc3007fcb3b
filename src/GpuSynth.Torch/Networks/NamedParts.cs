using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>A <see cref="NamedModule"/> that takes or gives more than one tensor, by a method of its own.</summary>
internal abstract class NamedParts(string name) : nn.Module(name)
{
    /// <summary>Adds a child under its name in the state and gives it back.</summary>
    protected T Register<T>(string name, T module)
        where T : nn.Module
    {
        register_module(name, module);
        return module;
    }

    /// <summary>Nothing: a field's name is never a parameter's.</summary>
    protected override void RegisterComponents()
    {
    }
}
