/* A disk with faults, preloaded into a process: of what is done to files below DISK_ROOT it counts every operation that
 * changes the disk, fails some, kills the process before one, and keeps a record from which the state after a power cut
 * can be told. The clock of the wall can be moved too. What it does is read from the file DISK_CONTROL, which is mapped,
 * so that it can be changed while the process runs; see disk.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE, SYNC, RENAME, REMOVE, MAKE_FOLDER, CREATE, OPEN, CLOSE };

struct control {
    int64_t count, fail_from, fail_until, error, partial, kill_at, records, clock_seconds;
};

struct header {
    int32_t kind, descriptor;
    int64_t process, offset, first, second;
};

#define MOST_DESCRIPTORS 4096
static struct control *control;
static char root[PATH_MAX];
static int record_file = -1;
static char below_root[MOST_DESCRIPTORS];

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("DISK_ROOT"), *path = getenv("DISK_CONTROL"), *record = getenv("DISK_RECORD");
    if (!folder || !path) return;
    strncpy(root, folder, sizeof root - 1);
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    syscall(SYS_close, file);
    if (mapped != MAP_FAILED) control = mapped;
    if (record) record_file = (int)syscall(SYS_openat, AT_FDCWD, record, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
}

static void note(int kind, int descriptor, int64_t offset, const void *first, int64_t first_length, const char *second) {
    if (!control || !control->records || record_file < 0) return;
    struct header header = {kind, descriptor, getpid(), offset, first_length, second ? (int64_t)strlen(second) : 0};
    struct iovec parts[3] = {{&header, sizeof header}, {(void *)first, (size_t)first_length},
                             {(void *)second, (size_t)header.second}};
    syscall(SYS_writev, record_file, parts, 3);
}

/* Whether the operation that is about to be done fails; 2 where half of a write is to be done before. */
static int fails(void) {
    int64_t number = ++control->count;
    if (control->kill_at && number == control->kill_at) kill(getpid(), SIGKILL);
    if (!control->fail_from || number < control->fail_from || number > control->fail_until) return 0;
    errno = (int)control->error;
    return control->partial && number == control->fail_from ? 2 : 1;
}

/* The absolute path; 0 where it is not below the root. */
static int resolve(int folder, const char *path, char *whole) {
    if (!control || !path) return 0;
    if (path[0] == '/') {
        snprintf(whole, PATH_MAX, "%s", path);
    } else {
        char link[64], base[PATH_MAX];
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return 0;
        base[length] = 0;
        if (snprintf(whole, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
    }
    size_t length = strlen(root);
    return !strncmp(whole, root, length) && (whole[length] == '/' || !whole[length]);
}

static int is_ours(int file) { return control && file >= 0 && file < MOST_DESCRIPTORS && below_root[file]; }

static int open_at(int folder, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    if (!resolve(folder, path, whole)) return (int)syscall(SYS_openat, folder, path, flags, mode);
    struct stat status;
    int is_new = (flags & O_CREAT) && lstat(whole, &status);
    int cuts = !is_new && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY;
    if ((is_new || cuts) && fails()) return -1;
    int file = (int)syscall(SYS_openat, folder, path, flags, mode);
    if (file >= 0 && file < MOST_DESCRIPTORS) {
        below_root[file] = 1;
        note(is_new ? CREATE : OPEN, file, cuts, whole, (int64_t)strlen(whole), NULL);
    }
    return file;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) { MODE(flags); return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags); return open_at(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags); return open_at(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags); return open_at(folder, path, flags, mode); }

int close(int file) {
    if (is_ours(file)) {
        below_root[file] = 0;
        note(CLOSE, file, 0, NULL, 0, NULL);
    }
    return (int)syscall(SYS_close, file);
}

static ssize_t write_at(int file, const void *data, size_t length, int64_t offset, int moves) {
    int fault = fails();
    if (fault == 1 || (fault == 2 && length < 2)) return -1;
    if (fault == 2) length /= 2;
    int flags = fcntl(file, F_GETFL);
    struct stat status;
    if (flags & O_APPEND && !fstat(file, &status)) offset = status.st_size;
    ssize_t done = moves ? syscall(SYS_write, file, data, length) : syscall(SYS_pwrite64, file, data, length, offset);
    if (done > 0) note(WRITE, file, offset, data, done, NULL);
    return done;
}

ssize_t write(int file, const void *data, size_t length) {
    if (!is_ours(file)) return syscall(SYS_write, file, data, length);
    return write_at(file, data, length, lseek(file, 0, SEEK_CUR), 1);
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    if (!is_ours(file)) return syscall(SYS_pwrite64, file, data, length, offset);
    return write_at(file, data, length, offset, 0);
}

ssize_t pwrite64(int file, const void *data, size_t length, off_t offset) { return pwrite(file, data, length, offset); }

int ftruncate(int file, off_t length) {
    if (is_ours(file) && fails()) return -1;
    int done = (int)syscall(SYS_ftruncate, file, length);
    if (!done && is_ours(file)) note(TRUNCATE, file, length, NULL, 0, NULL);
    return done;
}

int ftruncate64(int file, off_t length) { return ftruncate(file, length); }

static int sync_by(long call, int file) {
    if (is_ours(file) && fails()) return -1;
    int done = (int)syscall(call, file);
    if (!done && is_ours(file)) note(SYNC, file, 0, NULL, 0, NULL);
    return done;
}

int fsync(int file) { return sync_by(SYS_fsync, file); }
int fdatasync(int file) { return sync_by(SYS_fdatasync, file); }

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    char before[PATH_MAX], after[PATH_MAX];
    int ours = resolve(from_folder, from, before) && resolve(to_folder, to, after);
    if (ours && fails()) return -1;
    int done = (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
    if (!done && ours) note(RENAME, -1, 0, before, (int64_t)strlen(before), after);
    return done;
}

int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int folder, const char *path, int flags) {
    char whole[PATH_MAX];
    int ours = resolve(folder, path, whole);
    struct stat status;
    if (ours && !lstat(whole, &status) && fails()) return -1;
    int done = (int)syscall(SYS_unlinkat, folder, path, flags);
    if (!done && ours) note(REMOVE, -1, 0, whole, (int64_t)strlen(whole), NULL);
    return done;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
    char whole[PATH_MAX];
    int ours = resolve(folder, path, whole);
    struct stat status;
    if (ours && lstat(whole, &status) && fails()) return -1;
    int done = (int)syscall(SYS_mkdirat, folder, path, mode);
    if (!done && ours) note(MAKE_FOLDER, -1, 0, whole, (int64_t)strlen(whole), NULL);
    return done;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int done = real(clock, now);
    if (!done && control && clock == CLOCK_REALTIME) now->tv_sec += control->clock_seconds;
    return done;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
