using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// A part of a network whose children are named one by one with <see cref="Register{T}"/>, never after its fields: the names are
/// the file format. For parts with one input and one output; the others are <see cref="NamedParts"/>.
/// </summary>
internal abstract class NamedModule(string name) : nn.Module<Tensor, Tensor>(name)
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
