/* The host's process is as it was: signal handlers and masks, locale, floating-point mode, working
 * directory, file descriptors, umask, environment; nothing on standard output or error. Results do
 * not depend on the host's mode. */
#include "check.h"
#include <dirent.h>
#include <fenv.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include <xmmintrin.h>

extern char **environ;

static int descriptors(void) {
  DIR *d = opendir("/proc/self/fd");
  int n = 0;
  while (readdir(d)) n++;
  closedir(d);
  return n;
}

static size_t environment(void) {
  size_t n = 0;
  for (char **e = environ; *e; e++) n = n * 31 + strlen(*e);
  return n;
}

/* Creates, trains, samples, saves, loads, fails. */
static void use(float *out) {
  swiftgan_model *m = new_model(image_config), *loaded = NULL;
  float *x = values(16 * 256, 1);
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_from_memory(&d, x, 16, (uint64_t[]){16, 16, 1}, 3, NULL));
  OK(swiftgan_model_train(m, d, 5, "{\"batch\": 16}", NULL, NULL));
  OK(swiftgan_model_sample(m, 4, 1, NULL, out, 4 * 256, NULL));
  OK(swiftgan_model_save(m, place("host.safetensors")));
  OK(swiftgan_model_load(&loaded, place("host.safetensors")));
  OK(swiftgan_write_png(place("host.png"), x, 16, (uint64_t[]){16, 16, 1}, 3, 4));
  EXPECT(SWIFTGAN_ERROR_IO, swiftgan_model_load(&loaded, place("nowhere")), "nowhere");
  free(x);
  swiftgan_model_destroy(m);
  swiftgan_model_destroy(loaded);
  swiftgan_dataset_destroy(d);
}

int main(void) {
  static float plain[4 * 256], odd[4 * 256];
  use(plain);

  const char *wanted = setlocale(LC_ALL, "de_DE.UTF-8") ? "de_DE.UTF-8" : setlocale(LC_ALL, "C.UTF-8");
  char locale[128];
  snprintf(locale, sizeof locale, "%s", wanted ? wanted : setlocale(LC_ALL, NULL));
  struct sigaction before[65], after[65];
  /* 32 and 33 are glibc's own, which sigaction does not show. */
  for (int i = 1; i < 65; i++)
    if (i < 32 || i > 33) sigaction(i, NULL, &before[i]);
  sigset_t mask, mask_after;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  mode_t bits = umask(027);
  char where[512], where_after[512];
  CHECK(getcwd(where, sizeof where) != NULL, "getcwd");
  size_t env = environment();
  fflush(stdout);
  int spoken = open(place("spoken"), O_RDWR | O_CREAT | O_TRUNC, 0600), out = dup(1), err = dup(2);
  int open_before = descriptors();
  dup2(spoken, 1);
  dup2(spoken, 2);
  unsigned mode = 0x1f80 | 0x8040 | 0x6000; /* flush to zero, denormals are zero, round toward zero */
  _mm_setcsr(mode);
  use(odd);
  unsigned mode_after = _mm_getcsr();
  _mm_setcsr(0x1f80);
  long said = lseek(spoken, 0, SEEK_END);
  fflush(stdout);
  dup2(out, 1);
  dup2(err, 2);

  CHECK((mode_after & ~0x3fu) == mode, "floating-point mode was %x, is %x", mode, mode_after);
  CHECK(fegetround() == FE_TONEAREST, "rounding");
  CHECK(said == 0, "%ld bytes were written to stdout or stderr", said);
  CHECK(descriptors() == open_before, "descriptors: %d, now %d", open_before, descriptors());
  CHECK(umask(bits) == 027, "umask");
  CHECK(getcwd(where_after, sizeof where) && strcmp(where, where_after) == 0, "now in %s", where_after);
  CHECK(environment() == env, "environment");
  CHECK(strcmp(setlocale(LC_ALL, NULL), locale) == 0, "locale %s, was %s", setlocale(LC_ALL, NULL), locale);
  sigprocmask(SIG_BLOCK, NULL, &mask_after);
  for (int i = 1; i < 65; i++) {
    if (i == 32 || i == 33) continue;
    sigaction(i, NULL, &after[i]);
    CHECK(before[i].sa_handler == after[i].sa_handler, "handler of signal %d", i);
    CHECK(sigismember(&mask, i) == sigismember(&mask_after, i), "mask of signal %d", i);
  }
  CHECK(memcmp(plain, odd, sizeof plain) == 0, "results depend on the host's floating-point mode or locale");
  return finish();
}
