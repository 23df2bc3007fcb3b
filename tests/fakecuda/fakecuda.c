/*
 * A CUDA driver with no GPU behind it, for tests of the host side: one device whose memory is the host's. It keeps the rules that
 * the host side can break: which context is current, which handle belongs to which context, what was given back and how often.
 * Kernels are taken from any PTX by the names in it; launches are written down, not run. Every call is a line of a log:
 *
 *     name result=0 ctx=<current context> key=value ...
 *
 * The tests compile this file into a library, have it loaded in the driver's place, and read the log (fakecuda_log). What the
 * device is, and what fails, comes from the environment before the library is loaded, or from fakecuda_fail afterwards:
 *
 *     FAKECUDA_DEVICES=1  FAKECUDA_VERSION=12080  FAKECUDA_CAPABILITY=90  FAKECUDA_MEMORY=8000000000
 *     FAKECUDA_FAIL=function:error[:calls before it[:calls that fail, 0 for all later ones]]
 *
 * Contexts are named primary and context1, context2, ... in the log; streams, events, modules and functions stream1, event1 ...
 * An error that a device cannot recover from (700 and above, but not 999) stays: every later call in a context returns it.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum {
    SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
    INVALID_CONTEXT = 201, INVALID_PTX = 218, INVALID_HANDLE = 400, NOT_FOUND = 500, ILLEGAL_ADDRESS = 700,
    CONTEXT_IS_DESTROYED = 709, LAUNCH_FAILED = 719, NOT_SUPPORTED = 801, UNKNOWN = 999
};

enum kind { CONTEXT, STREAM, EVENT, MODULE, FUNCTION, MEMORY, KINDS };

#define MOST_PARAMETERS 32

struct thing {
    enum kind kind;
    int number;             /* from 1 within its kind; the primary context has 0 */
    int alive;
    struct thing *context;  /* whose it is */
    char *address;          /* memory: the first byte */
    size_t size;            /* memory */
    char name[256];         /* function */
    int parameters;         /* function: how many; event: its flags */
    int sizes[MOST_PARAMETERS], alignments[MOST_PARAMETERS];
    char *text;             /* module: its PTX */
    struct thing *next;
};

static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static struct thing *things;
static int counts[KINDS];
static struct thing *primary;
static int primary_uses;
static int started;
static size_t allocated;
static int lost;
static char *log_text;
static size_t log_length, log_room;
static char fail_function[64];
static int fail_error, fail_after, fail_times;

#define STACK 64
static _Thread_local struct thing *stack[STACK];
static _Thread_local int depth;

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text && *text ? atol(text) : otherwise;
}

static struct thing *current(void) { return depth > 0 ? stack[depth - 1] : NULL; }

static const char *label(struct thing *thing)
{
    static _Thread_local char texts[8][300];
    static _Thread_local int turn;
    static const char *kinds[] = { "context", "stream", "event", "module", "function", "memory" };
    if (!thing) {
        return "0";
    }
    if (thing == primary) {
        return "primary";
    }
    char *text = texts[turn++ % 8];
    snprintf(text, sizeof texts[0], "%s%d", kinds[thing->kind], thing->number);
    return text;
}

static int note(const char *function, int result, const char *format, ...)
{
    char line[4096];
    int length = snprintf(line, sizeof line, "%s result=%d ctx=%s", function, result, label(current()));
    if (format) {
        line[length++] = ' ';
        va_list list;
        va_start(list, format);
        length += vsnprintf(line + length, sizeof line - (size_t)length - 2, format, list);
        va_end(list);
    }
    line[length++] = '\n';
    if (log_length + (size_t)length + 1 > log_room) {
        log_room = 2 * (log_room + (size_t)length);
        log_text = realloc(log_text, log_room);
    }
    memcpy(log_text + log_length, line, (size_t)length);
    log_length += (size_t)length;
    log_text[log_length] = 0;
    return result;
}

/* What a call returns before it does anything: a failure that was asked for, or that of a lost device. */
static int refusal(const char *function, int needs_context)
{
    if (fail_function[0] == 0 && fail_error == 0) {
        const char *text = getenv("FAKECUDA_FAIL");
        fail_times = 1;
        if (!text || sscanf(text, "%63[^:]:%d:%d:%d", fail_function, &fail_error, &fail_after, &fail_times) < 2) {
            strcpy(fail_function, "-");
        }
    }
    if (strcmp(function, "cuInit") != 0 && strcmp(function, "cuDriverGetVersion") != 0 && !started) {
        return NOT_INITIALIZED;
    }
    if (strcmp(function, fail_function) == 0) {
        if (fail_after > 0) {
            fail_after--;
        } else {
            int error = fail_error;
            if (fail_times > 0 && --fail_times == 0) {
                strcpy(fail_function, "-");
            }
            if (error >= ILLEGAL_ADDRESS && error < NOT_SUPPORTED) {
                lost = error;
            }
            return error;
        }
    }
    if (needs_context) {
        if (!current()) {
            return INVALID_CONTEXT;
        }
        if (!current()->alive) {
            return CONTEXT_IS_DESTROYED;
        }
        if (lost) {
            return lost;
        }
    }
    return SUCCESS;
}

static struct thing *make(enum kind kind, struct thing *context)
{
    struct thing *thing = calloc(1, sizeof *thing);
    thing->kind = kind;
    thing->number = ++counts[kind];
    thing->alive = 1;
    thing->context = context;
    thing->next = things;
    things = thing;
    return thing;
}

/* A handle of this kind that is alive and of the current context; the null stream is good in every context. */
static int check(enum kind kind, const void *handle)
{
    if (kind == STREAM && !handle) {
        return SUCCESS;
    }
    for (struct thing *thing = things; thing; thing = thing->next) {
        if (thing == handle) {
            return thing->kind == kind && thing->alive && (kind == CONTEXT || thing->context == current())
                ? SUCCESS : INVALID_HANDLE;
        }
    }
    return INVALID_HANDLE;
}

static struct thing *memory_at(const char *address)
{
    for (struct thing *thing = things; thing; thing = thing->next) {
        if (thing->kind == MEMORY && thing->alive && address >= thing->address && address < thing->address + thing->size) {
            return thing;
        }
    }
    return NULL;
}

/* Whether a range of device memory is there and of the current context. */
static int check_range(const char *address, size_t size)
{
    struct thing *memory = memory_at(address);
    return memory && memory->context == current() && address + size <= memory->address + memory->size ? SUCCESS : INVALID_VALUE;
}

/* What the kernels of a text are called, and what they take. */
static int find_function(const char *text, const char *name, struct thing *function)
{
    for (const char *at = text; (at = strstr(at, ".entry")) != NULL; at++) {
        char found[256];
        if (sscanf(at, ".entry %255[^( \t\r\n]", found) != 1 || strcmp(found, name) != 0) {
            continue;
        }
        const char *end = strchr(at, ')');
        for (const char *p = at; (p = strstr(p, ".param")) != NULL && p < end; p++) {
            int align = 0, bits = 0, count = 1, used = 0;
            const char *rest = p + strlen(".param");
            if (sscanf(rest, " .align %d%n", &align, &used) == 1) {
                rest += used;
            }
            if (sscanf(rest, " .%*[a-z]%d %*[^[,) \r\n][%d]", &bits, &count) < 1 || function->parameters == MOST_PARAMETERS) {
                return INVALID_PTX;
            }
            function->sizes[function->parameters] = bits / 8 * count;
            function->alignments[function->parameters++] = align ? align : bits / 8;
        }
        strcpy(function->name, name);
        return SUCCESS;
    }
    return NOT_FOUND;
}

#define BEGIN(function, needs_context) \
    pthread_mutex_lock(&door);         \
    const char *self = function;       \
    int result = refusal(self, needs_context)

#define END(...)                             \
    result = note(self, result, __VA_ARGS__); \
    pthread_mutex_unlock(&door);             \
    return result

/* The tests' own entry points. */

/* The log so far; the pointer is good until the next call of the driver. */
EXPORT const char *fakecuda_log(void) { return log_text ? log_text : ""; }

EXPORT void fakecuda_clear(void)
{
    pthread_mutex_lock(&door);
    log_length = 0;
    if (log_text) {
        log_text[0] = 0;
    }
    pthread_mutex_unlock(&door);
}

/* Calls of a function return an error, after some that do not; times 0: all of them. */
EXPORT void fakecuda_fail(const char *function, int error, int after, int times)
{
    pthread_mutex_lock(&door);
    snprintf(fail_function, sizeof fail_function, "%s", function);
    fail_error = error;
    fail_after = after;
    fail_times = times;
    pthread_mutex_unlock(&door);
}

/* What is alive: contexts but the primary one, streams, events, modules, functions, memory; then uses of the primary context. */
EXPORT void fakecuda_alive(int numbers[KINDS + 1])
{
    pthread_mutex_lock(&door);
    memset(numbers, 0, sizeof(int) * (KINDS + 1));
    for (struct thing *thing = things; thing; thing = thing->next) {
        if (thing->alive && thing != primary) {
            numbers[thing->kind]++;
        }
    }
    numbers[KINDS] = primary_uses;
    pthread_mutex_unlock(&door);
}

/* How often something was given back that was not there any more. */
static int second_frees;
EXPORT int fakecuda_second_frees(void) { return second_frees; }

/* Starting, and the device. */

EXPORT int cuInit(unsigned flags)
{
    BEGIN("cuInit", 0);
    if (!result && setting("FAKECUDA_DEVICES", 1) == 0) {
        result = NO_DEVICE;
    }
    started = !result;
    END("flags=%u", flags);
}

EXPORT int cuDriverGetVersion(int *version)
{
    BEGIN("cuDriverGetVersion", 0);
    *version = (int)setting("FAKECUDA_VERSION", 12080);
    END(NULL);
}

EXPORT int cuDeviceGetCount(int *count)
{
    BEGIN("cuDeviceGetCount", 0);
    *count = (int)setting("FAKECUDA_DEVICES", 1);
    END(NULL);
}

EXPORT int cuDeviceGet(int *device, int ordinal)
{
    BEGIN("cuDeviceGet", 0);
    *device = ordinal;
    if (!result && (ordinal < 0 || ordinal >= setting("FAKECUDA_DEVICES", 1))) {
        result = INVALID_DEVICE;
    }
    END("ordinal=%d", ordinal);
}

EXPORT int cuDeviceGetName(char *name, int length, int device)
{
    BEGIN("cuDeviceGetName", 0);
    snprintf(name, (size_t)length, "Fake GPU");
    END("device=%d", device);
}

EXPORT int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    BEGIN("cuDeviceGetAttribute", 0);
    int capability = (int)setting("FAKECUDA_CAPABILITY", 90);
    *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : attribute == 39 ? 2048 : 0;
    END("attribute=%d device=%d", attribute, device);
}

EXPORT int cuGetErrorName(int error, const char **name)
{
    switch (error) {
    case SUCCESS: *name = "CUDA_SUCCESS"; return SUCCESS;
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; return SUCCESS;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return SUCCESS;
    case INVALID_CONTEXT: *name = "CUDA_ERROR_INVALID_CONTEXT"; return SUCCESS;
    case INVALID_PTX: *name = "CUDA_ERROR_INVALID_PTX"; return SUCCESS;
    case 214: *name = "CUDA_ERROR_ECC_UNCORRECTABLE"; return SUCCESS;
    case INVALID_HANDLE: *name = "CUDA_ERROR_INVALID_HANDLE"; return SUCCESS;
    case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; return SUCCESS;
    case CONTEXT_IS_DESTROYED: *name = "CUDA_ERROR_CONTEXT_IS_DESTROYED"; return SUCCESS;
    case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; return SUCCESS;
    case UNKNOWN: *name = "CUDA_ERROR_UNKNOWN"; return SUCCESS;
    default: *name = NULL; return INVALID_VALUE;
    }
}

EXPORT int cuGetErrorString(int error, const char **text)
{
    (void)error;
    *text = "a failure of the fake driver";
    return SUCCESS;
}

/* Contexts. */

EXPORT int cuDevicePrimaryCtxRetain(struct thing **context, int device)
{
    BEGIN("cuDevicePrimaryCtxRetain", 0);
    if (!result) {
        if (!primary) {
            primary = make(CONTEXT, NULL);
            counts[CONTEXT] = 0;
            primary->number = 0;
        }
        primary->alive = 1;
        primary_uses++;
        *context = primary;
    }
    END("device=%d", device);
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int device)
{
    BEGIN("cuDevicePrimaryCtxRelease_v2", 0);
    if (!result && primary_uses == 0) {
        result = INVALID_CONTEXT;
    } else if (!result && --primary_uses == 0) {
        primary->alive = 0;
    }
    END("device=%d", device);
}

EXPORT int cuCtxCreate_v2(struct thing **context, unsigned flags, int device)
{
    BEGIN("cuCtxCreate_v2", 0);
    *context = NULL;
    if (!result) {
        *context = stack[depth++] = make(CONTEXT, NULL);
    }
    END("context=%s flags=%u device=%d", label(*context), flags, device);
}

EXPORT int cuCtxDestroy_v2(struct thing *context)
{
    BEGIN("cuCtxDestroy_v2", 0);
    if (!result && (check(CONTEXT, context) || context == primary)) {
        result = INVALID_CONTEXT;
        second_frees++;
    }
    if (!result) {
        context->alive = 0;
        for (struct thing *thing = things; thing; thing = thing->next) {
            if (thing->context == context) {
                thing->alive = 0;
            }
        }
        if (current() == context) {
            depth--;
        }
    }
    END("context=%s", label(context));
}

EXPORT int cuCtxGetCurrent(struct thing **context)
{
    *context = current();
    return started ? SUCCESS : NOT_INITIALIZED;
}

EXPORT int cuCtxSetCurrent(struct thing *context)
{
    BEGIN("cuCtxSetCurrent", 0);
    if (!result && context && check(CONTEXT, context)) {
        result = INVALID_CONTEXT;
    }
    if (!result) {
        depth = depth > 0 ? depth - 1 : 0;
        if (context) {
            stack[depth++] = context;
        }
    }
    END(NULL);
}

/* Memory. */

EXPORT int cuMemGetInfo_v2(size_t *free_bytes, size_t *total)
{
    BEGIN("cuMemGetInfo_v2", 1);
    *total = (size_t)setting("FAKECUDA_MEMORY", 8000000000L);
    *free_bytes = *total - allocated;
    END(NULL);
}

EXPORT int cuMemAlloc_v2(char **address, size_t bytes)
{
    BEGIN("cuMemAlloc_v2", 1);
    struct thing *memory = NULL;
    *address = NULL;
    if (!result && bytes == 0) {
        result = INVALID_VALUE;
    } else if (!result && bytes > (size_t)setting("FAKECUDA_MEMORY", 8000000000L) - allocated) {
        result = OUT_OF_MEMORY;
    } else if (!result) {
        memory = make(MEMORY, current());
        memory->size = bytes;
        memory->address = *address = malloc(bytes);
        memset(*address, 0xCD, bytes);
        allocated += bytes;
    }
    END("memory=%s size=%zu", label(memory), bytes);
}

EXPORT int cuMemFree_v2(char *address)
{
    BEGIN("cuMemFree_v2", 1);
    struct thing *memory = memory_at(address);
    if (!result && (!memory || memory->address != address || memory->context != current())) {
        result = INVALID_VALUE;
        second_frees++;
    } else if (!result) {
        memory->alive = 0;
        allocated -= memory->size;
        free(address);
    }
    END("memory=%s", label(memory));
}

static int copy(const char *function, char *target, const char *source, size_t bytes, struct thing *stream)
{
    BEGIN(function, 1);
    int to_device = memory_at(target) != NULL, from_device = memory_at(source) != NULL;
    if (!result) {
        result = check(STREAM, stream);
    }
    if (!result && to_device) {
        result = check_range(target, bytes);
    }
    if (!result && from_device) {
        result = check_range(source, bytes);
    }
    if (!result) {
        memmove(target, source, bytes);
    }
    END("stream=%s size=%zu way=%c%c", label(stream), bytes, from_device ? 'D' : 'H', to_device ? 'D' : 'H');
}

EXPORT int cuMemcpyHtoDAsync_v2(char *target, const char *source, size_t bytes, struct thing *stream)
{
    return copy("cuMemcpyHtoDAsync_v2", target, source, bytes, stream);
}

EXPORT int cuMemcpyDtoHAsync_v2(char *target, const char *source, size_t bytes, struct thing *stream)
{
    return copy("cuMemcpyDtoHAsync_v2", target, source, bytes, stream);
}

EXPORT int cuPointerGetAttribute(void *value, int attribute, const char *address)
{
    BEGIN("cuPointerGetAttribute", 0);
    struct thing *memory = memory_at(address);
    if (!result && !memory) {
        result = INVALID_VALUE;
    } else if (!result) {
        switch (attribute) {
        case 1: *(struct thing **)value = memory->context; break;
        case 2: *(unsigned *)value = 2; break;
        case 9: *(int *)value = 0; break;
        default: result = INVALID_VALUE; break;
        }
    }
    END("attribute=%d memory=%s", attribute, label(memory));
}

/* Streams and events. */

EXPORT int cuStreamCreate(struct thing **stream, unsigned flags)
{
    BEGIN("cuStreamCreate", 1);
    *stream = result ? NULL : make(STREAM, current());
    END("stream=%s flags=%u", label(*stream), flags);
}

EXPORT int cuStreamWaitEvent(struct thing *stream, struct thing *event, unsigned flags)
{
    BEGIN("cuStreamWaitEvent", 1);
    if (!result) {
        result = check(STREAM, stream);
    }
    if (!result) {
        result = check(EVENT, event);
    }
    END("stream=%s event=%s flags=%u", label(stream), label(event), flags);
}

EXPORT int cuStreamSynchronize(struct thing *stream)
{
    BEGIN("cuStreamSynchronize", 1);
    if (!result) {
        result = check(STREAM, stream);
    }
    END("stream=%s", label(stream));
}

/* Gives back a stream, an event or a module. */
static int give_back(const char *function, enum kind kind, struct thing *thing)
{
    BEGIN(function, 1);
    if (!result && (!thing || check(kind, thing))) {
        result = INVALID_HANDLE;
        second_frees++;
    }
    if (!result) {
        thing->alive = 0;
        for (struct thing *part = things; part; part = part->next) {
            if (part->kind == FUNCTION && kind == MODULE && part->text == thing->text) {
                part->alive = 0;
            }
        }
    }
    END("%s=%s", kind == STREAM ? "stream" : kind == EVENT ? "event" : "module", label(thing));
}

EXPORT int cuStreamDestroy_v2(struct thing *stream) { return give_back("cuStreamDestroy_v2", STREAM, stream); }

EXPORT int cuEventCreate(struct thing **event, unsigned flags)
{
    BEGIN("cuEventCreate", 1);
    *event = result ? NULL : make(EVENT, current());
    if (*event) {
        (*event)->parameters = (int)flags;
    }
    END("event=%s flags=%u", label(*event), flags);
}

EXPORT int cuEventDestroy_v2(struct thing *event) { return give_back("cuEventDestroy_v2", EVENT, event); }

static int on_event(const char *function, struct thing *event, struct thing *stream)
{
    BEGIN(function, 1);
    if (!result) {
        result = check(EVENT, event);
    }
    if (!result) {
        result = check(STREAM, stream);
    }
    END("event=%s stream=%s", label(event), label(stream));
}

EXPORT int cuEventRecord(struct thing *event, struct thing *stream) { return on_event("cuEventRecord", event, stream); }

/* A quarter of a millisecond, between events that take the time. */
EXPORT int cuEventElapsedTime(float *milliseconds, struct thing *start, struct thing *end)
{
    BEGIN("cuEventElapsedTime", 1);
    *milliseconds = 0.25f;
    if (!result) {
        result = check(EVENT, start);
    }
    if (!result) {
        result = check(EVENT, end);
    }
    if (!result && (start->parameters & 2 || end->parameters & 2)) {
        result = INVALID_HANDLE;
    }
    END("event=%s end=%s", label(start), label(end));
}

EXPORT int cuEventSynchronize(struct thing *event) { return on_event("cuEventSynchronize", event, NULL); }

/* Kernels. */

EXPORT int cuModuleLoadDataEx(struct thing **module, const char *text, unsigned count, const int *options, void **values)
{
    BEGIN("cuModuleLoadDataEx", 1);
    *module = NULL;
    if (!result && !strstr(text, ".entry")) {
        result = INVALID_PTX;
    }
    if (result == INVALID_PTX) {
        for (unsigned option = 0; option < count; option++) {
            if (options[option] == 5) {
                strcpy(values[option], "ptxas fake, line 1; fatal: not understood\n");
            }
        }
    }
    if (!result) {
        *module = make(MODULE, current());
        (*module)->text = strdup(text);
    }
    END("module=%s", label(*module));
}

EXPORT int cuModuleUnload(struct thing *module) { return give_back("cuModuleUnload", MODULE, module); }

EXPORT int cuModuleGetFunction(struct thing **function, struct thing *module, const char *name)
{
    BEGIN("cuModuleGetFunction", 1);
    *function = NULL;
    if (!result) {
        result = check(MODULE, module);
    }
    if (!result) {
        *function = make(FUNCTION, current());
        (*function)->text = module->text;
        result = find_function(module->text, name, *function);
    }
    END("function=%s name=%s", label(*function), name);
}

/* Packed arguments: marks 1 (buffer) and 2 (its size), 0 at the end. What is in them is written down, each at its place: addresses
   of memory, with the length behind them, and the first few other words that are not 0. */
static int describe(char *text, size_t room, const char *arguments, size_t size)
{
    size_t used = (size_t)snprintf(text, room, "%zu{", size);
    int words = 0, result = SUCCESS;
    for (size_t at = 0; at + 4 <= size;) {
        char *address = NULL;
        int64_t length = 0;
        if (at % 8 == 0 && at + 16 <= size) {
            memcpy(&address, arguments + at, sizeof address);
            memcpy(&length, arguments + at + 8, sizeof length);
        }
        struct thing *memory = memory_at(address);
        if (memory) {
            if (memory->context != current()) {
                result = lost = ILLEGAL_ADDRESS;
            }
            used += (size_t)snprintf(
                text + used, room - used, "%s%zu=%s+%zu[%lld]", text[used - 1] == '{' ? "" : ",", at, label(memory),
                (size_t)(address - memory->address), (long long)length);
            at += 16;
            continue;
        }
        uint32_t word;
        memcpy(&word, arguments + at, sizeof word);
        if (word && words++ < 4) {
            used += (size_t)snprintf(text + used, room - used, "%s%zu:%u", text[used - 1] == '{' ? "" : ",", at, word);
        }
        at += 4;
    }
    snprintf(text + used, room - used, "}");
    return result;
}

/* 40 registers, 16 bytes of local memory, and room for 1024 threads of the 2048 that there could be. */
EXPORT int cuFuncGetAttribute(int *value, int attribute, struct thing *function)
{
    BEGIN("cuFuncGetAttribute", 1);
    *value = attribute == 4 ? 40 : attribute == 3 ? 16 : 0;
    if (!result) {
        result = check(FUNCTION, function);
    }
    END("attribute=%d function=%s", attribute, label(function));
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *groups, struct thing *function, int threads, size_t shared)
{
    BEGIN("cuOccupancyMaxActiveBlocksPerMultiprocessor", 1);
    *groups = threads > 0 ? 1024 / threads : 0;
    if (!result) {
        result = check(FUNCTION, function);
    }
    END("function=%s threads=%d shared=%zu", label(function), threads, shared);
}

EXPORT int cuLaunchKernel(
    struct thing *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
    struct thing *stream, void **parameters, void **extra)
{
    (void)parameters;
    BEGIN("cuLaunchKernel", 1);
    char arguments[2048] = "";
    size_t taken = 0, size = 0;
    const char *buffer = NULL;
    if (!result) {
        result = check(FUNCTION, function);
    }
    if (!result) {
        result = check(STREAM, stream);
    }
    if (!result && (gx * gy * gz == 0 || bx * by * bz == 0 || bx * by * bz > 1024 || gy > 65535 || gz > 65535)) {
        result = INVALID_VALUE;
    }
    for (int mark = 0; !result && extra && extra[mark]; mark += 2) {
        if ((intptr_t)extra[mark] == 1) {
            buffer = extra[mark + 1];
        } else if ((intptr_t)extra[mark] == 2) {
            size = *(size_t *)extra[mark + 1];
        }
    }
    for (int index = 0; !result && index < function->parameters; index++) {
        size_t alignment = (size_t)function->alignments[index];
        taken = (taken + alignment - 1) / alignment * alignment + (size_t)function->sizes[index];
    }
    if (!result && (!buffer || size != taken)) {
        result = INVALID_VALUE;
    }
    if (!result) {
        result = describe(arguments, sizeof arguments, buffer, size);
    }
    END("name=%s grid=%ux%ux%u group=%ux%ux%u shared=%u stream=%s args=%s",
        function && function->kind == FUNCTION ? function->name : "?", gx, gy, gz, bx, by, bz, shared, label(stream), arguments);
}
