using GpuSynth.Kernels;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Trees: the wall around a tube, and tubes that are thicker than they grew.</summary>
public sealed class TreeWallTests
{
    // The wall of half a radius is 9.65 voxels thick: pi ((3/2 r)^2 - r^2) = 5/4 pi r^2 across; the lumen is as it was.
    [TestCase(0f, 0f)]
    [TestCase(9f, -14f)]
    public void AWall_HasTheAreaOfItsRing(float leanY, float leanX)
    {
        const float radius = 19.3f;
        VolumeShape shape = VolumeShape.Volume(80, 96, 97);
        float[] tube = TreeSample.Straight((-40, 47.2f - leanY, 46.9f - leanX), (120, 47.2f + leanY, 46.9f + leanX), radius);
        var bare = new TreeSample(TreesTests.Plain, shape, 1);
        bare.Replace(tube);
        var walled = new TreeSample(TreesTests.Plain with { WallOfRadius = 0.5 }, shape, 1);
        walled.Replace(tube);
        byte[] labels = walled.Labels();
        double lean = Math.Sqrt((leanY * leanY) + (leanX * leanX)) / 80;
        double area = Math.PI * 1.25 * radius * radius * Math.Sqrt(1 + (lean * lean));
        Assert.That(labels.Count(static label => label == 1) / 80.0, Is.EqualTo(area).Within(1).Percent);
        Assert.That(labels.Select(static label => label == 1 ? (byte)255 : label), Is.EqualTo(bare.Labels()));
    }

    // Of trees that meet: a wall is seen nowhere where a lumen is, that of the first kind before that of the second, and within w of its lumen.
    [Test]
    public void Walls_LieAroundAllLumens_WithinTheirThickness([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(90, 101) : VolumeShape.Volume(40, 41, 52);
        Trees trees = TreesTests.Plain with { Count = 6, Kinds = 2, RadiusJitter = 0.2, InsideChance = 1 };
        const float wall = 0.7f;
        int walls = 0;
        for (ulong sample = 0; sample < 5; sample++)
        {
            var walled = new TreeSample(trees with { WallOfRadius = wall }, shape, sample);
            byte[] lumens = new TreeSample(trees, shape, sample).Labels();
            byte[] labels = walled.Labels();
            float[] nodes = walled.Nodes.ToArray();
            int second = walled.Drawn.FirstKindSegments / 6 * 28;
            float largest = nodes.Chunk(4).Max(static node => node[3]);
            for (int voxel = 0; voxel < labels.Length; voxel++)
            {
                if (labels[voxel] is 2 or 3)
                {
                    (int z, int y, int x) = (voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
                    ReadOnlySpan<float> own = labels[voxel] == 2 ? nodes.AsSpan(0, second) : nodes.AsSpan(second);
                    Assert.That(lumens[voxel], Is.EqualTo(255));
                    Assert.That(Trees.ReferenceDistance(own, z, y, x), Is.InRange(-TreesTests.Rounding, (wall * largest) + TreesTests.Rounding));
                    Assert.That(Trees.ReferenceDistance(own, z, y, x, 1 + wall), Is.LessThan(TreesTests.Rounding));
                    walls++;
                }
                else
                {
                    Assert.That(labels[voxel], Is.EqualTo(lumens[voxel]));
                }
            }
        }

        Assert.That(walls, Is.GreaterThan(1000));
    }

    // vesselFM smooths its masks by a Gaussian of deviation 1 and keeps what is above 0.2. A plane moves by the quantile of 0.8, 0.8416 voxels; a
    // tube of radius 19.3 by 1 / (2 r) = 0.026 less, which is 0.3 % of its area.
    [Test]
    public void ThickerTubes_AreThoseOfASmoothedMask_ThresholdedAtOneFifth()
    {
        const float thicker = 0.8416f;
        const float radius = 19.3f;
        Trees trees = TreesTests.Plain with { RadiusJitter = 0.1 };
        VolumeShape shape = VolumeShape.Image(96, 97);
        float[] grown = new TreeSample(trees, shape, 4).Nodes.ToArray();
        float[] thick = new TreeSample(trees with { ThickerVoxels = thicker }, shape, 4).Nodes.ToArray();
        Assert.That(thick, Is.EqualTo(grown.Select(static (number, at) => at % 4 == 3 ? number + thicker : number)));

        byte[] mask = Ball(radius);
        double[] smooth = [.. mask.Select(static label => label == 0 ? 1.0 : 0)];
        double[] taps = [.. Enumerable.Range(-4, 9).Select(static tap => Math.Exp(-tap * tap / 2.0))];
        foreach (int step in new[] { 1, shape.Width })
        {
            double[] before = smooth;
            smooth =
            [
                .. before.Select((_, at) => taps.Select((tap, n) => tap * before.ElementAtOrDefault(at + ((n - 4) * step))).Sum() / taps.Sum()),
            ];
        }

        byte[] other = Ball(radius + thicker);
        Assert.That(other.Count(static label => label == 0), Is.EqualTo(smooth.Count(static value => value > 0.2)).Within(1).Percent);

        // A mask of whole voxels has its surface where it is within half of one.
        int[] differ = [.. Enumerable.Range(0, other.Length).Where(voxel => (other[voxel] == 0) != (smooth[voxel] > 0.2))];
        Assert.That(
            differ.Select(voxel => Math.Sqrt(Math.Pow((voxel / 97) - 47.2, 2) + Math.Pow((voxel % 97) - 46.9, 2)) - radius - thicker),
            Is.All.InRange(-0.5, 0.5));

        // A branch that stays where it is.
        byte[] Ball(float r)
        {
            var sample = new TreeSample(TreesTests.Plain, shape, 1);
            sample.Replace(TreeSample.Straight((0, 47.2f, 46.9f), (0, 47.2f, 46.9f), r));
            return sample.Labels();
        }
    }
}
