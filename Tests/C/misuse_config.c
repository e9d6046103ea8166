/* Broken and impossible configurations: the status, and what the message must name. */
#include "check.h"
#include <time.h>

#define DATA "\"data\": {\"shape\": [2]}"
#define IMAGE "\"data\": {\"shape\": [16, 16, 1]}"
#define FORMAT SWIFTGAN_ERROR_FORMAT
#define CONFIG SWIFTGAN_ERROR_CONFIG
#define LIMIT SWIFTGAN_ERROR_LIMIT

static const struct {
  const char *config;
  swiftgan_status status;
  const char *words;
} rows[] = {
    /* not JSON */
    {"", FORMAT, "line 1"},
    {"{", FORMAT, "line 1"},
    {"{" DATA ",}", FORMAT, "line 1"},
    {"{" DATA "} {}", FORMAT, "line 1"},
    {"{\n" DATA ",\n\"seed\": 01}", FORMAT, "line 3"},
    {"{" DATA ", \"seed\": NaN}", FORMAT, "line 1"},
    {"{" DATA ", \"seed\": 1e999}", FORMAT, "line 1"},
    {"{" DATA ", \"objective\": \"\\ud800\"}", FORMAT, "line 1"},
    {"{" DATA ", \"objective\": \"a\\u0000b\"}", FORMAT, "line 1"},
    {"{" DATA ", \"seed\": 1, \"seed\": 2}", FORMAT, "seed"},
    {"{" DATA ", \"seed\": 99999999999999999999999}", FORMAT, "line 1"},
    {"{" DATA ", \"objective\": \"\xff\"}", SWIFTGAN_ERROR_ARGUMENT, "UTF-8"},
    /* not the object that is wanted */
    {"[]", CONFIG, "object"},
    {"{}", CONFIG, "data"},
    {"{\"data\": {}}", CONFIG, "data.shape"},
    {"{\"data\": 5}", CONFIG, "data"},
    {"{\"data\": {\"shape\": 2}}", CONFIG, "data.shape"},
    {"{\"data\": {\"shape\": []}}", CONFIG, "data.shape"},
    {"{\"data\": {\"shape\": [0]}}", CONFIG, "data.shape[0]"},
    {"{\"data\": {\"shape\": [-2]}}", CONFIG, "data.shape[0]"},
    {"{\"data\": {\"shape\": [1.5]}}", CONFIG, "data.shape[0]"},
    {"{\"data\": {\"shape\": [\"2\"]}}", CONFIG, "data.shape[0]"},
    {"{\"data\": {\"shape\": [2, 2, 2, 2]}}", CONFIG, "1 to 3"},
    {"{\"data\": {\"shape\": [2], \"range\": [1, -1]}}", CONFIG, "data.range"},
    {"{\"data\": {\"shape\": [2], \"range\": [1]}}", CONFIG, "data.range"},
    {"{\"data\": {\"shpae\": [2]}}", CONFIG, "data.shape"},
    /* unknown keys, with the nearest known one */
    {"{" DATA ", \"genrator\": \"mlp\"}", CONFIG, "\"generator\""},
    {"{" DATA ", \"latent\": {\"sise\": 4}}", CONFIG, "\"size\""},
    {"{" DATA ", \"optimizer\": {\"adm\": {}}}", CONFIG, "\"adam\""},
    {"{" DATA ", \"optimizer\": {\"adam\": {\"beta_1\": 0.5}}}", CONFIG, "\"beta1\""},
    {"{" DATA ", \"objective\": \"minmax\"}", CONFIG, "minimax"},
    {"{" DATA ", \"objective\": \"f_gan\"}", CONFIG, "divergence"},
    {"{" DATA ", \"objective\": {\"fgan\": {}}}", CONFIG, "\"f_gan\""},
    {"{" DATA ", \"objective\": {\"f_gan\": {}}}", CONFIG, "objective.f_gan.divergence: missing"},
    {"{" DATA ", \"objective\": {\"f_gan\": {\"divergence\": \"pearsons\"}}}", CONFIG,
     "did you mean \"pearson\""},
    {"{" DATA ", \"objective\": {\"f_gan\": {\"divergence\": \"kl\", \"generator\": \"x\"}}}", CONFIG,
     "saturating"},
    {"{" DATA ", \"objective\": {\"f_gan\": {\"divergence\": \"kl\"}}, \"label_smoothing\": {\"real\": 0.1}}",
     CONFIG, "label_smoothing: f_gan"},
    /* augmentation, packing, settings that change over the steps, layers and presets of today's
     * games */
    {"{" DATA ", \"augment\": {\"policy\": \"flip\"}}", CONFIG, "augment.policy: changes images"},
    {"{" IMAGE ", \"augment\": {\"policy\": \"colour\"}}", CONFIG, "unknown operation \"colour\""},
    {"{" IMAGE ", \"augment\": {\"policy\": \"flip\", \"probability\": 2}}", CONFIG, "augment.probability"},
    {"{" IMAGE ", \"augment\": {\"policy\": \"flip\", \"target\": 0.6}, \"objective\": \"wasserstein\"}",
     CONFIG, "a score without a bound"},
    {"{" DATA ", \"packing\": 65}", CONFIG, "packing: expected 1...64, found 65"},
    {"{\"data\": {\"shape\": [2], \"classes\": 2}, \"packing\": 2, \"labels\": {\"mode\": \"conditional\"}}",
     CONFIG, "packing"},
    {"{" DATA ", \"clip_weights\": -1}", CONFIG, "clip_weights: expected"},
    {"{" DATA ", \"average\": {\"half_life\": \"long\"}}", CONFIG, "average.half_life"},
    {"{" DATA ", \"penalties\": {\"r1\": {\"weight\": {\"cosine\": {\"start\": 1, \"end\": 2}}}}}", CONFIG,
     "penalties.r1.weight.cosine.steps: missing"},
    {"{" DATA ", \"penalties\": {\"r1\": {\"weight\": 1, \"approximate\": 0}}}", CONFIG,
     "penalties.r1.approximate"},
    {"{" IMAGE ", \"discriminator\": {\"layers\": [{\"conv\": {\"channels\": 3, \"groups\": 2}}]}}", CONFIG,
     "conv.groups"},
    {"{" IMAGE ", \"discriminator\": {\"layers\": [\"spectral_norm\"]}}", CONFIG,
     "expected one of \"dense\""},
    {"{\"data\": {\"shape\": [30, 30, 1]}, \"generator\": \"r3gan\"}", CONFIG,
     "the preset r3gan needs images"},
    {"{" IMAGE ", \"generator\": {\"preset\": \"r3gan\", \"width\": 12}}", CONFIG, "a width that 8 divides"},
    /* costs, penalties, paths, pairs */
    {"{" DATA ", \"objective\": \"wasserstien\"}", CONFIG, "did you mean \"wasserstein\""},
    {"{" DATA ", \"objective\": {\"least_squares\": {\"a\": 1, \"b\": 1}}}", CONFIG, "least_squares.b"},
    {"{" DATA ", \"objective\": {\"least_squares\": {\"a\": 1e9}}}", CONFIG, "least_squares.a"},
    {"{" DATA ", \"objective\": \"hinge\", \"label_smoothing\": {\"real\": 0.1}}", CONFIG,
     "hinge has no targets"},
    {"{\"data\": {\"shape\": [2], \"classes\": 3}, \"objective\": \"relativistic\", \"labels\": {\"mode\": "
     "\"semi_supervised\"}}",
     CONFIG, "which relativistic cannot use"},
    {"{" DATA ", \"penalties\": {\"r1\": -1}}", CONFIG, "penalties.r1: expected 0.0...1000000.0, found -1.0"},
    {"{" DATA ", \"penalties\": {\"r2\": {\"weight\": 1, \"every\": 0}}}", CONFIG, "penalties.r2.every"},
    {"{" DATA ", \"penalties\": {\"r2\": {\"every\": 2}}}", CONFIG, "penalties.r2.weight: missing"},
    {"{" DATA ", \"penalties\": {\"gradient_penality\": 1}}", CONFIG, "did you mean \"gradient_penalty\""},
    {"{" DATA ", \"discriminators\": {\"generator\": \"mlp\"}}", CONFIG,
     "discriminators.generator: expected a name"},
    {"{" DATA ", \"discriminators\": {\"x\": {\"layers\": [{\"dense\": 2}]}}}", CONFIG,
     "discriminators.x: expected one logit"},
    {"{" DATA ", \"penalties\": 5}", CONFIG, "penalties: expected an object"},
    {"{" DATA ", \"penalties\": {\"r1\": 1}, \"discriminator\": {\"layers\": [{\"embedding\": {\"classes\": "
     "3, \"size\": 2}}, \"flatten\", {\"dense\": 1}]}}",
     CONFIG, "penalties.r1: the output of discriminator has no derivative by its samples"},
    {"{\"data\": {\"shape\": [2], \"classes\": 3}, \"labels\": {\"mode\": \"conditional\"}, \"generator\": "
     "{\"layers\": [{\"skip\": [{\"input\": \"lables\"}]}, {\"dense\": 2}]}}",
     CONFIG, "generator.layers[0].skip[0]: unknown input \"lables\"; expected one of"},
    {"{" DATA ", \"generator\": {\"layers\": [{\"input\": \"condition\"}, {\"dense\": 2}]}}", CONFIG,
     "something to condition on"},
    {"{" IMAGE
     ", \"discriminator\": {\"layers\": [{\"skip\": [{\"average_pool\": 2}]}, \"flatten\", {\"dense\": 1}]}}",
     CONFIG, "given [16, 16, 1], made [8, 8, 1]"},
    {"{" DATA ", \"generator\": {\"layers\": [{\"skip\": 3}]}}", CONFIG, "generator.layers[0].skip"},
    {"{\"data\": {\"shape\": [2], \"conditions\": [2, 0]}}", CONFIG, "data.conditions[1]"},
    {"{\"data\": {\"shape\": [2], \"conditions\": [2000, 2000]}}", LIMIT, "data.conditions"},
    {"{\"family\": \"lapgan\", \"data\": {\"shape\": [2]}}", CONFIG, "a pyramid is of images"},
    {"{\"family\": \"lapgan\", " IMAGE ", \"lapgan\": {\"levels\": [{}, {\"seed\": 1}]}}", CONFIG,
     "lapgan.levels[1].seed"},
    {"{" DATA ", \"latent\": {\"distribution\": \"gaussian\"}}", CONFIG, "truncated_normal"},
    {"{" DATA ", \"schedule\": {\"discriminator_steps\": 0}}", CONFIG, "schedule.discriminator_steps"},
    {"{" DATA ", \"schedule\": {\"generator_steps\": -1}}", CONFIG, "schedule.generator_steps"},
    {"{" DATA ", \"generator\": {\"layers\": [{\"gaussian_noise\": -1}]}}", CONFIG,
     "layers[0].gaussian_noise.deviation"},
    {"{" DATA ", \"instance_noise\": -1}", CONFIG, "instance_noise"},
    {"{" DATA ", \"instance_noise\": {\"step\": 4}}", CONFIG, "\"steps\""},
    {"{" DATA ", \"label_flipping\": 0.6}", CONFIG, "label_flipping"},
    {"{" DATA ", \"historical_averaging\": \"a\"}", CONFIG, "historical_averaging"},
    {"{" DATA ", \"reference_batch\": 1}", CONFIG, "reference_batch"},
    {"{" DATA ", \"replay\": {\"capacity\": -1}}", CONFIG, "replay.capacity"},
    {"{" DATA ", \"replay\": {\"capacity\": 9}, \"schedule\": {\"update\": \"simultaneous\"}}", CONFIG,
     "alternating"},
    {"{" DATA ", \"generator\": {\"layers\": [{\"reference_norm\": \"self\"}]}}", CONFIG, "\"sample\""},
    {"{" DATA ", \"generator\": {\"layers\": [\"reference_norm\", \"batch_norm\", {\"dense\": 2}]}}", CONFIG,
     "one kind of normalization"},
    {"{" DATA ", \"generator\": \"dcgann\"}", CONFIG, "dcgan"},
    {"{" DATA ", \"generator\": {\"layers\": [\"rellu\"]}}", CONFIG, "generator.layers[0]"},
    {"{" DATA ", \"generator\": {\"layers\": [{\"dense\": {\"unit\": 2}}]}}", CONFIG,
     "generator.layers[0].dense.units: missing; found \"unit\""},
    {"{" DATA ", \"schedule\": {\"update\": \"both\"}}", CONFIG, "simultaneous"},
    /* values out of range */
    {"{" DATA ", \"latent\": {\"size\": 0}}", CONFIG, "latent.size"},
    {"{" DATA ", \"latent\": {\"size\": -1}}", CONFIG, "latent.size"},
    {"{" DATA ", \"latent\": {\"size\": 1.5}}", CONFIG, "latent.size"},
    {"{" DATA ", \"optimizer\": {\"adam\": {\"learning_rate\": -1}}}", CONFIG,
     "optimizer.adam.learning_rate"},
    {"{" DATA ", \"optimizer\": {\"adam\": {\"beta1\": 1}}}", CONFIG, "optimizer.adam.beta1"},
    {"{" DATA ", \"optimizer\": {\"sgd\": {\"learning_rate\": \"fast\"}}}", CONFIG,
     "optimizer.sgd.learning_rate"},
    {"{" DATA ", \"optimizer\": {\"adam\": {}, \"sgd\": {}}}", CONFIG, "optimizer"},
    {"{" DATA ", \"optimizer\": {\"generator\": {\"adam\": {}}, \"adam\": {}}}", CONFIG,
     "set optimizer.generator.adam"},
    {"{" DATA ", \"optimizer\": {\"adam\": {\"clip_norm\": 0}}}", CONFIG, "clip_norm"},
    {"{" DATA ", \"learning_rate\": {\"linear\": {}}}", CONFIG, "learning_rate.linear.steps"},
    {"{" DATA ", \"average\": 1}", CONFIG, "average"},
    {"{" DATA ", \"average\": -0.1}", CONFIG, "average"},
    {"{" DATA ", \"seed\": -1}", CONFIG, "seed"},
    {"{" DATA ", \"label_smoothing\": {\"real\": 0.6}}", CONFIG, "label_smoothing.real"},
    {"{" DATA ", \"schedule\": {\"discriminator_steps\": 0}}", CONFIG, "schedule.discriminator_steps"},
    {"{" DATA ", \"generator\": {\"preset\": \"mlp\", \"depth\": 0}}", CONFIG, "generator.depth"},
    {"{" DATA ", \"generator\": {\"layers\": []}}", CONFIG, "generator"},
    /* networks that do not fit */
    {"{" DATA ", \"generator\": {\"layers\": [{\"dense\": 3}]}}", CONFIG, "generator"},
    {"{" DATA ", \"discriminator\": {\"layers\": [{\"dense\": 2}]}}", CONFIG, "discriminator"},
    {"{" DATA ", \"discriminator\": {\"layers\": [{\"dense\": 4}, \"relu\", {\"dense\": 4}, {\"conv\": 3}]}}",
     CONFIG, "discriminator.layers[3]"},
    {"{" DATA ", \"discriminator\": {\"layers\": [{\"dense\": 4}, {\"reshape\": [5]}]}}", CONFIG, "[4]"},
    {"{" IMAGE ", \"discriminator\": {\"layers\": [{\"conv\": {\"channels\": 4, \"kernel\": 20, \"padding\": "
     "\"valid\"}}]}}",
     CONFIG, "discriminator.layers[0]"},
    {"{" IMAGE ", \"discriminator\": {\"layers\": [{\"average_pool\": 20}]}}", CONFIG,
     "discriminator.layers[0]"},
    {"{" IMAGE ", \"discriminator\": {\"layers\": [{\"residual\": [{\"conv\": 4}]}]}}", CONFIG,
     "discriminator.layers[0]"},
    {"{" DATA ", \"generator\": \"dcgan\"}", CONFIG, "8 to 512"},
    {"{\"data\": {\"shape\": [7, 20, 1]}}", CONFIG, "[7, 20, 1]"},
    {"{\"data\": {\"shape\": [16, 513, 1]}}", CONFIG, "[16, 513, 1]"},
    /* too large: refused at once, whatever the machine */
    {"{\"data\": {\"shape\": [2147483647, 2147483647, 2147483647]}, \"generator\": \"mlp\"}", LIMIT,
     "data.shape"},
    {"{" DATA ", \"generator\": {\"preset\": \"mlp\", \"width\": 1048576}}", LIMIT, "generator"},
    {"{" IMAGE ", \"generator\": {\"layers\": [{\"dense\": 16777216}, {\"dense\": 16777216}]}}", LIMIT,
     "generator"},
};

static void from_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    swiftgan_model *m = NULL;
    swiftgan_status s = swiftgan_model_create(&m, rows[i].config);
    CHECK(s == rows[i].status, "%s\n  gave %s: %s", rows[i].config, swiftgan_status_name(s),
          swiftgan_last_error());
    CHECK(s == 0 || strstr(swiftgan_last_error(), rows[i].words), "%s\n  no \"%s\" in: %s", rows[i].config,
          rows[i].words, swiftgan_last_error());
    CHECK(m == NULL, "%s gave a model", rows[i].config);
    if (m) swiftgan_model_destroy(m);
  }
}

/* A text that is `head`, n times `middle`, `tail`. */
static char *repeated(const char *head, const char *middle, size_t n, const char *tail) {
  size_t a = strlen(head), b = strlen(middle), c = strlen(tail);
  char *text = malloc(a + n * b + c + 1);
  memcpy(text, head, a);
  for (size_t i = 0; i < n; i++) memcpy(text + a + i * b, middle, b);
  memcpy(text + a + n * b, tail, c + 1);
  return text;
}

static void large_texts(void) {
  swiftgan_model *m = NULL;
  struct {
    const char *head, *middle;
    size_t n;
    const char *tail;
    swiftgan_status status;
  } texts[] = {
      {"{" DATA ", \"generator\": ", "[", 1000000, "", FORMAT},
      {"{" DATA ", \"generator\": {\"layers\": ", "[{\"residual\": ", 5000, "", FORMAT},
      {"{" DATA ", \"objective\": \"", "x", 10 << 20, "\"}", CONFIG},
      {"{" DATA ", \"", "x", 10 << 20, "\": 1}", CONFIG},
      {"{" DATA ", \"seed\": 0.", "1", 1 << 20, "}", CONFIG},
      {"{" DATA, "  ", 10 << 20, "}", SWIFTGAN_OK},
      {"{" DATA ", \"generator\": {\"layers\": [", "\"relu\",", 100000, "{\"dense\": 2}]}}", SWIFTGAN_OK},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char *text = repeated(texts[i].head, texts[i].middle, texts[i].n, texts[i].tail);
    swiftgan_status s = swiftgan_model_create(&m, text);
    CHECK(s == texts[i].status || s == LIMIT, "text %zu gave %s: %.200s", i, swiftgan_status_name(s),
          swiftgan_last_error());
    CHECK(strlen(swiftgan_last_error()) < 2000, "a message of %zu bytes", strlen(swiftgan_last_error()));
    if (s == SWIFTGAN_OK) swiftgan_model_destroy(m);
    free(text);
  }
}

/* A model of a hundred gigabytes is refused at once, without trying to have them. */
static void hundred_gigabytes(void) {
  swiftgan_model *m = NULL;
  clock_t start = clock();
  swiftgan_status s =
      swiftgan_model_create(&m, "{" DATA ", \"generator\": {\"preset\": \"mlp\", \"width\": 160000}}");
  CHECK(s == LIMIT || s == SWIFTGAN_ERROR_NOMEM, "%s: %s", swiftgan_status_name(s), swiftgan_last_error());
  CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 0.5, "took %f s",
        (double)(clock() - start) / CLOCKS_PER_SEC);
}

static void data_options(void) {
  const struct {
    const char *path, *options, *words;
    swiftgan_status status;
  } cases[] = {
      {"ring", "{\"modes\": 0}", "modes", CONFIG},
      {"ring", "{\"mode\": 3}", "\"modes\"", CONFIG},
      {"ring", "{\"count\": -5}", "count", CONFIG},
      {"ring", "{\"count\": 1e3}", "count", CONFIG},
      {"ring", "{\"deviation\": -1}", "deviation", CONFIG},
      {"ring", "{\"side\": 5}", "side", CONFIG},
      {"grid", "{\"side\": 0}", "side", CONFIG},
      {"grid", "{\"spacing\": \"wide\"}", "spacing", CONFIG},
      {"ring", "{\"seed\": 1.5}", "seed", CONFIG},
      {"ring", "nonsense", "line 1", FORMAT},
      {"ring", "[1]", "object", CONFIG},
      {"", "{}", "path", SWIFTGAN_ERROR_ARGUMENT},
      {"/no/such/file", "{}", "/no/such/file", SWIFTGAN_ERROR_IO},
      /* That nothing is there comes before all else. */
      {"/no/such/file", "{\"split\": \"validation\"}", "No such file", SWIFTGAN_ERROR_IO},
      {"/no/such/file", "{\"limit\": 0}", "No such file", SWIFTGAN_ERROR_IO},
      {"/no/such/file", "nonsense", "No such file", SWIFTGAN_ERROR_IO},
      {"/tmp/no/such/file.png", "{\"resise\": 1}", "No such file", SWIFTGAN_ERROR_IO},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    swiftgan_dataset *d = NULL;
    swiftgan_status s = swiftgan_dataset_open(&d, cases[i].path, cases[i].options);
    CHECK(s == cases[i].status, "%s %s gave %s: %s", cases[i].path, cases[i].options, swiftgan_status_name(s),
          swiftgan_last_error());
    CHECK(s == 0 || strstr(swiftgan_last_error(), cases[i].words), "%s %s: %s", cases[i].path,
          cases[i].options, swiftgan_last_error());
    if (!s) swiftgan_dataset_destroy(d);
  }
}

/* Minibatch discrimination needs memory with the square of the batch: too much is an error. */
static void squares(void) {
  swiftgan_model *m =
      new_model("{\"data\": {\"shape\": [2]}, \"discriminator\": {\"layers\": ["
                "{\"minibatch_discrimination\": {\"kernels\": 1000, \"size\": 5}}, {\"dense\": 1}]}}");
  float *x = calloc(2 * 30000, sizeof *x);
  EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_model_step(m, x, 30000, NULL, NULL, 0, NULL), "memory");
  OK(swiftgan_model_step(m, x, 8, NULL, NULL, 0, NULL));
  free(x);
  swiftgan_model_destroy(m);
}

int main(void) {
  squares();
  from_rows();
  large_texts();
  hundred_gigabytes();
  data_options();
  swiftgan_model *m = new_model(ring_config);
  OK(swiftgan_model_step(m, (float[8]){0}, 4, NULL, NULL, 0, NULL));
  swiftgan_model_destroy(m);
  return finish();
}
