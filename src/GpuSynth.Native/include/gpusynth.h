/*
 * GpuSynth in a process that is not .NET: labelled synthetic volumes, written to memory of yours. ABI version 2. C99 and C++.
 *
 * LOADING. The functions are not symbols of a library: the .NET runtime is started in the process through hostfxr and hands out
 * their addresses. gpusynth_load.h does that in a page. In a host of your own, call what hostfxr documents, with
 *   runtime configuration   GpuSynth.Native.runtimeconfig.json  (beside GpuSynth.Native.dll, as all that the engine needs)
 *   assembly                GpuSynth.Native.dll                 (its full path)
 *   type                    GpuSynth.Native.Exports, GpuSynth.Native
 *   delegate type           UNMANAGEDCALLERSONLY_METHOD
 *   method                  named with each function below: gpusynth_create is Create
 * Call gpusynth_abi_version first: another number than GPUSYNTH_ABI_VERSION is another ABI, and nothing else may be called. A
 * runtime once started stays until the process ends. A process that was forked after the start must not call anything here: the
 * runtime's threads are not in it. Start processes afresh (exec, spawn), or load after the fork.
 *
 * CODES. Every function but the first and the last returns 0 when all was done, and otherwise one of the codes below; the
 * sentence that says what was wrong and what to do is read with gpusynth_last_error. No exception leaves a function, and none
 * ends the process. What cannot be checked is an address that is not yours, or has less memory than the call is told or writes.
 *
 * OWNERSHIP. All memory that a function is given stays the caller's, and is looked at only during the call, texts included. The
 * one exception are slots on a device: an engine with slots_on_device writes to them after gpusynth_generate has returned,
 * until gpusynth_complete returns, or the stream that gpusynth_stream_awaits was given has passed that place; keep them as
 * long. An engine is yours from gpusynth_create to gpusynth_destroy.
 *
 * THREADS. Every function may be called from any thread. Calls for one engine wait for each other; engines run side by side.
 * Records are those of the engine's last batch, whoever made it: threads that read records share out engines, not calls.
 *
 * VERSIONS. struct_bytes says how many bytes of a struct the caller knows; fields are only added at the end. Of a smaller
 * gpusynth_options (48 bytes, up to batch, are the least) the missing fields count as zero; a larger one is accepted where all
 * that is unknown to the engine is zero. A smaller gpusynth_info is filled as far as it goes; of a larger one the rest becomes
 * zero.
 */
#ifndef GPUSYNTH_H
#define GPUSYNTH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GPUSYNTH_ABI_VERSION 2

#if defined(_WIN32) && !defined(_WIN64)
#define GPUSYNTH_CALL __cdecl
#else
#define GPUSYNTH_CALL
#endif

#define GPUSYNTH_DONE 0
#define GPUSYNTH_INVALID_ARGUMENT (-1) /* a wrong argument: a null pointer, too many keys, a text that is not UTF-8 */
#define GPUSYNTH_PLAN (-2)             /* a run that cannot be planned: a wrong recipe, size or device, missing label maps */
#define GPUSYNTH_FAILED (-3)           /* samples that could not be made, or memory that did not suffice */
#define GPUSYNTH_DEVICE (-4)           /* a device that is not on this machine, does not open, or was lost */
#define GPUSYNTH_STALE (-5)            /* a handle whose engine was destroyed, or never made */
#define GPUSYNTH_DEFECT (-6)           /* something that should not happen: please report the sentence */

#define GPUSYNTH_FLOAT32 0
#define GPUSYNTH_FLOAT16 1             /* IEEE 754 binary16; on GPUs only */
#define GPUSYNTH_BFLOAT16 2            /* the upper half of a float32; on GPUs only */

/* An engine. 0 is none. A handle is never given twice, so that a stale one is known as such for ever. */
typedef uint64_t gpusynth_engine;

/*
 * gpusynth_options.flags: without the recipe's components that take away from an image, as noise, blur, artefacts and bias fields. What is
 * left draws as before: the sample of a key is the clean image of the sample that the same key has without the flag.
 */
#define GPUSYNTH_CLEAN UINT64_C(1)

/* What a run is: 72 bytes. Set all to zero (= {0}), then struct_bytes and what you want. */
typedef struct gpusynth_options {
    uint32_t struct_bytes;    /* sizeof(gpusynth_options) */
    uint32_t slots_on_device; /* 1: image and label of gpusynth_generate are addresses on the device, as those of a CUDA tensor */
    const char *recipe;       /* a preset's name, as rasd-3d or tubes-2d; or a recipe's YAML text, which has line ends */
    const char *labels;       /* folder of NIfTI label maps to draw the anatomy from; NULL for none */
    const char *device;       /* host, cuda:0, opencl:0 ...; NULL for host */
    int32_t size[3];          /* voxels in array order: {depth, height, width}, {height, width, 0}, or {96, 0, 0} for all axes */
    int32_t batch;            /* the most samples of one call; at least 1. Changes memory and speed, never a sample */
    int32_t threads;          /* worker threads of the host device; 0 for one per core. Changes speed, never a sample */
    int32_t image_format;     /* GPUSYNTH_FLOAT32 ... */
    uint64_t seed;            /* of every random number */
    uint64_t flags;           /* GPUSYNTH_CLEAN, or 0. A bit that the engine does not know is an invalid argument */
} gpusynth_options;

/* What an engine is: 64 bytes. */
typedef struct gpusynth_info {
    uint32_t struct_bytes;    /* set by the caller: sizeof(gpusynth_info) */
    int32_t dimensions;       /* 2 or 3 */
    int32_t shape[3];         /* {depth, height, width} or {height, width, 0} */
    int32_t batch;            /* the most samples of one call */
    int32_t labels;           /* labels run from 0 to this less 1 */
    int32_t threads;          /* worker threads */
    int32_t image_format;     /* GPUSYNTH_FLOAT32 ... */
    int32_t reserved;         /* 0 */
    int64_t image_bytes;      /* of the images of a whole batch */
    int64_t label_bytes;      /* of the label maps of a whole batch */
    int64_t workspace_bytes;  /* what the engine holds beside them */
} gpusynth_info;

/* Which sample: the same two numbers for sample n of an ordinary run, {n, n}. Another appearance shows the same anatomy again. */
typedef struct gpusynth_key {
    uint64_t anatomy;         /* decides the labels */
    uint64_t appearance;      /* decides the intensities */
} gpusynth_key;

/* AbiVersion. Returns the version of this ABI; 0 where files of the engine are missing or damaged. */
typedef int32_t (GPUSYNTH_CALL *gpusynth_abi_version_fn)(void);

/* Create. Plans a run and starts an engine; *engine is 0 where that fails. */
typedef int32_t (GPUSYNTH_CALL *gpusynth_create_fn)(const gpusynth_options *options, gpusynth_engine *engine);

/* InfoOf. Writes what the engine is; set info->struct_bytes first. */
typedef int32_t (GPUSYNTH_CALL *gpusynth_info_of_fn)(gpusynth_engine engine, gpusynth_info *info);

/*
 * Generate. Writes count samples (0 to the batch) one after another: images [count, 1, (depth,) height, width] of the image
 * format, 0 to 1 where the recipe normalises, at an address that is a multiple of a value's bytes; labels [count, (depth,)
 * height, width] of one byte. Both are contiguous. A sample is the same whatever the batch, the order and the threads. Where it
 * fails, what the memory holds is arbitrary. With slots_on_device it returns before the batch is there.
 */
typedef int32_t (GPUSYNTH_CALL *gpusynth_generate_fn)(
    gpusynth_engine engine, const gpusynth_key *keys, int32_t count, void *image, void *label);

/* Complete. Waits until the last batch is there. Only an engine with slots_on_device has anything to wait for. */
typedef int32_t (GPUSYNTH_CALL *gpusynth_complete_fn)(gpusynth_engine engine);

/*
 * Drawn. Writes what was drawn for a sample (from 0) of the last batch as a JSON object with a zero byte behind it, and how
 * many bytes that is to *needed. json may be NULL, which asks only how many; needed may be NULL where json is not. Less
 * capacity than needed writes nothing to json and is an invalid argument. With slots_on_device a record is whole only after
 * gpusynth_complete: before, it lacks what was measured.
 */
typedef int32_t (GPUSYNTH_CALL *gpusynth_drawn_fn)(
    gpusynth_engine engine, int32_t sample, char *json, int64_t capacity, int64_t *needed);

/*
 * Affine. Writes where a sample (from 0) of the last batch lies: a matrix of 4 x 4 numbers, row by row, that takes a voxel (i, j, k,
 * 1) to millimetres to the right, to the front and up, as NIfTI's sform does. i counts along the width, j along the height, k along
 * the depth (0 for an image). Noise has cubic voxels of 1 mm and its middle at the origin; a sample of a label map has the map's
 * axes and the voxel spacing that was drawn or fitted. Complete with slots_on_device too, before gpusynth_complete.
 */
typedef int32_t (GPUSYNTH_CALL *gpusynth_affine_fn)(gpusynth_engine engine, int32_t sample, double *affine);

/* AwaitStream. What the engine launches from now on comes after all that the stream (a CUstream; NULL for the default) holds now:
 * call it before a batch is generated into memory that work on that stream still reads. CUDA only. The host does not wait. */
typedef int32_t (GPUSYNTH_CALL *gpusynth_await_stream_fn)(gpusynth_engine engine, void *stream);

/* StreamAwaits. The stream goes no further before the last batch is there: call it after gpusynth_generate and before work on the
 * batch is put on that stream. CUDA only. The host does not wait. */
typedef int32_t (GPUSYNTH_CALL *gpusynth_stream_awaits_fn)(gpusynth_engine engine, void *stream);

/* Destroy. Waits for a call that is at work, stops the engine and gives back its memory; the handle is stale from then on. */
typedef int32_t (GPUSYNTH_CALL *gpusynth_destroy_fn)(gpusynth_engine engine);

/*
 * LastError. The sentence of the calling thread's last call that failed, in UTF-8; empty where none did. Calls that succeed
 * leave it. Returns its bytes with its zero; writes as many whole characters as capacity holds, and always the zero. text may
 * be NULL.
 */
typedef int64_t (GPUSYNTH_CALL *gpusynth_last_error_fn)(char *text, int64_t capacity);

/* All functions; gpusynth_load.h fills it. */
typedef struct gpusynth_functions {
    gpusynth_abi_version_fn abi_version;
    gpusynth_create_fn create;
    gpusynth_info_of_fn info_of;
    gpusynth_generate_fn generate;
    gpusynth_complete_fn complete;
    gpusynth_drawn_fn drawn;
    gpusynth_affine_fn affine;
    gpusynth_await_stream_fn await_stream;
    gpusynth_stream_awaits_fn stream_awaits;
    gpusynth_destroy_fn destroy;
    gpusynth_last_error_fn last_error;
} gpusynth_functions;

#ifdef __cplusplus
}
#endif

#endif
