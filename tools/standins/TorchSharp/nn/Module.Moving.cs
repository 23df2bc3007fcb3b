using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking) => Move(dtype, device);

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                Move(null, new Device(deviceType, deviceIndex));

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking) => Move(dtype, null);

            /// <summary>
            /// Converts and moves. As in TorchSharp, what is moved becomes another object: optimisers come after.
            /// </summary>
            private Module Move(ScalarType? dtype, Device? device)
            {
                if (dtype is not null && !is_floating_point(dtype.Value))
                {
                    throw new ArgumentException(
                        $"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
                }

                if (device?.type == DeviceType.CUDA && !cuda.is_available())
                {
                    throw new InvalidOperationException("CUDA is not available.");
                }

                foreach (Module child in children())
                {
                    _ = device is null ? child._to(dtype!.Value, false)
                        : dtype is null ? child._to(device.type, device.index, false) : child._to(device, dtype.Value, false);
                }

                using IDisposable quiet = no_grad();
                foreach ((string name, Parameter old) in Parameters.ToArray())
                {
                    if (old.toWillCopy(Wanted(old, dtype), device ?? old.device))
                    {
                        var moved = new Parameter(old.to(Wanted(old, dtype), device ?? old.device), old.requires_grad);
                        using (Tensor? grad = old.grad)
                        {
                            using Tensor? movedGrad = grad?.to(moved.dtype, moved.device);
                            moved.grad = movedGrad;
                        }

                        Parameters[name] = (Parameter)moved.DetachFromDisposeScope();
                        Replace(name, moved);
                        old.Dispose();
                    }
                }

                foreach ((string name, (Tensor old, bool persistent)) in Buffers.ToArray())
                {
                    if (old.toWillCopy(Wanted(old, dtype), device ?? old.device))
                    {
                        Tensor moved = old.to(Wanted(old, dtype), device ?? old.device, disposeAfter: true);
                        moved.DetachFromDisposeScope();
                        Buffers[name] = (moved, persistent);
                        Replace(name, moved);
                    }
                }

                return this;
            }

            private static ScalarType Wanted(Tensor tensor, ScalarType? dtype) =>
                tensor.is_floating_point() ? dtype ?? tensor.dtype : tensor.dtype;

            private void Replace(string name, Tensor moved)
            {
                foreach (FieldInfo field in Fields().Where(field => Name(field) == name))
                {
                    field.SetValue(this, moved);
                }
            }
        }
    }
}

public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false)
        where T : torch.nn.Module => (T)module._to(type, non_blocking);

    public static T to<T>(this T module, torch.Device device, bool non_blocking = false)
        where T : torch.nn.Module => (T)module._to(device.type, device.index, non_blocking);
}
