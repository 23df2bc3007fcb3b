namespace TorchSharp;

/// <summary>The open scopes of a thread, one inside another.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? threadSingleton;

    internal static DisposeScopeManager ThreadSingleton => threadSingleton ??= new DisposeScopeManager();

    internal DisposeScope? CurrentDisposeScope { get; private set; }

    internal DisposeScope? RegisterOnCurrentDisposeScope(IDisposable item)
    {
        if (CurrentDisposeScope is null)
        {
            return null;
        }

        CurrentDisposeScope.Disposables.Add(item);
        return CurrentDisposeScope;
    }

    internal void RemoveDisposeScope(DisposeScope disposeScope)
    {
        if (CurrentDisposeScope == disposeScope)
        {
            CurrentDisposeScope = disposeScope.OuterScope;
            return;
        }

        for (DisposeScope? scope = CurrentDisposeScope; scope is not null; scope = scope.OuterScope)
        {
            if (scope.OuterScope == disposeScope)
            {
                scope.OuterScope = disposeScope.OuterScope;
                return;
            }
        }
    }

    internal DisposeScope NewDisposeScope() => CurrentDisposeScope = new DisposeScope(this);
}
