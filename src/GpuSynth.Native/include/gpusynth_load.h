/*
 * Starts the .NET runtime in this process and finds the functions of gpusynth.h. C99 and C++, POSIX; link with -ldl where the C
 * library needs it. (On Windows the steps are the same, with LoadLibraryW and wide strings.) Call it once, from one thread.
 */
#ifndef GPUSYNTH_LOAD_H
#define GPUSYNTH_LOAD_H

#include <dirent.h>
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gpusynth.h"

#ifdef __APPLE__
#define GPUSYNTH_HOSTFXR "libhostfxr.dylib"
#else
#define GPUSYNTH_HOSTFXR "libhostfxr.so"
#endif

enum { GPUSYNTH_PATH_BYTES = 4096 };

/* What hostfxr.h and coreclr_delegates.h of the .NET SDK declare, as far as it is called here. */
typedef int32_t (*gpusynth_hostfxr_initialize_fn)(const char *runtime_config, const void *parameters, void **context);
typedef int32_t (*gpusynth_hostfxr_delegate_fn)(void *context, int32_t kind, void **delegate);
typedef int32_t (*gpusynth_hostfxr_close_fn)(void *context);
typedef int32_t (*gpusynth_method_fn)(
    const char *assembly, const char *type, const char *method, const char *delegate_type, void *reserved, void **function);

/* ISO C knows no way from void* to a function; POSIX promises that the bits are the same. */
static inline void gpusynth_copy_address(void *function, void *address)
{
    memcpy(function, &address, sizeof address);
}

/* a.b.c of two folder names: below 0, 0, above 0. A preview ("11.0.0-preview.1") comes before its release. */
static inline int gpusynth_compare_versions(const char *left, const char *right)
{
    int part;
    for (part = 0; part < 3; part++) {
        char *left_end, *right_end;
        long left_number = strtol(left, &left_end, 10), right_number = strtol(right, &right_end, 10);
        if (left_number != right_number) {
            return left_number < right_number ? -1 : 1;
        }
        left = *left_end == '.' ? left_end + 1 : left_end;
        right = *right_end == '.' ? right_end + 1 : right_end;
    }
    return (*left == 0) - (*right == 0);
}

/* Writes the path of the newest hostfxr under a folder that .NET is installed in; 0 where there is none. */
static inline int gpusynth_hostfxr_under(const char *dotnet_root, char *path, size_t capacity)
{
    char folder[GPUSYNTH_PATH_BYTES], newest[256] = "";
    struct dirent *entry;
    DIR *versions;
    int length;
    length = snprintf(folder, sizeof folder, "%s/host/fxr", dotnet_root);
    versions = length < (int)sizeof folder ? opendir(folder) : NULL;
    if (versions == NULL) {
        return 0;
    }
    while ((entry = readdir(versions)) != NULL) {
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && strlen(entry->d_name) < sizeof newest
            && (newest[0] == 0 || gpusynth_compare_versions(newest, entry->d_name) < 0)) {
            strcpy(newest, entry->d_name);
        }
    }
    closedir(versions);
    length = snprintf(path, capacity, "%s/%s/%s", folder, newest, GPUSYNTH_HOSTFXR);
    return newest[0] != 0 && length > 0 && (size_t)length < capacity;
}

/* Looks for hostfxr under DOTNET_ROOT, or else where .NET is usually installed; 0 where there is none. */
static inline int gpusynth_find_hostfxr(char *path, size_t capacity)
{
    static const char *const usual[] = { "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet" };
    char own[GPUSYNTH_PATH_BYTES];
    const char *root = getenv("DOTNET_ROOT"), *home = getenv("HOME");
    size_t place;
    if (root != NULL && root[0] != 0) {
        return gpusynth_hostfxr_under(root, path, capacity);
    }
    for (place = 0; place < sizeof usual / sizeof usual[0]; place++) {
        if (gpusynth_hostfxr_under(usual[place], path, capacity)) {
            return 1;
        }
    }
    return home != NULL && snprintf(own, sizeof own, "%s/.dotnet", home) < (int)sizeof own
        && gpusynth_hostfxr_under(own, path, capacity);
}

/*
 * Starts the runtime and fills the functions. Returns 0, or -1 with a sentence in error, which 2048 bytes hold.
 *   hostfxr        path of libhostfxr.so; NULL looks for it
 *   engine_folder  the folder of GpuSynth.Native.dll and GpuSynth.Native.runtimeconfig.json
 */
static inline int gpusynth_load(
    const char *hostfxr, const char *engine_folder, gpusynth_functions *functions, char *error, size_t error_capacity)
{
    static const char *const methods[] = {
        "AbiVersion", "Create", "InfoOf", "Generate", "Complete", "Drawn", "Affine", "AwaitStream", "StreamAwaits", "Destroy",
        "LastError",
    };
    void *const targets[] = {
        &functions->abi_version, &functions->create, &functions->info_of, &functions->generate, &functions->complete,
        &functions->drawn, &functions->affine, &functions->await_stream, &functions->stream_awaits, &functions->destroy,
        &functions->last_error,
    };
    const int32_t load_assembly_and_get_function_pointer = 5;
    const char *const unmanaged_callers_only = (const char *)(intptr_t)-1;
    char found[GPUSYNTH_PATH_BYTES], config[GPUSYNTH_PATH_BYTES], assembly[GPUSYNTH_PATH_BYTES], folder[GPUSYNTH_PATH_BYTES];
    gpusynth_hostfxr_initialize_fn initialize;
    gpusynth_hostfxr_delegate_fn get_delegate;
    gpusynth_hostfxr_close_fn close_context;
    gpusynth_method_fn get_method;
    void *library, *symbols[3], *context = NULL, *address = NULL;
    size_t method;
    int32_t status;

    if (hostfxr == NULL && !gpusynth_find_hostfxr(found, sizeof found)) {
        snprintf(error, error_capacity, "There is no .NET runtime in DOTNET_ROOT or the usual places: "
            "install .NET 10 (https://dot.net/download) or set DOTNET_ROOT to its folder.");
        return -1;
    }
    hostfxr = hostfxr == NULL ? found : hostfxr;
    library = dlopen(hostfxr, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(error, error_capacity, "%.1200s cannot be loaded: %.600s", hostfxr, dlerror());
        return -1;
    }
    symbols[0] = dlsym(library, "hostfxr_initialize_for_runtime_config");
    symbols[1] = dlsym(library, "hostfxr_get_runtime_delegate");
    symbols[2] = dlsym(library, "hostfxr_close");
    if (symbols[0] == NULL || symbols[1] == NULL || symbols[2] == NULL) {
        snprintf(error, error_capacity, "%.1200s is no hostfxr of .NET 3 or newer.", hostfxr);
        return -1;
    }
    gpusynth_copy_address(&initialize, symbols[0]);
    gpusynth_copy_address(&get_delegate, symbols[1]);
    gpusynth_copy_address(&close_context, symbols[2]);

    /* The runtime wants whole paths. */
    if (strlen(engine_folder) > GPUSYNTH_PATH_BYTES - 64 || realpath(engine_folder, folder) == NULL
        || snprintf(config, sizeof config, "%s/GpuSynth.Native.runtimeconfig.json", folder) >= (int)sizeof config
        || snprintf(assembly, sizeof assembly, "%s/GpuSynth.Native.dll", folder) >= (int)sizeof assembly) {
        snprintf(error, error_capacity, "There is no folder %.1200s of the engine.", engine_folder);
        return -1;
    }
    status = initialize(config, NULL, &context);
    /* 1 and 2: another component has started the runtime before. */
    if (status < 0 || status > 2 || context == NULL) {
        if (context != NULL) {
            close_context(context);
        }
        snprintf(error, error_capacity, "The .NET runtime does not start with %.1200s (0x%08x, and what it printed): "
            ".NET 10 must be installed, and the file be there.", config, (unsigned)status);
        return -1;
    }
    status = get_delegate(context, load_assembly_and_get_function_pointer, &address);
    close_context(context);
    if (status != 0 || address == NULL) {
        snprintf(error, error_capacity, "The .NET runtime loads no assemblies here (0x%08x).", (unsigned)status);
        return -1;
    }
    gpusynth_copy_address(&get_method, address);

    for (method = 0; method < sizeof methods / sizeof methods[0]; method++) {
        status = get_method(
            assembly, "GpuSynth.Native.Exports, GpuSynth.Native", methods[method], unmanaged_callers_only, NULL, &address);
        if (status != 0 || address == NULL) {
            snprintf(error, error_capacity, "%.1200s has no function %s (0x%08x).", assembly, methods[method], (unsigned)status);
            return -1;
        }
        gpusynth_copy_address(targets[method], address);
        if (method == 0 && functions->abi_version() != GPUSYNTH_ABI_VERSION) {
            snprintf(error, error_capacity, "%.1200s has ABI version %d, and this program was built for %d.", assembly,
                (int)functions->abi_version(), GPUSYNTH_ABI_VERSION);
            return -1;
        }
    }
    return 0;
}

#endif
