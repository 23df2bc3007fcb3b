namespace TorchSharp;

public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
    MKLDNN = 2,
    OPENGL = 3,
    OPENCL = 4,
    IDEEP = 5,
    HIP = 6,
    FPGA = 7,
    MSNPU = 8,
    XLA = 9,
    MPS = 13,
    META = 14,
}

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU, -1);

    public static readonly Device META = new(DeviceType.META, -1);

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType != DeviceType.CUDA || cuda.device_count() > 0;

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
        {
            throw new InvalidOperationException(
                $"Torch device type {deviceType} did not initialise on the current machine: this libtorch sees no CUDA device.");
        }
    }

    public static Device InitializeDevice(Device? device)
    {
        device ??= CPU;
        InitializeDeviceType(device.type);
        return device;
    }

    public class Device
    {
        public Device(string description)
        {
            string[] parts = description.Split(':');
            type = Enum.Parse<DeviceType>(parts[0].ToUpperInvariant());
            index = parts.Length == 2 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : -1;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public DeviceType type { get; }

        public int index { get; }

        public override string ToString()
        {
            string name = type switch
            {
                DeviceType.CPU => "cpu",
                DeviceType.CUDA => "cuda",
                DeviceType.META => "meta",
                _ => type.ToString(),
            };
            return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
        }
    }

    public static partial class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count() => Math.Max(0, Native.gs_cuda_devices());
    }
}
