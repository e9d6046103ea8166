/* After fork() the child goes on with its copies of the handles and computes what the parent
 * computes. */
#include "pictures.h"
#include <sys/stat.h>
#include <sys/wait.h>

static int pipe_ends[2];
static pid_t child;

/* The child is not waited for longer than a minute. */
static void divide(void) {
  fflush(stdout);
  child = fork();
  if (child == 0) alarm(60);
}

/* Both draw samples. The child sends its own and ends here; the parent compares. */
static void agree(swiftgan_model *m, swiftgan_dataset *data) {
  static float mine[4 * 256], theirs[4 * 256];
  OK(swiftgan_model_sample(m, 4, 1, NULL, mine, 4 * 256, NULL));
  if (child == 0) {
    int whole = write(pipe_ends[1], mine, sizeof mine) == (ssize_t)sizeof mine;
    swiftgan_model_destroy(m);
    swiftgan_dataset_destroy(data);
    _exit(failed || !whole);
  }
  close(pipe_ends[1]);
  size_t got = 0;
  for (ssize_t n;
       got < sizeof theirs && (n = read(pipe_ends[0], (char *)theirs + got, sizeof theirs - got)) > 0;)
    got += (size_t)n;
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", status);
  CHECK(got == sizeof theirs && memcmp(mine, theirs, sizeof mine) == 0, "the child computed other bits");
}

static void between_steps(void) {
  swiftgan_model *m = new_model(image_config);
  float *x = values(64 * 256, 1);
  for (int i = 0; i < 5; i++) OK(swiftgan_model_step(m, x, 64, NULL, NULL, 0, NULL)); /* workers exist now */
  CHECK(pipe(pipe_ends) == 0, "pipe");
  divide();
  for (int i = 0; i < 5; i++) OK(swiftgan_model_step(m, x, 64, NULL, NULL, 0, NULL));
  agree(m, NULL);
  free(x);
  swiftgan_model_destroy(m);
}

static int at_step_three(void *context, uint64_t step, const char *report) {
  (void)context, (void)report;
  if (step == 3) divide();
  return 0;
}

/* A thread of the parent's reads ahead; the child has none, and ends its call without one. */
static void in_a_callback(void) {
  static file_bytes f;
  mkdir(place("pictures"), 0700);
  for (int i = 0; i < 40; i++) {
    unsigned char x[256];
    for (int k = 0; k < 256; k++) x[k] = (unsigned char)(i * 37 + k * (i + 1));
    char name[32];
    snprintf(name, sizeof name, "pictures/%d.png", i);
    picture(&f, 16, 16, 1, x);
    write_file(place(name), f.b, f.n);
  }
  swiftgan_dataset *data = NULL;
  OK(swiftgan_dataset_open(&data, place("pictures"), "{\"memory\": 0}"));
  swiftgan_model *m = new_model(image_config);
  CHECK(pipe(pipe_ends) == 0, "pipe");
  OK(swiftgan_model_train(m, data, 12, "{\"batch\": 16}", at_step_three, NULL));
  agree(m, data);
  swiftgan_model_destroy(m);
  swiftgan_dataset_destroy(data);
}

int main(void) {
  OK(swiftgan_set_threads(2));
  between_steps();
  in_a_callback();
  return finish();
}
