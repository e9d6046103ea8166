#include <stdio.h>
#include <swiftgan.h>

int main(void) {
  swiftgan_dataset *data = NULL;
  swiftgan_model *model = NULL;
  float points[2 * 8];
  const char *config = "{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 16}, \"average\": 0.999,"
                       " \"optimizer\": {\"generator\": {\"adam\": {\"learning_rate\": 0.0005}},"
                       "                 \"discriminator\": {\"adam\": {\"learning_rate\": 0.001}}},"
                       " \"learning_rate\": {\"linear\": {\"steps\": 16000, \"to\": 0.02}},"
                       " \"instance_noise\": {\"deviation\": 0.3, \"steps\": 8000}}";
  int failed = swiftgan_dataset_open(&data, "ring", NULL) || swiftgan_model_create(&model, config) ||
               swiftgan_model_train(model, data, 16000, "{\"batch\": 256}", NULL, NULL) ||
               swiftgan_model_sample(model, 8, 1, NULL, points, 16, NULL);
  if (failed) fprintf(stderr, "%s\n", swiftgan_last_error());
  for (int i = 0; !failed && i < 8; i++) printf("%6.3f %6.3f\n", points[2 * i], points[2 * i + 1]);
  swiftgan_model_destroy(model);
  swiftgan_dataset_destroy(data);
  return failed;
}
