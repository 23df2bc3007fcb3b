using System.Numerics.Tensors;

namespace GpuSynth.Kernels;

/// <summary>Quantum noise on the host: the tile once per sample, and of it as much as lies side by side to every row.</summary>
/// <param name="place">Where the component stands.</param>
/// <param name="stream">The stream of the tile, its occurrence in the recipe in bits 16 to 23.</param>
/// <param name="tile">The tile; where there are two, <see cref="CtLocalNoiseStep"/> adds them.</param>
internal sealed unsafe class CtNoiseStep(StepPlace place, uint stream, CtTile tile) : HostStep
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    public override long MemoryLength => tile.Total;

    // Two planes, and three rows.
    /// <inheritdoc/>
    public override long ScratchLength => (2L * tile.Plane) + (3L * tile.Side);

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch)
    {
        CtNoise.Drawn drawn = Real16.Drawn<CtNoise.Drawn>(sample.Row, first);
        int plane = tile.Plane;
        RandomPlace nodes = sample.Place(stream);
        for (int at = 0; at < tile.Length; at += plane)
        {
            for (int which = 0; which < tile.Count; which++)
            {
                new Span<float>(memory + (which * tile.Length) + at, plane).Clear();
            }

            for (int octave = 0; octave < CtTile.Octaves; octave++)
            {
                int width = tile.Side >> octave;
                int start = tile.FirstNode(octave) + (at >> (2 * octave));
                Normal.HostFill(scratch, width * width, nodes, start, CtTile.Strength(octave) * drawn.Scale);
                for (int which = 0; which < tile.Count; which++)
                {
                    TakeMeansAway(scratch, scratch + plane, scratch + (2 * plane), width, inRows: which == 1);
                    AddBetween(scratch + plane, new Span<float>(memory + (which * tile.Length) + at, plane), scratch + (2 * plane), width, octave);
                }
            }

            float* weights = (float*)sample.Row.WordsAddress + drawn.Weights.First;
            for (int which = 0; which < tile.Count && drawn.Sharpness != 0; which++)
            {
                var own = new Span<float>(memory + (which * tile.Length) + at, plane);
                Smooth(own, new Span<float>(scratch, plane), new Span<float>(scratch + plane, plane), new(weights, CtTile.Taps));
                float sharpness = drawn.Sharpness;
                for (int i = 0; i < plane; i++)
                {
                    own[i] += sharpness * (own[i] - scratch[i]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Run(in HostBlock block)
    {
        Row row = block.Row;
        WordList slices = Real16.Drawn<CtNoise.Drawn>(in row, first).Slices;
        float* starts = (float*)row.WordsAddress + slices.First;
        int side = tile.Side;
        int last = side - 1;
        int count;
        for (int done = 0; done < block.Count; done += count)
        {
            // Behind the end of the volume the last voxel counts.
            long voxel = Math.Min(block.First + done, shape.VoxelCount - 1);
            long line = voxel / shape.Width;
            int x = (int)(voxel - (line * shape.Width));
            int z = (int)(line / shape.Height);
            int y = (int)(line - ((long)z * shape.Height));
            int start = (int)starts[z];
            int column = (start + x) & last;
            count = voxel < block.First + done ? 1 : Math.Min(Math.Min(shape.Width - x, block.Count - done), side - column);
            int inTile = (start & -tile.Plane) + ((((start / side) + y) & last) * side) + column;
            var values = new Span<float>(block.Values + done, count);
            TensorPrimitives.Add(values, new ReadOnlySpan<float>(block.Memory + inTile, count), values);
        }
    }

    // x minus the mean of the 3 x 3 around it, or of that the part in streaks along rows, h / 2 + M_x h / 2 of h = x - M_y x; planes go round.
    private static void TakeMeansAway(float* nodes, float* to, float* row, int width, bool inRows)
    {
        (float here, float beside) = inRows ? (0.5f, 1f / 6) : (1f, -1f / 9);
        for (int y = 0; y < width; y++)
        {
            float* own = nodes + (y * width);
            var sums = new Span<float>(row, width);
            TensorPrimitives.Add(new ReadOnlySpan<float>(own, width), new ReadOnlySpan<float>(nodes + (((y + 1) % width) * width), width), sums);
            TensorPrimitives.Add<float>(sums, new ReadOnlySpan<float>(nodes + (((y + width - 1) % width) * width), width), sums);
            if (inRows)
            {
                TensorPrimitives.MultiplyAdd(sums, -1f / 3, new ReadOnlySpan<float>(own, width), sums);
                own = row;
            }

            float* line = to + (y * width);
            line[0] = (here * own[0]) + (beside * (sums[width - 1] + sums[0] + sums[1]));
            for (int x = 1; x < width - 1; x++)
            {
                line[x] = (here * own[x]) + (beside * (sums[x - 1] + sums[x] + sums[x + 1]));
            }

            line[width - 1] = (here * own[width - 1]) + (beside * (sums[width - 2] + sums[width - 1] + sums[0]));
        }
    }

    // Adds what is linear between nodes of 2^octave voxels.
    private static void AddBetween(float* nodes, Span<float> plane, float* row, int width, int octave)
    {
        if (octave == 0)
        {
            TensorPrimitives.Add(plane, new ReadOnlySpan<float>(nodes, plane.Length), plane);
            return;
        }

        int steps = 1 << octave;
        int side = width << octave;
        for (int y = 0; y < side; y++)
        {
            float* low = nodes + ((y >> octave) * width);
            float* high = nodes + ((((y >> octave) + 1) % width) * width);
            float along = (float)(y & (steps - 1)) / steps;
            for (int x = 0; x < width; x++)
            {
                row[x] = low[x] + (along * (high[x] - low[x]));
            }

            Span<float> line = plane.Slice(y * side, side);
            for (int x = 0; x < width; x++)
            {
                float value = row[x];
                float step = (row[x + 1 < width ? x + 1 : 0] - value) / steps;
                int at = x << octave;
                for (int t = 0; t < steps; t++)
                {
                    line[at + t] += value + (t * step);
                }
            }
        }
    }

    // The Gaussian along y, then along x; planes go round.
    private void Smooth(ReadOnlySpan<float> from, Span<float> to, Span<float> between, ReadOnlySpan<float> weights)
    {
        int side = tile.Side;
        int last = side - 1;
        int radius = CtTile.Taps / 2;
        for (int y = 0; y < side; y++)
        {
            Span<float> line = between.Slice(y * side, side);
            line.Clear();
            for (int tap = 0; tap < CtTile.Taps; tap++)
            {
                TensorPrimitives.MultiplyAdd(from.Slice(((y + tap - radius) & last) * side, side), weights[tap], line, line);
            }

            Span<float> result = to.Slice(y * side, side);
            for (int x = 0; x < side; x++)
            {
                float sum = 0;
                for (int tap = 0; tap < CtTile.Taps; tap++)
                {
                    sum += weights[tap] * line[(x + tap - radius) & last];
                }

                result[x] = sum;
            }
        }
    }
}
