namespace GpuSynth.Kernels;

public sealed partial record LabelMapAnatomy
{
    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Worked out: how a device finds the voxels of the sample's map.</summary>
        public MapPlace Place;

        /// <summary>Which map.</summary>
        [Recorded("labelMap", Kind = RecordedKind.LabelMap)]
        public int Map;

        /// <summary>Rotation about z, y, x in degrees; in 2D the first.</summary>
        [Recorded("rotationDegreesZyx")]
        public AxisNumbers RotationDegrees;

        /// <summary>Scaling along z, y, x.</summary>
        [Recorded("scalingZyx")]
        public AxisNumbers Scaling;

        /// <summary>Off-diagonal entries of the shear matrix.</summary>
        [Recorded("shearZyZxYzYxXzXy")]
        public ShearNumbers Shear;

        /// <summary>Translation along z, y, x as a fraction of the side.</summary>
        [Recorded("translationOfSideZyx")]
        public AxisNumbers TranslationOfSide;

        /// <summary>1 where left and right changed places, and the labels of each side with them.</summary>
        [Recorded("flipped", Kind = RecordedKind.Flag)]
        public int Flipped;

        /// <summary>Edge of an output voxel in millimetres of the map; 0 where the field of view is fitted.</summary>
        [Recorded("voxelSpacingMillimetres")]
        public float VoxelSpacingMillimetres;

        /// <summary>Standard deviation of the deformation's nodes per scale, in voxels.</summary>
        [Recorded("deformationStdVoxels")]
        public WordList DeformationStdVoxels;

        /// <summary>Standard deviation of the velocity's nodes per scale, in voxels.</summary>
        [Recorded("velocityStdVoxels", OfKey = nameof(Velocity))]
        public WordList VelocityStdVoxels;

        /// <summary>The axis that the slice lies across, of an image of a volume.</summary>
        [Recorded("sliceAxis", OfSlices = true)]
        public int SliceAxis;

        /// <summary>The slice, of an image of a volume; else -1.</summary>
        [Recorded("slice", OfSlices = true)]
        public int Slice;

        /// <summary>The deviations of what displaces all labels.</summary>
        internal readonly ShiftStd ShiftStd => new(DeformationStdVoxels, VelocityStdVoxels);

        /// <summary>The slice that the image is of; null of a volume, and of a map that is an image.</summary>
        /// <param name="map">Shape of the map.</param>
        /// <exception cref="ArgumentException">The map has no such slice.</exception>
        public readonly MapSlice? CutOf(VolumeShape map)
        {
            if (Slice < 0)
            {
                return null;
            }

            var slice = new MapSlice(SliceAxis, Slice);
            return SliceAxis is >= 0 and <= 2 && Slice < slice.Count(map) ? slice : throw new ArgumentException(
                $"The record names slice {Slice} across axis {SliceAxis} of a label map of {map} voxels; axes are 0 to 2, and slices count from 0.");
        }
    }
}
