using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(Op("to.dtype", this, type, non_blocking, copy), disposeAfter);

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

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(device.type, device.index, copy, disposeAfter, non_blocking);

        public Tensor cpu() => to(DeviceType.CPU);

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
