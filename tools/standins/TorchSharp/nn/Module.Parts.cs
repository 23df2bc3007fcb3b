using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<nint> { 0 };
                foreach ((string name, Parameter parameter) in Parameters)
                {
                    if (seen.Add(parameter.handle))
                    {
                        yield return (name, parameter);
                    }
                }

                foreach ((string child, Module module) in recurse ? Submodules : [])
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

            public virtual IEnumerable<(
                string name,
                Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                // As TorchSharp does: buffers that are not persistent are never listed.
                var seen = new HashSet<nint> { 0 };
                foreach ((string name, (Tensor buffer, bool persistent)) in Buffers)
                {
                    if (persistent && seen.Add(buffer.handle))
                    {
                        yield return (name, buffer);
                    }
                }

                foreach ((string child, Module module) in recurse ? Submodules : [])
                {
                    foreach ((string name, Tensor buffer) in module.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(buffer.handle))
                        {
                            yield return ($"{child}.{name}", buffer);
                        }
                    }
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children() =>
                Submodules.Select(kv => (kv.Key, kv.Value));

            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach ((string name, Module module) in Submodules)
                {
                    yield return (name, module);
                }

                foreach ((string child, Module module) in Submodules)
                {
                    foreach ((string name, Module inner) in module.named_modules())
                    {
                        yield return ($"{child}.{name}", inner);
                    }
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(np => np.parameter);

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(nb => nb.buffer);

            public virtual IEnumerable<Module> modules() => named_modules().Select(nm => nm.module);

            public virtual IEnumerable<Module> children() => named_children().Select(nc => nc.module);

            public virtual Parameter? get_parameter(string target) =>
                named_parameters().FirstOrDefault(np => np.name == target).parameter;

            public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(nb => nb.name == target).buffer;

            public virtual Dictionary<string, Tensor> state_dict(
                Dictionary<string, Tensor>? destination = null,
                string? prefix = null)
            {
                destination ??= [];
                string start = string.IsNullOrEmpty(prefix) ? "" : $"{prefix}.";
                foreach ((string name, Parameter parameter) in named_parameters())
                {
                    destination.TryAdd(start + name, parameter);
                }

                foreach ((string name, Tensor buffer) in named_buffers(include_nonpersistent: false))
                {
                    destination.TryAdd(start + name, buffer);
                }

                foreach ((string child, Module module) in Submodules)
                {
                    module.state_dict(destination, start + child);
                }

                return destination;
            }
        }
    }
}
