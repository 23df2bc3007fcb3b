/*
 * Makes one batch in a C program, and prints what was drawn and a checksum of the memory.
 *
 *   dotnet publish src/GpuSynth.Native -c Release
 *   cc -std=c99 -I src/GpuSynth.Native/include src/GpuSynth.Native/examples/generate.c -o generate -ldl
 *   ./generate artifacts/publish/GpuSynth.Native/release [preset [side [count [seed]]]]
 *
 * GPUSYNTH_HOSTFXR names a libhostfxr.so, DOTNET_ROOT the folder of a .NET installation; otherwise the usual places are searched.
 */
#define _XOPEN_SOURCE 700
#include <inttypes.h>

#include "gpusynth_load.h"

static gpusynth_functions gpusynth;

/* Prints what went wrong, and ends the program. */
static void require(int32_t code, const char *doing)
{
    char sentence[2048];
    if (code != GPUSYNTH_DONE) {
        gpusynth.last_error(sentence, (int64_t)sizeof sentence);
        fprintf(stderr, "%s: %s (code %d)\n", doing, sentence, (int)code);
        exit(1);
    }
}

static void *allocate(int64_t bytes)
{
    void *memory = bytes > 0 ? malloc((size_t)bytes) : NULL;
    if (memory == NULL) {
        fprintf(stderr, "no memory for %" PRId64 " bytes\n", bytes);
        exit(1);
    }
    return memory;
}

/* FNV-1a of 64 bits. */
static uint64_t checksum(uint64_t hash, const void *memory, int64_t bytes)
{
    const unsigned char *at = (const unsigned char *)memory;
    for (; bytes > 0; bytes--) {
        hash = (hash ^ *at++) * UINT64_C(1099511628211);
    }
    return hash;
}

int main(int count, char **arguments)
{
    const char *engine_folder = count > 1 ? arguments[1] : getenv("GPUSYNTH_ENGINE");
    int32_t samples = count > 4 ? (int32_t)strtol(arguments[4], NULL, 10) : 2, n;
    gpusynth_options options;
    gpusynth_info info;
    gpusynth_engine engine;
    gpusynth_key *keys;
    void *image, *label;
    char error[2048];
    uint64_t hash = UINT64_C(14695981039346656037);

    if (engine_folder == NULL) {
        fprintf(stderr, "use: generate FOLDER [preset [side [count [seed]]]]; FOLDER holds GpuSynth.Native.dll\n");
        return 2;
    }
    if (gpusynth_load(getenv("GPUSYNTH_HOSTFXR"), engine_folder, &gpusynth, error, sizeof error) != 0) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }

    memset(&options, 0, sizeof options);
    options.struct_bytes = (uint32_t)sizeof options;
    options.recipe = count > 2 ? arguments[2] : "rasd-3d";
    options.size[0] = count > 3 ? (int32_t)strtol(arguments[3], NULL, 10) : 48;
    options.batch = samples;
    options.seed = count > 5 ? strtoull(arguments[5], NULL, 10) : 7;
    require(gpusynth.create(&options, &engine), "making an engine");

    info.struct_bytes = (uint32_t)sizeof info;
    require(gpusynth.info_of(engine, &info), "asking the engine");
    printf("%d samples of %d x %d", (int)samples, (int)info.shape[0], (int)info.shape[1]);
    if (info.dimensions == 3) {
        printf(" x %d", (int)info.shape[2]);
    }
    printf(", %d labels, %d threads\n", (int)info.labels, (int)info.threads);

    /* Memory of ours for a whole batch: sample n lies at n times the bytes of one. */
    image = allocate(info.image_bytes);
    label = allocate(info.label_bytes);
    keys = (gpusynth_key *)allocate((int64_t)sizeof *keys * samples);
    for (n = 0; n < samples; n++) {
        keys[n].anatomy = keys[n].appearance = (uint64_t)n;
    }
    require(gpusynth.generate(engine, keys, samples, image, label), "generating");
    require(gpusynth.complete(engine), "waiting");

    for (n = 0; n < samples; n++) {
        int64_t bytes;
        char *json;
        require(gpusynth.drawn(engine, n, NULL, 0, &bytes), "asking what was drawn");
        json = (char *)allocate(bytes);
        require(gpusynth.drawn(engine, n, json, bytes, NULL), "asking what was drawn");
        printf("%s\n", json);
        free(json);
    }
    hash = checksum(hash, image, info.image_bytes);
    hash = checksum(hash, label, info.label_bytes);
    printf("checksum %016" PRIx64 "\n", hash);

    require(gpusynth.destroy(engine), "destroying the engine");
    free(keys);
    free(label);
    free(image);
    return 0;
}
