using System.Runtime.InteropServices;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        private const int Facts = 8;

        public long Dimensions => Fact(0);

        public long ndim => Fact(0);

        public long NumberOfElements => Fact(1);

        public long ElementSize => Fact(5);

        public ScalarType dtype => (ScalarType)Fact(2);

        public DeviceType device_type => (DeviceType)Fact(3);

        public int device_index => (int)Fact(4);

        public Device device => new(device_type, device_type == DeviceType.CUDA ? device_index : -1);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_leaf => (Fact(7) & 4) != 0;

        public long[] shape
        {
            get
            {
                long[] sizes = new long[Fact(0)];
                fixed (long* p = sizes)
                {
                    Native.gs_shape(Handle, p, null);
                }

                return sizes;
            }
        }

        /// <summary>The elements' memory, which must be contiguous and the host's.</summary>
        public Span<byte> bytes
        {
            get
            {
                long total = NumberOfElements * ElementSize;
                Validate(total);
                return new Span<byte>((void*)Native.THSTensor_data(Handle), (int)total);
            }

            set
            {
                if (NumberOfElements * ElementSize != value.Length)
                {
                    throw new ArgumentException("Mismatched data sizes in SetBytes().");
                }

                value.CopyTo(bytes);
            }
        }

        public long dim() => Fact(0);

        public long numel() => Fact(1);

        public long element_size() => Fact(5);

        public long storage_offset() => Fact(6);

        public bool is_contiguous() => (Fact(7) & 2) != 0;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public long[] size() => shape;

        public long size(int dim) => shape[dim < 0 ? dim + ndim : dim];

        public long[] stride()
        {
            long[] strides = new long[Fact(0)];
            fixed (long* p = strides)
            {
                Native.gs_shape(Handle, null, p);
            }

            return strides;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + ndim : dim];

        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
            {
                throw new ArgumentException("Number of elements in the tensor must be 1");
            }

            return data<T>()[0];
        }

        public Scalar ToScalar() => Native.OpScalar("item", this);

        private void ValidateType(Type type)
        {
            if (dtype == ScalarType.BFloat16)
            {
                throw new ArgumentException($"No support for {dtype} in TorchSharp");
            }

            if (dtype != ToScalarType(type))
            {
                throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
            }
        }

        private void Validate(long total)
        {
            if (!is_contiguous())
            {
                throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            }

            if (total > int.MaxValue)
            {
                throw new ArgumentException("Span only supports up to int.MaxValue elements.");
            }

            if (device_type != DeviceType.CPU)
            {
                throw new InvalidOperationException(
                    "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            }
        }

        private long Fact(int which)
        {
            long* facts = stackalloc long[Facts];
            Native.gs_facts(Handle, facts);
            GC.KeepAlive(this);
            return facts[which];
        }
    }
}

public static class TensorExtensionMethods
{
    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();

    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();

    public static sbyte ToSByte(this torch.Tensor value) => value.ToScalar().ToSByte();

    public static byte ToByte(this torch.Tensor value) => value.ToScalar().ToByte();

    public static short ToInt16(this torch.Tensor value) => value.ToScalar().ToInt16();

    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();

    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();

    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();

    public static Modules.Parameter AsParameter(this torch.Tensor tensor) => new(tensor);

    public static int ElementSize(this torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        torch.ScalarType.ComplexFloat64 => 16,
        _ => 8,
    };
}
