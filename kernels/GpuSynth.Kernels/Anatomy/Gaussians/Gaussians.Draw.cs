namespace GpuSynth.Kernels;

// Where blobs lie. An organ: anywhere but for a margin of a tenth at each face, turned anywhere. A part of a blob of axes L that ends at |L^-1 (x - c)|
//   = R': centre c + L v, axes s L T diag(r), T any turn, s its size, 1 the largest of r; v anywhere in the ball of radius R' - s R, so that without
//   noise it lies wholly inside. What is drawn for a blob is drawn at its path from its organ down, so that no other blob changes it.

/// <content>The draw.</content>
public sealed partial record Gaussians
{
    private const int DrawnWordsOfBlob = 18;
    private const double Margin = 0.1;

    // Items of a blob, added to 32 times its path: append only.
    private const uint PartsItem = 0;
    private const uint SizeItem = 1;
    private const uint ElongationItem = 2;
    private const uint MiddleItem = 3;
    private const uint TurnItem = 4;
    private const uint WeightItem = 7;
    private const uint PlaceItem = 8;
    private const uint OffsetItem = 11;
    private const uint AwayItem = 14;
    private const uint SizeAwayItem = 17;

    private static readonly NormalLaw Deviate = new(0, 1);
    private static readonly IntegerLaw StepsOfVolume = new(0, LatticeTile.VolumeSide - 1);
    private static readonly IntegerLaw StepsOfImage = new(0, LatticeTile.ImageSide - 1);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        var drawn = new Drawn
        {
            Organs = Math.Min(Room, Rounded(drawing.Number(Organs, OrgansElement))),
            Reach = drawing.Number(Reach, ReachElement),
            Roughness = drawing.Number(Roughness, RoughnessElement),
            SpacingVoxels = drawing.Number(RoughnessOfSide, SpacingElement) * drawing.Facts.Shape.Side,
            Phase = drawing.Axes(Unit, PhaseElement),
            Blobs = drawing.List(GaussianWords.Count * Room),
            Labels = drawing.List(Room),
            Parents = drawing.List(Room),
            Centres = drawing.List(3 * Room),
            Axes = drawing.List(9 * Room),
            LogWeights = drawing.List(Room),
            Offsets = drawing.List(3 * Room),
        };
        int count = DrawBlobs(in drawing, in drawn);
        drawn.Blobs = new WordList(drawn.Blobs.First, GaussianWords.Count * count);
        drawn.Labels = new WordList(drawn.Labels.First, count);
        drawn.Parents = new WordList(drawn.Parents.First, count);
        drawn.Centres = new WordList(drawn.Centres.First, 3 * count);
        drawn.Axes = new WordList(drawn.Axes.First, 9 * count);
        drawn.LogWeights = new WordList(drawn.LogWeights.First, count);
        drawn.Offsets = new WordList(drawn.Offsets.First, 3 * count);
        return drawn;
    }

    // The first place of a level: each blob has its own, whether its neighbours are there or not.
    private int FirstPlace(int level)
    {
        (int first, int inLevel) = (0, MostOrgans);
        for (int above = 0; above < level; above++)
        {
            first += inLevel;
            inLevel *= MostParts;
        }

        return first;
    }

    private int DrawBlobs(in Drawing drawing, in Drawn drawn)
    {
        Span<float> labels = drawing.Numbers(drawn.Labels);
        Span<float> parents = drawing.Numbers(drawn.Parents);
        Span<BlobPlace> places = stackalloc BlobPlace[MostBlobs];
        int levels = Rounded(drawing.Number(Levels, LevelsElement));
        int count = 0;
        for (; count < drawn.Organs; count++)
        {
            places[count] = new BlobPlace((uint)count + 1, 0, count);
            parents[count] = -1;
            DrawOrgan(in drawing, in drawn, count, places[count]);
        }

        for (int parent = 0; parent < count && places[parent].Level + 1 < levels; parent++)
        {
            int parts = Rounded(drawing.Number(Parts, ElementOf(places[parent], PartsItem)));
            for (int part = 0; part < parts && count < Room; part++, count++)
            {
                places[count] = places[parent].Part(part, this);
                parents[count] = parent;
                DrawPart(in drawing, in drawn, count, parent, places[count]);
            }
        }

        IntegerLaw steps = drawing.Facts.Shape.Dimensions == 3 ? StepsOfVolume : StepsOfImage;
        for (int blob = 0; blob < count; blob++)
        {
            labels[blob] = 1 + (LabelEachBlob != 0 ? places[blob].Number : places[blob].Level);
            for (int axis = 0; axis < 3; axis++)
            {
                drawing.Numbers(drawn.Offsets)[(3 * blob) + axis] = drawing.Number(steps, ElementOf(places[blob], OffsetItem + (uint)axis));
            }
        }

        return count;
    }

    private void DrawOrgan(in Drawing drawing, in Drawn drawn, int organ, BlobPlace at)
    {
        VolumeShape shape = drawing.Facts.Shape;
        bool isFlat = shape.Dimensions == 2;
        double size = Number(in drawing, SizeOfSide, at, SizeItem) * shape.Side;
        double elongation = Math.Log(Number(in drawing, Elongation, at, ElongationItem));
        double middle = Number(in drawing, Unit, at, MiddleItem);
        (double away, double sizeAway) = Anchored is null ? (0, 0) : (Anchored.SpreadOfSide * shape.Side, Anchored.SizeSpread);
        size *= Math.Exp(sizeAway * drawing.Number(Deviate, ElementOf(at, SizeAwayItem)));

        Span<double> lengths = stackalloc double[3];
        GaussianAxes.Lengths(size, elongation, middle, isFlat, lengths);
        Span<double> turn = stackalloc double[9];
        DrawTurn(in drawing, at, isFlat, turn);
        Span<float> axes = drawing.Numbers(drawn.Axes).Slice(9 * organ, 9);
        for (int entry = 0; entry < 9; entry++)
        {
            axes[entry] = (float)(lengths[entry / 3] * turn[entry]);
        }

        drawing.Numbers(drawn.LogWeights)[organ] = (float)Number(in drawing, LogWeight, at, WeightItem);
        Span<float> centre = drawing.Numbers(drawn.Centres).Slice(3 * organ, 3);
        ReadOnlySpan<int> extent = [shape.Depth, shape.Height, shape.Width];
        for (int axis = 0; axis < 3; axis++)
        {
            double along = Number(in drawing, Unit, at, PlaceItem + (uint)axis);
            double off = away * drawing.Number(Deviate, ElementOf(at, AwayItem + (uint)axis));
            centre[axis] = isFlat && axis == 0 ? 0 : (float)((extent[axis] * (Margin + ((1 - (2 * Margin)) * along))) - 0.5 + off);
        }
    }

    private void DrawPart(in Drawing drawing, in Drawn drawn, int part, int parent, BlobPlace at)
    {
        bool isFlat = drawing.Facts.Shape.Dimensions == 2;
        double size = drawing.Number(PartSize, ElementOf(at, SizeItem));
        double elongation = Math.Log(drawing.Number(Elongation, ElementOf(at, ElongationItem)));
        double middle = drawing.Number(Unit, ElementOf(at, MiddleItem));
        ReadOnlySpan<double> lengths =
        [
            size, size * Math.Exp(-elongation * (isFlat ? 0 : middle)), size * Math.Exp(-elongation),
        ];
        Span<double> turn = stackalloc double[9];
        DrawTurn(in drawing, at, isFlat, turn);
        Span<float> all = drawing.Numbers(drawn.Axes);
        ReadOnlySpan<float> outer = all.Slice(9 * parent, 9);
        Span<float> axes = all.Slice(9 * part, 9);
        for (int entry = 0; entry < 9; entry++)
        {
            (int axis, int along) = (entry / 3, entry % 3);
            double sum = (outer[along] * turn[3 * axis]) + (outer[3 + along] * turn[(3 * axis) + 1]) + (outer[6 + along] * turn[(3 * axis) + 2]);
            axes[entry] = (float)(lengths[axis] * sum);
        }

        Span<float> weights = drawing.Numbers(drawn.LogWeights);
        double end = Math.Sqrt(Math.Max(0, (drawn.Reach * drawn.Reach) + (2 * weights[parent])));
        double room = Math.Max(0, end - (size * drawn.Reach));
        weights[part] = 0;
        Span<double> v = stackalloc double[3];
        DrawInBall(in drawing, at, isFlat, v);
        Span<float> centres = drawing.Numbers(drawn.Centres);
        for (int along = 0; along < 3; along++)
        {
            double sum = (outer[along] * v[0]) + (outer[3 + along] * v[1]) + (outer[6 + along] * v[2]);
            centres[(3 * part) + along] = (float)(centres[(3 * parent) + along] + (room * sum));
        }
    }

    // Uniform in the ball of radius 1, or in the circle of the last two axes.
    private static void DrawInBall(in Drawing drawing, BlobPlace at, bool isFlat, Span<double> v)
    {
        double volume = drawing.Number(Unit, ElementOf(at, PlaceItem));
        double height = isFlat ? 0 : (2 * drawing.Number(Unit, ElementOf(at, PlaceItem + 1))) - 1;
        (double sine, double cosine) = Math.SinCos(Math.Tau * drawing.Number(Unit, ElementOf(at, PlaceItem + 2)));
        double radius = isFlat ? Math.Sqrt(volume) : Math.Cbrt(volume);
        double across = radius * Math.Sqrt(1 - (height * height));
        (v[0], v[1], v[2]) = (radius * height, across * sine, across * cosine);
    }

    private void DrawTurn(in Drawing drawing, BlobPlace at, bool isFlat, Span<double> turn) => GaussianAxes.Turn(
        Number(in drawing, Unit, at, TurnItem),
        Number(in drawing, Unit, at, TurnItem + 1),
        Number(in drawing, Unit, at, TurnItem + 2),
        isFlat,
        turn);

    // What an organ is, of the sample or of the table; what a part is, of the sample.
    private double Number(in Drawing drawing, Law law, BlobPlace at, uint item) => Anchored is null || at.Level > 0
        ? drawing.Number(law, ElementOf(at, item))
        : law.Draw(new RandomPlace((ulong)Anchored.Table, 0, Streams.GaussianLaws).Part(1), ElementOf(at, item));

    private static uint ElementOf(BlobPlace at, uint item) => (at.Path << 5) | item;

    // Its path: the organ and, three bits each, which part of it and of that. Its number among all that could be.
    private readonly record struct BlobPlace(uint Path, int Level, int Number)
    {
        public BlobPlace Part(int part, Gaussians of)
        {
            int number = of.FirstPlace(Level + 1) + ((Number - of.FirstPlace(Level)) * of.MostParts) + part;
            return new BlobPlace(Path | ((uint)(part + 1) << (6 + (3 * Level))), Level + 1, number);
        }
    }
}
