using GpuSynth.Kernels;

namespace GpuSynth.Tests.Engine;

/// <summary>What the engine's own components have drawn, by name; lists are copies.</summary>
internal static class DrawnNumbers
{
    extension(DrawnSample drawn)
    {
        public float[] Means => drawn.MeansInPlace.ToArray();

        public Span<float> MeansInPlace => drawn.List(drawn.Of<Contrast.Drawn>().Means);

        public float[] FieldStd => drawn.FieldStdInPlace.ToArray();

        public Span<float> FieldStdInPlace => drawn.List(drawn.Of<NoiseAnatomy.Drawn>().FieldStd);

        public Span<float> DisplacementStdInPlace => drawn.List(drawn.Of<NoiseAnatomy.Drawn>().DisplacementStdVoxels);

        public float BiasStd => drawn.Of<Bias.Drawn>().Std;

        public float[] BiasFwhmVoxels => drawn.Of<Bias.Drawn>().FwhmVoxels.ToArray();

        public float BiasMaximumUniform => drawn.Of<Bias.Drawn>().MaximumUniform;

        public float NoiseStdOfMaximum => drawn.Of<Noise.Drawn>().StdOfMaximum;

        public float[] BlurSigmaVoxels => drawn.Of<Blur.Drawn>().SigmaVoxels.ToArray();

        public float Gamma
        {
            get => drawn.Of<Gamma.Drawn>().Exponent;
            set => drawn.Of<Gamma.Drawn>().Exponent = value;
        }

        public bool Flipped => drawn.Of<LabelMapAnatomy.Drawn>().Flipped != 0;

        public int LabelMapIndex => drawn.Of<LabelMapAnatomy.Drawn>().Map;

        public string LabelMapName => drawn.Layout.Facts.LabelMaps!.Name(drawn.LabelMapIndex);
    }
}
