using System.Runtime.CompilerServices;
using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Put(value, i1);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => Get(i1, i2);
            set => Put(value, i1, i2);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => Get(i1, i2, i3);
            set => Put(value, i1, i2, i3);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => Get(i1, i2, i3, i4);
            set => Put(value, i1, i2, i3, i4);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => Get(i1, i2, i3, i4, i5);
            set => Put(value, i1, i2, i3, i4, i5);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            (Tensor view, Tensor?[]? tensors) = Simple(indices);
            if (tensors is null)
            {
                return view;
            }

            using (view)
            {
                return Op("index.Tensor", view, tensors);
            }
        }

        public Tensor index(params Tensor[] indices) => index([.. indices.Select(TensorIndex.Tensor)]);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            (Tensor view, Tensor?[]? tensors) = Simple(indices);
            using (view)
            {
                _ = tensors is null ? InPlace("copy_", view, value) : InPlace("index_put_", view, tensors, value, accumulate);
            }

            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) =>
            index_put_(value, [.. indices.Select(TensorIndex.Tensor)], false);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            InPlace("index_add_", this, dim, index, source, alpha);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => InPlace("index_copy_", this, dim, index, source);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) =>
            InPlace("index_fill_.int_Scalar", this, dim, index, value);

        public Tensor index_select(long dim, Tensor index) => Op("index_select", this, dim, index);

        public Tensor gather(long dim, Tensor index) => Op("gather", this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Op("scatter.src", this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace("scatter_.src", this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Op("scatter_add", this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => InPlace("scatter_add_", this, dim, index, src);

        public Tensor take(Tensor index) => Op("take", this, index);

        private Tensor Get(params long[] indices) => index([.. indices.Select(i => TensorIndex.Single(i))]);

        private void Put(Tensor value, params long[] indices) =>
            index_put_(value, [.. indices.Select(i => TensorIndex.Single(i))], false);

        /// <summary>
        /// Numbers, slices, new axes and the ellipsis are views; index tensors are left over, by axis of that view.
        /// </summary>
        private (Tensor View, Tensor?[]? Tensors) Simple(TensorIndex[] indices)
        {
            int taken = indices.Count(
                i => i.kind is TensorIndex.Kind.Single or TensorIndex.Kind.Slice or TensorIndex.Kind.Tensor);
            Tensor view = alias();
            List<Tensor?> tensors = [];
            bool any = false;
            int axis = 0;
            foreach (TensorIndex index in indices)
            {
                Tensor old = view;
                switch (index.kind)
                {
                    case TensorIndex.Kind.Single:
                        view = old.select(axis, index.startIndexOrBoolOrSingle!.Value);
                        break;
                    case TensorIndex.Kind.Slice:
                        view = Op("slice.Tensor", old, axis++, index.startIndexOrBoolOrSingle, index.stopIndex, index.step ?? 1);
                        break;
                    case TensorIndex.Kind.Tensor:
                        while (tensors.Count < axis)
                        {
                            tensors.Add(null);
                        }

                        tensors.Add(index.tensor);
                        any = true;
                        axis++;
                        continue;
                    case TensorIndex.Kind.Ellipsis:
                        axis += (int)ndim - taken;
                        continue;
                    case TensorIndex.Kind.None or TensorIndex.Kind.Null:
                        view = old.unsqueeze(axis++);
                        break;
                    default:
                        throw new NotSupportedException("The stand-in takes no truth value as an index.");
                }

                old.Dispose();
            }

            return (view, any ? [.. tensors] : null);
        }
    }

    /// <summary>A number, a slice, a tensor of indices, a new axis or "..." among the indices of a tensor.</summary>
    public struct TensorIndex
    {
        public static TensorIndex Ellipsis = new() { kind = Kind.Ellipsis };

        public static TensorIndex None = new() { kind = Kind.None };

        public static TensorIndex Null = new() { kind = Kind.Null };

        public static TensorIndex Colon = Slice();

        internal long? startIndexOrBoolOrSingle;
        internal long? stopIndex;
        internal long? step;
        internal Kind kind;
        internal Tensor? tensor;

        internal enum Kind
        {
            None,
            Single,
            Null,
            Ellipsis,
            Bool,
            Tensor,
            Slice,
        }

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice((long?)range.start, (long?)range.end);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(System.Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { startIndexOrBoolOrSingle = start, stopIndex = stop, step = step, kind = Kind.Slice };

        public static TensorIndex Slice((int? start, int? end) range) => Slice((long?)range.start, (long?)range.end);

        public static TensorIndex Slice(Range range)
        {
            long start = range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value;
            long? end = !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value;
            return Slice(start, end);
        }

        public static TensorIndex Single(long? index) => new() { startIndexOrBoolOrSingle = index, kind = Kind.Single };

        public static TensorIndex Tensor(Tensor tensor) => new() { tensor = tensor, kind = Kind.Tensor };
    }
}
