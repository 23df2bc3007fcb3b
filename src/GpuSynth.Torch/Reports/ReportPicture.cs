namespace GpuSynth.Torch.Reports;

/// <summary>A picture and what it shows.</summary>
/// <param name="Caption">One line below the picture; also what a screen reader says.</param>
/// <param name="Png">The PNG file's bytes.</param>
public sealed record ReportPicture(string Caption, byte[] Png);
