namespace TorchSharp;

/// <summary>Owns the tensors that were made since it was opened on this thread, and disposes of them with itself.</summary>
public sealed class DisposeScope : IDisposable
{
    private DisposeScopeManager? manager;

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    internal DisposeScope? OuterScope { get; set; }

    internal HashSet<IDisposable> Disposables { get; private set; } = new(ReferenceEqualityComparer.Instance);

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        MoveToOuter(new IDisposable[] { disposable });
        return disposable;
    }

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        if (scope is null)
        {
            Detach(disposables);
            return;
        }

        foreach (IDisposable disposable in disposables)
        {
            if (Disposables.Remove(disposable))
            {
                AddToOther(scope, disposable);
            }
        }
    }

    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Detach(new IDisposable[] { disposable });
        return disposable;
    }

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        foreach (IDisposable disposable in disposables)
        {
            if (Disposables.Remove(disposable) && disposable is torch.Tensor tensor)
            {
                tensor.OwningDisposeScope = null;
            }
        }
    }

    public void DisposeEverything() => DisposeEverythingBut([]);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfDisposed();
        HashSet<IDisposable> old = Disposables;
        Disposables = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (IDisposable disposable in old)
        {
            if (!Disposables.Contains(disposable))
            {
                disposable.Dispose();
            }
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void Dispose()
    {
        if (manager is null)
        {
            return;
        }

        DisposeEverything();
        manager.RemoveDisposeScope(this);
        manager = null;
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfDisposed();
        Disposables.Remove(disposable);
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = null;
        }
    }

    /// <summary>A tensor takes the place of another, whose handle it has taken over.</summary>
    internal static void ReplaceWith(torch.Tensor original, torch.Tensor replacement)
    {
        DisposeScope? scope = original.OwningDisposeScope;
        if (scope is not null && scope.Disposables.Remove(original))
        {
            original.OwningDisposeScope = null;
            AddToOther(scope, replacement);
        }
    }

    private static void AddToOther(DisposeScope scope, IDisposable disposable)
    {
        if (disposable is not torch.Tensor tensor)
        {
            throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
        }

        if (scope != tensor.OwningDisposeScope)
        {
            scope.Disposables.Add(tensor);
            tensor.OwningDisposeScope?.Disposables.Remove(tensor);
            tensor.OwningDisposeScope = scope;
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(manager is null, this);
}
