namespace GpuSynth.Torch.FineTuning;

/// <summary>What is done with the layer that names the classes.</summary>
public enum HeadTreatment
{
    /// <summary>Kept where the weights have one of the task's classes, else new and trained alone first.</summary>
    Auto,

    /// <summary>That of the weights goes on.</summary>
    Keep,

    /// <summary>A new one, trained alone for the first tenth of the steps.</summary>
    First,

    /// <summary>A new one, trained with everything else from the first step.</summary>
    Together,
}

/// <summary>Which of the pre-trained weights are taken.</summary>
public enum TransferredPart
{
    /// <summary>Encoder and decoder.</summary>
    All,

    /// <summary>The encoder; the decoder begins anew.</summary>
    Encoder,
}
