/* The fake behind a C ABI: for languages that can load a library or a WebAssembly module. C99.
 *
 *   nairi_fake* fake = nairi_fake_new(&(nairi_fake_spec){.options = text("{\"seed\": 7}")},
 * &error); nairi_reply* reply = nairi_fake_handle(fake, &(nairi_request){ .head = text("GET
 * /api/public/v1/agents HTTP/1.1\r\nAuthorization: Bearer nr_test\r\n\r\n")}); … reply->status,
 * reply->body … nairi_reply_free(reply); nairi_fake_free(fake);
 *
 * There is no socket, thread, clock or randomness behind it: the caller carries the bytes, waits
 * where a reply says so, and tells the time where it matters. All else that a fake can do is asked
 * by nairi_fake_handle() at /__mock, as over HTTP (docs/control.md).
 *
 * Bytes: texts are UTF-8 with a length, and need no NUL at their end. What goes in is copied, or
 * read before the function returns. What comes out belongs to the caller until its _free function
 * is called, which takes NULL too.
 * Errors: whatever comes in, no function throws, aborts or exits. Bad specs give NULL and an error;
 * bad requests give replies, as over HTTP. Only pointers that came from here, and were not freed,
 * may be given back.
 * Thread-safety: any function may be called from any thread at any time, but nothing is used while
 * or after it is freed. A reply may outlive its fake.
 * Compatibility: as long as nairi_abi() answers the same, functions and structs stay as they are.
 * New abilities come as options, which are JSON, and as further functions.
 */
#ifndef NAIRI_MOCK_EMBED_H_
#define NAIRI_MOCK_EMBED_H_

/* NOLINTBEGIN(modernize-*): this is C. */
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define NAIRI_EXPORT
#else
#define NAIRI_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define NAIRI_ABI 1

/* So many bytes. `data` may be NULL if `size` is 0. */
typedef struct nairi_bytes {
  const char* data;
  size_t size;
} nairi_bytes;

typedef struct nairi_fake nairi_fake;

/* Opens a file that a world names as an attachment: relative, with '/', and never leading above
 * the world's folder. Answers 1 and sets `*file`, which must stay valid until nairi_fake_new()
 * returns; or 0, and may set `*file` to the reason, in words. Must not call back into this library,
 * nor throw. */
typedef int (*nairi_open_file)(void* context, const char* path, nairi_bytes* file);

/* What a fake is made of. All zero: the built-in world and the default options. */
typedef struct nairi_fake_spec {
  /* A world file's text (docs/worlds.md), or "builtin:NAME". Empty: "builtin:default". */
  nairi_bytes world;
  /* A JSON object; empty: {}. Unknown keys are refused. As with `nairi-mock serve`:
   *   "clock"         "poll" (default), "virtual" or "wall"
   *   "speed"         a number above 0; wall clock only
   *   "seed"          a whole number from 0; default 1
   *   "keys"          "any" (default) or "listed"
   *   "mutate"        "additive"
   *   "fidelity"      the text of a ledger, which the fake follows
   *   "journal_max"   a whole number
   *   "judge"         true or false (default): whether GET /__mock/verdicts tells anything
   *   "cors_origins"  a list of origins
   * And:
   *   "world_file"    what messages call the world; default "world.json"
   *   "control_token" what `all=true` at /__mock needs; default "": never allowed */
  nairi_bytes options;
  nairi_open_file open_file; /* NULL: attachments can't be files */
  void* context;             /* for open_file */
} nairi_fake_spec;

/* NULL if the world or an option is wrong; then `*error`, if `error` is not NULL, says what is
 * wrong and where, a mistake on a line, and ends with NUL. To be freed with nairi_text_free(). */
NAIRI_EXPORT nairi_fake* nairi_fake_new(const nairi_fake_spec* spec, char** error);
NAIRI_EXPORT void nairi_fake_free(nairi_fake* fake);

/* One request, whole. */
typedef struct nairi_request {
  /* Request line and header fields as in HTTP/1.1: "GET /path HTTP/1.1\r\nName: value\r\n\r\n".
   * Lines may end with "\n" alone, and the empty line may be left out. Content-Length and
   * Transfer-Encoding mean nothing: the body is what `body` is. */
  nairi_bytes head;
  nairi_bytes body;
  /* Which connection carried it; 0: none, as in process. Only verdicts look at it. */
  uint64_t connection;
  /* When it was whole, in microseconds of a clock that never goes back; 0: nobody knows. Only
   * verdicts look at it. */
  int64_t received_us;
  /* The time, in milliseconds since 1970. The wall clock is this: it stands still between calls,
   * and never goes back. The others don't look at it. */
  int64_t unix_ms;
} nairi_request;

/* How a reply's way ends, for those who carry it over a wire or play one. */
enum {
  NAIRI_WHOLE = 0,
  NAIRI_TRUNCATED =
      1,           /* closed after `after_bytes` of the body, whose whole length was announced */
  NAIRI_RESET = 2, /* reset after `after_bytes` of the reply, head included */
  NAIRI_EMPTY = 3  /* closed without a byte */
};
enum { NAIRI_PLAIN = 0, NAIRI_CHUNKED = 1, NAIRI_GZIP = 2 };

typedef struct nairi_reply {
  int64_t delay_ms;         /* to be waited before its first byte; under the virtual and poll
                               clocks nothing in process need wait */
  int64_t after_bytes;      /* of `ending` */
  int64_t drip_bytes_per_s; /* how fast it is sent; 0: at once */
  int64_t sending_ms;       /* delay_ms, and what the dripping takes */
  int32_t status;           /* 200; 0 with NAIRI_EMPTY is never */
  int32_t ending;           /* NAIRI_WHOLE … */
  int32_t encoding;         /* how to pack the body over a wire; here it never is */
  int32_t is_whole;         /* 0: something of the body is missing when it arrives */
  nairi_bytes head;         /* header fields, "Name: value\r\n" each, Content-Type and
                               Content-Length among them; no Date, Connection or Server */
  nairi_bytes body;         /* whole, whatever `ending` says */
} nairi_reply;

/* Plays one exchange. Never NULL, unless there is no memory left. */
NAIRI_EXPORT nairi_reply* nairi_fake_handle(nairi_fake* fake, const nairi_request* request);
/* 1 while a fault holds the reply (docs/worlds.md#held-replies): who carries it keeps it until this
 * is 0, and only then `delay_ms` begins. It is let go by POST /__mock/release, which may come on
 * another thread; nothing tells when. A held reply that is freed is held no more. */
NAIRI_EXPORT int nairi_reply_is_held(const nairi_reply* reply);
/* 1 if nobody waits for the reply any more, because its organization was reset or its key revoked:
 * who still holds or delays it should drop it and close the connection. */
NAIRI_EXPORT int nairi_reply_is_cancelled(const nairi_reply* reply);
NAIRI_EXPORT void nairi_reply_free(nairi_reply* reply);

/* The named things of the fake's world (`--states`), a flat JSON object that ends with NUL; to be
 * freed with nairi_text_free(). NULL only if there is no memory left. */
NAIRI_EXPORT char* nairi_fake_states(const nairi_fake* fake);
NAIRI_EXPORT void nairi_text_free(char* text);

/* NAIRI_ABI of the library, and its version ("1.2.3"), which lives as long as it. */
NAIRI_EXPORT int nairi_abi(void);
NAIRI_EXPORT const char* nairi_version(void);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-*) */

#endif /* NAIRI_MOCK_EMBED_H_ */
