/* Limits on a process's addresses, from none left to plenty: every call ends in OK or NOMEM, and a
 * failed step changes nothing. */
#include "check.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <zlib.h>

enum { IMAGES = 300, SIDE = 28, FLOATS = SIDE * SIDE };

static const char *const config = "{\"data\": {\"shape\": [28, 28, 1]}, \"latent\": {\"size\": 8},"
                                  " \"generator\": {\"preset\": \"dcgan\", \"width\": 8},"
                                  " \"discriminator\": {\"preset\": \"dcgan\", \"width\": 8}}";

static size_t addresses(void) {
  unsigned long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f || fscanf(f, "%lu", &pages) != 1) pages = 0;
  if (f) fclose(f);
  return pages * 4096;
}

/* OpenBLAS's threads take 128 MiB each when the library is loaded; until then nothing is
 * limited. */
static void settle(void) {
  size_t before = 0;
  for (int i = 0; i < 100 && before != addresses(); i++) {
    before = addresses();
    nanosleep(&(struct timespec){0, 200000000}, NULL);
  }
}

static int refused, served;
static void expect(swiftgan_status s, const char *what) {
  CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_NOMEM, "%s: %s (%s)", what, swiftgan_status_name(s),
        swiftgan_last_error());
  if (s == SWIFTGAN_OK) served++;
  else refused++;
}

static void open_all(const char *path, const char *options) {
  swiftgan_dataset *d = NULL;
  swiftgan_status s = swiftgan_dataset_open(&d, path, options);
  expect(s, path);
  CHECK((s == SWIFTGAN_OK) == (d != NULL), "%s: a handle without OK, or none", path);
  swiftgan_dataset_destroy(d);
}

/* Everything is the caller's already, so that only the library asks for memory. */
static struct {
  swiftgan_model *model;
  swiftgan_dataset *data, *in_file;
  float *samples, *out, *before, *after;
  char *report;
} host;
static char npy[600], gz[600], saved[600], png[600];

static void read_weights(float *to) {
  CHECK(swiftgan_model_tensor_read(host.model, "generator.0.weight", to, 8 * 49 * 16) <= 0, "a status");
}

static void use(void) {
  swiftgan_model *m = NULL;
  expect(swiftgan_model_create(&m, config), "create");
  swiftgan_model_destroy(m);
  swiftgan_status s = swiftgan_model_step(host.model, host.samples, 64, NULL, host.report, 1 << 16, NULL);
  expect(s, "step");
  expect(swiftgan_model_sample(host.model, IMAGES, 1, NULL, host.out, IMAGES * FLOATS, NULL), "sample");
  expect(swiftgan_model_discriminate(host.model, host.samples, IMAGES, NULL, host.out, IMAGES),
         "discriminate");
  expect(swiftgan_evaluate(host.model, host.data, "{\"count\": 60, \"ridge\": 1, \"features\": \"pixels\"}",
                           host.report, 1 << 16, NULL),
         "evaluate");
  expect(swiftgan_model_train(host.model, host.in_file, 2, "{\"batch\": 16}", NULL, NULL), "train");
  expect(swiftgan_model_save(host.model, saved), "save");
  m = NULL;
  s = swiftgan_model_load(&m, saved);
  expect(s, "load");
  swiftgan_model_destroy(m);
  expect(swiftgan_write_png(png, host.samples, IMAGES, (uint64_t[]){SIDE, SIDE, 1}, 3, 10), "write_png");
  expect(swiftgan_model_export(host.model, png, "{\"format\": \"onnx\", \"network\": \"generator\"}"),
         "export");
  open_all("ring", "{\"count\": 200000}");
  open_all("grid", NULL);
  open_all(npy, NULL);
  open_all(gz, NULL);
}

static void under(size_t mebibytes) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(100);
    failed = passed = 0;
    size_t now = addresses();
    struct rlimit r = {now + (mebibytes << 20), RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &r);
    use();
    setrlimit(RLIMIT_AS, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    /* With memory again all of it works. */
    int before = refused;
    if (mebibytes < 16) use();
    CHECK(refused == before, "%d calls are refused after the limit has gone", refused - before);
    if (mebibytes == 0) CHECK(before > 0 && served > 0, "%d refused, %d served", before, served);
    if (mebibytes >= 2000) CHECK(refused == 0, "%d calls are refused with 2 GB", refused);
    fflush(stdout);
    _exit(failed != 0);
  }
  int status;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%zu MiB: the child ended with %x", mebibytes, status);
}

/* A step that fails at any limit leaves the weights as they were. */
static void steps(void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(100);
    failed = 0;
    float *large = values(2000 * FLOATS, 2);
    read_weights(host.before);
    for (size_t m = 0; m < 400; m += m < 64 ? 4 : 48) {
      size_t now = addresses();
      setrlimit(RLIMIT_AS, &(struct rlimit){now + (m << 20), RLIM_INFINITY});
      swiftgan_status s = swiftgan_model_step(host.model, large, 2000, NULL, NULL, 0, NULL);
      setrlimit(RLIMIT_AS, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
      if (s == SWIFTGAN_OK) break;
      expect(s, "step");
      read_weights(host.after);
      CHECK(!memcmp(host.before, host.after, 8 * 49 * 16 * sizeof(float)), "the weights moved");
    }
    CHECK(refused > 0, "no step was refused");
    fflush(stdout);
    _exit(failed != 0);
  }
  int status;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "steps: the child ended with %x", status);
}

static void write_npy(void) {
  static const char head[] = "{'descr':'<f4','fortran_order':False,'shape':(300,28,28)}";
  size_t n = sizeof head - 1;
  FILE *f = fopen(npy, "wb");
  if (!f) return;
  fwrite("\x93NUMPY\1\0", 1, 8, f);
  fputc((int)n, f), fputc(0, f);
  fwrite(head, 1, n, f);
  fwrite(host.samples, 4, IMAGES * FLOATS, f);
  fclose(f);
}

static void write_gz(const char *path, int images, size_t bytes) {
  gzFile f = gzopen(path, "wb9");
  unsigned char head[16] = {0, 0,    8, 3, 0, 0,   (unsigned char)(images >> 8), (unsigned char)images, 0, 0,
                            0, SIDE, 0, 0, 0, SIDE};
  static unsigned char zeros[1 << 20];
  gzwrite(f, head, 16);
  for (size_t n; bytes; bytes -= n)
    gzwrite(f, zeros, (unsigned)(n = bytes < sizeof zeros ? bytes : sizeof zeros));
  gzclose(f);
}

/* 300 MB of zeros behind a header of ten images: no more is unpacked than the header says. */
static void longer_than_its_header(void) {
  const char *path = place("longer-idx3-ubyte.gz");
  write_gz(path, 10, (size_t)300 << 20);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(60);
    setrlimit(RLIMIT_AS, &(struct rlimit){addresses() + ((size_t)48 << 20), RLIM_INFINITY});
    swiftgan_dataset *d = NULL;
    swiftgan_status s = swiftgan_dataset_open(&d, path, NULL);
    int right = s == SWIFTGAN_ERROR_FORMAT && strstr(swiftgan_last_error(), "longer than its header says");
    if (!right) printf("%s: %s\n", swiftgan_status_name(s), swiftgan_last_error());
    fflush(stdout);
    _exit(!right);
  }
  int status;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "longer: the child ended with %x", status);
}

int main(void) {
  settle();
  snprintf(npy, sizeof npy, "%s", place("data.npy"));
  snprintf(gz, sizeof gz, "%s", place("data-idx3-ubyte.gz"));
  snprintf(saved, sizeof saved, "%s", place("model.safetensors"));
  snprintf(png, sizeof png, "%s", place("samples.png"));
  host.samples = values(IMAGES * FLOATS, 1);
  host.out = malloc(IMAGES * FLOATS * sizeof(float));
  host.before = malloc(8 * 49 * 16 * sizeof(float));
  host.after = malloc(8 * 49 * 16 * sizeof(float));
  host.report = malloc(1 << 16);
  write_npy();
  write_gz(gz, 2000, (size_t)2000 * FLOATS);
  host.model = new_model(config);
  OK(swiftgan_model_step(host.model, host.samples, 64, NULL, NULL, 0, NULL));
  OK(swiftgan_model_save(host.model, saved));
  OK(swiftgan_dataset_from_memory(&host.data, host.samples, IMAGES, (uint64_t[]){SIDE, SIDE, 1}, 3, NULL));
  OK(swiftgan_dataset_open(&host.in_file, npy, "{\"memory\": 0}"));
  static const size_t limits[] = {0,  1,  4,  11, 12, 13, 14, 15,  16,  18,  20,
                                  24, 28, 32, 40, 48, 64, 96, 160, 200, 400, 2000};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) under(limits[i]);
  steps();
  longer_than_its_header();
  return finish();
}
