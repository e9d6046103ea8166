/* Saving is atomic and durable: killed at any moment, out of space or without permission, the old
 * file or the new one is there, whole, and nothing else. */
#include "check.h"
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int files_in(const char *folder) {
  int n = 0;
  DIR *d = opendir(folder);
  for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
  closedir(d);
  return n;
}

static void killed(void) {
  for (int i = 0; i < 30; i++) {
    fflush(stdout);
    int ready[2];
    CHECK(pipe(ready) == 0, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
      swiftgan_model *m = NULL;
      float x[16] = {0};
      if (swiftgan_model_create(&m, ring_config)) _exit(1);
      for (int step = 0;; step++) {
        swiftgan_model_step(m, x, 8, NULL, NULL, 0, NULL);
        if (swiftgan_model_save(m, place("killed"))) _exit(2);
        if (step == 0 && write(ready[1], "!", 1) != 1) _exit(3);
      }
    }
    char mark;
    CHECK(read(ready[0], &mark, 1) == 1, "the child did not begin");
    close(ready[0]);
    close(ready[1]);
    usleep((useconds_t)(rand() % 20000));
    kill(pid, SIGKILL);
    int status;
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status), "the child ended with %x", status);
    swiftgan_model *m = NULL;
    OK(swiftgan_model_load(&m, place("killed")));
    swiftgan_model_destroy(m);
  }
}

/* Writers that are the first process of their container each, and killed while they save: the next
 * one, of the same process id, removes what they left. Without the right to make containers,
 * ordinary processes. */
static void killed_in_containers(void) {
  swiftgan_model *m =
      new_model("{\"data\": {\"shape\": [16]}, \"generator\": {\"preset\": \"mlp\", \"width\": 300},"
                " \"discriminator\": {\"preset\": \"mlp\", \"width\": 300}}");
  mkdir(place("container"), 0700);
  int left = 0, most = 0;
  for (int i = 0; i < 20; i++) {
    fflush(stdout);
    int ready[2];
    CHECK(pipe(ready) == 0, "pipe");
    pid_t outer = fork();
    if (outer == 0) {
      if (unshare(CLONE_NEWPID) != 0 && errno != EPERM) _exit(1);
      pid_t inner = fork();
      if (inner == 0)
        for (;;)
          if (swiftgan_model_save(m, place("container/m"))) _exit(2);
      if (write(ready[1], &inner, sizeof inner) != sizeof inner) _exit(3);
      _exit(waitpid(inner, NULL, 0) != inner);
    }
    pid_t inner = 0;
    CHECK(read(ready[0], &inner, sizeof inner) == sizeof inner && inner > 0, "the writer did not begin");
    close(ready[0]);
    close(ready[1]);
    usleep((useconds_t)(20000 + rand() % 20000));
    kill(inner, SIGKILL);
    waitpid(outer, NULL, 0);
    left = files_in(place("container"));
    if (left > most) most = left;
  }
  CHECK(most <= 2, "%d files beside each other", most);
  OK(swiftgan_model_save(m, place("container/m")));
  CHECK(files_in(place("container")) == 1, "%d files are left", files_in(place("container")));
  swiftgan_model_destroy(m);
}

/* Two processes that save to the same path: whoever is last wins, whole. */
static void two_writers(void) {
  pid_t pids[2];
  swiftgan_model *m = new_model(ring_config);
  OK(swiftgan_model_save(m, place("shared")));
  fflush(stdout);
  for (int p = 0; p < 2; p++) {
    pids[p] = fork();
    if (pids[p]) continue;
    int wrong = 0;
    for (int i = 0; i < 50; i++) wrong |= swiftgan_model_save(m, place("shared"));
    _exit(wrong != 0);
  }
  for (int i = 0; i < 100; i++) {
    swiftgan_model *read = NULL;
    OK(swiftgan_model_load(&read, place("shared")));
    swiftgan_model_destroy(read);
  }
  for (int p = 0; p < 2; p++) {
    int status;
    waitpid(pids[p], &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "writer %d ended with %x", p, status);
  }
  swiftgan_model_destroy(m);
}

/* A failed save: IO, the old file as it was, no other file left. */
static void refused(swiftgan_model *m, const char *path, const char *folder, const char *why) {
  int before = files_in(folder);
  swiftgan_status s = swiftgan_model_save(m, path);
  CHECK(s == SWIFTGAN_ERROR_IO, "%s gave %s: %s", why, swiftgan_status_name(s), swiftgan_last_error());
  CHECK(files_in(folder) == before, "%s left a file behind", why);
}

static void without_room(void) {
  swiftgan_model *m = new_model(ring_config), *old = NULL;
  OK(swiftgan_model_save(m, place("full")));
  OK(swiftgan_model_step(m, (float[16]){0}, 8, NULL, NULL, 0, NULL));
  struct rlimit before, small = {4096, RLIM_INFINITY};
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  refused(m, place("full"), getenv("FOLDER"), "no room");
  float *image = values(64 * 64, 1);
  EXPECT(SWIFTGAN_ERROR_IO, swiftgan_write_png(place("full.png"), image, 1, (uint64_t[]){64, 64}, 2, 1),
         "full.png");
  CHECK(access(place("full.png"), F_OK) != 0, "half a picture was left");
  free(image);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_DFL);
  OK(swiftgan_model_load(&old, place("full")));
  CHECK(!same(old, m), "the old file is not the old one");
  OK(swiftgan_model_save(m, place("full")));
  swiftgan_model_destroy(old);
  swiftgan_model_destroy(m);
}

static void wrong_places(void) {
  swiftgan_model *m = new_model(ring_config);
  const char *folder = getenv("FOLDER");
  refused(m, place("no/such/folder/m"), folder, "missing folder");
  refused(m, folder, folder, "a directory");
  refused(m, "/proc/m", folder, "/proc");
  mkdir(place("kept"), 0700);
  refused(m, place("kept"), folder, "a directory that exists");
  CHECK(access(place("kept"), F_OK) == 0, "the directory is gone");
  if (geteuid() != 0) {
    mkdir(place("locked"), 0500);
    refused(m, place("locked/m"), folder, "a folder without permission");
  }
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_save(m, ""), "path");

  /* A link stays one; what it points to is replaced. Permissions follow the umask. */
  OK(swiftgan_model_save(m, place("target")));
  CHECK(symlink(place("target"), place("link")) == 0, "symlink");
  OK(swiftgan_model_step(m, (float[16]){0}, 8, NULL, NULL, 0, NULL));
  OK(swiftgan_model_save(m, place("link")));
  swiftgan_model *through = NULL;
  OK(swiftgan_model_load(&through, place("link")));
  CHECK(same(through, m), "saved through a link");
  swiftgan_model_destroy(through);
  struct stat st;
  mode_t mask = umask(022);
  OK(swiftgan_model_save(m, place("readable")));
  umask(mask);
  CHECK(stat(place("readable"), &st) == 0 && (st.st_mode & 0777) == 0644, "mode %o", st.st_mode & 0777);
  swiftgan_model_destroy(m);
}

/* With little memory left: an error, not an end. */
static void without_memory(void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    swiftgan_model *small = new_model(image_config), *large = NULL;
    float *x = values(8 * 256, 1);
    OK(swiftgan_model_step(small, x, 8, NULL, NULL, 0, NULL));
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld", &pages) != 1) _exit(9);
    fclose(f);
    rlim_t now = (rlim_t)pages * 4096;
    struct rlimit r = {now + (64 << 20), now + (64 << 20)};
    setrlimit(RLIMIT_AS, &r);
    EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_model_create(&large, "{\"data\": {\"shape\": [64, 64, 3]}}"),
           "memory");
    size_t n = 200000;
    float *out = malloc(4), *samples = malloc(4);
    EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_model_step(small, x, n, NULL, NULL, 0, NULL), "memory");
    EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_model_sample(small, n, 1, NULL, out, n * 256, NULL), "memory");
    swiftgan_dataset *d = NULL;
    EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_dataset_open(&d, "ring", "{\"count\": 100000000}"), "memory");
    OK(swiftgan_model_step(small, x, 8, NULL, NULL, 0, NULL));
    free(out);
    free(samples);
    fflush(stdout);
    _exit(failed != 0);
  }
  int status;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", status);
}

int main(void) {
  killed();
  killed_in_containers();
  two_writers();
  without_room();
  wrong_places();
  without_memory();
  return finish();
}
