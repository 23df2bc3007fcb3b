using ILGPU;

namespace GpuSynth.Kernels;

// AnatomyRows: label(p) = argmax over k of P[k](p'),  p' = (p + F[k](p)) S / (S - 1) - 1/2,  P zero outside the volume, the
// lowest k wins a tie: NoiseAnatomy for a whole batch, from merged grids.
//   F: ShiftGrid, already as p' - 1/2 - p, so that the large term is added late: it is rounded twice at most. P: FieldGrid.
//   Per voxel and label: 2 reads of 16 B and 8 B from shared memory, 3 of up to 16 B from the tables of places, 2 of 16 B from the fields;
//   all of them from the cache. The rows, and how threads share them: ShiftedLabels.
// label: byte[sample][D,H,W], written once. 1 B/voxel.
// Labels: the same on every device away from ties. Reference: NoiseAnatomy.Reference.cs. Source: RaSD, anatomy steps 1 to 4.

/// <summary>The labels of a batch of noise anatomies.</summary>
public static class AnatomyRows
{
    /// <summary>Launches the labels of a batch.</summary>
    public sealed class Launcher
    {
        private readonly ShiftedLabels<FieldScores> labels;

        /// <summary>Makes the kernels launchable.</summary>
        /// <param name="loader">Loads them.</param>
        /// <param name="isGated">Whether some samples are without the anatomy and keep the labels that they have.</param>
        public Launcher(KernelLoader loader, bool isGated = false) => labels = new(loader, isGated);

        /// <summary>Writes the label of every voxel of every sample.</summary>
        /// <param name="shiftGrid">Grid of the displacements, one per label, with slips.</param>
        /// <param name="fieldGrid">Grid of the label fields.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="shifts">Merged displacements, [sample][cell]; may be longer.</param>
        /// <param name="shiftPlaces"><see cref="ShiftGrid.Places"/> on the device.</param>
        /// <param name="fields">Merged fields, [sample][cell]; may be longer.</param>
        /// <param name="fieldPlaces"><see cref="FieldGrid.Places"/> on the device.</param>
        /// <param name="labelDHW">Written: labels [sample][D, H, W]; may be longer.</param>
        /// <param name="gate">Which samples have the anatomy; not read of a launcher that is not gated.</param>
        /// <exception cref="ArgumentException">The grids are of different shapes or labels, or a view is too short.</exception>
        public void Run(
            ShiftGrid shiftGrid,
            FieldGrid fieldGrid,
            int samples,
            ArrayView<ShiftKnot> shifts,
            ArrayView<ShiftPlace> shiftPlaces,
            ArrayView<FieldCell> fields,
            ArrayView<FieldPlace> fieldPlaces,
            ArrayView<byte> labelDHW,
            SampleGate gate = default)
        {
            ArgumentNullException.ThrowIfNull(shiftGrid);
            ArgumentNullException.ThrowIfNull(fieldGrid);
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            if (shiftGrid.Shape != fieldGrid.Layout.Shape || shiftGrid.Labels != fieldGrid.Layout.Channels)
            {
                throw new ArgumentException(
                    $"The displacements are {shiftGrid.Labels} of {shiftGrid.Shape}, expected {fieldGrid.Layout.Channels} of "
                    + $"{fieldGrid.Layout.Shape}: one per label.", nameof(shiftGrid));
            }

            LaunchCheck.AtLeast(fields.Length, (long)samples * fieldGrid.Plan.Cells, nameof(fields));
            LaunchCheck.AtLeast(fieldPlaces.Length, fieldGrid.Places.Length, nameof(fieldPlaces));
            labels.Run(shiftGrid, samples, shifts, shiftPlaces, new FieldScores(fields, fieldPlaces, fieldGrid.Plan), labelDHW, gate);
        }
    }
}

/// <summary>The label whose field is the largest at its displaced place.</summary>
internal readonly struct FieldScores : ILabelSource<FieldScores>
{
    private readonly ArrayView<FieldCell> cells;
    private readonly ArrayView<FieldPlace> placesZ;
    private readonly ArrayView<FieldPlace> placesY;
    private readonly ArrayView<FieldPlace> placesX;
    private readonly FieldPlan plan;

    /// <summary>A source before a sample is loaded.</summary>
    /// <param name="fields">Merged fields, [sample][cell].</param>
    /// <param name="places"><see cref="FieldGrid.Places"/>.</param>
    /// <param name="plan">Their layout.</param>
    public FieldScores(ArrayView<FieldCell> fields, ArrayView<FieldPlace> places, FieldPlan plan)
    {
        cells = fields;
        placesZ = places;
        placesY = ArrayView<FieldPlace>.Empty;
        placesX = ArrayView<FieldPlace>.Empty;
        this.plan = plan;
    }

    private FieldScores(FieldScores source, int sample)
    {
        plan = source.plan;
        cells = source.cells.SubView((long)sample * plan.Cells, plan.Cells);
        placesZ = source.placesZ;
        placesY = placesZ.SubView(plan.LastZ + 1);
        placesX = placesY.SubView(plan.LastY + 1);
    }

    /// <inheritdoc/>
    public static FieldScores Load(FieldScores source, ShiftPlan plan, int sample) => new(source, sample);

    /// <inheritdoc/>
    public static int Staged(in FieldScores loaded, StagedRows rows, ShiftPlan plan, int at, float t, int x)
    {
        int labels = loaded.plan.Labels;
        float atX = x;
        int first = 0;
        int winner = 0;
        int label = 0;
        float best = float.NegativeInfinity;

        // Two labels at a time: the reads of one wait while the other is worked on.
        for (; label + 1 < labels; label += 2)
        {
            float score = loaded.Score(rows, at, t, atX, first);
            float next = loaded.Score(rows, at + plan.CellsX, t, atX, first + loaded.plan.CellsPerLabel);
            winner = score > best ? label : winner;
            best = score > best ? score : best;
            winner = next > best ? label + 1 : winner;
            best = next > best ? next : best;
            at += 2 * plan.CellsX;
            first += 2 * loaded.plan.CellsPerLabel;
        }

        if (label < labels)
        {
            float score = loaded.Score(rows, at, t, atX, first);
            winner = score > best ? label : winner;
        }

        return winner;
    }

    /// <inheritdoc/>
    public static int Direct(in FieldScores loaded, ArrayView<ShiftKnot> shifts, ShiftPlan plan, DirectPlace place)
    {
        int at = place.Cell;
        int first = 0;
        int winner = 0;
        float best = float.NegativeInfinity;
        float t = place.AlongX.T;
        for (int label = 0; label < loaded.plan.Labels; label++)
        {
            ShiftCell shift = ShiftGrid.Cell(shifts, plan, at, place.AlongZ.T, place.AlongY.T);
            float score = loaded.At(first, place.Z + shift.Z.At(t), place.Y + shift.Y.At(t), place.X + shift.X.At(t));
            winner = score > best ? label : winner;
            best = score > best ? score : best;
            at += plan.CellsX;
            first += loaded.plan.CellsPerLabel;
        }

        return winner;
    }

    // The field of a label at a displaced voxel of the group's rows.
    private float Score(StagedRows rows, int at, float t, float x, int first)
    {
        ShiftPair across = rows.Across[at];
        float lowered = x + rows.Along[at].At(t);
        return At(first, across.Z.At(t), across.Y.At(t), lowered);
    }

    private float At(int first, float z, float y, float x) => FieldGrid.At(cells, plan, first, placesZ, placesY, placesX, z, y, x);
}
