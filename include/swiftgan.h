/* swiftgan: generative adversarial networks for any program that can link a C library.
 *
 * Two networks play a game: the generator G makes samples from random latents, the discriminator D
 * tells them from the data, and each learns from the other until the samples are like the data.
 * This header is the manual of the library, in the order of use:
 *
 *   a complete program        conventions           Version         Errors        The library as a whole
 *   Models                    Training              Samples         Weights       Data
 *   Evaluation                Looking               then, below a line, what is experimental
 *
 * A complete program, that learns eight Gaussians on a ring in a quarter of a minute and prints
 * eight samples:
 *
 *   #include <stdio.h>
 *   #include <swiftgan.h>
 *
 *   static int check(swiftgan_status status) {
 *     if (status != SWIFTGAN_OK) fprintf(stderr, "%s: %s\n", swiftgan_status_name(status), swiftgan_last_error());
 *     return status != SWIFTGAN_OK;
 *   }
 *
 *   int main(void) {
 *     swiftgan_dataset *data = NULL;
 *     swiftgan_model *model = NULL;
 *     float points[2 * 8];
 *     int failed =
 *       check(swiftgan_dataset_open(&data, "ring", NULL)) ||
 *       check(swiftgan_model_create(&model,
 *         "{ \"data\": {\"shape\": [2]}, \"latent\": {\"size\": 16}, \"average\": 0.999,"
 *         "  \"optimizer\": {\"generator\": {\"adam\": {\"learning_rate\": 0.0005}},"
 *         "                  \"discriminator\": {\"adam\": {\"learning_rate\": 0.001}}},"
 *         "  \"learning_rate\": {\"linear\": {\"steps\": 16000, \"to\": 0.02}},"
 *         "  \"instance_noise\": {\"deviation\": 0.3, \"steps\": 8000} }")) ||
 *       check(swiftgan_model_train(model, data, 16000, "{\"batch\": 256}", NULL, NULL)) ||
 *       check(swiftgan_model_sample(model, 8, 1, NULL, points, 16, NULL));
 *     for (int i = 0; !failed && i < 8; i++) printf("%6.3f %6.3f\n", points[2 * i], points[2 * i + 1]);
 *     swiftgan_model_destroy(model);
 *     swiftgan_dataset_destroy(data);
 *     return failed;
 *   }
 *
 *   cc ring.c $(pkg-config --cflags --libs swiftgan) -o ring
 *
 * Conventions
 * - A function that can fail returns a swiftgan_status: SWIFTGAN_OK (0) or a negative error. After
 *   an error nothing has changed and no output has been written; swiftgan_last_error() says what
 *   was wrong and what was expected.
 * - Out-parameters come first. Buffers belong to the caller: a function that fills one takes its
 *   capacity in elements; too small is SWIFTGAN_ERROR_BUFFER_TOO_SMALL with nothing written.
 *   `needed`, where there is one, may be NULL; otherwise it receives the number of elements (for
 *   text: bytes, with the final NUL), whether or not the buffer held them. Calling with a NULL
 *   buffer and capacity 0 to ask for `needed` returns SWIFTGAN_OK.
 * - Samples are float32, row-major; images are NHWC: [count][height][width][channels]. Their range
 *   is the configuration's.
 * - Vectors are in the data's own units (millimeters, grams, years). The networks see each column
 *   with mean 0 and deviation 1: see swiftgan_model_train. Everything that takes or gives samples
 *   and conditions converts them; likelihoods and gradients are in the data's units, too.
 * - Results have the same bits for any number of threads. They may differ in the last bits between
 *   processors with different instruction sets (baseline x86-64, AVX2, AVX-512), since sums are
 *   then added in another order.
 * - A handle is used by one thread at a time (a second one gets SWIFTGAN_ERROR_BUSY at once);
 *   different handles are independent, from any thread. Handles that were destroyed or never made
 *   are detected (SWIFTGAN_ERROR_HANDLE).
 * - The library changes nothing process-wide: no signals, locale, floating-point mode, BLAS
 *   threads, stdout or stderr. After fork() the child may use its copies of the handles. Once
 *   loaded, the library stays in memory until the process ends: dlclose() does not unload it, so
 *   threads that used it may outlive the call.
 * - A lack of memory is SWIFTGAN_ERROR_NOMEM, with nothing changed: a step that fails leaves the
 *   model as it was. Where addresses or pages are limited (ulimit -v, ulimit -d, strict
 *   overcommit), calls fail while less than 12 MiB are left for each call that is in progress, on
 *   whatever thread, and those that use OpenBLAS (orthogonal initializers, Frechet distances) while
 *   it cannot have its 160 MiB. What other code of the process takes meanwhile cannot be foreseen:
 *   that is, too, glibc's 64 MiB of addresses at the first allocation of a thread; a program that
 *   limits addresses and uses several threads avoids it with MALLOC_ARENA_MAX=1 in its environment.
 *
 * - Each comment says what a function needs, what it gives, who owns it and how it can fail. Left
 *   out, since every function may give them: ARGUMENT (NULL where it is not allowed, a count of 0),
 *   HANDLE, BUSY and NOMEM; and BUFFER_TOO_SMALL from every function that takes a capacity.
 *
 * This file is C99 and C++11. What stands above the line "Experimental" is stable within one
 * SWIFTGAN_ABI: functions, their parameters, values and layouts stay, and programs that were built
 * against an older header go on working. What stands below it may change with any version. Keys of
 * JSON reports are only ever added. */
#ifndef SWIFTGAN_H
#define SWIFTGAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version --------------------------------------------------------------------------------- */

#define SWIFTGAN_VERSION "0.1.0"
#define SWIFTGAN_ABI 1u /* compare with swiftgan_abi() after loading */

uint32_t swiftgan_abi(void);
const char *swiftgan_version(void); /* static: "0.1.0" */

/* ---- Errors ---------------------------------------------------------------------------------- */

typedef int32_t swiftgan_status;
enum {
  SWIFTGAN_OK = 0,
  SWIFTGAN_ERROR_ARGUMENT = -1,         /* NULL, a count of zero, an index or value out of its range */
  SWIFTGAN_ERROR_HANDLE = -2,           /* a stale, destroyed or foreign handle */
  SWIFTGAN_ERROR_BUSY = -3,             /* another thread is using the handle */
  SWIFTGAN_ERROR_BUFFER_TOO_SMALL = -4, /* nothing was written; `needed` says how much */
  SWIFTGAN_ERROR_CONFIG = -5,           /* the configuration or options: the key, expected and found */
  SWIFTGAN_ERROR_FORMAT = -6,           /* a file or text that is not what it should be */
  SWIFTGAN_ERROR_TRUNCATED = -7,        /* a file that ends too early */
  SWIFTGAN_ERROR_CHECKSUM = -8,         /* a file whose bytes have changed */
  SWIFTGAN_ERROR_UNSUPPORTED = -9,      /* a valid file or request that this version cannot serve */
  SWIFTGAN_ERROR_LIMIT = -10,           /* a size beyond what is allowed */
  SWIFTGAN_ERROR_MISMATCH = -11,        /* two things that do not fit: data and model, checkpoint and model */
  SWIFTGAN_ERROR_IO = -12,              /* the operating system's answer for a path */
  SWIFTGAN_ERROR_NOMEM = -13,           /* not enough memory */
  SWIFTGAN_ERROR_DIVERGED = -14,  /* a cost, gradient or weight is NaN or infinite; nothing has changed */
  SWIFTGAN_ERROR_CANCELLED = -15, /* a callback said so; the model is at a whole step */
  SWIFTGAN_ERROR_INTERNAL = -16
};

const char *swiftgan_status_name(swiftgan_status status); /* static: "SWIFTGAN_ERROR_FORMAT"; never NULL */
/* This thread's last failure, "" if none; valid until its next failing call. One line of at most
 * 4,000 characters: control characters are escaped (\n, \x1b), and names and values from files or
 * the caller are cut to 200 characters. */
const char *swiftgan_last_error(void);

/* ---- The library as a whole ------------------------------------------------------------------ */

/* Threads for kernels, 0 ... 256; 0: as many as there are cores for this process (default). Results
 * do not depend on it. */
swiftgan_status swiftgan_set_threads(int32_t n);

/* Warnings and notices; silent by default (fn NULL). Called on the thread that is inside a swiftgan
 * function; `message` is valid during the call, `context` stays the caller's and is passed on as it
 * is. Never fails. */
typedef enum { SWIFTGAN_LOG_NOTICE = 1, SWIFTGAN_LOG_WARNING = 2 } swiftgan_log_level;
typedef void (*swiftgan_log_fn)(void *context, int32_t level, const char *message);
swiftgan_status swiftgan_set_log(swiftgan_log_fn fn, void *context);

/* ---- Models ---------------------------------------------------------------------------------- */

typedef struct swiftgan_model swiftgan_model;
typedef struct swiftgan_dataset swiftgan_dataset;

/* A new model from its configuration, one JSON object; the README lists its keys. Weights are drawn
 * from "seed". Gives a handle in *out, to be ended with swiftgan_model_destroy. Fails with CONFIG,
 * FORMAT (not JSON), LIMIT; *out is untouched then. */
swiftgan_status swiftgan_model_create(swiftgan_model **out, const char *config_json);

/* The model of a checkpoint, whole: weights, optimizers, random state, step and data position;
 * training continues with the bits that an uninterrupted run would have had. Gives a handle as
 * swiftgan_model_create does. Fails with IO, FORMAT, TRUNCATED, CHECKSUM, UNSUPPORTED (a later
 * version's file), MISMATCH (a tensor that the configuration has no place for, or the reverse),
 * LIMIT. A file that another program has read and written anew loads if its tensors and its
 * metadata are unchanged, in whatever order. */
swiftgan_status swiftgan_model_load(swiftgan_model **out, const char *path);

/* One safetensors file, written beside `path`, flushed, then renamed: the old file or the new one
 * is always whole. A file that is replaced hands on its permissions and, where the system allows
 * it, its owner; a symbolic link stays, and its target is written. What a process that was killed
 * while it saved left beside `path` is removed by the next save. Needs the folder; fails with
 * IO. */
swiftgan_status swiftgan_model_save(swiftgan_model *model, const char *path);

/* Ends a handle and frees what it owns. NULL is accepted; a handle destroyed before is ignored. */
void swiftgan_model_destroy(swiftgan_model *model);

/* The complete configuration, defaults filled in, as JSON in the caller's buffer. */
swiftgan_status swiftgan_model_config(swiftgan_model *model, char *json, size_t capacity, size_t *needed);

/* What may accompany samples: one entry a sample, any pointer may be NULL. Zero the struct, then
 * set size. */
typedef struct swiftgan_inputs {
  size_t size;             /* sizeof(swiftgan_inputs) */
  const int32_t *labels;   /* count class indices */
  const float *latents;    /* count x latent size; NULL: drawn from the prior */
  const float *conditions; /* count x condition size; of conditions with a shape, such as images, row-major */
  size_t condition_size;   /* numbers in each condition; only datasets need it */
} swiftgan_inputs;         /* a NULL pointer to it means none of them */

/* ---- Training -------------------------------------------------------------------------------- */

/* One step of the game on the caller's own `batch` samples. With discriminator_steps above 1 each
 * of its updates sees the same samples and latents of its own. inputs->latents, if given, are used
 * by every update of the step. report_json (may be NULL) receives one JSON object: step, epoch,
 * discriminator_cost, generator_cost, real_output and fake_output (mean D; of f-GAN and
 * least_squares the mean of 1 / (1 + 1 / density ratio); where D gives a score the mean score),
 * real_accuracy and fake_accuracy (shares of the real samples whose density ratio is above 1, and
 * of the fakes whose ratio is below, label smoothing and flipping undone), logit_gap (mean logit on
 * real less that on fake), sample_spread (deviation of fakes over that of the real samples: falls
 * when the generator collapses), limited (share of logits beyond which a cost's exponential goes on
 * as its tangent), penalty_NAME for each of "penalties" (what it added to discriminator_cost; 0 in
 * a step without it), NAME_cost and NAME_gradient_norm for each of "discriminators",
 * discriminator_gradient_norm, generator_gradient_norm, learning_rate, images_per_second, verdict
 * (who is ahead, and what could be done). Raw arrays have no units that could be measured: a model
 * whose first step is made here never standardizes its vectors (see swiftgan_model_train). Of the
 * family "gain" elements may be NaN, which are missing. A model with labels wants inputs->labels:
 * "conditional" and "auxiliary" one of 0 ... classes - 1 for each sample, "semi_supervised" -1
 * where it is unknown; the report then has class_accuracy where D classifies. Fails with ARGUMENT
 * (NaN or infinity in which sample, a label out of range), MISMATCH, UNSUPPORTED (inputs that the
 * model takes none of), BUFFER_TOO_SMALL (before anything is done: give 1024 bytes or more, 256
 * more for each penalty and each of "discriminators"; *needed says how many), DIVERGED (a cost,
 * gradient or weight that is not finite, or a gradient whose squares are beyond 32-bit floats after
 * clip_norm or clip_value), LIMIT (2^47 steps or random draws). */
swiftgan_status swiftgan_model_step(swiftgan_model *model, const float *real, size_t batch,
                                    const swiftgan_inputs *inputs, char *report_json, size_t capacity,
                                    size_t *needed);

/* Called with the same JSON report, valid during the call; returning non-zero ends the training
 * with SWIFTGAN_ERROR_CANCELLED. It must not use the model or the dataset (BUSY). */
typedef int32_t (*swiftgan_progress_fn)(void *context, uint64_t step, const char *report_json);

/* `steps` more steps on a dataset. Options (NULL: all defaults), a JSON object:
 *   "batch": 64            samples a step, at most the number in the dataset
 *   "report_every": 1      steps between calls of fn
 *   "checkpoint": null     a path, written every "checkpoint_every" (default 1000) steps and at the end
 * Samples are shuffled anew each epoch, from the model's seed; the position is kept in the model.
 * fn may be NULL. Before its first step the model standardizes by this data: each column of samples
 * that are vectors ("data.shape": [n], no "data.range"), and of conditions, by its mean and
 * standard deviation over all of the data (of swiftgan_dataset_from_callback's over 10,000
 * samples), 1 where it is constant. "standardize": false in the configuration turns this off, true
 * turns it on for "ring" and "grid", which are left as they are by default. The checkpoint keeps it
 * as tensors "standardize.offset" and "standardize.factor" ("standardize.condition_offset",
 * "standardize.condition_factor"); it does not change after the first step, and checkpoints of
 * older versions have none. Names of the data's classes (swiftgan_dataset_info) become the model's,
 * and its checkpoint's, unless "data.class_names" says others; the classes of other data that has
 * names, here and in swiftgan_evaluate and swiftgan_model_divergences, are matched by name. Fails
 * with MISMATCH (the data's shape, labels or range are not the model's, or a class that the model
 * has no name for), CONFIG (options), ARGUMENT (batch), IO (checkpoint), CANCELLED, DIVERGED; the
 * steps that were made before stay made. */
swiftgan_status swiftgan_model_train(swiftgan_model *model, swiftgan_dataset *data, uint64_t steps,
                                     const char *options_json, swiftgan_progress_fn fn, void *context);

/* ---- Samples --------------------------------------------------------------------------------- */

/* `count` samples into out (count x sample size floats). A model with labels.mode "conditional" or
 * "auxiliary" needs inputs->labels (and inputs->conditions where data.conditions is above 0, such
 * as the images that it makes images of). Sample i depends on (seed, i) alone. Uses the averaged
 * generator where the configuration has "average", and running statistics in batch norm: n single
 * samples equal one call for n, up to rounding, unless the generator has minibatch_discrimination
 * or minibatch_deviation, which see all samples of a call. Fails with ARGUMENT (labels missing or
 * out of range), MISMATCH, UNSUPPORTED (inputs that the model takes none of). */
swiftgan_status swiftgan_model_sample(swiftgan_model *model, size_t count, uint64_t seed,
                                      const swiftgan_inputs *inputs, float *out, size_t capacity,
                                      size_t *needed);

/* D's logit for each sample; D = 1 / (1 + exp(-logit)) is its belief that the sample is real,
 * unless the objective makes it a score (wasserstein, hinge, relativistic, relativistic_average) or
 * a ratio's function (f_gan, least_squares). Of a D that judges patches it is their mean. Needs
 * inputs->labels (conditions) where D is conditional. `logits` takes one float a sample. A D with
 * minibatch_discrimination or minibatch_deviation judges the samples of a call as one batch, so
 * that the results depend on all of them; NOMEM where that needs too much memory. Fails with
 * ARGUMENT (NaN or infinity in which sample), MISMATCH, UNSUPPORTED. */
swiftgan_status swiftgan_model_discriminate(swiftgan_model *model, const float *samples, size_t count,
                                            const swiftgan_inputs *inputs, float *logits, size_t capacity);

/* Class logits, count x data.classes floats, of a model whose D classifies (labels.mode "auxiliary"
 * or "semi_supervised"). The largest of a row is the likeliest class; softmax of a row gives
 * probabilities. One batch as for swiftgan_model_discriminate. Fails with UNSUPPORTED for other
 * models, ARGUMENT (NaN or infinity). */
swiftgan_status swiftgan_model_classify(swiftgan_model *model, const float *samples, size_t count,
                                        float *class_logits, size_t capacity, size_t *needed);

/* The density ratio p_data / p_model at each sample, which an optimal D knows: read off the model's
 * D as it is now, label smoothing and label flipping undone, and as good as D is near its optimum.
 * With real target a, fake target b and flipping probability p, s = (D - b) / (a - b) is what D
 * would be without smoothing (of f-GAN: ratio / (1 + ratio)), and the result is (s - p) / (1 - p -
 * s); where D is outside of what its optimum can be, the ratio ends at about 2^-24 or 2^24.
 * `ratios` takes one float a sample, at most e^88. inputs and batches as for
 * swiftgan_model_discriminate. Fails with UNSUPPORTED where D tells no ratio (it gives a score:
 * wasserstein, hinge, relativistic, relativistic_average, the f-GAN of total variation; it judges
 * patches; label_flipping 0.5, equal targets), and as swiftgan_model_discriminate does. */
swiftgan_status swiftgan_model_density_ratio(swiftgan_model *model, const float *samples, size_t count,
                                             const swiftgan_inputs *inputs, float *ratios, size_t capacity);

/* ---- Weights, optimizer state, running statistics: by name ----------------------------------- */

/* Tensors are named like "generator.0.weight"; those of optimizers, averages and running statistics
 * are among them. Some appear with the first step (the reference batch, replayed fakes), at the
 * list's end. */
swiftgan_status swiftgan_model_tensor_count(swiftgan_model *model, size_t *out);
/* Name and present extents of tensor `index`, any of the three may be NULL. *name and *dims belong
 * to the model, stay valid until it is destroyed and do not change: where a tensor grows (replayed
 * fakes), a later call gives another *dims. Fails with ARGUMENT (index). */
swiftgan_status swiftgan_model_tensor_info(swiftgan_model *model, size_t index, const char **name,
                                           const uint64_t **dims, size_t *rank);
/* A tensor's elements, row-major, into the caller's buffer. Fails with ARGUMENT: no such name, the
 * nearest is named. */
swiftgan_status swiftgan_model_tensor_read(swiftgan_model *model, const char *name, float *out,
                                           size_t capacity);
/* Replaces a tensor by `count` values, which are copied. Fails with MISMATCH (count is not the
 * tensor's number of elements), ARGUMENT (no such name, a value that is not finite). */
swiftgan_status swiftgan_model_tensor_write(swiftgan_model *model, const char *name, const float *in,
                                            size_t count);

/* ---- Data ------------------------------------------------------------------------------------ */

/* Opens the data that `path` names: files or a folder in one of the formats below, or a synthetic
 * set, "ring" or "grid". Options (NULL: defaults), a JSON object: key=value below, as the command
 * `swiftgan help data` shows it, is the member "key": value. The values shown are examples, without
 * which nothing is changed. An unknown key is an error that lists those of the format.
 *
 * formats: made by `make reference`
 * A folder of PNG and JPEG files. Subfolders are the classes, in the order of
 * their names, or train, test and val, which hold the classes. JPEG files are
 * turned as EXIF's orientation says.
 *   split=train           Or test, val.
 *   background=white      Behind transparent pixels: a color's name, #rrggbb or
 *                         [red, green, blue].
 *   skip_corrupt=true     Leaves damaged files out, and names them in the info,
 *                         instead of stopping.
 *   inputs=FOLDER         What each picture is made from, in a file of its name.
 *   unpaired=true         Inputs of any number and names.
 *   side_by_side=left     Or right: that half of each picture is its input.
 *   size crop resize channels range limit memory, and those of all data
 *
 * IDX files: a file of images (...-idx3-ubyte, also .gz) with its labels beside
 * it, or a folder that holds MNIST's, Fashion-MNIST's, EMNIST's or QMNIST's
 * files.
 *   split=train           Or test: which files of a folder.
 *   labels=PATH           The IDX file of labels. Without: the file beside the
 *                         images, if it has the usual name.
 *   transposed=true       Stored column by column. Without: files emnist-...,
 *                         which are turned upright.
 *   size crop resize channels range limit memory, and those of all data
 *
 * CIFAR-10's or CIFAR-100's binary version: a folder of data_batch_*.bin or
 * train.bin, or one such file.
 *   split=train           Or test.
 *   coarse=true           CIFAR-100's 20 classes instead of its 100.
 *   size crop resize channels range limit memory, and those of all data
 *
 * A NumPy array, .npy: [count, n], [count, height, width] or [count, height,
 * width, channels]; bool, integers or floats. Unsigned bytes become the range,
 * other numbers stay.
 *   labels=PATH           Another .npy file.
 *   inputs=PATH           A .npy file of what each sample is made from.
 *   unpaired=true         Inputs of any number, which belong to no sample.
 *   missing=true          NaN elements are missing.
 *   size crop resize channels range limit memory, and those of all data
 *
 * An archive of NumPy arrays, .npz.
 *   split=train           Or test, val: x_train (Keras), train_images (MedMNIST).
 *   samples=NAME          Without: samples, x, images, arr_0 or data, or the
 *                         split's, or the only array.
 *   labels=NAME           Without: labels or y, or the split's, if there is one.
 *   inputs=NAME           The array of what each sample is made from.
 *   unpaired=true         Inputs of any number, which belong to no sample.
 *   missing=true          NaN elements are missing.
 *   size crop resize channels range limit memory, and those of all data
 *
 * A table of numbers, .csv or .tsv: a line of names, then a sample a line (RFC
 * 4180); commas, semicolons or tabs, with semicolons also decimal commas.
 *   labels=NAME           The column with the classes: numbers (0..., or -1 for
 *                         unknown) or names. Without: a column "class" of names.
 *   conditions=["a"]      The columns that are conditions.
 *   missing=true          Blank fields and nan are missing elements.
 *   range limit memory, and those of all data
 *
 * WAV files: one, or a folder of them; subfolders are the classes. PCM of 8 to 32
 * bits or floating point, channels mixed down to their mean, cut into windows
 * from -1 to 1.
 *   window=8000           Elements of a sample. Without: a second.
 *   hop=4000              From one window to the next (without: a window). What
 *                         is left at the end is left out.
 *   rate=8000             Resampled to so many a second. Without: all files must
 *                         have the rate of the first.
 *   range limit memory, and those of all data
 *
 * ring: Gaussians on a circle, in the plane.
 *   count=100000          Samples.
 *   modes=8               Gaussians.
 *   radius=1              Of the circle.
 *   deviation=0.01        Of each Gaussian.
 *   seed=1                Of the samples.
 *
 * grid: Gaussians on a square grid, in the plane.
 *   count=100000          Samples.
 *   side=5                Gaussians in a row.
 *   spacing=2             From one Gaussian to the next.
 *   deviation=0.05        Of each Gaussian.
 *   seed=1                Of the samples.
 *
 * Images of all formats:
 *   size=64               The largest square of the middle, resized; RGB if any
 *                         picture is (or --size).
 *   crop=[60,80]          Instead of size: the middle, [height, width], a number,
 *                         or square (the largest).
 *   resize=[48,64]        After crop: to [height, width], or a number.
 *   channels=3            1 (gray) or 3 (RGB).
 *
 * All files:
 *   range=[-1,1]          What the stored values 0...255 become (in training: the
 *                         configuration's data.range).
 *   limit=1000            Only the first samples.
 *   memory=512            MiB in memory; more are read from the files while
 *                         training, by a thread of its own, to the same bits.
 *                         Tables, sounds, compressed files and .npy in Fortran's
 *                         order are always kept in memory.
 *
 * All data but ring and grid:
 *   classes=["a","b"]     Names in the order of the classes' numbers: classes are
 *                         matched by name, and one that is not listed is an
 *                         error; classes without names are given these.
 *   labelled=100          Only so many labels, as many of each class; the others
 *                         become -1.
 *   stack=3               2 to 4: gray images become the channels of count=128000
 *                         images. Three digits of MNIST make 1,000 modes, whose
 *                         number is the label.
 *   values=[0,1]          The values of black and white in floats.
 *   shuffle_block=1000    Training shuffles blocks of so many neighbors, and the
 *                         samples of each, so that reading them from a file does
 *                         not jump about.
 *   flip=true             Training sees images mirrored with probability 1/2.
 *   shift=2               Training sees images moved by up to so many pixels in
 *                         both directions, the edge repeated.
 *   degrade={"gray":true} Inputs made of the images: gray, or an object of gray,
 *                         downsample (4: means over blocks), mask (0.5: share of
 *                         each side that a rectangle covers), noise (0.1:
 *                         deviation), seed.
 *   seed=1                Of labelled and stack.
 * end of formats
 *
 * "flip" and "shift" depend on the model's seed and the position in training alone; reading and
 * evaluation change nothing. A file that is damaged when it is read while training ends that
 * training with its error. In pairs of an input and a target the samples are the targets; a model
 * with "data.conditions" of the inputs' shape learns to make them; crop, resize and channels apply
 * to both. What a folder holds beside pictures, and transparency, are notices of swiftgan_set_log.
 * Gives a handle in *out, to be ended with swiftgan_dataset_destroy. Fails with IO (nothing has
 * this path, which is said before anything else; a folder without data, with what it holds),
 * FORMAT, TRUNCATED, UNSUPPORTED (CIFAR's version for Python), MISMATCH (labels, inputs and images
 * differ in number, pictures in shape, files in names, a class is not among "classes"), CONFIG
 * (options), LIMIT. */
swiftgan_status swiftgan_dataset_open(swiftgan_dataset **out, const char *path, const char *options_json);

/* A copy of the caller's samples: count x dims[0] x ... x dims[rank - 1] (rank 1 to 3);
 * inputs->labels (-1: unknown) and inputs->conditions if there are any. The caller may free its own
 * at once. Gives a handle as swiftgan_dataset_open does. Fails with ARGUMENT (NaN or infinity in
 * which sample, rank, an extent or a label out of range), LIMIT. */
swiftgan_status swiftgan_dataset_from_memory(swiftgan_dataset **out, const float *samples, size_t count,
                                             const uint64_t *dims, size_t rank,
                                             const swiftgan_inputs *inputs);

/* What the data is, as JSON in the caller's buffer:
 * {"count": 60000, "shape": [28, 28, 1], "classes": 10, "labelled": 60000, "conditions": 0,
 * "range": [-1, 1], "source": "…", "flip": false, "shift": 0, "shuffle_block": null, "stacked": 0
 * or the channels, "class_names": [] (of a folder's subfolders, of a table's column, of CIFAR's
 * meta files, or the option "classes"), "skipped": 0 damaged files, "skipped_files": [{"path",
 * "reason"}] (at most 1000 of them), "other_files": 0 that are neither PNG nor JPEG (nor WAV) by
 * their names, "transparent": 0 pictures that were composed on the background, "input_shape": null
 * or that of what each sample is made from, "unpaired": false or whether inputs belong to none,
 * "missing": false or whether elements may be, "sample_rate": null or the samples of sound in a
 * second} */
swiftgan_status swiftgan_dataset_info(swiftgan_dataset *data, char *json, size_t capacity, size_t *needed);

/* Samples first ... first + count - 1 in stored order, count x sample size floats; labels (may be
 * NULL) takes count, -1 where there are none. Fails with ARGUMENT (beyond the data's end). */
swiftgan_status swiftgan_dataset_read(swiftgan_dataset *data, size_t first, size_t count, float *out,
                                      size_t capacity, int32_t *labels);

/* Ends a handle and frees what it owns. NULL is accepted; a handle destroyed before is ignored. */
void swiftgan_dataset_destroy(swiftgan_dataset *data);

/* ---- Evaluation ------------------------------------------------------------------------------ */

/* How the model's samples compare with data, as one JSON object: n_real, n_fake, seed; features
 * (kind, size, and of a classifier its hash, held_out_accuracy, and count and hash of the data that
 * it was trained_on); frechet_distance (squared; called FID only with Inception's features, which
 * these are not), kernel_distance (KID's kernel), precision and recall (k = 3), density and
 * coverage (k = 5), sliced_wasserstein, "parzen_window": {"nats", "standard_error" of "judged" real
 * samples by their elements, under windows on the fakes whose "bandwidth" some others chose;
 * "caution": its known faults}; with a classifier score (Inception-style) and, for a conditional
 * model, class_accuracy; for "ring" and "grid" modes, and for stacked images, whose channels a
 * classifier of the gray ones reads, in place of the score; nearest_real_distance of 100 fakes over
 * all of the data beside that of real samples, and the closest pair of fakes beside that of real
 * samples (is it copying?). Vectors without "data.range" are compared, in all of these but the
 * modes, as columns of mean 0 and deviation 1, by those of the n_real real samples ("features":
 * {"standardized": true}); "ring" and "grid" stay as they are. The Fréchet distance of images that
 * have too many features for it (above 2048, or not fewer than samples, without a ridge) is that of
 * pixels averaged over squares: "frechet_features": {"kind": "pixels", "reduced_to": [height,
 * width, channels], "reason"}. Where there is none, frechet_distance is null and
 * "frechet_distance_missing" says why. Options (NULL: defaults):
 *   "count": 10000         samples of each side (the data's, where it holds fewer); of stacked images 26000
 *   "seed": 1
 *   "features": "auto"     or "pixels", "classifier"; auto: a classifier for images with labels
 *   "extractor": null      a safetensors file of that classifier: read if it is there, else written. One that was trained on data with other
 *                          classes is MISMATCH, one that was trained on other samples a warning (swiftgan_set_log)
 *   "epochs": 8            when a classifier is trained on the data's labels (minutes for 60,000 images)
 *   "ridge": 0             added to the covariances' diagonals: needed where there are not more samples than features
 * The report needs at most 4096 bytes. Fails with MISMATCH (data that is not the model's; no labels
 * to train a classifier on), ARGUMENT (count), CONFIG (options), IO and file errors of the
 * extractor. */
swiftgan_status swiftgan_evaluate(swiftgan_model *model, swiftgan_dataset *data, const char *options_json,
                                  char *report_json, size_t capacity, size_t *needed);

/* ---- Looking --------------------------------------------------------------------------------- */

/* A grid of images, `columns` in a row, as a PNG: count x dims[0] x dims[1] (x dims[2]: 1, 3 or 4
 * channels), values from -1 (black) to 1, beyond clamped. Written like a checkpoint: the old file
 * or the new one is always whole. Fails with ARGUMENT (NaN, shape, columns), LIMIT, IO. */
swiftgan_status swiftgan_write_png(const char *path, const float *samples, size_t count, const uint64_t *dims,
                                   size_t rank, size_t columns);

/* ==== Experimental
 * ===============================================================================================
 * From here on functions and their options may change with any version; they move above this line
 * when they have proved themselves. A program that wants to be sure compares swiftgan_version()
 * with the one that it was built for. */

/* ---- A closer look at models ----------------------------------------------------------------- */

/* The JSON Schema (2020-12) of the configuration that swiftgan_model_create takes: every key of
 * every family with its default, range and meaning. Editors complete and check configurations by
 * it. docs/configuration.md is made of it. */
swiftgan_status swiftgan_config_schema(char *json, size_t capacity, size_t *needed);

/* A model belongs to a family ("family" in its configuration; "gan" by default). What is declared
 * above works for models of every family, as far as the family has the capability; a function that
 * it lacks fails with UNSUPPORTED and says which families have it.
 *
 * The model as JSON: {"family", "capabilities": ["sample", "latents", "decode", "encode",
 * "reconstruct", "log_likelihood", "complete", "mixing", "discriminate", "compare_costs",
 * "density_ratio", "classify", "find_latents", "export"; those that the family has and the
 * configuration does not rule out], "likelihood": "exact", "bound", "estimate" or null; "units": of
 * figures in a step's report by name, "nats", "bits per dimension", "probability", "share" or
 * "ratio"; "class_names": […] in the order of the classes' numbers, or []; "standardized":
 * {"columns", "conditions"}, how many of the samples and of the conditions are, or null; and the
 * networks, layer by layer, by name: of a GAN "step", "generator": {"input", "output",
 * "parameters", "multiply_adds", "layers": [{"name", "layer", "output", "parameters",
 * "multiply_adds"}]}, "discriminator"}; multiply-adds are those of one sample, forward. */
swiftgan_status swiftgan_model_summary(swiftgan_model *model, char *json, size_t capacity, size_t *needed);

/* Natural logarithm of each sample's density (real-valued samples, in the data's own units) or
 * probability (discrete ones) under the model: one float a sample, in nats. The summary's
 * "likelihood" says whether it is exact, a lower bound or an estimate. inputs as for a training
 * step. Options (NULL: defaults), a JSON object: those of the family. Fails with UNSUPPORTED,
 * ARGUMENT (NaN or infinity), MISMATCH, CONFIG. */
swiftgan_status swiftgan_model_log_likelihood(swiftgan_model *model, const float *samples, size_t count,
                                              const swiftgan_inputs *inputs, const char *options_json,
                                              float *nats, size_t capacity);

/* What a model that was trained on pairs makes from inputs: count x answers x sample size floats,
 * each input's answers one after another. `given` is count x elements of an input
 * ("data.conditions"). Options (NULL: defaults): "answers": 1 (they differ where the generator has
 * noise), "seed": 1 (answer j of input i is sample i x answers + j of swiftgan_model_sample with
 * the inputs as conditions), "back": false (of the family "cyclegan": inputs from samples).
 * inputs->labels where the model is given classes, too. Fails with UNSUPPORTED (the model makes its
 * samples from no inputs, or has no way back), ARGUMENT (NaN or infinity), CONFIG. */
swiftgan_status swiftgan_model_translate(swiftgan_model *model, const float *given, size_t count,
                                         const swiftgan_inputs *inputs, const char *options_json, float *out,
                                         size_t capacity, size_t *needed);

/* How well the Markov chains mix by which a model samples ("rbm", "dbm", "gsn"), as JSON:
 * {"chains", "steps", "burn_in", "autocorrelation_time" (steps that make one independent sample),
 * "effective_samples" (of all chains and steps), "autocorrelation": by lags from 0}, of the
 * samples' projection on a random direction; of "rbm" and "dbm" also "log_partition" (log Z) and
 * "log_partition_deviation" (0: counted out). Options (NULL: defaults): "chains": 20, "steps": 1000
 * after the burn-in, "seed": 1; of "rbm" and "dbm" also "annealing_chains": 100 and
 * "annealing_steps": 1000. Fails with UNSUPPORTED, CONFIG. */
swiftgan_status swiftgan_model_mixing(swiftgan_model *model, const char *options_json, char *json,
                                      size_t capacity, size_t *needed);

/* The latents of samples: count x latent size floats. inputs as for swiftgan_model_sample. Fails
 * with UNSUPPORTED, ARGUMENT, MISMATCH. */
swiftgan_status swiftgan_model_encode(swiftgan_model *model, const float *samples, size_t count,
                                      const swiftgan_inputs *inputs, float *latents, size_t capacity,
                                      size_t *needed);

/* The samples that the model makes of `count` latents: count x sample size floats. inputs as for
 * swiftgan_model_sample. Fails with UNSUPPORTED, ARGUMENT (NaN or infinity), MISMATCH. */
swiftgan_status swiftgan_model_decode(swiftgan_model *model, const float *latents, size_t count,
                                      const swiftgan_inputs *inputs, float *out, size_t capacity,
                                      size_t *needed);

/* The samples that the model makes of the latents of given samples: swiftgan_model_encode, then
 * swiftgan_model_decode. */
swiftgan_status swiftgan_model_reconstruct(swiftgan_model *model, const float *samples, size_t count,
                                           const swiftgan_inputs *inputs, float *out, size_t capacity,
                                           size_t *needed);

/* ---- Other programs -------------------------------------------------------------------------- */

/* Writes one network for another program. Options, a JSON object:
 *   "format": "pytorch"    a safetensors file with the names, axes and order of elements that load_state_dict of an nn.Sequential of the
 *                          same layers takes (of PyTorch's DCGAN example, for the preset); or
 *             "onnx"       latents to samples, or samples to logits, NHWC as here, any batch; of a conditional model with the input
 *                          "condition" (classes as one-hot, then conditions) beside them. Samples and conditions are in the
 *                          data's own units: the file standardizes as the model does
 *   "network"              of a GAN "generator" or "discriminator", of a VAE "decoder" or "encoder" (samples to the latents that
 *                          swiftgan_model_encode gives); by default the one that makes samples. Averaged weights if there are such
 *   "prefix": "main."      in front of PyTorch's names
 * "format" has no default. Weights for PyTorch cannot standardize: that network's vectors are
 * standardized ones, which a warning says, and the file's metadata holds the columns'
 * "standardize.offset" and "standardize.factor" as JSON lists. Fails with UNSUPPORTED for a layer
 * that the format cannot express, naming it; LIMIT, IO. */
swiftgan_status swiftgan_model_export(swiftgan_model *model, const char *path, const char *options_json);

/* Replaces one network's weights by those of a PyTorch model in a safetensors file of 32-bit
 * floats. Its modules with weights must be the network's, in the order of their names (numbers as
 * numbers). Options: "format": "pytorch", "network" as above, "prefix": "" of the names that are
 * read. A weight that is normalized here must be so there, by weight_norm over the outputs, and its
 * layer must not wait for the first batch (UNSUPPORTED before the first step). Fails with MISMATCH,
 * naming tensor and layer; UNSUPPORTED; a file's errors. Optimizers keep their state. A model that
 * has made no step will still standardize vectors by the data that it is trained on; "standardize":
 * false keeps imported weights in the units that they were trained in. */
swiftgan_status swiftgan_model_import(swiftgan_model *model, const char *path, const char *options_json);

/* ---- Latents --------------------------------------------------------------------------------- */

/* The latents that swiftgan_model_sample draws for a seed: count x latent size floats, for
 * arithmetic and interpolation. */
swiftgan_status swiftgan_model_latents(swiftgan_model *model, size_t count, uint64_t seed, float *out,
                                       size_t capacity, size_t *needed);

/* `steps` points from one latent to another, both included: steps x size floats. spherical 0: the
 * straight line; else the arc, which keeps the length that samples of the prior have. Fails with
 * ARGUMENT (steps below 2). */
swiftgan_status swiftgan_interpolate(const float *from, const float *to, size_t size, size_t steps,
                                     int32_t spherical, float *out, size_t capacity);

/* Latents whose samples match the given ones where they are known, by gradient descent on the
 * latent. mask: 1 known, 0 unknown, of one sample for all (mask_count 1), of each (mask_count =
 * count), or NULL and 0: everything is known. latents receives count x answers x latent size
 * floats, the best answer of each sample first, errors (may be NULL; count x answers) the mean
 * squared difference over what is known (of standardized elements where the model standardizes).
 * Options (NULL: defaults): "steps": 300, "learning_rate": 0.05, "tries": 4 random starts,
 * "answers": 1 of them wanted, "prior": 0.2 (weight of |z|^2 / size under a normal prior), "seed":
 * 1. Fails with ARGUMENT (a mask that is not 0 or 1, a sample of which nothing is known, NaN),
 * MISMATCH (mask_count), CONFIG (options). */
swiftgan_status swiftgan_model_find_latents(swiftgan_model *model, const float *samples, size_t count,
                                            const float *mask, size_t mask_count,
                                            const swiftgan_inputs *inputs, const char *options_json,
                                            float *latents, size_t capacity, float *errors);

/* Samples with their unknown elements filled in: count x answers x sample size floats; known
 * elements stay. The mask is needed, errors are those of swiftgan_model_find_latents. A GAN's
 * generator fills in what matches the known elements, with the options of that function. The
 * families "rbm", "dbm" and "gsn" run a Markov chain in which the known elements stay, with "steps"
 * (default: their "sampling_steps"), "answers": 1, "seed": 1. The family "gain" takes NaN for
 * unknown elements, too, and then needs no mask (NULL and 0); its options are "answers", "seed" and
 * "method": "gain", "least_squares" (the same network without its adversarial cost) or "mean" (of
 * each element's known values in training). "pixelcnn", "pixelrnn" and "wavenet" draw what comes
 * after all known elements, "answers": 1, "seed": 1; other masks are UNSUPPORTED. */
swiftgan_status swiftgan_model_complete(swiftgan_model *model, const float *samples, size_t count,
                                        const float *mask, size_t mask_count, const swiftgan_inputs *inputs,
                                        const char *options_json, float *out, size_t capacity,
                                        size_t *needed);

/* ---- Density ratio and divergences ----------------------------------------------------------- */

/* The logarithm of swiftgan_model_density_ratio, which does not overflow: one float a sample. */
swiftgan_status swiftgan_model_log_density_ratio(swiftgan_model *model, const float *samples, size_t count,
                                                 const swiftgan_inputs *inputs, float *log_ratios,
                                                 size_t capacity);

/* Its derivative with respect to each sample's elements: count x sample size floats. Where the
 * samples are judged as one batch it is the derivative of the sum of all log ratios. */
swiftgan_status swiftgan_model_log_density_ratio_gradient(swiftgan_model *model, const float *samples,
                                                          size_t count, const swiftgan_inputs *inputs,
                                                          float *gradients, size_t capacity);

/* How far the model is from the data, by that ratio: {"count": …, "seed": …, "kl": {"value": …,
 * "standard_error": …}, "reverse_kl", "jensen_shannon", "total_variation", "pearson", "limited":
 * …}, in nats. Log ratios beyond +-log(count) are taken as that, since so few samples cannot show
 * more; "limited" is the share that was: where it is not near 0, the estimates say little. A D with
 * minibatch_discrimination or minibatch_deviation judges batches of at most 64 samples. Options
 * (NULL: defaults): "count": 10000 samples of each side (the data's first; fewer where it holds
 * fewer), "seed": 1 of the model's. Fails with MISMATCH, CONFIG (options), UNSUPPORTED like the
 * ratio. */
swiftgan_status swiftgan_model_divergences(swiftgan_model *model, swiftgan_dataset *data,
                                           const char *options_json, char *report_json, size_t capacity,
                                           size_t *needed);

/* The generator's costs as functions of D(G(z)): {"discriminator_output": […], "costs":
 * [{"objective": …, "cost": […], "slope": […]}]}; slope is the derivative by D(G(z)), which for
 * f-GAN is 1 / (1 + 1 / density ratio), as in a step's report (of total variation, whose D tells no
 * ratio, 1 / (1 + exp(-output))). With a model (NULL: none) each cost also has "gradient_norm" of
 * the generator's mean gradient and "gradient_variance" (trace) from minibatch to minibatch.
 * Options (NULL: defaults): "points": 200, "objectives": ["minimax", "non_saturating",
 * "maximum_likelihood"] (any form that the configuration's "objective" takes), "batch": 64,
 * "batches": 16, "seed": 1. Fails with CONFIG (options), UNSUPPORTED (a model that is conditioned
 * on real numbers). */
swiftgan_status swiftgan_compare_costs(swiftgan_model *model, const char *options_json, char *report_json,
                                       size_t capacity, size_t *needed);

/* ---- Families side by side ------------------------------------------------------------------- */

/* Trains families of models on the same samples for the same time, and measures what each can do.
 * Options (NULL: defaults), a JSON object:
 *   "families": "all"      (those that make samples from chance alone) or a list of names, in the report's order
 *   "minutes": 2           of the whole comparison, above 0; training takes three fifths, divided equally, and each measure takes as many
 *                          samples as its part of the rest allows
 *   "steps"                instead of "minutes": steps of each family, or an object of steps by family (others make none). Then everything
 *                          but speeds is a function of data and options
 *   "batch": 64            samples in a minibatch, or all of the data where there are fewer
 *   "held_out"             samples that are not trained on, at least 7 (a sixth of the data, at most 1000), drawn by the seed
 *   "seed": 1              of everything
 *   "configurations"       {family: members of its configuration beside those that fit the data}
 * The report: {"data": {"shape", "images", "binary", "trained_on", "held_out", "scale": [low, high]
 * or null}, "minutes", "seed", "seconds", "families": [one object each]}. A family that cannot take
 * the data has the reason in "refusal". Each object: "family", "refusal", "steps",
 * "training_seconds", "stopped" (why it ended early, or null), "likelihood": {"kind": "exact",
 * "bound" or "estimate", "of": "probability" or "density" (by "scale", where there is one),
 * "binarization", "nats" a sample and their "standard_error", "bits_per_dimension", "count",
 * "by_options": [{"options" of swiftgan_model_log_likelihood, "nats" of the first 64 samples}],
 * from the loosest bound on; [{}: the default]}, "distances" of samples and held-out ones by their
 * elements on the common scale: {"count", "frechet_distance" (with "frechet_features" or
 * "frechet_distance_missing" as in swiftgan_evaluate), "precision", "recall", "density",
 * "coverage", "modes": {"found", "all", "high_quality"} or null}, "parzen_window" as in
 * swiftgan_evaluate, "sampling": "parallel", "sequential" or "chain", "samples": "drawn", or
 * "means" of the distribution that the likelihood is of, "latency_seconds" of one sample,
 * "samples_per_second", "latent_size", "full_support" (false: samples lie on a set of fewer
 * dimensions than they have elements; null: unknown), "completion_error" (mean squared difference
 * of the right half of images, the second half of vectors, where the other half is known; both by
 * standardized columns where vectors have units of their own), "missing": {what was not measured:
 * why}, "configuration" without defaults. What a family cannot do is null. report_json needs room
 * for 65536 bytes and six times the length of the options; with NULL and 0 *needed is that size,
 * and nothing is trained. Fails with CONFIG (options), MISMATCH (fewer than 42 samples), ARGUMENT
 * ("held_out"), and a file's errors. */
swiftgan_status swiftgan_compare(swiftgan_dataset *data, const char *options_json, char *report_json,
                                 size_t capacity, size_t *needed);

/* ---- What data is like ----------------------------------------------------------------------- */

/* What swiftgan_dataset_info says, "missing_share" of the elements, and beside it "class_counts":
 * […] labelled samples of each class, and over all elements of 10,000 samples, evenly over the
 * whole, "lowest", "highest", "mean" and "deviation". Reads samples, so it may fail as reading
 * does. */
swiftgan_status swiftgan_dataset_describe(swiftgan_dataset *data, char *json, size_t capacity,
                                          size_t *needed);

/* A dataset made of another, whatever that came from: the options "classes", "labelled", "stack"
 * (and "count"), "degrade", "shuffle_block", "flip", "shift" and "seed" of swiftgan_dataset_open.
 * "values": [low, high] gives the values of black and white in samples that came as floats (arrays,
 * functions, tables), for example [0, 1]: a model whose data.range is another receives them scaled
 * to its own. Samples are shared, not copied; the other handle may be destroyed. Gives a handle as
 * swiftgan_dataset_open does. Fails with CONFIG (options), MISMATCH (not the images that an option
 * needs), ARGUMENT, LIMIT. */
swiftgan_status swiftgan_dataset_derive(swiftgan_dataset **out, swiftgan_dataset *data,
                                        const char *options_json);

/* Pairs of two datasets: the samples of `targets`, each made from the one of `inputs` at its place.
 * Both may be destroyed. Gives a handle as swiftgan_dataset_open does. Fails with MISMATCH (another
 * number; files of folders without a counterpart of their name), ARGUMENT (conditions that are
 * there already). */
swiftgan_status swiftgan_dataset_pair(swiftgan_dataset **out, swiftgan_dataset *inputs,
                                      swiftgan_dataset *targets);

/* As swiftgan_dataset_from_memory, with elements that are NaN where they are missing. Only models
 * of the family "gain" learn from such data (others: MISMATCH). Fails with ARGUMENT also where
 * nothing is known of a sample. */
swiftgan_status swiftgan_dataset_with_missing(swiftgan_dataset **out, const float *samples, size_t count,
                                              const uint64_t *dims, size_t rank,
                                              const swiftgan_inputs *inputs);

/* ---- Data from a function -------------------------------------------------------------------- */

/* Writes n samples, the ones with the given indices, one after another, and returns 0. It is called
 * on the thread that trains, reads or evaluates, within that call: it must not use the same dataset
 * or model (BUSY), other handles it may. An index must always give the same sample; then training
 * resumes bit for bit. Any other result ends the call with SWIFTGAN_ERROR_CANCELLED. */
typedef int32_t (*swiftgan_read_samples)(void *user, const uint64_t *index, size_t n, float *samples);

/* count samples, dims[0] x ... x dims[rank - 1] floats each (rank 1 to 3), that `read` makes when
 * they are wanted; labels and conditions as in swiftgan_dataset_from_memory, copied. A call that
 * reads fails with ARGUMENT where a value is NaN, infinite or was not written, MISMATCH where it
 * lies beyond the model's range, CANCELLED; a training keeps the steps that were made before.
 * `read` and what `user` points to must last as long as this dataset and those derived from it.
 * Fails with ARGUMENT. */
swiftgan_status swiftgan_dataset_from_callback(swiftgan_dataset **out, size_t count, const uint64_t *dims,
                                               size_t rank, const swiftgan_inputs *inputs,
                                               swiftgan_read_samples read, void *user);

/* ---- Features -------------------------------------------------------------------------------- */

/* swiftgan_evaluate's distances between two sets of the caller's own features, real_count x size
 * and fake_count x size floats. Options (NULL: defaults): "seed": 1, "ridge": 0. Fails with
 * ARGUMENT (fewer than 7 samples, NaN or infinity, more features than samples without a ridge),
 * CONFIG (options). */
swiftgan_status swiftgan_evaluate_features(const float *real, size_t real_count, const float *fake,
                                           size_t fake_count, size_t size, const char *options_json,
                                           char *report_json, size_t capacity, size_t *needed);

#ifdef __cplusplus
}
#endif
#endif
