/* After the tenth step a training step takes nothing from the system: malloc's heap does not grow
 * and nothing is mapped. The system calls are counted by the kernel, through ptrace: the child
 * trains, the parent watches its calls. */
#include "check.h"
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

/* getppid marks the places: the first begins the counting, the second ends it. */
static void child(const char *config, size_t size) {
  swiftgan_set_threads(1); /* one thread, so that the parent sees every call; workers only compute */
  swiftgan_model *m = NULL;
  if (swiftgan_model_create(&m, config)) _exit(1);
  float *x = values(32 * size, 1);
  char report[1024];
  ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  raise(SIGSTOP);
  for (int i = 0; i < 40; i++) {
    if (i == 10) syscall(SYS_getppid);
    if (swiftgan_model_step(m, x, 32, NULL, report, sizeof report, NULL)) _exit(2);
  }
  syscall(SYS_getppid);
  _exit(0);
}

static void count(const char *name, const char *config, size_t size) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) child(config, size);
  int status, marks = 0, entering = 1;
  long calls = 0, memory = 0;
  waitpid(pid, &status, 0);
  ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (;;) {
    ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    waitpid(pid, &status, 0);
    if (WIFEXITED(status) || WIFSIGNALED(status)) break;
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    if (entering) {
      struct user_regs_struct r;
      ptrace(PTRACE_GETREGS, pid, NULL, &r);
      long call = (long)r.orig_rax;
      if (call == SYS_getppid) {
        marks++;
      } else if (marks == 1) {
        calls++;
        memory += call == SYS_mmap || call == SYS_brk || call == SYS_munmap || call == SYS_mremap ||
                  call == SYS_madvise;
      }
    }
    entering = !entering;
  }
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: the child ended with %x", name, status);
  CHECK(marks == 2, "%s: %d marks", name, marks);
  CHECK(memory == 0, "%s: %ld calls for memory in 30 steps", name, memory);
  CHECK(calls == 0, "%s: %ld system calls in 30 steps", name, calls);
}

int main(void) {
  count("mlp", ring_config, 2);
  count("dcgan16", image_config, 256);
  count("dcgan28",
        "{\"data\": {\"shape\": [28, 28, 1]}, \"generator\": {\"preset\": \"dcgan\", \"width\": 16},"
        " \"discriminator\": {\"preset\": \"dcgan\", \"width\": 16}}",
        28 * 28);
  return finish();
}
