// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.
//
// Preloaded into a process (LD_PRELOAD), this counts its calls of the C library that change files below a folder,
// over all threads, and kills the process (SIGKILL) before or after one of them. Programs that the process starts
// are left alone.
//
//   KILL_AT_FOLDER  the folder, an absolute path without symbolic links
//   KILL_AT_CALL    the number of the call, from 1; 0 only counts
//   KILL_AT_AFTER   "1" to kill after the call instead of before it
//   KILL_AT_LOG     a file outside the folder that gets one line for each call before it is made

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FICLONE_REQUEST 0x40049409UL /* linux/fs.h */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char folder[PATH_MAX];
static size_t folder_length = 0;
static long target = 0;
static int kill_after = 0;
static int log_descriptor = -1;
static atomic_long calls = 0;

__attribute__((constructor)) static void read_settings(void) {
  const char *root = getenv("KILL_AT_FOLDER");
  const char *call = getenv("KILL_AT_CALL");
  const char *after = getenv("KILL_AT_AFTER");
  const char *log = getenv("KILL_AT_LOG");
  if (log != NULL) log_descriptor = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (call != NULL) target = atol(call);
  if (after != NULL) kill_after = after[0] == '1';
  if (root != NULL && strlen(root) < sizeof(folder)) {
    strcpy(folder, root);
    folder_length = strlen(folder);
  }
  unsetenv("LD_PRELOAD");
  unsetenv("KILL_AT_FOLDER");
  unsetenv("KILL_AT_CALL");
  unsetenv("KILL_AT_AFTER");
  unsetenv("KILL_AT_LOG");
}

static int is_below(const char *path) {
  return folder_length > 0 && strncmp(path, folder, folder_length) == 0 &&
         (path[folder_length] == '/' || path[folder_length] == '\0');
}

static int descriptor_path(int descriptor, char *path) {
  char link[64];
  if (descriptor == AT_FDCWD) strcpy(link, "/proc/self/cwd");
  else snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return 1;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Counts a call that concerns a path; returns its number, or 0 for one outside the folder. */
static long begin_path(const char *name, const char *path) {
  if (!is_below(path)) return 0;
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (log_descriptor >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof(line), "%s %s\n", name, path);
    if (length > 0 && (size_t)length < sizeof(line)) syscall(SYS_write, log_descriptor, line, (size_t)length);
  }
  if (number == target && !kill_after) die();
  return number;
}

static long begin_at(const char *name, int directory, const char *path) {
  if (folder_length == 0 || path == NULL) return 0;
  if (path[0] == '/') return begin_path(name, path);
  char full[2 * PATH_MAX];
  if (!descriptor_path(directory, full) || strlen(path) >= PATH_MAX) return 0;
  strcat(full, "/");
  strcat(full, path);
  return begin_path(name, full);
}

static long begin_descriptor(const char *name, int descriptor) {
  char path[PATH_MAX];
  return folder_length > 0 && descriptor_path(descriptor, path) ? begin_path(name, path) : 0;
}

static void end(long number) {
  if (number != 0 && number == target && kill_after) die();
}

#define FINISH(type, number, call) \
  do {                             \
    type result = (call);          \
    end(number);                   \
    return result;                 \
  } while (0)

static int writes(int flags) {
  return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

#define READ_MODE                         \
  mode_t mode = 0;                        \
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list arguments;                    \
    va_start(arguments, flags);           \
    mode = va_arg(arguments, mode_t);     \
    va_end(arguments);                    \
  }

#define OPEN(name)                                                         \
  int name(const char *path, int flags, ...) {                             \
    READ_MODE                                                              \
    long number = writes(flags) ? begin_at(#name, AT_FDCWD, path) : 0;     \
    FINISH(int, number, REAL(name)(path, flags, mode));                    \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                       \
  int name(int directory, const char *path, int flags, ...) {              \
    READ_MODE                                                              \
    long number = writes(flags) ? begin_at(#name, directory, path) : 0;    \
    FINISH(int, number, REAL(name)(directory, path, flags, mode));         \
  }
OPENAT(openat)
OPENAT(openat64)

#define ON_PATH(type, name, parameters, arguments)      \
  type name parameters {                                \
    long number = begin_at(#name, AT_FDCWD, path);      \
    FINISH(type, number, REAL(name) arguments);         \
  }
ON_PATH(int, creat, (const char *path, mode_t mode), (path, mode))
ON_PATH(int, creat64, (const char *path, mode_t mode), (path, mode))
ON_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode))
ON_PATH(int, rmdir, (const char *path), (path))
ON_PATH(int, unlink, (const char *path), (path))
ON_PATH(int, remove, (const char *path), (path))
ON_PATH(int, truncate, (const char *path, off_t length), (path, length))
ON_PATH(int, truncate64, (const char *path, off64_t length), (path, length))
ON_PATH(int, chmod, (const char *path, mode_t mode), (path, mode))
ON_PATH(int, mkstemp, (char *path), (path))
ON_PATH(int, mkstemp64, (char *path), (path))
ON_PATH(char *, mkdtemp, (char *path), (path))
ON_PATH(int, symlink, (const char *to, const char *path), (to, path))

#define AT_PATH(name, parameters, arguments)            \
  int name parameters {                                 \
    long number = begin_at(#name, directory, path);     \
    FINISH(int, number, REAL(name) arguments);          \
  }
AT_PATH(mkdirat, (int directory, const char *path, mode_t mode), (directory, path, mode))
AT_PATH(unlinkat, (int directory, const char *path, int flags), (directory, path, flags))
AT_PATH(symlinkat, (const char *to, int directory, const char *path), (to, directory, path))
AT_PATH(fchmodat, (int directory, const char *path, mode_t mode, int flags), (directory, path, mode, flags))

/* A move or link counts by where it leads, and by where it comes from if that alone lies in the folder. */
static long begin_pair(const char *name, int from_directory, const char *from, int directory, const char *path) {
  long number = begin_at(name, directory, path);
  return number != 0 ? number : begin_at(name, from_directory, from);
}

int rename(const char *from, const char *path) {
  long number = begin_pair("rename", AT_FDCWD, from, AT_FDCWD, path);
  FINISH(int, number, REAL(rename)(from, path));
}

int renameat(int from_directory, const char *from, int directory, const char *path) {
  long number = begin_pair("renameat", from_directory, from, directory, path);
  FINISH(int, number, REAL(renameat)(from_directory, from, directory, path));
}

int renameat2(int from_directory, const char *from, int directory, const char *path, unsigned int flags) {
  long number = begin_pair("renameat2", from_directory, from, directory, path);
  FINISH(int, number, REAL(renameat2)(from_directory, from, directory, path, flags));
}

int link(const char *from, const char *path) {
  long number = begin_at("link", AT_FDCWD, path);
  FINISH(int, number, REAL(link)(from, path));
}

int linkat(int from_directory, const char *from, int directory, const char *path, int flags) {
  long number = begin_at("linkat", directory, path);
  FINISH(int, number, REAL(linkat)(from_directory, from, directory, path, flags));
}

#define FOPEN(name)                                                                    \
  FILE *name(const char *path, const char *mode) {                                     \
    long number = strpbrk(mode, "wa+") != NULL ? begin_at(#name, AT_FDCWD, path) : 0;  \
    FINISH(FILE *, number, REAL(name)(path, mode));                                    \
  }
FOPEN(fopen)
FOPEN(fopen64)

#define ON_DESCRIPTOR(type, name, parameters, arguments)     \
  type name parameters {                                     \
    long number = begin_descriptor(#name, descriptor);       \
    FINISH(type, number, REAL(name) arguments);              \
  }
ON_DESCRIPTOR(ssize_t, write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
ON_DESCRIPTOR(ssize_t, pwrite, (int descriptor, const void *bytes, size_t count, off_t offset),
              (descriptor, bytes, count, offset))
ON_DESCRIPTOR(ssize_t, pwrite64, (int descriptor, const void *bytes, size_t count, off64_t offset),
              (descriptor, bytes, count, offset))
ON_DESCRIPTOR(ssize_t, writev, (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))
ON_DESCRIPTOR(ssize_t, pwritev, (int descriptor, const struct iovec *parts, int count, off_t offset),
              (descriptor, parts, count, offset))
ON_DESCRIPTOR(ssize_t, pwritev64, (int descriptor, const struct iovec *parts, int count, off64_t offset),
              (descriptor, parts, count, offset))
ON_DESCRIPTOR(int, ftruncate, (int descriptor, off_t length), (descriptor, length))
ON_DESCRIPTOR(int, ftruncate64, (int descriptor, off64_t length), (descriptor, length))
ON_DESCRIPTOR(int, fallocate, (int descriptor, int mode, off_t offset, off_t length),
              (descriptor, mode, offset, length))
ON_DESCRIPTOR(int, fallocate64, (int descriptor, int mode, off64_t offset, off64_t length),
              (descriptor, mode, offset, length))
ON_DESCRIPTOR(int, posix_fallocate, (int descriptor, off_t offset, off_t length), (descriptor, offset, length))
ON_DESCRIPTOR(int, posix_fallocate64, (int descriptor, off64_t offset, off64_t length),
              (descriptor, offset, length))
ON_DESCRIPTOR(int, fsync, (int descriptor), (descriptor))
ON_DESCRIPTOR(int, fdatasync, (int descriptor), (descriptor))
ON_DESCRIPTOR(int, syncfs, (int descriptor), (descriptor))
ON_DESCRIPTOR(int, fchmod, (int descriptor, mode_t mode), (descriptor, mode))
ON_DESCRIPTOR(int, futimens, (int descriptor, const struct timespec times[2]), (descriptor, times))
ON_DESCRIPTOR(ssize_t, sendfile, (int descriptor, int from, off_t *offset, size_t count),
              (descriptor, from, offset, count))
ON_DESCRIPTOR(ssize_t, sendfile64, (int descriptor, int from, off64_t *offset, size_t count),
              (descriptor, from, offset, count))

ssize_t copy_file_range(int from, off64_t *from_offset, int descriptor, off64_t *offset, size_t count,
                        unsigned int flags) {
  long number = begin_descriptor("copy_file_range", descriptor);
  FINISH(ssize_t, number, REAL(copy_file_range)(from, from_offset, descriptor, offset, count, flags));
}

int ioctl(int descriptor, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  long number = request == FICLONE_REQUEST ? begin_descriptor("ioctl", descriptor) : 0;
  FINISH(int, number, REAL(ioctl)(descriptor, request, argument));
}

/* libuv asks the kernel for copy_file_range directly. */
long syscall(long call, ...) {
  va_list list;
  va_start(list, call);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
  long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  long number = call == SYS_copy_file_range ? begin_descriptor("copy_file_range", (int)c) : 0;
  FINISH(long, number, REAL(syscall)(call, a, b, c, d, e, f));
}
