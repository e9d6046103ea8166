/* Imitation by a game (Ho & Ermon 2016): the discriminator tells an expert's states and actions on
 * CartPole from a policy's, and the policy learns by policy gradient with its logits,
 * log D - log(1 - D), as rewards: imitation [STEPS] [SEED] */
#include "example.h"
#include <math.h>

enum { STATE = 4, SIZE = STATE + 2, LIMIT = 500, EPISODES = 32, BATCH = 256 };
enum { MOST = EPISODES * LIMIT };
static const double SCALE[STATE] = {2.4, 2.0, 0.21, 2.0}, DISCOUNT = 0.99;

/* What episodes are made of. A sample for D is the scaled state, the action as -1 or 1, and whether
 * it is the absorbing state, in which an episode that ended early stays up to its limit. D judges
 * that state, too: otherwise the length of episodes would have a value of its own. */
typedef struct {
  size_t steps, first[EPISODES + 1]; /* the steps of episode e are first[e] ... first[e + 1] - 1 */
  int final[EPISODES];               /* whether it ended early */
  float samples[MOST][SIZE];
  /* Derivatives of the log probability of the action by the weights of the policy. */
  double scores[MOST][STATE + 1];
} Episodes;

static double uniform(void) { return rand() / ((double)RAND_MAX + 1); }

/* 0.02 s of a cart of 1 kg with a pole of 0.1 kg, pushed by 10 N. Returns whether the state is
 * final. */
static int push(double s[STATE], int right) {
  double sine = sin(s[2]), cosine = cos(s[2]);
  double force = ((right ? 10 : -10) + 0.05 * s[3] * s[3] * sine) / 1.1;
  double turn = (9.8 * sine - cosine * force) / (0.5 * (4.0 / 3 - 0.1 * cosine * cosine / 1.1));
  s[0] += 0.02 * s[1];
  s[1] += 0.02 * (force - 0.05 * turn * cosine / 1.1);
  s[2] += 0.02 * s[3];
  s[3] += 0.02 * turn;
  return fabs(s[0]) > 2.4 || fabs(s[2]) > 12 * 3.14159265358979 / 180;
}

/* Plays the policy P(right) = 1 / (1 + exp(-w (state / scale, 1))), or the expert where there are
 * no weights. */
static void play(Episodes *out, const double *w) {
  out->steps = 0;
  for (int e = 0; e < EPISODES; e++) {
    double s[STATE];
    for (int i = 0; i < STATE; i++) s[i] = 0.1 * uniform() - 0.05;
    out->first[e] = out->steps;
    out->final[e] = 0;
    for (int t = 0; t < LIMIT && !out->final[e]; t++) {
      float *sample = out->samples[out->steps];
      double *score = out->scores[out->steps++], sum = w ? w[STATE] : 0;
      for (int i = 0; i < STATE; i++) {
        sample[i] = (float)(s[i] / SCALE[i]);
        if (w) sum += w[i] * sample[i];
      }
      double p = 1 / (1 + exp(-sum));
      int right = w ? uniform() < p : 0.1 * s[0] + 0.3 * s[1] + s[2] + 0.5 * s[3] > 0;
      sample[STATE] = right ? 1 : -1;
      sample[STATE + 1] = 0;
      for (int i = 0; i < STATE; i++) score[i] = (right - p) * sample[i];
      score[STATE] = right - p;
      out->final[e] = push(s, right);
    }
  }
  out->first[EPISODES] = out->steps;
}

/* Some of the samples, and the absorbing state for what is left of the episodes up to their
 * limit. */
static void draw(const Episodes *from, float batch[BATCH][SIZE]) {
  for (int b = 0; b < BATCH; b++) {
    size_t i = (size_t)(uniform() * MOST);
    memset(batch[b], 0, sizeof batch[b]);
    if (i < from->steps) memcpy(batch[b], from->samples[i], sizeof batch[b]);
    else batch[b][SIZE - 1] = 1;
  }
}

/* A step of the policy gradient: weights go along the mean of score times advantage, the discounted
 * sum of the logits to come less the mean of all. `ending` is the value of a final state. */
static void improve(double *w, const Episodes *of, const float *logits, double ending, double rate) {
  static double advantage[MOST];
  double mean = 0, square = 0, gradient[STATE + 1] = {0};
  for (int e = 0; e < EPISODES; e++) {
    double sum = of->final[e] ? ending : 0;
    for (size_t t = of->first[e + 1]; t-- > of->first[e];) {
      sum = logits[t] + DISCOUNT * sum;
      advantage[t] = sum;
    }
  }
  for (size_t t = 0; t < of->steps; t++) {
    mean += advantage[t] / (double)of->steps;
    square += advantage[t] * advantage[t] / (double)of->steps;
  }
  double deviation = sqrt(fmax(square - mean * mean, 0)) + 1e-8;
  for (size_t t = 0; t < of->steps; t++)
    for (int i = 0; i <= STATE; i++)
      gradient[i] += of->scores[t][i] * (advantage[t] - mean) / deviation / (double)of->steps;
  double length = 1e-8;
  for (int i = 0; i <= STATE; i++) length += gradient[i] * gradient[i];
  for (int i = 0; i <= STATE; i++) w[i] += rate * gradient[i] / sqrt(length);
}

int main(int argc, char **argv) {
  unsigned long most = argc > 1 ? strtoul(argv[1], NULL, 10) : 500000, steps = 0;
  srand(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1);
  static Episodes expert, own;
  static float logits[MOST], real[BATCH][SIZE], fake[BATCH][SIZE];
  double w[STATE + 1] = {0};
  /* Only D learns; G hands on its latents, which are the policy's samples. */
  swiftgan_model *model = NULL;
  const char *config =
      "{\"data\": {\"shape\": [6]}, \"latent\": {\"size\": 6},"
      " \"penalties\": {\"r1\": 0.1, \"r2\": 0.1}, \"generator\": {\"layers\": [\"flatten\"]},"
      " \"schedule\": {\"generator_steps\": 0},"
      " \"discriminator\": {\"preset\": \"mlp\", \"width\": 32},"
      " \"optimizer\": {\"adam\": {\"learning_rate\": 0.001}}}";
  check(swiftgan_model_create(&model, config));
  play(&expert, NULL);
  do {
    play(&own, w);
    double rate = most > steps ? 0.5 * (1 - (double)steps / (double)most) : 0;
    steps += own.steps;
    swiftgan_inputs inputs = {.size = sizeof inputs, .latents = fake[0]};
    for (int k = 0; k < 8; k++) {
      draw(&expert, real);
      draw(&own, fake);
      check(swiftgan_model_step(model, real[0], BATCH, &inputs, NULL, 0, NULL));
    }
    check(swiftgan_model_discriminate(model, own.samples[0], own.steps, NULL, logits, MOST));
    float absorbing[SIZE] = {0}, logit;
    absorbing[SIZE - 1] = 1;
    check(swiftgan_model_discriminate(model, absorbing, 1, NULL, &logit, 1));
    improve(w, &own, logits, logit / (1 - DISCOUNT), rate);
    printf("%7lu steps: mean return %5.1f\n", steps, (double)own.steps / EPISODES);
  } while (steps < most);
  play(&own, w);
  printf("mean return %.1f of %d; the expert's: %.1f\n", (double)own.steps / EPISODES, LIMIT,
         (double)expert.steps / EPISODES);
  swiftgan_model_destroy(model);
  return 0;
}
