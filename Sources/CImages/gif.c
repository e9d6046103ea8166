#include "images.h"
#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

enum { COLORS = 256 };

/* What is written, and where it goes. */
struct sg_gif {
  GifFileType *file;
  uint32_t width, height;
  int channels;
  sg_image_sink sink;
  void *context;
  int failed;           /* whether the sink refused */
  GifByteType *planes;  /* of RGB pictures: the three channels one after another */
  GifByteType *indices; /* a picture's colors by number */
};

static int deliver(GifFileType *file, const GifByteType *bytes, int n) {
  sg_gif *gif = file->UserData;
  if (gif->failed || gif->sink(gif->context, bytes, (size_t)n)) {
    gif->failed = 1;
    return 0;
  }
  return n;
}

static sg_image_status status_of(const sg_gif *gif, int error) {
  if (gif->failed) return SG_IMAGE_SINK;
  return error == E_GIF_ERR_NOT_ENOUGH_MEM ? SG_IMAGE_NOMEM : SG_IMAGE_LIBRARY;
}

void sg_gif_free(sg_gif *gif) {
  if (!gif) return;
  int error;
  if (gif->file) EGifCloseFile(gif->file, &error);
  free(gif->planes);
  free(gif->indices);
  free(gif);
}

/* Netscape's extension: the animation is repeated forever. */
static int put_loop(GifFileType *file) {
  static const unsigned char forever[3] = {1, 0, 0};
  return EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
         EGifPutExtensionBlock(file, 11, "NETSCAPE2.0") == GIF_OK &&
         EGifPutExtensionBlock(file, sizeof forever, forever) == GIF_OK &&
         EGifPutExtensionTrailer(file) == GIF_OK;
}

sg_image_status sg_gif_begin(sg_gif **made, uint32_t width, uint32_t height, int channels, sg_image_sink sink,
                             void *context) {
  *made = NULL;
  if (!width || !height || width > SG_GIF_SIDE || height > SG_GIF_SIDE || (channels != 1 && channels != 3))
    return SG_IMAGE_LIMIT;
  size_t count = (size_t)width * height;
  sg_gif *gif = calloc(1, sizeof *gif);
  if (!gif) return SG_IMAGE_NOMEM;
  *gif = (sg_gif){NULL, width, height, channels, sink, context, 0, NULL, NULL};
  if (channels == 3) {
    gif->planes = malloc(3 * count);
    gif->indices = malloc(count);
  }
  int error = E_GIF_ERR_NOT_ENOUGH_MEM;
  ColorMapObject *grays = NULL;
  int is_made = 0;
  if (channels == 1 || (gif->planes && gif->indices)) gif->file = EGifOpen(gif, deliver, &error);
  if (gif->file) {
    EGifSetGifVersion(gif->file, true);
    if (channels == 1 && (grays = GifMakeMapObject(COLORS, NULL)))
      for (int i = 0; i < COLORS; i++)
        grays->Colors[i] = (GifColorType){(GifByteType)i, (GifByteType)i, (GifByteType)i};
    is_made = (channels == 3 || grays) &&
              EGifPutScreenDesc(gif->file, (int)width, (int)height, 8, 0, grays) == GIF_OK &&
              put_loop(gif->file);
    if (grays) GifFreeMapObject(grays);
    error = channels == 1 && !grays ? E_GIF_ERR_NOT_ENOUGH_MEM : gif->file->Error;
  }
  if (!is_made) {
    sg_image_status status = status_of(gif, error);
    sg_gif_free(gif);
    return status;
  }
  *made = gif;
  return SG_IMAGE_OK;
}

/* The 256 colors of an RGB picture that represent it best, by the median cut; its pixels as their
 * numbers. */
static ColorMapObject *quantized(sg_gif *gif, const uint8_t *pixels) {
  size_t count = (size_t)gif->width * gif->height;
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < 3; k++) gif->planes[k * count + i] = pixels[3 * i + k];
  ColorMapObject *map = GifMakeMapObject(COLORS, NULL);
  int colors = COLORS;
  if (map && GifQuantizeBuffer(gif->width, gif->height, &colors, gif->planes, gif->planes + count,
                               gif->planes + 2 * count, gif->indices, map->Colors) != GIF_OK) {
    GifFreeMapObject(map);
    map = NULL;
  }
  /* It computes with 5 bits a channel, whose greatest value is to be 255. */
  for (int i = 0; map && i < COLORS; i++) {
    GifColorType *c = &map->Colors[i];
    c->Red |= c->Red >> 5, c->Green |= c->Green >> 5, c->Blue |= c->Blue >> 5;
  }
  return map;
}

sg_image_status sg_gif_add(sg_gif *gif, const uint8_t *pixels, unsigned hundredths) {
  GraphicsControlBlock control = {DISPOSE_DO_NOT, false, (int)hundredths, NO_TRANSPARENT_COLOR};
  GifByteType extension[4];
  size_t size = EGifGCBToExtension(&control, extension);
  ColorMapObject *map = NULL;
  if (gif->channels == 3 && !(map = quantized(gif, pixels))) return SG_IMAGE_NOMEM;
  const GifByteType *rows = map ? gif->indices : pixels;
  int is_put = EGifPutExtension(gif->file, GRAPHICS_EXT_FUNC_CODE, (int)size, extension) == GIF_OK &&
               EGifPutImageDesc(gif->file, 0, 0, (int)gif->width, (int)gif->height, false, map) == GIF_OK;
  /* The library may mask a line's pixels in place. */
  for (uint32_t y = 0; is_put && y < gif->height; y++)
    is_put = EGifPutLine(gif->file, (GifPixelType *)(uintptr_t)(rows + (size_t)y * gif->width),
                         (int)gif->width) == GIF_OK;
  if (map) GifFreeMapObject(map);
  return is_put ? SG_IMAGE_OK : status_of(gif, gif->file->Error);
}

sg_image_status sg_gif_end(sg_gif *gif) {
  int error = 0;
  int is_closed = EGifCloseFile(gif->file, &error) == GIF_OK;
  gif->file = NULL;
  sg_image_status status = is_closed && !gif->failed ? SG_IMAGE_OK : status_of(gif, error);
  sg_gif_free(gif);
  return status;
}
