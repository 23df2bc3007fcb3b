namespace GpuSynth.Kernels;

// LabelMapAnatomy: label(p) = map[floor(q + 1/2)],  q = M (p + F(p)) + t,  0 outside the map. Of an image of a volume's slice M and t lead into the
// slice (MapSlice).
//   F: a smooth displacement in output voxels, the sum over scales of corner-aligned coarse grids, channel = component in array
//   order (z, y, x; in 2D y, x), and of what the flow of a velocity displaces (FlowGrid). M, t: LabelMapTransform.
// map: byte[Dm,Hm,Wm]; label: byte[D,H,W], written once; nodes: float, from the cache. About 2 B/voxel.
// Labels: the same on every device, away from ties (q within rounding of the middle between two map voxels).
// Reference: LabelMapAnatomy.Reference.cs. This is how the engine runs on real label maps, the way SynthSeg is used
// (Billot et al., Medical Image Analysis 86, 2023).

/// <summary>
/// Labels from real label maps under a random affine and a smooth deformation, applied on the fly: the way SynthSeg (Billot et
/// al., Medical Image Analysis 2023) is used.
/// </summary>
/// <param name="RotationDegrees">Angle about each axis, drawn independently; one angle in 2D. -360 to 360 degrees.</param>
/// <param name="Scaling">Factor along each axis, drawn independently; 0.1 to 10.</param>
/// <param name="Shear">Each off-diagonal entry of the shear matrix, drawn independently; -1 to 1.</param>
/// <param name="TranslationOfSide">Shift along each axis as a fraction of the side, drawn independently; -1 to 1.</param>
/// <param name="Flip">
/// Left and right change places, and so do the labels of <paramref name="LateralPairs"/>, where the drawn number is at least 0.5;
/// 0 to 1.
/// </param>
/// <param name="Deformation">Smooth displacement shared by all labels. Null: none.</param>
/// <param name="VoxelSpacingMillimetres">
/// Edge of an output voxel in millimetres of the map. Null: the map's field of view is fitted to the shape.
/// </param>
/// <param name="Remap">
/// Which stored values become which output label; a stored value that stands nowhere is refused by the loader of the maps. Null:
/// the sorted distinct values of all maps become 0, 1, 2, ...
/// </param>
/// <param name="LateralPairs">
/// Which stored values are each other's on the other side of the body: a flip exchanges them. Empty: no value has a side. Null: not
/// known, and then nothing is flipped.
/// </param>
/// <param name="Classes">
/// Which stored values are one tissue: their labels draw what is drawn per label together. Null: both sides of each of <paramref name="LateralPairs"/>.
/// </param>
/// <param name="Velocity">
/// Smooth velocity whose flow over a unit of time moves all labels and never folds, as SynthSeg's; added to <paramref name="Deformation"/>, where
/// both are. Null: none.
/// </param>
/// <param name="SliceAxis">
/// Of images of label maps that are volumes: the axis that the slice lies across, 0 the depth (axial), 1 the height (coronal), 2 the width (sagittal);
/// the nearest to what is drawn. The slice is one of those that hold labels. Null: 0.
/// </param>
[Component(
    "labelMap",
    Streams.LabelMapLaws,
    Source = "SynthSeg",
    Says = "Labels of real label maps, deformed (SynthSeg).",
    Example = "labelMap: { rotationDegrees: 20, scaling: 1.1, deformation: { scales: [side/8, side/4], stdOfSide: 0.03 } }")]
public sealed partial record LabelMapAnatomy(
    [property: Allowed(-360, 360, "degrees", Says = "Rotation about each axis, drawn independently; one angle in 2D.")]
    [property: Absent(0)]
    Law RotationDegrees,
    [property: Allowed(0.1, 10, Says = "Factor along each axis, drawn independently.")]
    [property: Absent(1)]
    Law Scaling,
    [property: Allowed(-1, 1, Says = "Each off-diagonal entry of the shear matrix, drawn independently.")]
    [property: Absent(0)]
    Law Shear,
    [property: Allowed(-1, 1, "of the side", Says = "Shift along each axis as a fraction of the side, drawn independently.")]
    [property: Absent(0)]
    Law TranslationOfSide,
    [property: Allowed(
        0,
        1,
        Says = "Left and right change places where the drawn number is at least 0.5, and the labels of lateralPairs with them; without "
            + "lateralPairs nothing is flipped.")]
    [property: Absent(0)]
    Law Flip,
    [property: Says("Smooth displacement shared by all labels; absent: none.")]
    ShiftGrids? Deformation,
    [property: Allowed(
        0.01, 100, "mm", Says = "Edge of an output voxel; absent: the map's field of view is fitted to the shape.")]
    Law? VoxelSpacingMillimetres,
    [property: Allowed(
        0, 255, Says = "Which stored values become which label; absent: the sorted values of all maps become 0, 1, 2, ...")]
    ValueList<LabelGroup>? Remap,
    [property: Says("Stored values that are each other's on the other side of the body; absent: not known.")]
    LateralPairs? LateralPairs = null,
    [property: Says("Stored values that are one tissue, with one intensity; absent: both sides of each of lateralPairs, where those are given.")]
    TissueClasses? Classes = null,
    [property: Allowed(
        0,
        2,
        Says = "Of images of volumes: the axis that the drawn slice lies across, 0 axial, 1 coronal, 2 sagittal; absent: 0. Any: integer 0 to 2.")]
    Law? SliceAxis = null,
    [property: Says("Smooth velocity in voxels per unit of time: all labels follow its flow for one, which never folds; absent: none.")]
    ShiftGrids? Velocity = null)
    : AnatomyComponent<LabelMapAnatomy.Drawn>
{
    // Elements of the stream: append only.
    private const uint MapElement = 0;
    private const uint RotationElement = 1;
    private const uint ScalingElement = 4;
    private const uint ShearElement = 7;
    private const uint TranslationElement = 13;
    private const uint FlipElement = 16;
    private const uint SpacingElement = 17;
    private const uint SliceAxisElement = 18;
    private const uint SliceElement = 19;
    private const uint DeformationElement = 64;
    private const uint VelocityElement = 1024;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <summary>Whether a sample can be flipped: the law allows it, and what has a side is known.</summary>
    public bool CanFlip => LateralPairs is not null && Flip.Maximum >= 0.5;

    /// <inheritdoc/>
    public override LateralPairs? SidePairs => LateralPairs;

    /// <inheritdoc/>
    public override bool NeedsLabelMaps => true;

    /// <inheritdoc/>
    public override string MadeOf => "label map";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        for (int map = 0; map < maps.Count && shape.Dimensions < maps.Shape(map).Dimensions; map++)
        {
            CheckSlices(maps, map);
        }

        return maps.LabelCount;
    }

    /// <inheritdoc/>
    public override byte[]? TissueTable(ILabelMaps? maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        return (Classes ?? TissueClasses.OfLateralPairs).Table(LateralPairs, maps.SourceValues);
    }

    // The maps are read once, for all who draw from them.
    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at)
    {
        LabelMapAnatomy[] before = [.. list.Take(at).OfType<LabelMapAnatomy>()];
        if (before.Length > 0 && !Equals(before[0].Remap, Remap))
        {
            yield return "has another remap than the labelMap before it, and the label maps are read once for both; give both the same remap";
        }

        if (CanFlip && Array.Exists(before, other => other.CanFlip && !Equals(other.LateralPairs, LateralPairs)))
        {
            yield return "has other lateralPairs than the labelMap before it, and the label maps are read once for both; give both the same "
                + "lateralPairs, or take flip away from one";
        }

        if (LateralPairs is null && Classes is { AreLateralPairs: true })
        {
            yield return $"has classes of lateralPairs and no lateralPairs; give them ({LateralPairs.FreeSurferName}, or a list), or take "
                + "classes away";
        }
    }

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostLabelMapAnatomy(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceLabelMapAnatomy(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (Deformation?.Scales.Count ?? 0) + (Velocity?.Scales.Count ?? 0);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        ILabelMaps maps = drawing.Facts.LabelMaps!;
        int map = OneOf(ref drawing, MapElement, maps.Count);
        MapSlice? slice = SliceOf(ref drawing, map);

        return new Drawn
        {
            Map = map,
            RotationDegrees = PoseDraw.Rotation(in drawing, RotationDegrees, RotationElement),
            Scaling = PoseDraw.Scaling(in drawing, Scaling, ScalingElement),
            Shear = PoseDraw.Shear(in drawing, Shear, ShearElement),
            TranslationOfSide = PoseDraw.Translation(in drawing, TranslationOfSide, TranslationElement),

            // A mirror makes a left label of a right one: none where it is not known which, or where no axis runs from left to right.
            Flipped = drawing.Number(Flip, FlipElement) >= 0.5f && CanFlip && maps.HasLateralAxis(map) && slice?.HasLateralAxis != false ? 1 : 0,
            VoxelSpacingMillimetres = VoxelSpacingMillimetres is null ? 0 : drawing.Number(VoxelSpacingMillimetres, SpacingElement),
            DeformationStdVoxels = Deformation is null ? default : Deformation.Draw(ref drawing, DeformationElement),
            VelocityStdVoxels = Velocity is null ? default : Velocity.Draw(ref drawing, VelocityElement),
            SliceAxis = slice?.Axis ?? 0,
            Slice = slice?.Index ?? -1,
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        ILabelMaps maps = facts.LabelMaps!;
        LabelMapTransform transform = Transform(in facts, in drawn);
        long offset = maps.Offset(drawn.Map);
        drawn.Place = new MapPlace(in transform, LabelMapRows.TableBytes + offset, drawn.Flipped);
    }

    /// <summary>From output voxels to voxels of the sample's map.</summary>
    /// <param name="facts">What is known of every sample, the maps among it.</param>
    /// <param name="drawn">What was drawn.</param>
    /// <exception cref="ArgumentException">There is no such map, or the pose flattens the anatomy.</exception>
    public static LabelMapTransform Transform(in SampleFacts facts, in Drawn drawn)
    {
        ILabelMaps maps = facts.LabelMaps!;
        if ((uint)drawn.Map >= (uint)maps.Count)
        {
            throw new ArgumentException(
                $"The record names label map {drawn.Map}, but there are {maps.Count}; an index runs from 0.", nameof(drawn));
        }

        VolumeShape volume = maps.Shape(drawn.Map);
        MapSlice? slice = drawn.CutOf(volume);
        VolumeShape map = slice?.Shape(volume) ?? volume;
        (double Z, double Y, double X) spacing = slice?.Spacing(maps.Spacing(drawn.Map)) ?? maps.Spacing(drawn.Map);
        double edge = drawn.VoxelSpacingMillimetres > 0
            ? drawn.VoxelSpacingMillimetres
            : LabelMapGeometry.FittedSpacing(facts.Shape, map, spacing);
        LabelMapPose pose = PoseDraw.Of(drawn.RotationDegrees, drawn.Scaling, drawn.Shear, drawn.TranslationOfSide) with
        {
            Flip = (false, false, drawn.Flipped != 0),
        };
        try
        {
            LabelMapTransform transform = LabelMapGeometry.Transform(facts.Shape, map, spacing, edge, in pose);
            return slice?.InVolume(in transform, volume) ?? transform;
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException(
                $"The pose drawn for label map {maps.Name(drawn.Map)} flattens the anatomy: "
                + "scaling and shear leave it no volume; narrow their laws.",
                exception);
        }
    }

    /// <summary>Linear index of the nearest map voxel, or -1 outside the map.</summary>
    public static int Index(LabelMapTransform transform, float z, float y, float x)
    {
        // Compared as numbers, before anything becomes an int: a position far outside would not fit one. Inside the map none is
        // negative, so that what the conversion cuts off is what a floor would.
        float nearestZ = transform.AlongZ(z, y, x) + 0.5f;
        float nearestY = transform.AlongY(z, y, x) + 0.5f;
        float nearestX = transform.AlongX(z, y, x) + 0.5f;
        bool inside = nearestZ >= 0f && nearestZ < transform.MapDepth && nearestY >= 0f && nearestY < transform.MapHeight
            && nearestX >= 0f && nearestX < transform.MapWidth;
        return inside ? (((((int)nearestZ * transform.MapHeight) + (int)nearestY) * transform.MapWidth) + (int)nearestX) : -1;
    }

    /// <summary>What displaces all labels.</summary>
    internal SmoothShift ShiftOf(VolumeShape shape) => new(shape, Deformation, Velocity);

    // Of equal chances.
    private static int OneOf(ref Drawing drawing, uint element, int count) => Math.Min((int)(drawing.Number(Unit, element) * count), count - 1);

    internal static void CheckFits(in LabelMapTransform transform, VolumeShape shape)
    {
        if (transform.Dimensions != shape.Dimensions || transform.Height != shape.Height || transform.Width != shape.Width)
        {
            throw new ArgumentException($"The transform was built for another output shape than {shape}.", nameof(transform));
        }
    }
}
