using System.Numerics;

namespace GpuSynth.Kernels;

// BoneShapes: the pieces of a sample's bones, on the host for every device. z is from foot to head, y from back to front, as in NIfTI's volumes; an
//   image is the plane in the middle of a volume of its side.
//   Vertebra k is a drum at z = z_0 + k d, d the spacing; between two of them a share of d is disc, and no bone. Rib k leaves it on either side along
//   half an ellipse with the half-axes of the cage, in a plane that leans forward and down, and ends short of the middle in front. Long bones are
//   capsules anywhere, in any direction.

/// <summary>Makes the pieces of a sample's bones.</summary>
/// <param name="bones">Laws of the long bones.</param>
/// <param name="drawn">What was drawn for the sample.</param>
/// <param name="shape">Shape of the sample.</param>
/// <param name="place">Where the long bones' numbers are drawn.</param>
internal readonly ref struct BoneShapes(Bones bones, ref readonly Bones.Drawn drawn, VolumeShape shape, RandomPlace place)
{
    // Parts of the bones' stream: append only.
    private const uint PlacePart = 1;
    private const uint RadiusPart = 2;
    private const uint LengthPart = 3;

    // How far round a rib goes, in radians: 180 degrees would meet its fellow in front.
    private const double RibTurn = 150 * Math.PI / 180;

    private readonly ref readonly Bones.Drawn drawn = ref drawn;

    /// <summary>Writes the pieces.</summary>
    /// <param name="pieces">Written: no more than there is room for.</param>
    /// <returns>How many.</returns>
    public int Fill(Span<BonePiece> pieces)
    {
        int count = 0;
        int depth = shape.Dimensions == 3 ? shape.Depth : shape.Side;

        // An image lies at z = 0.
        float plane = shape.Dimensions == 3 ? 0 : (depth - 1) / 2f;
        AxisNumbers from = drawn.CentreVoxelsZyx;
        var middle = new Vector3(
            ((shape.Width - 1) / 2f) + from.X, ((shape.Height - 1) / 2f) + from.Y, ((depth - 1) / 2f) + from.Z - plane);
        float spacing = drawn.SpacingVoxels;
        Vector3 spine = middle - new Vector3(0, drawn.CageDepthVoxels, 0);
        for (int vertebra = 0; vertebra < drawn.Vertebrae; vertebra++)
        {
            float z = (vertebra - ((drawn.Vertebrae - 1) / 2f)) * spacing;
            float half = spacing * (1 - drawn.DiscShare) / 2;
            pieces[count++] = BonePiece.Drum(spine + new Vector3(0, 0, z), half, drawn.VertebraRadiusVoxels, drawn.CortexVoxels);
        }

        double fall = Math.Tan(drawn.TiltDegrees * Math.PI / 180);
        for (int pair = 0; pair < drawn.RibPairs; pair++)
        {
            // Each pair leaves a vertebra, those in the middle of the column.
            int vertebra = pair + ((drawn.Vertebrae - drawn.RibPairs) / 2);
            float z = (vertebra - ((drawn.Vertebrae - 1) / 2f)) * spacing;
            for (int side = -1; side <= 1; side += 2)
            {
                Vector3 start = spine + new Vector3(0, 0, z);
                for (int segment = 1; segment <= Bones.RibSegments; segment++)
                {
                    (double sine, double cosine) = Math.SinCos(RibTurn * segment / Bones.RibSegments);
                    float forward = (float)(drawn.CageDepthVoxels * (1 - cosine));
                    Vector3 end = spine + new Vector3((float)(side * drawn.CageWidthVoxels * sine), forward, z - (float)(fall * forward));
                    pieces[count++] = BonePiece.Capsule(start, end, drawn.RibRadiusVoxels, drawn.CortexVoxels);
                    start = end;
                }
            }
        }

        for (uint bone = 0; bone < drawn.LongBones; bone++)
        {
            UInt4 words = Philox.At(place.Part(PlacePart), 2 * bone);
            UInt4 way = Philox.At(place.Part(PlacePart), (2 * bone) + 1);
            float radius = bones.LongRadiusOfSide.Draw(place.Part(RadiusPart), bone) * shape.Side;
            float length = bones.LengthOfRadius.Draw(place.Part(LengthPart), bone) * radius;
            Vector3 at = new(Uniform.FromBits(words.X) * shape.Width, Uniform.FromBits(words.Y) * shape.Height, Uniform.FromBits(words.Z) * depth);
            double up = (2 * Uniform.FromBits(way.X)) - 1;
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * Uniform.FromBits(way.Y));
            double flat = Math.Sqrt(1 - (up * up));

            // In an image a bone lies in its plane.
            Vector3 axis = shape.Dimensions == 3
                ? new((float)(flat * cosine), (float)(flat * sine), (float)up)
                : new((float)cosine, (float)sine, 0);
            at.Z = shape.Dimensions == 3 ? at.Z : 0;
            pieces[count++] = BonePiece.Capsule(at - (length / 2 * axis), at + (length / 2 * axis), radius, drawn.CortexVoxels);
        }

        return count;
    }
}
