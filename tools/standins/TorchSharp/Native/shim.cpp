// The native half of the stand-in for TorchSharp: one call for every operator of ATen, by its name in the schema.
//
// An operator's schema tells how many arguments it takes, of which types, and what they are when they are not given. So a
// caller passes tagged values, this file turns them into what the schema asks for, and c10's dispatcher does the rest, with
// autograd. Nothing here depends on the version of libtorch (1.13 and 2.x) or on CUDA being there.
//
// A tensor's handle is an at::Tensor* on the heap; whoever receives one frees it with gs_free. No exception leaves this
// file: functions that can fail return -1 (or null) and leave libtorch's message to gs_last_error, one per thread.

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/api/include/torch/version.h>
#include <torch/csrc/autograd/autograd.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <string>

#define API extern "C" __attribute__((visibility("default")))

namespace {

// The same in Native.cs.
enum class Tag : int32_t { Default, None, Tensor, Int, Double, Bool, Ints, Tensors, Device, Text };

struct Argument {
    Tag tag;
    int32_t count;  // elements of a list, bytes of a text, index of a device
    union {
        int64_t i;
        double d;
        const void* p;
    };
};

struct Result {
    Tag tag;
    int32_t count;
    union {
        int64_t i;
        double d;
        void* p;
    };
};

thread_local std::string lastError;
std::atomic<int64_t> liveHandles{0};

at::Tensor* hand(at::Tensor tensor) {
    liveHandles.fetch_add(1, std::memory_order_relaxed);
    return new at::Tensor(std::move(tensor));
}

at::Tensor& of(void* handle) { return *static_cast<at::Tensor*>(handle); }

template <class F>
auto guarded(decltype(std::declval<F>()()) failed, F&& body) -> decltype(body()) {
    try {
        return body();
    } catch (const c10::Error& e) {
        lastError = e.what_without_backtrace();
    } catch (const std::exception& e) {
        lastError = e.what();
    } catch (...) {
        lastError = "libtorch threw something that is no exception.";
    }
    return failed;
}

at::Device deviceOf(int64_t type, int32_t index) {
    return at::Device(static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index));
}

// What an argument of the schema holds once "optional" is taken away.
const c10::Type* bare(const c10::Type* type) {
    while (auto optional = type->castRaw<c10::OptionalType>()) type = optional->getElementType().get();
    return type;
}

// A tensor or nothing, in whichever "optional" this libtorch speaks of (c10's, later the standard one): findSchema returns it.
template <class>
struct Rebound;
template <template <class...> class Optional, class T>
struct Rebound<Optional<T>> {
    using OfTensor = Optional<at::Tensor>;
};
using OptionalTensor = Rebound<decltype(c10::Dispatcher::singleton().findSchema({"", ""}))>::OfTensor;

c10::IValue convert(const Argument& a, const c10::Argument& wanted) {
    const c10::Type* type = bare(wanted.type().get());
    switch (a.tag) {
        case Tag::None:
            // A tensor that is not optional in the schema (an undefined one) is one without content.
            return type->kind() == c10::TypeKind::TensorType && wanted.type()->kind() == c10::TypeKind::TensorType
                ? c10::IValue(at::Tensor()) : c10::IValue();
        case Tag::Tensor: return of(const_cast<void*>(a.p));
        case Tag::Bool:
            return type->kind() == c10::TypeKind::IntType ? c10::IValue(a.i) : c10::IValue(a.i != 0);
        case Tag::Int:
            switch (type->kind()) {
                case c10::TypeKind::FloatType: return static_cast<double>(a.i);
                case c10::TypeKind::BoolType: return a.i != 0;
                case c10::TypeKind::ListType: return c10::List<int64_t>({a.i});
                default: return a.i;
            }
        case Tag::Double: return a.d;
        case Tag::Ints: {
            auto values = static_cast<const int64_t*>(a.p);
            c10::List<int64_t> list;
            list.reserve(a.count);
            for (int32_t k = 0; k < a.count; k++) list.push_back(values[k]);
            return list;
        }
        case Tag::Tensors: {
            auto handles = static_cast<void* const*>(a.p);
            auto elements = type->castRaw<c10::ListType>();
            if (elements && elements->getElementType()->kind() == c10::TypeKind::OptionalType) {
                c10::List<OptionalTensor> list;
                for (int32_t k = 0; k < a.count; k++)
                    list.push_back(handles[k] ? OptionalTensor(of(handles[k])) : OptionalTensor());
                return list;
            }
            c10::List<at::Tensor> list;
            list.reserve(a.count);
            for (int32_t k = 0; k < a.count; k++) list.push_back(of(handles[k]));
            return list;
        }
        case Tag::Device: return deviceOf(a.i, a.count);
        case Tag::Text: return std::string(static_cast<const char*>(a.p), a.count);
        default:
            if (wanted.default_value()) return *wanted.default_value();
            TORCH_CHECK(wanted.type()->kind() == c10::TypeKind::OptionalType, "the argument '", wanted.name(), "' is missing.");
            return c10::IValue();
    }
}

void* optionalHand(const at::Tensor& tensor) { return tensor.defined() ? hand(tensor) : nullptr; }

Result resultOf(const c10::IValue& value) {
    Result r{Tag::None, 0, {0}};
    if (value.isTensor()) {
        r.tag = Tag::Tensor;
        r.p = optionalHand(value.toTensor());
    } else if (value.isBool()) {
        r.tag = Tag::Bool;
        r.i = value.toBool();
    } else if (value.isInt()) {
        r.tag = Tag::Int;
        r.i = value.toInt();
    } else if (value.isDouble()) {
        r.tag = Tag::Double;
        r.d = value.toDouble();
    } else if (value.isScalar()) {
        return resultOf(c10::IValue(value.toScalar()));
    }
    return r;
}

const c10::impl::VirtualGuardImpl cuda() { return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA); }

bool hasCuda() { return at::globalContext().hasCUDA() && c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA); }

}  // namespace

API const char* gs_last_error() { return lastError.c_str(); }

// ---- Operators -----------------------------------------------------------------------------------------------------------

// The operator NAME ("aten::add") with its overload ("Tensor", or "" for none); null where libtorch has no such operator.
API void* gs_find_op(const char* name, const char* overload) {
    return guarded(static_cast<void*>(nullptr), [&]() -> void* {
        auto found = c10::Dispatcher::singleton().findSchema({name, overload});
        TORCH_CHECK(found.has_value(), "this libtorch has no operator ", name, *overload ? "." : "", overload, ".");
        return new c10::OperatorHandle(*found);
    });
}

// Calls an operator. Returns the number of results, of which `capacity` at most were written; -1 on an error.
API int32_t gs_call(void* op, const Argument* arguments, int32_t count, Result* results, int32_t capacity) {
    return guarded(-1, [&]() -> int32_t {
        auto& handle = *static_cast<c10::OperatorHandle*>(op);
        const auto& wanted = handle.schema().arguments();
        TORCH_CHECK(static_cast<size_t>(count) <= wanted.size(), handle.operator_name(), " takes ", wanted.size(), " arguments.");
        torch::jit::Stack stack;
        stack.reserve(wanted.size());
        for (size_t k = 0; k < wanted.size(); k++) {
            static const Argument missing{Tag::Default, 0, {0}};
            stack.push_back(convert(static_cast<int32_t>(k) < count ? arguments[k] : missing, wanted[k]));
        }
        handle.callBoxed(&stack);
        int32_t n = static_cast<int32_t>(stack.size());
        for (int32_t k = 0; k < n && k < capacity; k++) results[k] = resultOf(stack[k]);
        return n;
    });
}

// ---- Tensors -------------------------------------------------------------------------------------------------------------

API void gs_free(void* tensor) {
    liveHandles.fetch_sub(1, std::memory_order_relaxed);
    guarded(0, [&] { delete static_cast<at::Tensor*>(tensor); return 0; });
}

// Another handle of the same tensor.
API void* gs_share(void* tensor) { return guarded(static_cast<void*>(nullptr), [&]() -> void* { return hand(of(tensor)); }); }

API int64_t gs_live_handles() { return liveHandles.load(); }

// The address of the first element. The same name as in TorchSharp's own library.
API void* THSTensor_data(void* tensor) {
    return guarded(static_cast<void*>(nullptr), [&]() -> void* { return of(tensor).data_ptr(); });
}

// facts: dimensions, elements, element type, device type, device index, bytes of an element, offset in the storage, flags.
API void gs_facts(void* tensor, int64_t* facts) {
    guarded(0, [&] {
        const at::Tensor& t = of(tensor);
        facts[0] = t.dim();
        facts[1] = t.numel();
        facts[2] = static_cast<int64_t>(t.scalar_type());
        facts[3] = static_cast<int64_t>(t.device().type());
        facts[4] = t.device().index();
        facts[5] = t.element_size();
        facts[6] = t.storage_offset();
        facts[7] = (t.requires_grad() ? 1 : 0) | (t.is_contiguous() ? 2 : 0) | (t.is_leaf() ? 4 : 0);
        return 0;
    });
}

API void gs_shape(void* tensor, int64_t* sizes, int64_t* strides) {
    guarded(0, [&] {
        const at::Tensor& t = of(tensor);
        if (sizes) std::memcpy(sizes, t.sizes().data(), sizeof(int64_t) * t.dim());
        if (strides) std::memcpy(strides, t.strides().data(), sizeof(int64_t) * t.dim());
        return 0;
    });
}

// ---- Gradients -----------------------------------------------------------------------------------------------------------

API int32_t gs_set_requires_grad(void* tensor, int32_t requires_grad) {
    return guarded(-1, [&] { of(tensor).set_requires_grad(requires_grad != 0); return 0; });
}

API void* gs_grad(void* tensor) {
    return guarded(static_cast<void*>(nullptr), [&]() -> void* { return optionalHand(of(tensor).grad()); });
}

API int32_t gs_set_grad(void* tensor, void* grad) {
    return guarded(-1, [&] { of(tensor).mutable_grad() = grad ? of(grad) : at::Tensor(); return 0; });
}

namespace {

torch::autograd::variable_list listOf(void* const* handles, int32_t count) {
    torch::autograd::variable_list list;
    for (int32_t k = 0; k < count; k++) list.push_back(handles[k] ? of(handles[k]) : at::Tensor());
    return list;
}

}  // namespace

API int32_t gs_backward(void* const* tensors, void* const* grads, int32_t count, int32_t retain, int32_t create) {
    return guarded(-1, [&] {
        auto given = grads ? listOf(grads, count) : torch::autograd::variable_list();
        torch::autograd::backward(listOf(tensors, count), given, retain != 0, create != 0);
        return 0;
    });
}

API int32_t gs_grad_enabled() { return c10::GradMode::is_enabled() ? 1 : 0; }
API void gs_set_grad_enabled(int32_t enabled) { c10::GradMode::set_enabled(enabled != 0); }

// ---- Random numbers, threads, devices --------------------------------------------------------------------------------------

API int32_t gs_manual_seed(int64_t seed) {
    return guarded(-1, [&] { at::manual_seed(static_cast<uint64_t>(seed)); return 0; });
}

API void* gs_random_state(int32_t device, int32_t index) {
    return guarded(static_cast<void*>(nullptr), [&]() -> void* {
        auto generator = at::globalContext().defaultGenerator(deviceOf(device, index));
        std::lock_guard<std::mutex> lock(generator.mutex());
        return hand(generator.get_state());
    });
}

API int32_t gs_set_random_state(int32_t device, int32_t index, void* state) {
    return guarded(-1, [&] {
        auto generator = at::globalContext().defaultGenerator(deviceOf(device, index));
        std::lock_guard<std::mutex> lock(generator.mutex());
        generator.set_state(of(state));
        return 0;
    });
}

API int32_t gs_set_threads(int32_t threads) { return guarded(-1, [&] { at::set_num_threads(threads); return 0; }); }

API int32_t gs_cuda_devices() { return guarded(-1, [&] { return hasCuda() ? static_cast<int>(cuda().deviceCount()) : 0; }); }

// The library's version: 1.13.0 is 11300, 2.10.0 is 21000.
API int32_t gs_version() { return TORCH_VERSION_MAJOR * 10000 + TORCH_VERSION_MINOR * 100 + TORCH_VERSION_PATCH; }
