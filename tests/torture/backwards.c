/* The clock of the day goes back by a day once the file named by BACKWARDS_ONCE is there; no other
   clock does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BACK = 86400 }; /* seconds */

int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    static int back;

    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, now);
    if (!result && id == CLOCK_REALTIME) {
        const char *file = getenv("BACKWARDS_ONCE");
        if (!back)
            back = file && !access(file, F_OK);
        if (back)
            now->tv_sec -= BACK;
    }
    return result;
}
