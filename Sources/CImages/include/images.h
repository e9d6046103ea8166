#ifndef SG_IMAGES_H
#define SG_IMAGES_H
#include <stddef.h>
#include <stdint.h>
/* PNG through libpng, whose errors (setjmp, longjmp) never leave C. */
typedef enum { SG_PNG_OK = 0, SG_PNG_NOMEM, SG_PNG_SINK, SG_PNG_LIBRARY } sg_png_status;
/* Receives encoded bytes; returns 0 to go on. */
typedef int (*sg_png_sink)(void *context, const uint8_t *bytes, size_t n);
/* 8 bits a channel; channels 1 (grey), 3 (RGB), 4 (RGBA); rows one after another. */
sg_png_status sg_png_write(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                           sg_png_sink sink, void *context);
#endif
