using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <summary>Gaussian blobs on a device: the noise's tiles and the labels, a launch over the batch each; the blobs stand in the samples' rows.</summary>
internal sealed class DeviceGaussians(in StepPlace place) : DeviceAnatomy
{
    private readonly StepPlace place = place;
    private readonly GaussianPlan plan = new(in place);
    private int tilePiece;
    private ArrayView<float> tiles;
    private CoarseDraw.Launcher? draw;
    private LabelLaunch<GaussianLabels>? labels;

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize) => tilePiece = memory.Declare<float>(
        $"gaussian tile{place.Entry.Suffix}", plan.HasNoise ? checked((long)batchSize * plan.TileLength) : 0, "the noise of borders");

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        tiles = memory.View<float>(tilePiece);
        draw = plan.HasNoise ? new CoarseDraw.Launcher(loader) : null;
        labels = new(loader, place.Entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch.Words));
        LaunchCheck.AtLeast(batch.Labels.Length, (long)batch.Samples * plan.Voxels, nameof(batch.Labels));
        draw?.Run(
            batch.Words,
            batch.Layout,
            batch.Samples,
            false,
            place.Stream(Streams.GaussianTile),
            -1,
            ArrayView<NoiseGridScale>.Empty,
            plan.TileLength,
            tiles);
        labels!.Run(
            BatchGrid.Of(plan.Voxels, batch.Samples),
            new(batch.Words, batch.Layout.Stride, plan, tiles, batch.Labels),
            batch.Samples,
            batch.GateOf(place.Entry));
    }
}

/// <summary>Where the numbers of a sample's blobs stand in its row.</summary>
internal readonly struct GaussianPlan
{
    /// <summary>The plan of a component.</summary>
    public GaussianPlan(in StepPlace place)
    {
        VolumeShape shape = place.Facts.Shape;
        Height = shape.Height;
        Width = shape.Width;
        Voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
        IsFlat = shape.Dimensions == 2 ? 1 : 0;
        TileLength = LatticeTile.Length(shape);
        noise = ((Gaussians)place.Entry.Component).Roughness.Maximum > 0 ? 1 : 0;
        Blobs = place.Entry.Lists;
        Organs = SampleLayout.FieldOf<Gaussians.Drawn>(place.Entry, nameof(Gaussians.Drawn.Organs));
        Roughness = SampleLayout.FieldOf<Gaussians.Drawn>(place.Entry, nameof(Gaussians.Drawn.Roughness));
        Phase = SampleLayout.FieldOf<Gaussians.Drawn>(place.Entry, nameof(Gaussians.Drawn.Phase));
        Stay = SampleLayout.FieldOf<Gaussians.Drawn>(place.Entry, nameof(Gaussians.Drawn.StayScore));
        Steps = SampleLayout.FieldOf<Gaussians.Drawn>(place.Entry, nameof(Gaussians.Drawn.StepsPerVoxel));
    }

    /// <summary>Rows of a plane.</summary>
    public readonly int Height;

    /// <summary>Voxels of a row.</summary>
    public readonly int Width;

    /// <summary>Voxels of a sample.</summary>
    public readonly int Voxels;

    /// <summary>1 of images, 0 of volumes.</summary>
    public readonly int IsFlat;

    /// <summary>Numbers of a tile.</summary>
    public readonly int TileLength;

    /// <summary>Word of the first blob's <see cref="GaussianWords"/>.</summary>
    public readonly int Blobs;

    /// <summary>Word of the number of organs.</summary>
    public readonly int Organs;

    /// <summary>Word of the strength of the noise.</summary>
    public readonly int Roughness;

    /// <summary>First of the three words of its phase.</summary>
    public readonly int Phase;

    /// <summary>Word of the background's score.</summary>
    public readonly int Stay;

    /// <summary>Word of the lattice steps per voxel.</summary>
    public readonly int Steps;

    private readonly int noise;

    /// <summary>Whether any sample has noise.</summary>
    public bool HasNoise => noise != 0;
}

/// <summary>The label of a voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct GaussianLabels(ArrayView<uint> words, int stride, GaussianPlan plan, ArrayView<float> tiles, ArrayView<byte> labelDHW)
    : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (voxel >= plan.Voxels)
        {
            return;
        }

        int sample = Grid.IdxY;
        int row = sample * stride;
        int line = voxel / plan.Width;
        int plane = line / plan.Height;
        var at = new GaussianVoxel(words, row, plan, tiles, sample, plane, line - (plane * plan.Height), voxel - (line * plan.Width));
        int first = 0;
        int end = (int)words[row + plan.Organs];
        int winner = -1;
        while (first < end)
        {
            int won = at.WinnerOf(first, end, winner);
            if (won == winner)
            {
                break;
            }

            winner = won;
            first = at.WholeNumber(winner, GaussianWords.FirstPart);
            end = at.WholeNumber(winner, GaussianWords.EndPart);
        }

        labelDHW[((long)sample * plan.Voxels) + voxel] = (byte)(winner < 0 ? 0 : at.WholeNumber(winner, GaussianWords.Label));
    }
}

/// <summary>One voxel among the blobs of its sample.</summary>
internal readonly struct GaussianVoxel
{
    private readonly ArrayView<uint> words;
    private readonly LatticeTile tile;
    private readonly int blobs;
    private readonly float z;
    private readonly float y;
    private readonly float x;
    private readonly float latticeZ;
    private readonly float latticeY;
    private readonly float latticeX;
    private readonly float roughness;
    private readonly float most;
    private readonly float stay;

    /// <summary>A voxel.</summary>
    public GaussianVoxel(ArrayView<uint> words, int row, GaussianPlan plan, ArrayView<float> tiles, int sample, int z, int y, int x)
    {
        this.words = words;
        blobs = row + plan.Blobs;
        (this.z, this.y, this.x) = (z, y, x);
        float steps = SampleLayout.Number(words, row + plan.Steps);
        latticeZ = (z * steps) + SampleLayout.Number(words, row + plan.Phase);
        latticeY = (y * steps) + SampleLayout.Number(words, row + plan.Phase + 1);
        latticeX = (x * steps) + SampleLayout.Number(words, row + plan.Phase + 2);
        roughness = SampleLayout.Number(words, row + plan.Roughness);
        most = roughness * (plan.IsFlat != 0 ? GaussianWords.MostNoiseOfImage : GaussianWords.MostNoise);
        stay = SampleLayout.Number(words, row + plan.Stay);
        tile = new LatticeTile(new NumberTable(tiles), (uint)(sample * plan.TileLength), plan.IsFlat);
    }

    /// <summary>The blob of some whose score is the largest, or another one where none is larger than that of staying.</summary>
    public int WinnerOf(int first, int end, int stays)
    {
        int winner = stays;
        float best = stay;
        for (int blob = first; blob < end; blob++)
        {
            float dz = z - Number(blob, GaussianWords.Centre);
            float dy = y - Number(blob, GaussianWords.Centre + 1);
            float dx = x - Number(blob, GaussianWords.Centre + 2);
            float score = Number(blob, GaussianWords.LogWeight)
                + (dz * ((Number(blob, GaussianWords.Shape) * dz) + (Number(blob, GaussianWords.Shape + 3) * dy)))
                + (Number(blob, GaussianWords.Shape + 1) * dy * dy);
            float slope = (Number(blob, GaussianWords.Shape + 4) * dz) + (Number(blob, GaussianWords.Shape + 5) * dy);
            score += dx * ((Number(blob, GaussianWords.Shape + 2) * dx) + slope);

            // The noise is not looked at where it could not make the blob win.
            if (roughness > 0f && score + most > best)
            {
                score += roughness * tile.At<Real1, Word1>(
                    new Real1(latticeZ + Number(blob, GaussianWords.Offset)),
                    new Real1(latticeY + Number(blob, GaussianWords.Offset + 1)),
                    new Real1(latticeX + Number(blob, GaussianWords.Offset + 2))).V;
            }

            winner = score > best ? blob : winner;
            best = score > best ? score : best;
        }

        return winner;
    }

    /// <summary>A word of a blob that is a whole number.</summary>
    public int WholeNumber(int blob, int word) => (int)Number(blob, word);

    private float Number(int blob, int word) => SampleLayout.Number(words, blobs + (blob * GaussianWords.Count) + word);
}
