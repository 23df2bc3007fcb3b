using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    /// <summary>
    /// Modules in a row; what one gives is disposed of when the next has read it. Their own parts must be registered.
    /// </summary>
    public class Sequential : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private readonly List<torch.nn.IModule<torch.Tensor, torch.Tensor>> inOrder = [];
        private readonly List<string> names = [];

        internal Sequential()
            : base(nameof(Sequential))
        {
        }

        public int Count => inOrder.Count;

        public Sequential append(string name, torch.nn.IModule<torch.Tensor, torch.Tensor> module)
        {
            inOrder.Add(module);
            names.Add(name);
            return this;
        }

        public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        {
            var seen = new HashSet<nint> { 0 };
            foreach ((string child, torch.nn.Module module) in recurse ? named_children() : [])
            {
                foreach ((string name, Parameter parameter) in module.named_parameters())
                {
                    if (seen.Add(parameter.handle))
                    {
                        yield return ($"{child}.{name}", parameter);
                    }
                }
            }
        }

        public override IEnumerable<(
            string name,
            torch.Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
        {
            var seen = new HashSet<nint> { 0 };
            foreach ((string child, torch.nn.Module module) in recurse ? named_children() : [])
            {
                foreach ((string name, torch.Tensor buffer) in module.named_buffers(true, include_persistent))
                {
                    if (seen.Add(buffer.handle))
                    {
                        yield return ($"{child}.{name}", buffer);
                    }
                }
            }
        }

        public override IEnumerable<(string name, torch.nn.Module module)> named_children() =>
            inOrder.Select((module, k) => (names[k], (torch.nn.Module)module));

        public override IEnumerable<(string name, torch.nn.Module module)> named_modules()
        {
            foreach ((string name, torch.nn.Module module) in named_children())
            {
                yield return (name, module);
            }

            foreach ((string child, torch.nn.Module module) in named_children())
            {
                foreach ((string name, torch.nn.Module inner) in module.named_modules())
                {
                    yield return ($"{child}.{name}", inner);
                }
            }
        }

        public override void train(bool on = true) => base.train(on);

        public override torch.Tensor forward(torch.Tensor tensor)
        {
            if (Count == 0)
            {
                return tensor.alias();
            }

            torch.Tensor result = inOrder[0].call(tensor);
            for (int k = 1; k < Count; k++)
            {
                torch.Tensor before = result;
                result = inOrder[k].call(before);
                before.Dispose();
            }

            return result;
        }
    }

    /// <summary>Modules that their owner calls itself. They are registered, by number, with the list.</summary>
    public class ModuleList<T> : torch.nn.Module, IList<T>
        where T : torch.nn.Module
    {
        private readonly List<T> list = [];
        private bool registered;

        public ModuleList(params T[] modules)
            : base(nameof(ModuleList<T>)) => list.AddRange(modules);

        public int Count => list.Count;

        public bool IsReadOnly => false;

        public T this[int index]
        {
            get => list[index];
            set => list[index] = value;
        }

        public void Add(T item) => list.Add(item);

        public void Clear() => list.Clear();

        public bool Contains(T item) => list.Contains(item);

        public void CopyTo(T[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

        public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

        public int IndexOf(T item) => list.IndexOf(item);

        public void Insert(int index, T item) => list.Insert(index, item);

        public bool Remove(T item) => list.Remove(item);

        public void RemoveAt(int index) => list.RemoveAt(index);

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        protected override void RegisterComponents()
        {
            for (int k = 0; !registered && k < list.Count; k++)
            {
                register_module(k.ToString(CultureInfo.InvariantCulture), list[k]);
            }

            registered = true;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules)
            {
                Sequential made = new();
                foreach ((string name, Module<Tensor, Tensor> module) in modules)
                {
                    made.append(name, module);
                }

                return made;
            }

            public static ModuleList<T> ModuleList<T>(params T[] modules)
                where T : Module => new(modules);
        }
    }
}
