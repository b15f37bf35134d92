/* embed.h as JavaScript calls it: no structs to lay out, no 64-bit integers, and one import for
 * the files that a world names. */
#include <emscripten.h>
#include <stdint.h>

#include "nairi/mock/embed.h"

__attribute__((import_module("nairi"), import_name("open_file"))) int nairi_js_open_file(
    const char* path, nairi_bytes* file);

static int open_file(void* context, const char* path, nairi_bytes* file) {
  (void)context;
  return nairi_js_open_file(path, file);
}

EMSCRIPTEN_KEEPALIVE nairi_fake* fake_new(const char* world, size_t world_size, const char* options,
                                          size_t options_size, char** error) {
  const nairi_fake_spec spec = {{world, world_size}, {options, options_size}, open_file, NULL};
  return nairi_fake_new(&spec, error);
}

/* The head is the first of `size` bytes, and the body the others. */
EMSCRIPTEN_KEEPALIVE nairi_reply* fake_handle(nairi_fake* fake, const char* request,
                                              size_t head_size, size_t size, double connection,
                                              double received_us, double unix_ms) {
  const nairi_request sent = {{request, head_size},
                              {request + head_size, size - head_size},
                              (uint64_t)connection,
                              (int64_t)received_us,
                              (int64_t)unix_ms};
  return nairi_fake_handle(fake, &sent);
}

/* What a reply has besides its bytes, as numbers: the fields of nairi_reply in their order. */
EMSCRIPTEN_KEEPALIVE void reply_numbers(const nairi_reply* reply, double* numbers) {
  numbers[0] = (double)reply->delay_ms;
  numbers[1] = (double)reply->after_bytes;
  numbers[2] = (double)reply->drip_bytes_per_s;
  numbers[3] = (double)reply->sending_ms;
  numbers[4] = reply->status;
  numbers[5] = reply->ending;
  numbers[6] = reply->encoding;
  numbers[7] = reply->is_whole;
  numbers[8] = (double)(uintptr_t)reply->head.data;
  numbers[9] = (double)reply->head.size;
  numbers[10] = (double)(uintptr_t)reply->body.data;
  numbers[11] = (double)reply->body.size;
}

EMSCRIPTEN_KEEPALIVE int reply_is_held(const nairi_reply* reply) {
  return nairi_reply_is_held(reply);
}
EMSCRIPTEN_KEEPALIVE int reply_is_cancelled(const nairi_reply* reply) {
  return nairi_reply_is_cancelled(reply);
}
EMSCRIPTEN_KEEPALIVE void reply_free(nairi_reply* reply) {
  nairi_reply_free(reply);
}
EMSCRIPTEN_KEEPALIVE char* fake_states(const nairi_fake* fake) {
  return nairi_fake_states(fake);
}
EMSCRIPTEN_KEEPALIVE void text_free(char* text) {
  nairi_text_free(text);
}
EMSCRIPTEN_KEEPALIVE int abi(void) {
  return nairi_abi();
}
EMSCRIPTEN_KEEPALIVE const char* version(void) {
  return nairi_version();
}
