using GpuSynth.IO;
using GpuSynth.Recipes;
using GpuSynth.Torch.Objectives;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// The samples of an objective's views, made ahead: the views of an item side by side in one engine's batches, those without degradation in
/// another's, and those of each other recipe in one of its own.
/// </summary>
internal sealed class ViewSource : IDisposable
{
    private readonly int batch;
    private readonly Func<ItemOrder?> order;
    private readonly Device device;
    private readonly FieldWindows? windows;
    private readonly ItemOrder? itemOfWindow;
    private readonly List<(SynthesisPlan Plan, ObjectiveView[] Views)> plans = [];
    private readonly List<SynthesisEngine> engines = [];
    private TensorRing[]? rings;

    /// <summary>Plans for the views of a run: label maps are loaded once, and nothing is made yet.</summary>
    /// <param name="options">The run's settings.</param>
    /// <param name="views">The views.</param>
    /// <param name="device">Where torch computes.</param>
    public ViewSource(PretrainOptions options, IReadOnlyList<ObjectiveView> views, Device device)
    {
        (batch, this.device) = (options.Batch, device);
        windows = options.Field is { } field ? new FieldWindows(field, options.Shape, options.Seed) : null;
        order = () => options.Distinct is { } distinct ? new ItemOrder(options.Seed, distinct) : null;
        itemOfWindow = order(); // one of its own: the rings' are their threads'
        LabelMapSet? maps = TrainingParts.LabelMapsOf(options);
        foreach (IGrouping<(ViewRecipe? Recipe, bool IsClean), ObjectiveView> kind in views
            .GroupBy(static view => (view.Recipe, view.IsClean))
            .OrderBy(static kind => kind.Key is { Recipe: not null })
            .ThenBy(static kind => kind.Key.IsClean))
        {
            ObjectiveView[] own = [.. kind];
            Recipe recipe = kind.Key.Recipe?.Recipe ?? options.Recipe;
            plans.Add((
                TrainingParts.PlanOf(
                    options,
                    own.Length,
                    kind.Key.IsClean ? recipe.Clean() : recipe,
                    kind.Key.Recipe is { } other ? other.MapsOf(maps) : maps),
                own));
        }
    }

    /// <summary>The plan of the samples as they are given to the network.</summary>
    public SynthesisPlan Plan => plans[0].Plan;

    /// <summary>Copies of a batch through the host's memory.</summary>
    public int HostCopiesPerBatch => rings?.Sum(static ring => ring.HostCopiesPerBatch) ?? 0;

    /// <summary>Time that <see cref="Acquire"/> has waited for data since the rings began.</summary>
    public TimeSpan Waited => rings?.Aggregate(TimeSpan.Zero, static (sum, ring) => sum + ring.Waited) ?? TimeSpan.Zero;

    /// <summary>Starts the engines, whose devices may fail; the first start does it where nobody has before.</summary>
    public void Open()
    {
        try
        {
            plans.ForEach(one => engines.Add(new SynthesisEngine(one.Plan)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Begins to make batches from an item on. Called before the first <see cref="Acquire"/>, and after <see cref="Stop"/>.</summary>
    public void Start(long firstItem)
    {
        if (engines.Count == 0)
        {
            Open();
        }

        rings ??=
        [
            .. plans.Zip(engines, (one, engine) => new TensorRing(
                engine, slots: 2, firstItem * one.Views.Length, device, ownsEngine: false, ObjectiveView.KeysOf(one.Views, batch, order()))),
        ];
    }

    /// <summary>Stops the rings: the next start may be anywhere.</summary>
    public void Stop()
    {
        Array.ForEach(rings ?? [], static ring => ring.Dispose());
        rings = null;
    }

    /// <summary>Waits for the next batch of items. Its tensors are valid until it is released.</summary>
    public ViewBatch Acquire()
    {
        var tensors = new Dictionary<ObjectiveView, ViewTensors>();
        var batches = new TensorBatch[plans.Count];
        for (int n = 0; n < batches.Length; n++)
        {
            batches[n] = rings![n].Acquire();
        }

        long firstItem = batches[0].FirstSample / plans[0].Views.Length;
        int[][] origins = windows is null ? [] : [.. Enumerable.Range(0, batch).Select(n => windows.OriginOf(itemOfWindow?.Of(firstItem + n) ?? firstItem + n))];
        for (int n = 0; n < batches.Length; n++)
        {
            ObjectiveView[] views = plans[n].Views;
            TensorBatch own = batches[n];
            for (int view = 0; view < views.Length; view++)
            {
                long first = (long)view * batch;
                ViewTensors whole = views.Length == 1
                    ? new ViewTensors(own.Image, own.Label, own.Drawn)
                    : new ViewTensors(
                        own.Image.narrow(0, first, batch), own.Label.narrow(0, first, batch),
                        new ArraySegment<DrawnSample>(own.Drawn, (int)first, batch));
                tensors[views[view]] = windows?.Cut(whole, origins) ?? whole;
            }
        }

        ViewTensors shown = tensors[plans[0].Views[0]];
        return new ViewBatch(batches, firstItem, tensors, windows is null ? batches[0] : batches[0] with { Image = shown.Image, Label = shown.Labels });
    }

    /// <summary>Gives a batch's slots back.</summary>
    public void Release(ViewBatch views)
    {
        for (int n = 0; n < views.Batches.Length; n++)
        {
            rings![n].Release(views.Batches[n]);
        }
    }

    public void Dispose()
    {
        Stop();
        engines.ForEach(static engine => engine.Dispose());
        engines.Clear();
    }
}

/// <summary>A batch of items.</summary>
/// <param name="Batches">The batches of the rings.</param>
/// <param name="FirstItem">Number of the first item.</param>
/// <param name="Tensors">The views: those of whole samples are the rings', those of windows of the scope that they were acquired in.</param>
/// <param name="Shown">The samples as the network is given them, of the first view; behind them may be those of others.</param>
internal readonly record struct ViewBatch(
    TensorBatch[] Batches, long FirstItem, IReadOnlyDictionary<ObjectiveView, ViewTensors> Tensors, TensorBatch Shown);
