namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A tensor of libtorch: a handle that is freed by Dispose, by a <see cref="DisposeScope"/>, or at last by the collector.
    /// </summary>
    public unsafe partial class Tensor : IDisposable
    {
        internal nint handle;

        private static long totalCount;

        internal Tensor(nint handle, bool register = true)
        {
            this.handle = handle;
            Interlocked.Increment(ref totalCount);
            if (register)
            {
                OwningDisposeScope = DisposeScopeManager.ThreadSingleton.RegisterOnCurrentDisposeScope(this);
            }
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => Interlocked.Read(ref totalCount);

        public nint Handle => handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        internal DisposeScope? OwningDisposeScope { get; set; }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        public override string ToString() => $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        internal nint MoveHandle()
        {
            nint moved = handle;
            handle = 0;
            Interlocked.Decrement(ref totalCount);
            return moved;
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == 0)
            {
                return;
            }

            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref totalCount);
            Native.gs_free(handle);
            handle = 0;
        }
    }
}
