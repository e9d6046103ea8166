/* After fork() the child goes on with its copies of the handles and computes what the parent computes. */
#include "check.h"
#include <sys/wait.h>

int main(void) {
  OK(swiftgan_set_threads(2));
  swiftgan_model *m = new_model(image_config);
  float *x = values(64 * 256, 1);
  for (int i = 0; i < 5; i++) OK(swiftgan_model_step(m, x, 64, NULL, NULL, 0, NULL)); /* workers exist now */
  int pipe_ends[2];
  CHECK(pipe(pipe_ends) == 0, "pipe");
  fflush(stdout);
  pid_t child = fork();
  for (int i = 0; i < 5; i++) OK(swiftgan_model_step(m, x, 64, NULL, NULL, 0, NULL));
  static float mine[4 * 256], theirs[4 * 256];
  OK(swiftgan_model_sample(m, 4, 1, NULL, mine, 4 * 256, NULL));
  if (child == 0) {
    int whole = write(pipe_ends[1], mine, sizeof mine) == (ssize_t)sizeof mine;
    swiftgan_model_destroy(m);
    _exit(failed || !whole);
  }
  close(pipe_ends[1]);
  size_t got = 0;
  for (ssize_t n;
       got < sizeof theirs && (n = read(pipe_ends[0], (char *)theirs + got, sizeof theirs - got)) > 0;)
    got += (size_t)n;
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", status);
  CHECK(got == sizeof theirs && memcmp(mine, theirs, sizeof mine) == 0, "the child computed other bits");
  free(x);
  swiftgan_model_destroy(m);
  return finish();
}
