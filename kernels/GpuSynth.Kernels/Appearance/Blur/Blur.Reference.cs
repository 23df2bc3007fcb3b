namespace GpuSynth.Kernels;

public sealed partial record Blur
{
    /// <summary>
    /// Convolution with the outer product of three Gaussians of the given sigmas, each cut to the taps and normalised to 1, zero
    /// padded: axis after axis, z first, in double precision.
    /// </summary>
    /// <param name="imageDHW">Image [D, H, W] before.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="sigmaVoxelsZYX">Standard deviations along z, y and x; the first is not used in 2D.</param>
    /// <param name="taps">Length of each Gaussian, odd.</param>
    /// <returns>Image after.</returns>
    public static double[] ReferenceImage(
        ReadOnlySpan<double> imageDHW, VolumeShape shape, ReadOnlySpan<float> sigmaVoxelsZYX, int taps)
    {
        double[] current = imageDHW.ToArray();
        int radius = (taps - 1) / 2;
        for (int axis = shape.Dimensions == 3 ? 0 : 1; axis < 3; axis++)
        {
            double sigma = sigmaVoxelsZYX[axis];
            var weights = new double[taps];
            double sum = 0;
            for (int tap = 0; tap < taps; tap++)
            {
                int distance = tap - radius;
                weights[tap] = sigma == 0
                    ? (distance == 0 ? 1 : 0)
                    : Math.Exp(-(double)(distance * distance) / (2 * sigma * sigma));
                sum += weights[tap];
            }

            var next = new double[current.Length];
            for (int z = 0; z < shape.Depth; z++)
            {
                for (int y = 0; y < shape.Height; y++)
                {
                    for (int x = 0; x < shape.Width; x++)
                    {
                        double value = 0;
                        for (int tap = 0; tap < taps; tap++)
                        {
                            int fromZ = axis == 0 ? z + tap - radius : z;
                            int fromY = axis == 1 ? y + tap - radius : y;
                            int fromX = axis == 2 ? x + tap - radius : x;
                            bool inside = fromZ >= 0 && fromZ < shape.Depth && fromY >= 0 && fromY < shape.Height
                                && fromX >= 0 && fromX < shape.Width;
                            if (inside)
                            {
                                value += weights[tap] / sum * current[(((fromZ * shape.Height) + fromY) * shape.Width) + fromX];
                            }
                        }

                        next[(((z * shape.Height) + y) * shape.Width) + x] = value;
                    }
                }
            }

            current = next;
        }

        return current;
    }
}
