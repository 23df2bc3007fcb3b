using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Parameters, buffers and modules inside modules, by name. Fields are found by RegisterComponents.</summary>
        public partial class Module : IDisposable
        {
            internal readonly OrderedDictionary<string, Module> Submodules = [];
            internal readonly OrderedDictionary<string, (Tensor Buffer, bool Persistent)> Buffers = [];
            internal readonly OrderedDictionary<string, Parameter> Parameters = [];

            private readonly string moduleName;
            private bool isTraining = true;
            private bool areComponentsRegistered;

            protected Module(string name) => moduleName = name;

            ~Module() => Dispose(false);

            public virtual bool training => isTraining;

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            public virtual string GetName() => moduleName;

            public virtual void train(bool train = true)
            {
                isTraining = train;
                foreach (Module child in children())
                {
                    child.train(train);
                }
            }

            public virtual void eval() => train(false);

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    Submodules.Remove(name);
                    return;
                }

                if (name.Contains('.', StringComparison.Ordinal))
                {
                    throw new ArgumentException($"module name can't contain \".\", got: {name}");
                }

                if (string.IsNullOrEmpty(name))
                {
                    throw new ArgumentException("module name can't be empty string \"\"");
                }

                submodule.RegisterComponents();
                if (!Submodules.TryAdd(name, submodule))
                {
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
                }
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                ArgumentNullException.ThrowIfNull(tensor);
                if (!Buffers.TryAdd(name, (tensor, persistent)))
                {
                    throw new InvalidOperationException($"Tensor {name} is already registered.");
                }
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                ArgumentNullException.ThrowIfNull(param);
                if (!Parameters.TryAdd(name, param))
                {
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
                }
            }

            protected virtual void RegisterComponents()
            {
                if (areComponentsRegistered)
                {
                    return;
                }

                foreach (FieldInfo field in Fields())
                {
                    string name = Name(field);
                    if (Submodules.ContainsKey(name) || Parameters.ContainsKey(name) || Buffers.ContainsKey(name))
                    {
                        continue;
                    }

                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(name, module);
                            break;
                        case Parameter parameter:
                            register_parameter(name, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(name, tensor);
                            break;
                    }
                }

                areComponentsRegistered = true;
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                {
                    return;
                }

                foreach ((_, Tensor buffer) in named_buffers(false))
                {
                    buffer.DetachFromDisposeScope().Dispose();
                }

                foreach ((_, Parameter parameter) in named_parameters(false))
                {
                    parameter.DetachFromDisposeScope().Dispose();
                }

                foreach (Module module in modules())
                {
                    module.Dispose();
                }
            }

            /// <summary>A parameter of a module of this library: its property reads and writes the registry.</summary>
            internal Parameter? Part(string name) => Parameters.TryGetValue(name, out Parameter? found) ? found : null;

            internal void SetPart(string name, Parameter? value)
            {
                Parameter? old = Part(name);
                if (value is null)
                {
                    Parameters.Remove(name);
                }
                else
                {
                    Parameters[name] = (Parameter)value.DetachFromDisposeScope();
                }

                if (old is not null && !ReferenceEquals(old, value))
                {
                    old.Dispose();
                }
            }

            private static string Name(FieldInfo field) => field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;

            private IEnumerable<FieldInfo> Fields()
            {
                var seen = new HashSet<string>();
                for (Type? type = GetType(); type is not null && type != typeof(Module); type = type.BaseType)
                {
                    const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;
                    foreach (FieldInfo field in type.GetFields(all))
                    {
                        if (field.DeclaringType != typeof(Module) && seen.Add(field.Name))
                        {
                            yield return field;
                        }
                    }
                }
            }
        }
    }
}
