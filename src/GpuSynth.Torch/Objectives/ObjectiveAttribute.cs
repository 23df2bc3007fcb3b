namespace GpuSynth.Torch.Objectives;

/// <summary>Declares an objective: the class is found by it.</summary>
/// <param name="name">What commands and checkpoints call it: small letters, digits, hyphens.</param>
/// <param name="says">What is learnt, in one line.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class ObjectiveAttribute(string name, string says) : Attribute
{
    /// <summary>What commands and checkpoints call it.</summary>
    public string Name { get; } = name;

    /// <summary>What is learnt, in one line.</summary>
    public string Says { get; } = says;
}
