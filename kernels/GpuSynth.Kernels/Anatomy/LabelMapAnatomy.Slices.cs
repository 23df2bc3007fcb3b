namespace GpuSynth.Kernels;

/// <content>Which slice of a volume an image is of.</content>
public sealed partial record LabelMapAnatomy
{
    private static int Nearest(double axis) => Math.Clamp((int)Math.Floor(axis + 0.5), 0, 2);

    private MapSlice? SliceOf(ref Drawing drawing, int map)
    {
        ILabelMaps maps = drawing.Facts.LabelMaps!;
        if (drawing.Facts.Shape.Dimensions == 3 || maps.Shape(map).Dimensions == 2)
        {
            return null;
        }

        int axis = SliceAxis is null ? 0 : Nearest(drawing.Number(SliceAxis, SliceAxisElement));
        int[] slices = maps.Slices(map, axis);
        return new MapSlice(axis, slices[OneOf(ref drawing, SliceElement, slices.Length)]);
    }

    private void CheckSlices(ILabelMaps maps, int map)
    {
        for (int axis = Nearest(SliceAxis?.Minimum ?? 0); axis <= Nearest(SliceAxis?.Maximum ?? 0); axis++)
        {
            VolumeShape slice = new MapSlice(axis, 0).Shape(maps.Shape(map));
            if (slice.Height < 2 || slice.Width < 2)
            {
                throw new ArgumentException(
                    $"{Name}: a slice across axis {axis} of label map {maps.Name(map)}, which has {maps.Shape(map)} voxels, is one voxel wide; give "
                    + "another sliceAxis, or leave that map out.");
            }

            // Looked for once, before the first sample.
            maps.Slices(map, axis);
        }
    }
}
