using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Recipes;

/// <summary>Recipes of every shape, all of them right: each stage there or not, each law of each kind.</summary>
internal static class RandomRecipes
{
    public static IEnumerable<Recipe> Some(int count, int seed)
    {
        Random random = new(seed);
        Random chances = new(seed);
        Random anatomies = new(seed);
        Random tissues = new(seed);
        Random regions = new(seed);
        Random trees = new(seed);
        Random shapes = new(seed);
        Random gaussians = new(~seed);
        Random lesions = new(~seed);
        Random labels = new(seed);
        Random velocities = new(seed);
        Random deformations = new(seed);
        Random cuts = new(seed);
        Random softs = new(~seed);
        Random parts = new(seed);
        return Enumerable.Range(0, count).Select(_ =>
        {
            Recipe recipe = RandomShapes.With(WithTrees(WithAnatomies(WithChances(One(random), chances), anatomies), trees), shapes);
            recipe = WithRegions(WithTissues(recipe, tissues, areAnyValues: true), regions);
            recipe = WithVelocity(WithLabelOps(WithLesions(WithGaussians(recipe, gaussians), lesions), labels), velocities);
            return WithSoftContrast(RandomShapes.WithPartsInside(RandomShapes.WithCutAway(RandomShapes.WithDeformation(recipe, deformations), cuts), parts), softs);
        });
    }

    /// <summary>
    /// The recipe of a seed, as it runs on any label maps: which stored values there are, and which have a side, is nothing to it.
    /// </summary>
    public static Recipe Runnable(int seed)
    {
        Recipe recipe = WithTrees(WithAnatomies(One(new Random(seed), anyOrder: false), new Random(~seed)), new Random(int.MaxValue - seed));
        recipe = RandomShapes.With(recipe, new Random(seed ^ 0x3c3c));
        recipe = recipe with
        {
            Anatomy =
            [
                .. recipe.Anatomy.Select(static anatomy => anatomy switch
                {
                    LabelMapAnatomy maps => maps with { Remap = null, LateralPairs = maps.LateralPairs is null ? null : LateralPairs.None },

                    // More labels show no more: a simulated device takes its time with each.
                    NoiseAnatomy noise => noise with { Labels = SideMeasure.Of(2 + (noise.Labels.Whole % 15)) },
                    Component other => other,
                }),
            ],
        };
        recipe = WithRegions(WithTissues(recipe, new Random(seed), areAnyValues: false), new Random(seed));
        recipe = WithLesions(WithGaussians(recipe, new Random(seed ^ 0x6a55)), new Random(seed ^ 0x1e51));
        recipe = WithVelocity(WithLabelOps(recipe, new Random(seed ^ 0x3d3d)), new Random(seed ^ 0x6969));

        // A label of a map that lies on a border would lie somewhere else behind a deformation.
        bool areAtBorders = recipe.Anatomy.Any(static one => one is LabelMapAnatomy { Deformation: null, Velocity: null });
        recipe = areAtBorders ? recipe : RandomShapes.WithDeformation(recipe, new Random(seed ^ 0x7e7e));
        recipe = WithMagnetic(WithTexture(RandomShapes.WithCutAway(recipe, new Random(seed ^ 0x2b2b)), new Random(seed ^ 0x5a5a)), new Random(seed ^ 0x3c3c));
        recipe = RandomShapes.WithPartsInside(recipe, new Random(seed ^ 0x9a27));
        return WithChances(WithSoftContrast(recipe, new Random(seed ^ 0x50f7)), new Random(seed));
    }

    /// <summary>A recipe of a seed whose appearance has components in any order, and often twice.</summary>
    public static Recipe InAnyOrder(int seed)
    {
        Random random = new(seed);
        int dimensions = random.Next(2, 4);
        Component[] kinds =
        [
            new Bias(0.2 * random.NextDouble(), random.Next(6, 12), 21),
            new Noise(0.3 * random.NextDouble()),
            new Blur(1.5 * random.NextDouble(), (2 * random.Next(1, 5)) + 1),
            new Normalise(1e-6),
            new Window(new UniformLaw(0.3, 0.7), new UniformLaw(0.5, 2)),
            new Invert(new UniformLaw(0, 1)),
            new HistogramWarp(random.Next(3, 8)),
            new RicianNoise(new UniformLaw(0, 0.2), random.Next(1, 4), new UniformLaw(0.5, 1.5), random.Next(1, 4)),
            new Mottle([SideMeasure.Of(random.Next(1, 9)), SideMeasure.SideOver(2)], new UniformLaw(0, 1), 0.2 * random.NextDouble()),
            new Resolution(new UniformLaw(1, 6), 0.75, new UniformLaw(0, 1), 1, 1, 0.3, new UniformLaw(1, 3), 0.5, 0.3),
            new Gibbs(new UniformLaw(0.4, 1), random.Next(1, 4)),
            new PartialFourier(new UniformLaw(0.5, 1)),
            new PartialVolume(new UniformLaw(0, 1)),
            .. Magnetic(random),
            new CtNoise(
                new UniformLaw(0, 0.2), new UniformLaw(0.5, 4), new UniformLaw(-1, 3), new UniformLaw(0, 1.5),
                random.Next(2) == 0 ? 0 : new UniformLaw(0, 1), new UniformLaw(10, 50), new UniformLaw(0, 1)),
            new Density(new IntegerLaw(1, 5), new UniformLaw(-0.5, 0.5), new UniformLaw(0.05, 0.3), new UniformLaw(1, 4)),
            new Cupping(new UniformLaw(0, 0.3), new UniformLaw(0.2, 0.7), new UniformLaw(0.3, 0.7)),
            new Rings(new IntegerLaw(0, 6), new UniformLaw(0, 0.1), new UniformLaw(0.3, 0.7)),
            new MetalStreaks(
                new IntegerLaw(1, 3), new UniformLaw(2, 9), random.Next(1, 9), new UniformLaw(0, 10), 0.05, new LogUniformLaw(1e3, 1e6), 1, new UniformLaw(0.2, 0.8)),
        ];
        IEnumerable<Component> appearance = Enumerable.Range(0, random.Next(1, 8)).Select(_ => kinds[random.Next(kinds.Length)]);
        var noise = new NoiseAnatomy(SideMeasure.Of(5), new NoiseGrids([SideMeasure.Of(3)], 1), null);
        Component begin = random.Next(3) switch
        {
            0 => new Contrast(new UniformLaw(0.1, 1)),
            1 => new Texture(
                new UniformLaw(0.1, 1), new UniformLaw(0, 0.2), new UniformLaw(0, 1), random.Next(1, 4), new UniformLaw(1.5, 8),
                new UniformLaw(1, 6), new UniformLaw(-1, 1), new UniformLaw(0, 1)),
            _ => new Hounsfield(null, null, random.NextDouble(), new UniformLaw(0, 1), new UniformLaw(1.5, 8)),
        };

        // What works in Hounsfield units has no place where a window has left none.
        Component[] list = [begin, .. appearance];
        list = [.. list.Where((one, at) => !one.Complaints(list, at).Any())];
        var recipe = new Recipe("any", dimensions, [noise], [.. list]);
        return WithChances(recipe, new Random(seed));
    }

    // One more anatomy or two in every fourth recipe, of a generator of its own: what is drawn of the recipe else stays. Those that draw from
    // label maps read the same ones.
    private static Recipe WithAnatomies(Recipe recipe, Random random)
    {
        if (random.Next(4) > 0)
        {
            return recipe;
        }

        Component[] list =
        [
            .. recipe.Anatomy,
            .. Enumerable.Range(0, random.Next(1, 3)).Select(_ => (random.Next(2) == 0 ? (Component)Noise(random) : LabelMaps(random)) with
            {
                Chance = random.Next(6) switch { 0 => 0, 1 => 1, _ => random.NextDouble() },
            }),
        ];
        LabelMapAnatomy? first = list.OfType<LabelMapAnatomy>().FirstOrDefault();
        return recipe with
        {
            Anatomy =
            [
                .. list.Select(one => one is LabelMapAnatomy maps ? maps with { Remap = first!.Remap, LateralPairs = first.LateralPairs } : one),
            ],
        };
    }

    // Trees in every fourth recipe, or twice, anywhere behind the first anatomy, likewise.
    private static Recipe WithTrees(Recipe recipe, Random random)
    {
        if (random.Next(4) > 0)
        {
            return recipe;
        }

        List<Component> list = [.. recipe.Anatomy];
        for (int more = random.Next(1, 3); more > 0; more--)
        {
            list.Insert(random.Next(1, list.Count + 1), Trees(random) with
            {
                Chance = random.Next(3) switch { 0 => random.NextDouble(), _ => 1 },
            });
        }

        return recipe with { Anatomy = [.. list] };
    }

    // Gaussian blobs in every sixth recipe, of a generator of their own: first, over what stands before, or inside label 0.
    private static Recipe WithGaussians(Recipe recipe, Random random)
    {
        if (random.Next(6) > 0)
        {
            return recipe;
        }

        Gaussians gaussians = Gaussians(random) with { Chance = random.Next(2) == 0 ? 1 : random.NextDouble() };
        return recipe with
        {
            Anatomy = random.Next(3) switch
            {
                0 => [gaussians with { Chance = 1 }, .. recipe.Anatomy],
                1 => [.. recipe.Anatomy, gaussians],
                _ => [.. recipe.Anatomy, gaussians with { Inside = [0] }],
            },
        };
    }

    // Lesions behind all in every sixth recipe, likewise.
    private static Recipe WithLesions(Recipe recipe, Random random) => random.Next(6) > 0 ? recipe : recipe with
    {
        Anatomy = [.. recipe.Anatomy, Lesions(random) with { Chance = random.Next(2) == 0 ? 1 : random.NextDouble() }],
    };

    // A velocity in half of all label maps, likewise: not so fast that rounding grows along its flow.
    private static Recipe WithVelocity(Recipe recipe, Random random) => recipe with
    {
        Anatomy =
        [
            .. recipe.Anatomy.Select(one => one is LabelMapAnatomy maps && random.Next(2) == 0
                ? maps with { Velocity = new ShiftGrids(Scales(random), Law(random, 0, 0.05)) }
                : one),
        ],
    };

    // Operations on labels in every third recipe, anywhere behind the first anatomy and what lifts labels, likewise. One side stays where sides
    // are known for sure.
    private static Recipe WithLabelOps(Recipe recipe, Random random)
    {
        if (random.Next(3) > 0)
        {
            return recipe;
        }

        bool areSidesKnown = recipe.Anatomy is [LabelMapAnatomy { LateralPairs: not null }, ..]
            && recipe.Anatomy.Skip(1).All(static one => one is IAnatomyComponent { Hides: false });
        var component = new LabelOps(
            areSidesKnown ? Chance() : 0,
            Law(random, 0, 1),
            Law(random, 0, 1),
            Maybe(random, () => Law(random, 1, 255)),
            Chance(),
            Chance(),
            Chance());
        List<Component> list = [.. recipe.Anatomy];
        int least = Math.Max(1, 1 + list.FindLastIndex(static one => one is IAnatomyComponent { LiftsLabels: true }));
        list.Insert(random.Next(least, list.Count + 1), component with { Chance = random.Next(2) == 0 ? 1 : random.NextDouble() });
        return recipe with { Anatomy = [.. list] };

        double Chance() => random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
    }

    // A texture in place of every fourth contrast, and patches behind every third of those, of a generator of its own.
    private static Recipe WithTexture(Recipe recipe, Random random)
    {
        if (random.Next(4) > 0)
        {
            return recipe;
        }

        Texture texture = new(
            ((Contrast)recipe.Appearance[0]).Mean,
            Law(random, 0, 1e6, LawPlace.PerLabel),
            Law(random, 0, 1, LawPlace.PerLabel),
            random.Next(1, 5),
            Law(random, 1, 1024, LawPlace.PerLabel),
            Law(random, 1, 16, LawPlace.PerLabel),
            Law(random, -1, 1, LawPlace.PerLabel),
            Law(random, 0, 2, LawPlace.PerLabel),
            Maybe(random, () => new TextureBackground(
                random.NextDouble() / 2, random.NextDouble() / 2, Law(random, -1e6, 1e6), Law(random, 0, 1e6))));
        Mottle[] mottle = random.Next(3) == 0
            ? [new Mottle(Scales(random), Law(random, 0, 3), random.NextDouble(), SomeLabels(random), SomeLabels(random))]
            : [];
        return recipe with { Appearance = [texture, .. mottle, .. recipe.Appearance.Skip(1)] };
    }

    // Soft borders in place of every eighth contrast, of a generator of its own: between Gaussian blobs that lie in no other's labels and that nothing moves.
    private static Recipe WithSoftContrast(Recipe recipe, Random random)
    {
        if (random.Next(8) > 0 || recipe.Appearance[0] is not Contrast contrast)
        {
            return recipe;
        }

        List<Component> anatomy = [.. recipe.Anatomy.Where(static one => one is not (IAnatomyComponent { Relabels: true } or Gaussians { Inside: not null }))];
        if (!anatomy.Exists(static one => one is Gaussians))
        {
            anatomy.Insert(random.Next(2) * anatomy.Count, Gaussians(random));
        }

        return recipe with
        {
            Anatomy = [.. anatomy],
            Appearance = [new SoftContrast(contrast.Mean, Law(random, 0, 10)), .. recipe.Appearance.Skip(1)],
        };
    }

    private static Contrast Apart(Random random, Contrast contrast) => random.Next(3) > 0 ? contrast : contrast with
    {
        Apart = SomeLabels(random),
        ApartBy = random.NextDouble(),
        ApartFrom = SomeLabels(random),
        ApartMean = Maybe(random, () => Law(random, -1e6, 1e6)),
    };

    private static ValueList<int>? SomeLabels(Random random) => Maybe(random, () => ValueList.Create<int>(
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(8)).Distinct()]));

    // Artefacts of scanners and cut-outs in every fourth recipe, anywhere behind what makes intensities and before what normalises, of a generator of its own.
    private static Recipe WithMagnetic(Recipe recipe, Random random)
    {
        if (random.Next(4) > 0)
        {
            return recipe;
        }

        List<Component> list = [.. recipe.Appearance];
        int end = list.FindIndex(static one => one is Normalise);
        foreach (Component component in Magnetic(random).Where(_ => random.Next(3) == 0))
        {
            end = end < 0 ? list.Count : end;
            list.Insert(random.Next(1, end + 1), component);
            end++;
        }

        return recipe with { Appearance = [.. list] };
    }

    private static Component[] Magnetic(Random random) =>
    [
        new Spike(new IntegerLaw(1, random.Next(1, 4)), new UniformLaw(0, 0.1), random.Next(3) / 2.0),
        new Ghost(new IntegerLaw(2, random.Next(2, 11)), new UniformLaw(0, 1), random.Next(3) / 2.0, random.Next(3) / 2.0),
        new Zipper(new UniformLaw(0, 0.5), new IntegerLaw(1, random.Next(1, 4))),
        new CutOut(new IntegerLaw(0, 2), new UniformLaw(0, 0.5), new UniformLaw(0, 0.1), random.Next(1, 4)),
        new BiasLegendre(new UniformLaw(-0.1, 0.1)),
        new QuantileRange(new UniformLaw(0, 0.1), new UniformLaw(0.9, 1)),
        new BiasSpline(new UniformLaw(0.5, 1.5), new IntegerLaw(2, random.Next(2, 8)), 0, (2 * random.Next(2)) + 1),
        new Motion(
            new IntegerLaw(1, random.Next(1, 4)), new UniformLaw(-30, 30), new UniformLaw(-0.2, 0.2), random.NextDouble(), random.Next(3) / 2.0),
        new Wrap(new UniformLaw(0.25, 1)),
        new Resolution(
            new UniformLaw(1, 6), 0.75, new UniformLaw(0, 1), 1, 1, 0.3, new UniformLaw(1, 3), 0.5, 0.3, new UniformLaw(0, 0.2), new IntegerLaw(1, 8), 0.5),
        new RangeGamma(new UniformLaw(0.3, 3)),
    ];

    // A chance for every fourth component, of a generator of its own: what is drawn of the recipe else stays. Gamma relies on what normalises.
    private static Recipe WithChances(Recipe recipe, Random random)
    {
        bool isReliedOn = recipe.Find<Gamma>() is not null;
        return recipe with
        {
            Appearance =
            [
                .. recipe.Appearance.Select(component => random.Next(4) == 0 && !component.Begins && !(isReliedOn && component is Normalise)
                    ? component with { Chance = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() } }
                    : component),
            ],
        };
    }

    // Devices run one order only, with pointwise components behind it.
    private static Recipe One(Random random, bool anyOrder = true)
    {
        bool normalise = random.Next(4) > 0;
        string name = Name(random);
        int dimensions = random.Next(2, 4);
        Component anatomy = random.Next(2) == 0 ? Noise(random) : LabelMaps(random);
        Component?[] stages =
        [
            Apart(random, new Contrast(Law(random, -1e6, 1e6, LawPlace.PerLabel))),
            Maybe(random, () => new Bias(Law(random, 0, 2), Law(random, 1, 256), (2 * random.Next(0, 256)) + 1)),
            Maybe(random, () => new Noise(Law(random, 0, 4))),
            Maybe(random, () => new Blur(Law(random, 0, 8), (2 * random.Next(0, 16)) + 1)),
            normalise ? new Normalise(random.Next(2) == 0 ? random.NextDouble() * 1e-9 : random.Next(2)) : null,
            normalise ? Maybe(random, () => new Gamma(Law(random, 0.01, 10))) : null,
        ];
        Component[] appearance = [.. stages.OfType<Component>()];
        if (anyOrder && random.Next(4) == 0)
        {
            // Any order, and some of them twice: what only makes sense behind another stays behind it.
            Component[] middle = [.. appearance.Where(static one => one is not (Contrast or Normalise or Gamma))];
            Component[] more = [.. middle, .. middle.Where(_ => random.Next(2) == 0)];
            random.Shuffle(more);
            appearance = [appearance[0], .. more, .. appearance.Where(static one => one is Normalise or Gamma), .. middle];
        }

        return new Recipe(name, dimensions, [anatomy], [.. appearance]);
    }

    private static NoiseAnatomy Noise(Random random) => new(
        random.Next(2) == 0 ? SideMeasure.Of(random.Next(2, 256)) : SideMeasure.SideOver(random.Next(1, 4097)),
        new NoiseGrids(Scales(random), Law(random, 0, 1000)),
        Maybe(random, () => new ShiftGrids(Scales(random), Law(random, 0, 1))));

    private static LabelMapAnatomy LabelMaps(Random random) => new(
        Law(random, -360, 360),
        Law(random, 0.1, 10),
        Law(random, -1, 1),
        Law(random, -1, 1),
        Law(random, 0, 1),
        Maybe(random, () => new ShiftGrids(Scales(random), Law(random, 0, 1))),
        Maybe(random, () => Law(random, 0.01, 100)),
        Maybe(random, () => ValueList.Create<LabelGroup>([.. Enumerable.Range(0, random.Next(1, 6)).Select(
            label => new LabelGroup(label, [label, -10 - label, 1000 * (label + 1)]))])),
        Maybe(random, () => random.Next(3) switch
        {
            0 => LateralPairs.FreeSurfer,
            1 => LateralPairs.None,
            _ => LateralPairs.Of(new LabelPair(2, 41), new LabelPair(-7, random.Next(100, 1000))),
        }));

    private static Trees Trees(Random random) => new(
        Law(random, 1, GpuSynth.Kernels.Trees.MostTrees),
        random.Next(1, 3),
        Law(random, 0.0005, 0.2),
        Law(random, 0, 0.05),
        Law(random, 2, 6),
        Law(random, 0.1, 1),
        Law(random, 2, 200),
        Law(random, 1, 20),
        random.NextDouble() / 2,
        random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() },
        random.Next(2) == 0 ? 0 : Law(random, 0, 2),
        random.Next(2) == 0 ? 0 : Law(random, 0, 16));

    private static Gaussians Gaussians(Random random) => new(
        random.Next(1, 9),
        Law(random, 0, 2),
        Law(random, 1, 2),
        random.Next(2),
        Law(random, 0.005, 1),
        Law(random, 1, 8),
        Law(random, -4, 4),
        Law(random, 0.05, 0.9),
        Law(random, 0.5, 4),
        Law(random, 0, 2),
        Law(random, 0.01, 1),
        Maybe(random, () => new GaussianAnchors(random.Next(1000), random.NextDouble() / 2, random.NextDouble())));

    private static Lesions Lesions(Random random) => new(
        Law(random, 0, GpuSynth.Kernels.Lesions.Most),
        Law(random, 0.002, 0.5),
        1,
        random.Next(3),
        random.Next(3),
        random.Next(3),
        random.Next(3),
        random.Next(2),
        random.Next(2),
        Law(random, 0, 0.5),
        Law(random, 0, 3),
        Law(random, 1, 12),
        Law(random, 1, 40),
        Law(random, 0.001, 0.2),
        random.Next(2),
        Law(random, 0.001, 0.5),
        random.Next(2) == 0 ? Law(random, 0, 0.2) : 0,
        random.Next(3) == 0 ? [0] : null);

    // Of generators of their own: what is drawn of a recipe else stays. Both sides of pairs need pairs, and a region labels that are there.
    private static Recipe WithTissues(Recipe recipe, Random random, bool areAnyValues) => recipe with
    {
        Anatomy =
        [
            .. recipe.Anatomy.Select(one => one is LabelMapAnatomy maps
                ? maps with
                {
                    Classes = random.Next(4) switch
                    {
                        0 => null,
                        1 => TissueClasses.None,
                        2 when areAnyValues => TissueClasses.Of([2, 41], [-7, random.Next(100, 1000), 5]),
                        _ => maps.LateralPairs is null ? null : TissueClasses.OfLateralPairs,
                    },
                    SliceAxis = random.Next(3) switch { 0 => null, 1 => new IntegerLaw(0, 2), _ => random.Next(3) },
                }
                : one),
        ],
    };

    // A noise field inside label 0, which every map holds, or inside two labels of another.
    private static Recipe WithRegions(Recipe recipe, Random random)
    {
        if (random.Next(3) > 0)
        {
            return recipe;
        }

        bool areMaps = recipe.Anatomy.Any(static one => one is LabelMapAnatomy);
        NoiseAnatomy region = Noise(random) with { Labels = SideMeasure.Of(random.Next(2, 6)) };
        return recipe with
        {
            Anatomy =
            [
                .. recipe.Anatomy,
                region with { Inside = areMaps ? [0] : [1, 0], Chance = random.Next(2) == 0 ? 1 : random.NextDouble() },
            ],
        };
    }

    /// <summary>One to eight distances in voxels.</summary>
    public static ValueList<SideMeasure> Scales(Random random) =>
        ValueList.Create<SideMeasure>([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(2) == 0
            ? SideMeasure.Of(random.Next(1, 4097))
            : SideMeasure.SideOver(random.Next(1, 4097)))]);

    /// <summary>A law of any kind between two numbers.</summary>
    public static Law Law(Random random, double low, double high, LawPlace place = LawPlace.Single)
    {
        double first = Between();
        double second = Between();
        (double lower, double upper) = (Math.Min(first, second), Math.Max(first, second));
        return random.Next(place switch { LawPlace.Inside => 7, LawPlace.Single => 9, _ => 10 }) switch
        {
            0 => new FixedLaw(first),
            1 => new UniformLaw(lower, upper),
            2 => upper > 0 ? new LogUniformLaw(lower > 0 ? lower : upper, upper) : new FixedLaw(upper),
            3 => new NormalLaw(first, Math.Abs(second), lower, upper),
            4 => new ChoiceLaw([first, second, .. Enumerable.Range(0, random.Next(4)).Select(_ => Between())]),
            5 when Math.Ceiling(low) <= Math.Floor(high) => new IntegerLaw((int)Math.Ceiling(low), (int)Math.Floor(high)),
            5 => new UniformLaw(low, high), // there is no whole number
            6 => new LogNormalLaw(0.01 + Math.Abs(first), 3 * random.NextDouble(), lower, upper),
            7 => new ChanceLaw(random.NextDouble(), Law(random, low, high, LawPlace.Inside), first),
            8 => new OneOfLaw(ValueList.Create<WeightedLaw>([.. Enumerable.Range(0, random.Next(1, 4)).Select(
                _ => new WeightedLaw(1e-3 + random.NextDouble(), Law(random, low, high, LawPlace.Inside)))])),
            _ => new PerLabelLaw(ValueList.Create<Law>([.. Enumerable.Range(0, random.Next(1, 5)).Select(
                _ => Law(random, low, high))])),
        };

        double Between() => random.Next(4) switch
        {
            0 => low,
            1 => high,
            2 => Math.Clamp(Math.Round(low + ((high - low) * random.NextDouble()), 2), low, high),
            _ => low + ((high - low) * random.NextDouble()),
        };
    }

    private static string Name(Random random)
    {
        string[] hard =
        [
            "rasd-3d", "null", "yes", "3", "1e-6", "- a", "a: b", "a #b", "'quoted'", "\"double\"", "back\\slash", " edge ",
            "{a}", "[a]", "&a", "*a", "!tag", "%", "@", "Grösse 3", "脳", "🧠", "~", "?", "|", ">", "tail:", "--- x",
        ];
        return random.Next(2) == 0
            ? hard[random.Next(hard.Length)]
            : string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => (char)random.Next(33, 127)));
    }

    private static T? Maybe<T>(Random random, Func<T> make)
        where T : class => random.Next(4) > 0 ? make() : null;
}
