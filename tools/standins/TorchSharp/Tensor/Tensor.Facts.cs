using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        private const int Facts = 8;

        public long ndim => Fact(0);

        public long NumberOfElements => Fact(1);

        public long ElementSize => Fact(5);

        public ScalarType dtype => (ScalarType)Fact(2);

        public DeviceType device_type => (DeviceType)Fact(3);

        public int device_index => (int)Fact(4);

        public Device device => new(device_type, device_type == DeviceType.CUDA ? device_index : -1);

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

        public long numel() => Fact(1);

        public bool is_contiguous() => (Fact(7) & 2) != 0;

        public bool is_floating_point() => torch.is_floating_point(dtype);

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
    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();
}
