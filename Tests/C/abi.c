/* The interface that programs were built against, kept: every stable function with its types, every
 * value, every layout. A stable declaration of swiftgan.h that is changed or removed breaks this
 * file's compilation, its linking or its checks. Lines are only ever added; run.sh finds a stable
 * function that is missing here. */
#include "check.h"
#include <stddef.h>

typedef int32_t swiftgan_status;
typedef void (*swiftgan_log_fn)(void *, int32_t, const char *);
typedef int32_t (*swiftgan_progress_fn)(void *, uint64_t, const char *);

uint32_t swiftgan_abi(void);
const char *swiftgan_version(void);
const char *swiftgan_status_name(int32_t);
const char *swiftgan_last_error(void);
int32_t swiftgan_set_threads(int32_t);
int32_t swiftgan_set_log(swiftgan_log_fn, void *);
int32_t swiftgan_model_create(swiftgan_model **, const char *);
int32_t swiftgan_model_load(swiftgan_model **, const char *);
int32_t swiftgan_model_save(swiftgan_model *, const char *);
void swiftgan_model_destroy(swiftgan_model *);
int32_t swiftgan_model_config(swiftgan_model *, char *, size_t, size_t *);
int32_t swiftgan_model_step(swiftgan_model *, const float *, size_t, const swiftgan_inputs *, char *, size_t,
                            size_t *);
int32_t swiftgan_model_train(swiftgan_model *, swiftgan_dataset *, uint64_t, const char *,
                             swiftgan_progress_fn, void *);
int32_t swiftgan_model_sample(swiftgan_model *, size_t, uint64_t, const swiftgan_inputs *, float *, size_t,
                              size_t *);
int32_t swiftgan_model_discriminate(swiftgan_model *, const float *, size_t, const swiftgan_inputs *, float *,
                                    size_t);
int32_t swiftgan_model_classify(swiftgan_model *, const float *, size_t, float *, size_t, size_t *);
int32_t swiftgan_model_density_ratio(swiftgan_model *, const float *, size_t, const swiftgan_inputs *,
                                     float *, size_t);
int32_t swiftgan_model_tensor_count(swiftgan_model *, size_t *);
int32_t swiftgan_model_tensor_info(swiftgan_model *, size_t, const char **, const uint64_t **, size_t *);
int32_t swiftgan_model_tensor_read(swiftgan_model *, const char *, float *, size_t);
int32_t swiftgan_model_tensor_write(swiftgan_model *, const char *, const float *, size_t);
int32_t swiftgan_dataset_open(swiftgan_dataset **, const char *, const char *);
int32_t swiftgan_dataset_from_memory(swiftgan_dataset **, const float *, size_t, const uint64_t *, size_t,
                                     const swiftgan_inputs *);
int32_t swiftgan_dataset_info(swiftgan_dataset *, char *, size_t, size_t *);
int32_t swiftgan_dataset_read(swiftgan_dataset *, size_t, size_t, float *, size_t, int32_t *);
void swiftgan_dataset_destroy(swiftgan_dataset *);
int32_t swiftgan_evaluate(swiftgan_model *, swiftgan_dataset *, const char *, char *, size_t, size_t *);
int32_t swiftgan_write_png(const char *, const float *, size_t, const uint64_t *, size_t, size_t);

#define FUNCTION(name)                                                                                       \
  { #name, (void (*)(void))name }
static const struct {
  const char *name;
  void (*address)(void);
} functions[] = {
    FUNCTION(swiftgan_abi),
    FUNCTION(swiftgan_version),
    FUNCTION(swiftgan_status_name),
    FUNCTION(swiftgan_last_error),
    FUNCTION(swiftgan_set_threads),
    FUNCTION(swiftgan_set_log),
    FUNCTION(swiftgan_model_create),
    FUNCTION(swiftgan_model_load),
    FUNCTION(swiftgan_model_save),
    FUNCTION(swiftgan_model_destroy),
    FUNCTION(swiftgan_model_config),
    FUNCTION(swiftgan_model_step),
    FUNCTION(swiftgan_model_train),
    FUNCTION(swiftgan_model_sample),
    FUNCTION(swiftgan_model_discriminate),
    FUNCTION(swiftgan_model_classify),
    FUNCTION(swiftgan_model_density_ratio),
    FUNCTION(swiftgan_model_tensor_count),
    FUNCTION(swiftgan_model_tensor_info),
    FUNCTION(swiftgan_model_tensor_read),
    FUNCTION(swiftgan_model_tensor_write),
    FUNCTION(swiftgan_dataset_open),
    FUNCTION(swiftgan_dataset_from_memory),
    FUNCTION(swiftgan_dataset_info),
    FUNCTION(swiftgan_dataset_read),
    FUNCTION(swiftgan_dataset_destroy),
    FUNCTION(swiftgan_evaluate),
    FUNCTION(swiftgan_write_png),
};

#define STATUS(value, name)                                                                                  \
  do {                                                                                                       \
    CHECK(name == (value), "found %d", name);                                                                \
    CHECK(strcmp(swiftgan_status_name(value), #name) == 0, "found %s", swiftgan_status_name(value));         \
  } while (0)

#define FIELD(place, type, name)                                                                             \
  CHECK(offsetof(swiftgan_inputs, name) == (place) && sizeof((swiftgan_inputs){0}.name) == sizeof(type),     \
        "found at %zu", offsetof(swiftgan_inputs, name))

int main(void) {
  CHECK(SWIFTGAN_ABI == 1, "a new ABI begins this list anew");
  CHECK(swiftgan_abi() == 1, "found %u", swiftgan_abi());
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    CHECK(functions[i].address != NULL, "%s", functions[i].name);

  STATUS(0, SWIFTGAN_OK);
  STATUS(-1, SWIFTGAN_ERROR_ARGUMENT);
  STATUS(-2, SWIFTGAN_ERROR_HANDLE);
  STATUS(-3, SWIFTGAN_ERROR_BUSY);
  STATUS(-4, SWIFTGAN_ERROR_BUFFER_TOO_SMALL);
  STATUS(-5, SWIFTGAN_ERROR_CONFIG);
  STATUS(-6, SWIFTGAN_ERROR_FORMAT);
  STATUS(-7, SWIFTGAN_ERROR_TRUNCATED);
  STATUS(-8, SWIFTGAN_ERROR_CHECKSUM);
  STATUS(-9, SWIFTGAN_ERROR_UNSUPPORTED);
  STATUS(-10, SWIFTGAN_ERROR_LIMIT);
  STATUS(-11, SWIFTGAN_ERROR_MISMATCH);
  STATUS(-12, SWIFTGAN_ERROR_IO);
  STATUS(-13, SWIFTGAN_ERROR_NOMEM);
  STATUS(-14, SWIFTGAN_ERROR_DIVERGED);
  STATUS(-15, SWIFTGAN_ERROR_CANCELLED);
  STATUS(-16, SWIFTGAN_ERROR_INTERNAL);
  CHECK(SWIFTGAN_LOG_NOTICE == 1 && SWIFTGAN_LOG_WARNING == 2, "levels of the log");

  /* Fields may be added at the end; programs that were built before say a smaller size. */
  FIELD(0, size_t, size);
  FIELD(8, const int32_t *, labels);
  FIELD(16, const float *, latents);
  FIELD(24, const float *, conditions);
  FIELD(32, size_t, condition_size);
  CHECK(sizeof(swiftgan_inputs) == 40, "found %zu", sizeof(swiftgan_inputs));

  /* Such a program: its struct ends before condition_size. */
  struct {
    size_t size;
    const int32_t *labels;
    const float *latents, *conditions;
  } before = {32, (const int32_t[]){0, 1}, NULL, NULL};
  swiftgan_dataset *data = NULL;
  char info[512];
  OK(swiftgan_dataset_from_memory(&data, (const float[]){1, 2, 3, 4}, 2, (const uint64_t[]){2}, 1,
                                  (const swiftgan_inputs *)&before));
  OK(swiftgan_dataset_info(data, info, sizeof info, NULL));
  CHECK(strstr(info, "\"classes\":2") != NULL, "%s", info);
  swiftgan_dataset_destroy(data);
  return finish();
}
