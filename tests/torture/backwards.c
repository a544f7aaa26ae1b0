/* The clock of the day goes back by a day a while after the program began; no other clock does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

enum { AFTER = 3, BACK = 86400 }; /* seconds */

int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    static time_t began;
    struct timespec running;

    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    real(CLOCK_MONOTONIC, &running);
    if (!began)
        began = running.tv_sec;
    int result = real(id, now);
    if (!result && id == CLOCK_REALTIME && running.tv_sec - began >= AFTER)
        now->tv_sec -= BACK;
    return result;
}
