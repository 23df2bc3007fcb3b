/* What every kernel that ptx_emulator.py translates stands on: memory that is checked, arithmetic as PTX defines it, and the scheduler
   of a group. The translation defines, before it includes this file:
     SLOTS         registers that a thread keeps while it waits
     LOCAL_BYTES   local memory of a thread
     BLOCKS        basic blocks
     STOPS         instructions at which a thread waits for others; 0 makes a plain loop over the threads
     CHECK_BOUNDS, CHECK_RACES, APPROX_ERROR   0 or 1
   and, after it, body() and the table stops[]. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Counters lie as [warp][block][lane]. */
#define COUNT(block) t->count[(block) * WARP]++
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define WARP 32

enum { ENDED = 0, STOPPED = 1, FAILED = -1 };
enum { NO_ERROR, OUTSIDE, MISALIGNED, DIVERGED, LEFT, RACE, ENDLESS, BAD_LANE, BAD_INDEX };
enum { READ, WRITE, ATOMIC };
enum { SPACE_ANY, SPACE_GLOBAL, SPACE_SHARED, SPACE_LOCAL };
enum { BARRIER, BARRIER_COUNT, BARRIER_AND, BARRIER_OR, WARP_BARRIER, SHUFFLE_INDEX, SHUFFLE_UP, SHUFFLE_DOWN, SHUFFLE_XOR };

/* Who wrote, read and updated one granule of memory; see touched(). */
typedef struct { uint64_t write, read, atomic; int32_t write_line, read_line, atomic_line, unused; } shadow_t;

/* `granule` is the width in bytes that one shadow stands for. */
typedef struct { uint64_t low, bytes; shadow_t* shadow; uint64_t granule; } range_t;

typedef struct { int32_t line, kind; } stop_t;

/* ptx_emulator.py holds the same layout. */
typedef struct {
    const uint8_t* param;
    const range_t* ranges; /* sorted by address */
    int64_t range_count;
    uint8_t* shared;
    uint64_t shared_bytes;
    shadow_t* shared_shadow;
    uint64_t* counts; /* per basic block: how often a thread came through, then how often a warp did */
    uint32_t* hits;   /* per access: the range it found last */
    uint64_t groups_from, groups_to;
    uint64_t budget; /* backward branches of one thread, after which it is taken to be endless */
    uint32_t grid[3], block[3];
    int32_t backward; /* groups and threads run in opposite order */
    int32_t error, line, other_line;
    uint32_t error_group[3], error_thread[3], other_thread[3];
    uint64_t address, width;
} context_t;

typedef struct {
    uint32_t tid[3], ctaid[3];
    uint32_t linear, state; /* state: 0 at the start, else 1 + the stop at which it waits */
    int32_t ended;
    uint64_t group, phase; /* phase: of barriers that this thread has passed */
    uint64_t budget;
    uint32_t* count;
    uint32_t value, lane, control, mask, flag; /* what a barrier or shuffle takes, and gives back */
#if SLOTS > 0
    uint64_t slot[SLOTS];
#endif
#if LOCAL_BYTES > 0
    uint8_t local[LOCAL_BYTES] __attribute__((aligned(16)));
#endif
} thread_t;

static int body(context_t* c, thread_t* t);
static const stop_t stops[];

static int __attribute__((noinline, cold)) fail(context_t* c, const thread_t* t, int error, int line, uint64_t address, uint64_t width)
{
    c->error = error;
    c->line = line;
    c->address = address;
    c->width = width;
    memcpy(c->error_group, t->ctaid, sizeof t->ctaid);
    memcpy(c->error_thread, t->tid, sizeof t->tid);
    return FAILED;
}

/* ---- memory ---- */

/* A mark is group + 1 (32 bits), phase (20 bits), thread (12 bits). Two marks are in conflict when nothing orders them: another group,
   or another thread of the same group in the same phase. SEVERAL stands for several threads of one phase, or of several groups. */
#define SEVERAL 0xFFFu
#define EVERY_GROUP UINT64_MAX

static inline uint64_t mark_of(const thread_t* t)
{
    return ((t->group + 1) << 32) | ((t->phase & 0xFFFFFu) << 12) | t->linear;
}

static inline int conflict(uint64_t mark, uint64_t mine)
{
    if (mark == 0 || mark == mine) return 0;
    return (mark >> 32) != (mine >> 32) || (mark >> 12) == (mine >> 12);
}

/* The mark of those who were there before and of this one. The newer phase of a group stands for the older ones, which are over. */
static inline uint64_t joined(uint64_t mark, uint64_t mine)
{
    if (mark == 0 || mark == mine) return mine;
    if ((mark >> 32) != (mine >> 32)) return EVERY_GROUP;
    return (mark >> 12) == (mine >> 12) ? mine | SEVERAL : mine;
}

static int __attribute__((noinline)) raced(context_t* c, const thread_t* t, uint64_t mark, int other_line, int line, uint64_t a, uint64_t w)
{
    uint32_t other = (uint32_t)(mark & 0xFFFu);
    c->other_line = other_line;
    c->other_thread[0] = mark == EVERY_GROUP || other == SEVERAL ? UINT32_MAX : other;
    c->other_thread[1] = mark == EVERY_GROUP ? UINT32_MAX : (uint32_t)((mark >> 32) - 1);
    fail(c, t, RACE, line, a, w);
    return 0;
}

static int __attribute__((noinline)) touched(context_t* c, const thread_t* t, shadow_t* s, uint64_t granules, uint64_t a, uint64_t w, int line, int kind)
{
    uint64_t mine = mark_of(t);
    for (uint64_t i = 0; i < granules; i++, s++) {
        if (conflict(s->write, mine)) return raced(c, t, s->write, s->write_line, line, a, w);
        if (kind != READ && conflict(s->read, mine)) return raced(c, t, s->read, s->read_line, line, a, w);
        if (kind != ATOMIC && conflict(s->atomic, mine)) return raced(c, t, s->atomic, s->atomic_line, line, a, w);
        if (kind == READ) s->read = joined(s->read, mine), s->read_line = line;
        else if (kind == WRITE) s->write = mine, s->write_line = line;
        else s->atomic = joined(s->atomic, mine), s->atomic_line = line;
    }
    return 1;
}

static const range_t* __attribute__((noinline)) find_range(context_t* c, uint32_t* hit, uint64_t a, uint64_t w)
{
    int64_t low = 0, high = c->range_count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (c->ranges[middle].low <= a) low = middle + 1; else high = middle;
    }
    if (low == 0) return 0;
    const range_t* r = &c->ranges[low - 1];
    if (a - r->low >= r->bytes || r->bytes - (a - r->low) < w) return 0;
    *hit = (uint32_t)(low - 1);
    return r;
}

static inline int in_shared(const context_t* c, uint64_t a, uint64_t w)
{
    uint64_t at = a - (uint64_t)c->shared;
    return at < c->shared_bytes && c->shared_bytes - at >= w;
}

/* Whether a thread may touch `w` bytes at `a`; if not, the error is in the context. */
static inline int access_ok(context_t* c, const thread_t* t, uint32_t site, uint64_t a, uint64_t w, int line, int kind, int space)
{
    (void)site; (void)kind;
#if CHECK_BOUNDS
    if (UNLIKELY((a & (w - 1)) != 0)) { fail(c, t, MISALIGNED, line, a, w); return 0; }
    if (space == SPACE_SHARED || space == SPACE_LOCAL || (space == SPACE_ANY && UNLIKELY(in_shared(c, a, w)))) {
#if LOCAL_BYTES > 0
        if (space == SPACE_LOCAL) {
            uint64_t at = a - (uint64_t)t->local;
            if (at < LOCAL_BYTES && LOCAL_BYTES - at >= w) return 1;
            fail(c, t, OUTSIDE, line, a, w);
            return 0;
        }
#endif
        if (UNLIKELY(!in_shared(c, a, w))) { fail(c, t, OUTSIDE, line, a, w); return 0; }
#if CHECK_RACES
        uint64_t at = a - (uint64_t)c->shared;
        return touched(c, t, c->shared_shadow + at, w, a, w, line, kind);
#endif
        return 1;
    }
    const range_t* r = &c->ranges[c->hits[site]];
    if (UNLIKELY(a - r->low >= r->bytes || r->bytes - (a - r->low) < w)) {
        r = find_range(c, &c->hits[site], a, w);
        if (UNLIKELY(!r)) {
#if LOCAL_BYTES > 0
            uint64_t at = a - (uint64_t)t->local;
            if (space == SPACE_ANY && at < LOCAL_BYTES && LOCAL_BYTES - at >= w) return 1;
#endif
            fail(c, t, OUTSIDE, line, a, w);
            return 0;
        }
    }
#if CHECK_RACES
    if (r->shadow) return touched(c, t, r->shadow + (a - r->low) / r->granule, w / r->granule, a, w, line, kind);
#endif
#else
    (void)c; (void)t; (void)a; (void)w; (void)line; (void)space;
#endif
    return 1;
}

#define ACCESS(site, a, w, line, kind, space) \
    if (UNLIKELY(!access_ok(c, t, site, a, w, line, kind, space))) return FAILED

typedef uint8_t __attribute__((may_alias)) mem_u8;
typedef uint16_t __attribute__((may_alias, aligned(1))) mem_u16;
typedef uint32_t __attribute__((may_alias, aligned(1))) mem_u32;
typedef uint64_t __attribute__((may_alias, aligned(1))) mem_u64;
#define LOAD(bits, a) (*(const mem_u##bits*)(uintptr_t)(a))
#define STORE(bits, a, v) (*(mem_u##bits*)(uintptr_t)(a) = (v))

/* ---- arithmetic ---- */

static inline float f32(uint32_t u) { float f; memcpy(&f, &u, 4); return f; }
static inline uint32_t b32(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }
static inline double f64(uint64_t u) { double f; memcpy(&f, &u, 8); return f; }
static inline uint64_t b64(double f) { uint64_t u; memcpy(&u, &f, 8); return u; }

static inline _Float16 half_of(uint16_t u) { _Float16 h; memcpy(&h, &u, 2); return h; }
static inline uint16_t bits_of_half(_Float16 h) { uint16_t u; memcpy(&u, &h, 2); return u; }

static inline float ftz(float x) { return fabsf(x) < 1.17549435e-38f ? copysignf(0.0f, x) : x; }
static inline float sat32(float x) { return x >= 1.0f ? 1.0f : x > 0.0f ? x : 0.0f; }
static inline double sat64(double x) { return x >= 1.0 ? 1.0 : x > 0.0 ? x : 0.0; }

/* With an explicit rounding PTX forbids that a product and a sum become one operation. */
#define APART(x) __builtin_assoc_barrier(x)

/* A number wins over a NaN, and +0 is above -0. */
#define EXTREMES(T, name) \
    static inline T min_##name(T a, T b) { return a < b ? a : b < a ? b : a == b ? (signbit(a) ? a : b) : a != a ? b : a; } \
    static inline T max_##name(T a, T b) { return a > b ? a : b > a ? b : a == b ? (signbit(a) ? b : a) : a != a ? b : a; }
EXTREMES(float, f32)
EXTREMES(double, f64)

/* What a GPU gives where C leaves it open: all ones for a quotient by zero, the dividend for a remainder. */
#define DIVIDE(T, S, U, name) \
    static inline T div_##name(S a, S b) { return b == 0 ? (T)-1 : S_IS_SIGNED(S) && b == (S)-1 ? (T)(0 - (U)a) : (T)(a / b); } \
    static inline T rem_##name(S a, S b) { return b == 0 ? (T)a : S_IS_SIGNED(S) && b == (S)-1 ? 0 : (T)(a % b); }
#define S_IS_SIGNED(S) ((S)-1 < (S)1)
DIVIDE(uint16_t, int16_t, uint16_t, s16) DIVIDE(uint16_t, uint16_t, uint16_t, u16)
DIVIDE(uint32_t, int32_t, uint32_t, s32) DIVIDE(uint32_t, uint32_t, uint32_t, u32)
DIVIDE(uint64_t, int64_t, uint64_t, s64) DIVIDE(uint64_t, uint64_t, uint64_t, u64)

/* Float to whole number: held at the ends of the range; a NaN is 0, or the top bit for 64 bits. `x` is rounded already, and the ends
   are compared as doubles, which hold those of 64 bits rounded up. */
#define CONVERT(T, name, low, high, nan) \
    static inline T to_##name(double x) { return x != x ? (T)(nan) : x <= (double)(low) ? (T)(low) : x >= (double)(high) ? (T)(high) : (T)x; }
CONVERT(int8_t, s8, INT8_MIN, INT8_MAX, 0) CONVERT(uint8_t, u8, 0, UINT8_MAX, 0)
CONVERT(int16_t, s16, INT16_MIN, INT16_MAX, 0) CONVERT(uint16_t, u16, 0, UINT16_MAX, 0)
CONVERT(int32_t, s32, INT32_MIN, INT32_MAX, 0) CONVERT(uint32_t, u32, 0, UINT32_MAX, 0)
CONVERT(int64_t, s64, INT64_MIN, INT64_MAX, INT64_MIN) CONVERT(uint64_t, u64, 0, UINT64_MAX, 0x8000000000000000u)

/* Functions that a GPU only approximates. The exact value, or, with APPROX_ERROR, one off by the error that the PTX manual allows,
   up or down by chance, so that a tolerance can be shown to suffice before a GPU is seen. */
#if APPROX_ERROR
static inline float off(float y, float x, float error)
{
    uint32_t h = b32(x) * 2654435769u;
    h ^= h >> 15;
    h *= 2246822519u;
    return isfinite(y) && y != 0 ? (h >> 31 ? y + error : y - error) : y;
}
#else
#define off(y, x, error) (y)
#endif
static inline float approx_ex2(float x) { float y = exp2f(x); return off(y, x, y * 0x1p-22f); }
static inline float approx_lg2(float x) { float y = log2f(x); return off(y, x, 0x1p-22f * (x > 0.5f && x < 2.0f ? 1.0f : fabsf(y))); }
static inline float approx_sin(float x) { float y = sinf(x); return off(y, x, 0x1p-20f * fmaxf(1.0f, fabsf(x) / 6.2831853f)); }
static inline float approx_cos(float x) { float y = cosf(x); return off(y, x, 0x1p-20f * fmaxf(1.0f, fabsf(x) / 6.2831853f)); }
static inline float approx_tanh(float x) { float y = tanhf(x); return off(y, x, y * 0x1p-11f); }
static inline float approx_rcp(float x) { float y = 1.0f / x; return off(y, x, y * 0x1p-23f); }
static inline float approx_sqrt(float x) { float y = sqrtf(x); return off(y, x, y * 0x1p-22f); }
static inline float approx_rsqrt(float x) { float y = (float)(1.0 / sqrt((double)x)); return off(y, x, y * 0x1p-22f); }
static inline float approx_div(float x, float z) { float y = x / z; return off(y, x, y * 0x1p-22f); }

static inline uint32_t byte_permute(uint32_t a, uint32_t b, uint32_t selectors)
{
    uint64_t bytes = ((uint64_t)b << 32) | a;
    uint32_t result = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t selector = selectors >> (4 * i), byte = (uint32_t)(bytes >> (8 * (selector & 7))) & 0xFF;
        if (selector & 8) byte = byte & 0x80 ? 0xFF : 0;
        result |= byte << (8 * i);
    }
    return result;
}

static inline uint64_t field_extract(uint64_t a, uint32_t at, uint32_t length, int bits, int is_signed)
{
    at &= 0xFF;
    length &= 0xFF;
    uint64_t result = 0;
    uint32_t last = at + length - 1 < (uint32_t)bits - 1 ? at + length - 1 : (uint32_t)bits - 1;
    int sign = is_signed && length != 0 && ((a >> last) & 1);
    for (uint32_t i = 0; i < (uint32_t)bits; i++)
        result |= (uint64_t)(i < length && at + i < (uint32_t)bits ? (a >> (at + i)) & 1 : (uint64_t)sign) << i;
    return result;
}

static inline uint64_t field_insert(uint64_t a, uint64_t b, uint32_t at, uint32_t length, int bits)
{
    at &= 0xFF;
    length &= 0xFF;
    for (uint32_t i = 0; i < length && at + i < (uint32_t)bits; i++)
        b = (b & ~(1ull << (at + i))) | (((a >> i) & 1) << (at + i));
    return b;
}

static inline uint32_t logic3(uint32_t a, uint32_t b, uint32_t c, uint32_t table)
{
    uint32_t result = 0;
    for (int i = 0; i < 8; i++)
        if (table >> i & 1) result |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
    return result;
}

/* ---- a group ---- */

static inline int stop_kind(const thread_t* t) { return stops[t->state - 1].kind; }

#if STOPS > 0
/* Gives the lanes of a warp, all at the same stop, what they wait for. */
static int __attribute__((unused)) warp_stop(context_t* c, thread_t* lanes, uint32_t count, uint32_t waiting)
{
    thread_t* first = &lanes[__builtin_ctz(waiting)];
    int kind = stop_kind(first), line = stops[first->state - 1].line;
    uint32_t given[WARP] = {0}, flags[WARP] = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (!(waiting >> i & 1)) {
            if (!lanes[i].ended || (first->mask >> i & 1)) return fail(c, &lanes[i], lanes[i].ended ? LEFT : DIVERGED, line, 0, 0);
            continue;
        }
        if (lanes[i].state != first->state) {
            c->other_line = stops[lanes[i].state - 1].line;
            return fail(c, &lanes[i], DIVERGED, line, 0, 0);
        }
        if (kind == WARP_BARRIER) { lanes[i].phase++; continue; }
        uint32_t b = lanes[i].lane & 31, segment = lanes[i].control >> 8 & 31, clamp = lanes[i].control & 31;
        uint32_t last = (i & segment) | (clamp & ~segment & 31), base = i & segment;
        int32_t from = (int32_t)i;
        int inside = 0;
        switch (kind) {
            case SHUFFLE_UP: from -= (int32_t)b; inside = from >= (int32_t)last; break;
            case SHUFFLE_DOWN: from += (int32_t)b; inside = from <= (int32_t)last; break;
            case SHUFFLE_XOR: from ^= (int32_t)b; inside = from <= (int32_t)last; break;
            default: from = (int32_t)(base | (b & ~segment & 31)); inside = from <= (int32_t)last; break;
        }
        if (!inside) from = (int32_t)i;
        if (!(waiting >> from & 1)) return fail(c, &lanes[i], BAD_LANE, line, 0, (uint64_t)from);
        given[i] = lanes[from].value;
        flags[i] = (uint32_t)inside;
    }
    for (uint32_t i = 0; i < count; i++)
        if (waiting >> i & 1 && kind != WARP_BARRIER) lanes[i].value = given[i], lanes[i].flag = flags[i];
    return 0;
}

/* Runs the threads of a group from barrier to barrier. */
static int run_group(context_t* c, thread_t* threads, uint32_t count)
{
    uint32_t warps = (count + WARP - 1) / WARP;
    for (uint64_t phase = 0;; phase++) {
        for (uint32_t w = 0; w < warps; w++) {
            uint32_t from = (c->backward ? warps - 1 - w : w) * WARP, lanes = count - from < WARP ? count - from : WARP;
            uint32_t ready = lanes == WARP ? UINT32_MAX : (1u << lanes) - 1;
            while (ready) {
                uint32_t waiting = 0, held = 0;
                for (uint32_t i = 0; i < lanes; i++) {
                    uint32_t lane = c->backward ? lanes - 1 - i : i;
                    thread_t* t = &threads[from + lane];
                    if (!(ready >> lane & 1) || t->ended) continue;
                    int result = body(c, t);
                    if (result == FAILED) return FAILED;
                    if (result == ENDED) t->ended = 1;
                    else if (stop_kind(t) >= WARP_BARRIER) waiting |= 1u << lane;
                    else held |= 1u << lane;
                }
                if (waiting && warp_stop(c, threads + from, lanes, waiting) == FAILED) return FAILED;
                if (waiting && held) return fail(c, &threads[from + __builtin_ctz(held)], DIVERGED, stops[threads[from + __builtin_ctz(held)].state - 1].line, 0, 0);
                ready = waiting;
            }
        }
        uint32_t ended = 0, total = 0, every = 1, some = 0;
        thread_t* first = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (threads[i].ended) ended++;
            else if (!first) first = &threads[i];
        }
        if (!first) return 0;
        for (uint32_t i = 0; i < count; i++) {
            thread_t* t = &threads[i];
            int line = stops[first->state - 1].line;
            if (t->ended) return fail(c, t, LEFT, line, 0, 0);
            if (t->state != first->state) {
                c->other_line = stops[t->state - 1].line;
                return fail(c, t, DIVERGED, line, 0, 0);
            }
            total += t->flag != 0;
            every &= t->flag != 0;
            some |= t->flag != 0;
        }
        int kind = stop_kind(first);
        for (uint32_t i = 0; i < count; i++) {
            threads[i].phase = (threads[i].phase | 0xFF) + 1; /* above every phase of a warp */
            threads[i].value = kind == BARRIER_COUNT ? total : kind == BARRIER_AND ? every : some;
        }
    }
}
#endif

/* Adds what the threads of a group counted, and empties it. A warp comes through a block as often as the busiest of its lanes: a lower
   bound where lanes take their turns of a loop at different times. */
static void add_counts(context_t* c, uint32_t* counts, uint32_t threads)
{
    for (uint32_t w = 0; w < (threads + WARP - 1) / WARP; w++)
        for (uint32_t b = 0; b < BLOCKS; b++, counts += WARP) {
            uint32_t sum = 0, most = 0;
            for (int i = 0; i < WARP; i++) {
                sum += counts[i];
                most = counts[i] > most ? counts[i] : most;
                counts[i] = 0;
            }
            c->counts[b] += sum;
            c->counts[BLOCKS + b] += most;
        }
}

static inline void start(const context_t* c, thread_t* t, uint32_t* counts, uint64_t group, uint32_t thread)
{
    t->count = counts + thread / WARP * BLOCKS * WARP + thread % WARP;
    t->ctaid[0] = (uint32_t)(group % c->grid[0]);
    t->ctaid[1] = (uint32_t)(group / c->grid[0] % c->grid[1]);
    t->ctaid[2] = (uint32_t)(group / c->grid[0] / c->grid[1]);
    t->tid[0] = thread % c->block[0];
    t->tid[1] = thread / c->block[0] % c->block[1];
    t->tid[2] = thread / c->block[0] / c->block[1];
    t->linear = thread;
    t->state = 0;
    t->ended = 0;
    t->group = group;
    t->phase = 0;
    t->budget = c->budget;
}

int ptx_run(context_t* c)
{
    uint32_t count = c->block[0] * c->block[1] * c->block[2];
    int result = 0;
    uint32_t* counts = calloc((count + WARP - 1) / WARP * BLOCKS * WARP, sizeof *counts);
    if (!counts) return -2;
#if STOPS > 0
    thread_t* threads = aligned_alloc(64, (sizeof(thread_t) * count + 63) / 64 * 64);
    if (!threads) {
        free(counts);
        return -2;
    }
#else
    thread_t one;
    memset(&one, 0, sizeof one);
#endif
    for (uint64_t g = c->groups_from; g < c->groups_to && result == 0; g++) {
        uint64_t group = c->backward ? c->groups_from + c->groups_to - 1 - g : g;
        if (c->shared_bytes) memset(c->shared, 0xCD, c->shared_bytes);
        if (c->shared_shadow) memset(c->shared_shadow, 0, c->shared_bytes * sizeof(shadow_t));
#if STOPS > 0
        for (uint32_t i = 0; i < count; i++) start(c, &threads[i], counts, group, i);
        result = run_group(c, threads, count);
#else
        for (uint32_t i = 0; i < count; i++) {
            start(c, &one, counts, group, c->backward ? count - 1 - i : i);
            if (body(c, &one) == FAILED) { result = FAILED; break; }
        }
#endif
        add_counts(c, counts, count);
    }
#if STOPS > 0
    free(threads);
#endif
    free(counts);
    return result;
}
