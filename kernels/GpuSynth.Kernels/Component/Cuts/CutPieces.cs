namespace GpuSynth.Kernels;

/// <summary>
/// Pieces that a component cuts from a volume: what is drawn for each of them, and their words (<see cref="CutPiece"/>). What is cut is the same whether it
/// becomes air in the image or in the labels.
/// </summary>
internal static class CutPieces
{
    // The first elements of the stream for what is drawn of each piece: append only. Those before them are the component's.
    private const uint KindElement = 1 << 8;
    private const uint SizeElement = 2 << 8;
    private const uint PositionElement = 3 << 8;
    private const uint CosineElement = 4 << 8;
    private const uint TurnElement = 5 << 8;

    // Further than two ways to compute a depth differ by, in voxels.
    private const double Slack = 0.01;

    private static readonly UniformLaw Unit = new(0, 1);
    private static readonly UniformLaw Cosine = new(-1, 1);

    /// <summary>Words of the lists of pieces.</summary>
    /// <param name="count">Pieces.</param>
    public static int ListWords(int count) => (9 + CutPiece.WordCount) * count;

    /// <summary>Draws pieces.</summary>
    /// <param name="drawing">Where from.</param>
    /// <param name="kind">What each is.</param>
    /// <param name="size">How much, three of each.</param>
    /// <param name="count">How many.</param>
    public static CutNumbers Draw(ref Drawing drawing, Law kind, Law size, int count) => new(
        drawing.Each(kind, KindElement, count),
        drawing.Each(size, SizeElement, 3 * count),
        drawing.Each(Unit, PositionElement, 3 * count),
        drawing.Each(Cosine, CosineElement, count),
        drawing.Each(Unit, TurnElement, count));

    /// <summary>Works out the words of pieces.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="drawn">Their kinds, sizes, places, cosines and turns.</param>
    /// <param name="pieces">Written.</param>
    /// <param name="row">The sample's row.</param>
    public static void Prepare(VolumeShape shape, in CutNumbers drawn, WordList pieces, Span<float> row)
    {
        for (int piece = 0; piece < drawn.Kinds.Count; piece++)
        {
            CutPiece cut = new(
                shape,
                row.Slice(drawn.SizesZyx.First + (3 * piece), 3),
                row.Slice(drawn.PositionsZyx.First + (3 * piece), 3),
                row[drawn.Tilts.First + piece],
                row[drawn.Turns.First + piece]);
            cut.Write((int)(row[drawn.Kinds.First + piece] + 0.5f), row.Slice(pieces.First + (CutPiece.WordCount * piece), CutPiece.WordCount));
        }
    }

    /// <summary>The pieces that come near some voxels of a row, on the host.</summary>
    /// <param name="words">The sample's row.</param>
    /// <param name="pieces">All pieces.</param>
    /// <param name="place">z, y and the first x of the voxels.</param>
    /// <param name="count">How many voxels.</param>
    /// <param name="least">The least depth that counts, in voxels.</param>
    /// <param name="reaching">Written: their first words.</param>
    /// <returns>How many.</returns>
    public static unsafe int Reaching(in Row words, WordList pieces, (int Z, int Y, int X) place, int count, double least, int* reaching)
    {
        int found = 0;
        for (int word = pieces.First; word < pieces.First + pieces.Count; word += CutPiece.WordCount)
        {
            // Along a row a box is deepest in its middle, the others at an end.
            float* own = (float*)words.WordsAddress + word;
            bool isBox = own[0] < 0.5f;
            double from = isBox ? (own[3] + own[6]) / 2 : place.X;
            double to = isBox ? from : place.X + count - 1;
            if (Math.Max(DepthAt(in words, word, place, from), DepthAt(in words, word, place, to)) > least - Slack)
            {
                reaching[found++] = word;
            }
        }

        return found;
    }

    private static double DepthAt(in Row words, int word, (int Z, int Y, int X) place, double x) => CutPiece.Depth<RealExact, WordExact>(
        in words, word, new RealExact(place.Z), new RealExact(place.Y), new RealExact(x)).V;
}

/// <summary>What is drawn for pieces: lists of the row.</summary>
/// <param name="Kinds">What each is.</param>
/// <param name="SizesZyx">How much, three of each.</param>
/// <param name="PositionsZyx">Where, three of each.</param>
/// <param name="Tilts">Cosine of the angle between a half-space's normal and z.</param>
/// <param name="Turns">Turns of a normal, and which axis a cylinder has.</param>
internal readonly record struct CutNumbers(WordList Kinds, WordList SizesZyx, WordList PositionsZyx, WordList Tilts, WordList Turns);
