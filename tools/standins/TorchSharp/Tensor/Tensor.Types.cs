using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(Op("to.dtype", this, type, non_blocking, copy), disposeAfter);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor to(
            DeviceType deviceType,
            int deviceIndex = -1,
            bool copy = false,
            bool disposeAfter = false,
            bool non_blocking = false) =>
            to(dtype, new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(
            ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            InitializeDevice(device);
            return Converted(Op("to.device", this, device, type, non_blocking, copy), disposeAfter);
        }

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(device.type, device.index, copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking);

        public Tensor type(ScalarType dtype) => to(dtype);

        public Tensor cpu() => to(DeviceType.CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) =>
            to(device ?? new Device(DeviceType.CUDA), non_blocking: non_blocking);

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public bool is_pinned() => OpBool("is_pinned", this);

        public Tensor pin_memory() => Op("pin_memory", this);

        internal bool toWillCopy(ScalarType type, Device device) =>
            type != dtype || device.type != device_type ||
            (device.type == DeviceType.CUDA && device.index >= 0 && device.index != device_index);

        private Tensor Converted(Tensor result, bool disposeAfter)
        {
            if (disposeAfter)
            {
                Dispose();
            }

            return result;
        }
    }
}
