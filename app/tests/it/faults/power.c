/* Keeps what a disk would hold after a power cut: LD_PRELOADed into the program by power.rs.
 *
 * What a program writes stays in the system's memory until it calls fsync or fdatasync; kill -9 does not lose it, a power cut
 * does. So at each sync of something below $POWER_DATA its state goes to $POWER_PLATTER:
 *
 *   inodes/INODE   a file's content when it was synced last
 *   dirs/INODE     a folder's entries when it was synced last, a line each: d or f, mode (octal), inode, name
 *
 * A file that was never synced is empty after the cut, and one whose folder was not synced since is not there. A file's blocks
 * are written in place, so a cut in the middle of a sync leaves some of them old and some new, as on a disk.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096
#define MOST 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* One descriptor of each file that was synced, never closed: closing one would drop the program's locks on the file (POSIX), and
 * while it is open the inode's number is not given to another file. */
static struct {
    ino_t inode;
    int from;
    int to;
} held[MOST];
static int count;

/* What the platter missed would look like a loss: better to end loudly. */
static void give_up(const char *what) {
    fprintf(stderr, "power.c: %s: %s\n", what, strerror(errno));
    abort();
}

static int hold(int fd, ino_t inode, const char *platter) {
    for (int i = 0; i < count; i++)
        if (held[i].inode == inode)
            return i;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (count == MOST)
        give_up("too many files");
    /* The program's own descriptor may be for writing only */
    int from = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "%s/inodes/%lu", platter, (unsigned long)inode);
    int to = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (from < 0 || to < 0)
        give_up(path);
    held[count].inode = inode;
    held[count].from = from;
    held[count].to = to;
    return count++;
}

static ssize_t block(int fd, char *into, off_t at) {
    ssize_t total = 0;
    while (total < BLOCK) {
        ssize_t some = pread(fd, into + total, BLOCK - total, at + total);
        if (some < 0)
            give_up("read");
        if (some == 0)
            break;
        total += some;
    }
    return total;
}

static void keep_file(int fd, ino_t inode, const char *platter) {
    int which = hold(fd, inode, platter);
    int from = held[which].from, to = held[which].to;
    char now[BLOCK], before[BLOCK];
    off_t at = 0;
    ssize_t size;
    while ((size = block(from, now, at)) > 0) {
        if (block(to, before, at) < size || memcmp(now, before, size) != 0)
            if (pwrite(to, now, size, at) != size)
                give_up("write");
        at += size;
        if (size < BLOCK)
            break;
    }
    if (ftruncate(to, at) != 0)
        give_up("truncate");
}

static void keep_folder(int fd, ino_t inode, const char *platter) {
    char path[PATH_MAX], unfinished[PATH_MAX];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    DIR *folder = opendir(path);
    snprintf(path, sizeof path, "%s/dirs/%lu", platter, (unsigned long)inode);
    snprintf(unfinished, sizeof unfinished, "%s/dirs/%lu.%d", platter, (unsigned long)inode, (int)getpid());
    FILE *list = fopen(unfinished, "we");
    if (!folder || !list)
        give_up(path);
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        struct stat is;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (fstatat(dirfd(folder), entry->d_name, &is, AT_SYMLINK_NOFOLLOW) != 0)
            continue; /* It has gone meanwhile */
        fprintf(list, "%c %o %lu %s\n", S_ISDIR(is.st_mode) ? 'd' : 'f', (unsigned)(is.st_mode & 07777), (unsigned long)is.st_ino,
                entry->d_name);
    }
    closedir(folder);
    if (fclose(list) != 0 || rename(unfinished, path) != 0)
        give_up(path);
}

static void keep(int fd) {
    int error = errno;
    const char *data = getenv("POWER_DATA"), *platter = getenv("POWER_PLATTER");
    char link[64], path[PATH_MAX];
    struct stat is;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (data && platter && length > 0 && fstat(fd, &is) == 0) {
        size_t prefix = strlen(data);
        path[length] = 0;
        if (!strncmp(path, data, prefix) && (path[prefix] == '/' || path[prefix] == 0)) {
            pthread_mutex_lock(&lock);
            if (S_ISREG(is.st_mode))
                keep_file(fd, is.st_ino, platter);
            else if (S_ISDIR(is.st_mode))
                keep_folder(fd, is.st_ino, platter);
            pthread_mutex_unlock(&lock);
        }
    }
    errno = error;
}

static int real(const char *name, int fd) {
    int (*call)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (!call)
        give_up(name);
    int result = call(fd);
    if (result == 0)
        keep(fd);
    return result;
}

int fsync(int fd) { return real("fsync", fd); }
int fdatasync(int fd) { return real("fdatasync", fd); }

/* Nothing here may sync by other means: the platter would miss it */
int syncfs(int fd) {
    (void)fd;
    give_up("syncfs is not kept");
    return -1;
}
