/* Several threads under one limit on addresses: what one is told that it can have, the others leave
 * to it, so that every call ends in OK or NOMEM. */
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { THREADS = 4, ROUNDS = 60, COUNT = 300000, STEP = 256 * 28 * 28 };

static const char *const config = "{\"data\": {\"shape\": [28, 28, 1]}, \"latent\": {\"size\": 8},"
                                  " \"generator\": {\"preset\": \"dcgan\", \"width\": 8},"
                                  " \"discriminator\": {\"preset\": \"dcgan\", \"width\": 8}}";
static float *samples;
static int32_t labels[COUNT];
static atomic_int served, refused, wrong;

static void count(swiftgan_status s) {
  if (s == SWIFTGAN_OK) {
    served++;
  } else if (s == SWIFTGAN_ERROR_NOMEM) {
    refused++;
  } else {
    wrong++;
    printf("%s: %s\n", swiftgan_status_name(s), swiftgan_last_error());
  }
}

/* Arrays of labels beside tensors, models, steps: blocks of every kind and size. */
static void *use(void *number) {
  swiftgan_model *m = NULL;
  swiftgan_inputs inputs = {.size = sizeof inputs, .labels = labels};
  for (size_t i = 0; i < ROUNDS; i++) {
    swiftgan_dataset *d = NULL;
    switch ((i + (size_t)number) % 4) {
    case 0:
      count(swiftgan_dataset_open(&d, "ring", "{\"count\": 300000}"));
      break;
    case 1:
      count(swiftgan_dataset_open(&d, "grid", "{\"count\": 200000}"));
      break;
    case 2:
      count(swiftgan_dataset_from_memory(&d, samples, COUNT, (uint64_t[]){1}, 1, &inputs));
      break;
    default:
      if (!m) count(swiftgan_model_create(&m, config));
      if (m) count(swiftgan_model_step(m, samples, 8u << (i / 4 % 6), NULL, NULL, 0, NULL));
      if (i % 8 == 7) swiftgan_model_destroy(m), m = NULL;
    }
    swiftgan_dataset_destroy(d);
  }
  swiftgan_model_destroy(m);
  return NULL;
}

static size_t addresses(void) {
  unsigned long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f || fscanf(f, "%lu", &pages) != 1) pages = 0;
  if (f) fclose(f);
  return pages * 4096;
}

/* In a child, which a shortage that nobody noticed would end. */
static void under(size_t mebibytes) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(100);
    pthread_t threads[THREADS];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    size_t limit = addresses() + ((THREADS + mebibytes) << 20);
    setrlimit(RLIMIT_AS, &(struct rlimit){limit, RLIM_INFINITY});
    int made = 0;
    while (made < THREADS && !pthread_create(&threads[made], &attributes, use, (void *)(uintptr_t)made))
      made++;
    for (int i = 0; i < made; i++) pthread_join(threads[i], NULL);
    /* Each of the threads leaves 12 MiB to what cannot be checked; with 14 all four may refuse each
     * other. */
    int failed = made < THREADS || wrong || (mebibytes >= 20 && !served) || (mebibytes < 20 && !refused);
    if (failed) printf("%d threads, %d served, %d refused, %d wrong\n", made, served, refused, wrong);
    fflush(stdout);
    _exit(failed);
  }
  int status;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%zu MiB: the child ended with %x", mebibytes, status);
}

int main(void) {
  samples = values(COUNT > STEP ? COUNT : STEP, 1);
  /* Less than the 64 MiB that the C library takes, where there are so many, at a thread's first
   * allocation. */
  for (size_t mebibytes = 14; mebibytes < 56; mebibytes += 4) under(mebibytes);
  free(samples);
  return finish();
}
