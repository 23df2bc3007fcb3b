using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// Labels on the grid of their image: by both files' affines, nearest neighbour, and never without a word where the grids differ.
/// </summary>
internal static class LabelGrid
{
    /// <summary>The labels of every voxel of the image, in the image's order.</summary>
    /// <param name="files">The files, for messages.</param>
    /// <param name="shape">The image's voxels.</param>
    /// <param name="geometry">Where they lie.</param>
    /// <param name="labels">As read.</param>
    /// <param name="notices">Is told what differed and what was done about it.</param>
    /// <exception cref="DatasetException">The labels do not overlap the image, or cannot be placed.</exception>
    public static int[] OntoImage(
        CaseFiles files, VolumeShape shape, NiftiGeometry geometry, NiftiLabels labels, Notices notices)
    {
        geometry.Forms?.Tell(files.ImagePath, shape, notices);
        labels.Geometry.Forms?.Tell(files.LabelPath, labels.Shape, notices);
        labels.TellRounding(files.LabelPath, notices);
        if (!geometry.IsPlaced || !labels.Geometry.IsPlaced)
        {
            return ByVoxelNumbers(files, shape, geometry, labels, notices);
        }

        var comparison = GridComparison.Of(shape, geometry, labels.Shape, labels.Geometry);
        if (comparison.IsSame)
        {
            return labels.Data;
        }

        if (shape == labels.Shape && HaveSameQform(shape, geometry, labels.Geometry))
        {
            string single = geometry.Forms!.Sform is null ? files.LabelPath : files.ImagePath;
            notices.Add(
                "same qform",
                $"'{files.LabelPath}' and its image have the same qform, and '{single}' alone an sform, which differs "
                + $"({comparison.Difference}); the labels' voxels are taken to be the image's, one by one");
            return labels.Data;
        }

        int[] onImage = VoxelMap.Of(geometry, labels.Geometry).Nearest<int>(shape, labels.Data, labels.Shape, out long inside);
        if (inside == 0)
        {
            throw new DatasetException(
                $"'{files.LabelPath}' lies elsewhere than its image '{files.ImagePath}': the labels cover "
                + $"{GridComparison.Extent(labels.Shape, labels.Geometry)}, the image "
                + $"{GridComparison.Extent(shape, geometry)}; correct the header of the one that is wrong.");
        }

        double outside = 1 - ((double)inside / shape.VoxelCount);
        string uncovered = outside > 0
            ? string.Create(CultureInfo.InvariantCulture, $"; {100 * outside:0.##}% of the image lie outside and are background")
            : string.Empty;
        notices.Add(
            "labels on another grid",
            $"'{files.LabelPath}' has another grid than its image ({comparison.Difference}); its labels are brought onto the "
            + $"image's grid by both files' affines, nearest neighbour{uncovered}");
        return onImage;
    }

    // A registration writes an sform into one of the files and leaves the qform: like is compared with like. Where both have an
    // sform, that is what they say.
    private static bool HaveSameQform(VolumeShape shape, NiftiGeometry image, NiftiGeometry labels) =>
        (image.Forms?.Sform is null || labels.Forms?.Sform is null)
        && image.Forms?.Qform is { } own
        && labels.Forms?.Qform is { } other
        && GridComparison.Of(shape, own, shape, other).IsSame;

    // Where a file says nothing of directions and place, equal voxel numbers are equal places: nothing else can be known.
    private static int[] ByVoxelNumbers(
        CaseFiles files, VolumeShape shape, NiftiGeometry geometry, NiftiLabels labels, Notices notices)
    {
        string unplaced = geometry.IsPlaced ? files.LabelPath : files.ImagePath;
        if (shape != labels.Shape)
        {
            throw new DatasetException(
                $"'{files.ImagePath}' has {shape} voxels, but its labels '{files.LabelPath}' have {labels.Shape}, and "
                + $"'{unplaced}' does not say where it lies (it has neither a qform nor an sform); bring both onto one grid.");
        }

        if (geometry.IsPlaced != labels.Geometry.IsPlaced)
        {
            notices.Add(
                "no form",
                $"'{unplaced}' does not say where it lies (it has neither a qform nor an sform); its voxels are taken to be those "
                + $"of '{(geometry.IsPlaced ? files.ImagePath : files.LabelPath)}', one by one");
        }

        var (own, other) = (VoxelSpacing.Of(geometry), VoxelSpacing.Of(labels.Geometry));
        if (!own.IsNear(other))
        {
            notices.Add(
                "spacing without form",
                $"'{files.LabelPath}' has voxels of {other}, and its image {own}, without a form that would place them; they are "
                + "taken to be the image's, one by one");
        }

        return labels.Data;
    }
}
