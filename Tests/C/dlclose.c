/* A host that loads the library as a plugin and unloads it, while threads that used it live on:
 * nothing of the library's may be run after it has gone. dlclose path/to/libswiftgan.so */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int (*create_fn)(void **, const char *);
typedef int (*step_fn)(void *, const float *, size_t, const void *, char *, size_t, size_t *);
typedef int (*threads_fn)(int);
typedef void (*destroy_fn)(void *);

static void *library;
static sem_t used, unloaded;

/* Trains on several threads and sees an error. */
static int use(void) {
  create_fn create = (create_fn)dlsym(library, "swiftgan_model_create");
  step_fn step = (step_fn)dlsym(library, "swiftgan_model_step");
  threads_fn set_threads = (threads_fn)dlsym(library, "swiftgan_set_threads");
  destroy_fn destroy = (destroy_fn)dlsym(library, "swiftgan_model_destroy");
  static const float samples[512 * 2];
  void *model = NULL;
  int wrong = set_threads(3) || create(&model, "{\"data\": {\"shape\": [2]}}");
  for (int i = 0; i < 3 && !wrong; i++) wrong = step(model, samples, 512, NULL, NULL, 0, NULL);
  destroy(model);
  return wrong || create(&model, "{") == 0;
}

static void *thread(void *argument) {
  *(int *)argument = use();
  sem_post(&used);
  sem_wait(&unloaded);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  for (int round = 0; round < 3; round++) {
    library = dlopen(argv[1], RTLD_NOW);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
    pthread_t id;
    int wrong = 0;
    sem_init(&used, 0, 0);
    sem_init(&unloaded, 0, 0);
    if (pthread_create(&id, NULL, thread, &wrong)) return 1;
    sem_wait(&used);
    if (wrong) return fprintf(stderr, "round %d: a call failed\n", round), 1;
    if (dlclose(library)) return fprintf(stderr, "%s\n", dlerror()), 1;
    /* The handlers of fork() are called, too. */
    int status;
    pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, &status, 0);
    if (status) return fprintf(stderr, "round %d: the child ended with %x\n", round, status), 1;
    sem_post(&unloaded);
    pthread_join(id, NULL);
  }
  puts("fine");
  return 0;
}
