/* The C ABI as a program in C99 uses it: what comes out, and that nothing that comes in does harm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nairi/mock/embed.h"

static int failures = 0;
static int checks = 0;

static void check(int holds, const char* what, int line) {
  ++checks;
  if (holds) return;
  ++failures;
  fprintf(stderr, "embed_test.c:%d: expected %s\n", line, what);
}
#define CHECK(condition) check((condition) != 0, #condition, __LINE__)

static nairi_bytes text(const char* words) {
  nairi_bytes bytes;
  bytes.data = words;
  bytes.size = strlen(words);
  return bytes;
}

/* Copies, so that a read beyond the end is seen under AddressSanitizer. */
static nairi_bytes copied(const char* words, size_t size) {
  nairi_bytes bytes;
  char* copy = malloc(size == 0 ? 1 : size);
  memcpy(copy, words, size);
  bytes.data = copy;
  bytes.size = size;
  return bytes;
}

static int has(nairi_bytes bytes, const char* words) {
  size_t i;
  const size_t length = strlen(words);
  for (i = 0; i + length <= bytes.size; ++i) {
    if (memcmp(bytes.data + i, words, length) == 0) return 1;
  }
  return 0;
}

static nairi_fake* made(const char* world, const char* options) {
  nairi_fake_spec spec = {0};
  char* error = NULL;
  nairi_fake* fake;
  spec.world = text(world);
  spec.options = text(options);
  fake = nairi_fake_new(&spec, &error);
  if (fake == NULL) {
    fprintf(stderr, "embed_test.c: no fake: %s\n", error);
    exit(1);
  }
  return fake;
}

static nairi_reply* asked(nairi_fake* fake, const char* head, const char* body) {
  nairi_request request = {0};
  nairi_reply* reply;
  request.head = copied(head, strlen(head));
  request.body = copied(body, strlen(body));
  reply = nairi_fake_handle(fake, &request);
  free((void*)request.head.data);
  free((void*)request.body.data);
  return reply;
}

#define KEY "Authorization: Bearer nr_test\r\n"
#define START "POST /api/public/v1/conversations/start HTTP/1.1\r\n" KEY "\r\n"
#define HELLO "{\"agent_id\": \"my-agent\", \"prompt\": \"Hello\"}"

/* Whether spec is refused with these words. */
static int is_refused(nairi_fake_spec spec, const char* words) {
  char* error = NULL;
  nairi_fake* fake = nairi_fake_new(&spec, &error);
  const int refused = fake == NULL && error != NULL && strstr(error, words) != NULL;
  if (!refused) fprintf(stderr, "got: %s\n", error == NULL ? "no error" : error);
  nairi_text_free(error);
  nairi_fake_free(fake);
  return refused;
}

static void plays_a_conversation(void) {
  nairi_fake* fake = nairi_fake_new(NULL, NULL);
  nairi_reply* reply = asked(fake, START, HELLO);
  CHECK(reply->status == 200);
  CHECK(has(reply->body, "\"job_id\""));
  CHECK(has(reply->head, "Content-Type: application/json\r\n"));
  CHECK(has(reply->head, "Content-Length: "));
  CHECK(reply->ending == NAIRI_WHOLE && reply->is_whole == 1 && reply->sending_ms == 0);
  CHECK(nairi_reply_is_cancelled(reply) == 0);
  nairi_fake_free(fake);
  CHECK(has(reply->body, "\"message_id\"")); /* it outlives its fake */
  nairi_reply_free(reply);
}

static void same_calls_give_the_same_bytes(void) {
  nairi_fake* one = made("", "{\"seed\": 7}");
  nairi_fake* same = made("builtin:default", "{\"seed\": 7}");
  nairi_fake* other = made("", "{\"seed\": 8}");
  nairi_reply* a = asked(one, START, HELLO);
  nairi_reply* b = asked(same, START, HELLO);
  nairi_reply* c = asked(other, START, HELLO);
  CHECK(a->body.size == b->body.size && memcmp(a->body.data, b->body.data, a->body.size) == 0);
  CHECK(a->body.size != c->body.size || memcmp(a->body.data, c->body.data, a->body.size) != 0);
  nairi_reply_free(a);
  nairi_reply_free(b);
  nairi_reply_free(c);
  nairi_fake_free(one);
  nairi_fake_free(same);
  nairi_fake_free(other);
}

static void bad_heads_are_answered_with_what_was_expected(void) {
  static const char* const heads[] = {"",
                                      "\r\n\r\n",
                                      "GET",
                                      "GET / HTTP/9.9",
                                      "G T / HTTP/1.1",
                                      "GET /\x01 HTTP/1.1",
                                      "GET / HTTP/1.1\r\nno field\r\n\r\n",
                                      "GET / HTTP/1.1\n : \n\n"};
  nairi_fake* fake = made("", "");
  nairi_reply* reply;
  size_t i;
  for (i = 0; i < sizeof heads / sizeof heads[0]; ++i) {
    reply = asked(fake, heads[i], "");
    CHECK(reply->status == 400 || reply->status == 505);
    CHECK(has(reply->body, "{\"error\":\"expected"));
    nairi_reply_free(reply);
  }
  reply = nairi_fake_handle(fake, NULL);
  CHECK(reply->status == 400);
  nairi_reply_free(reply);
  nairi_fake_free(fake);
}

static void a_body_may_hold_any_bytes(void) {
  static const char bytes[] = "\0\xff\xfe{\0}";
  nairi_fake* fake = made("", "");
  nairi_request request = {0};
  nairi_reply* reply;
  request.head = text(START);
  request.body = copied(bytes, sizeof bytes);
  reply = nairi_fake_handle(fake, &request);
  CHECK(reply->status == 400);
  nairi_reply_free(reply);
  free((void*)request.body.data);
  nairi_fake_free(fake);
}

static void to_head_only_the_length_is_said(void) {
  nairi_fake* fake = made("", "");
  nairi_reply* get = asked(fake, "GET /__mock/health HTTP/1.1\nHost: localhost\n\n", "");
  nairi_reply* head = asked(fake, "HEAD /__mock/health HTTP/1.1\nHost: localhost\n\n", "");
  CHECK(get->status == 200 && get->body.size > 0);
  CHECK(has(get->body, nairi_version()));
  CHECK(head->body.size == 0 && has(head->head, "Content-Length: "));
  nairi_reply_free(get);
  nairi_reply_free(head);
  nairi_fake_free(fake);
}

static void wrong_specs_are_refused_in_words(void) {
  nairi_fake_spec spec = {0};
  spec.options = text("{\"sed\": 1}");
  CHECK(is_refused(spec, "options:1:2: unknown key \"sed\"; did you mean \"seed\"?"));
  spec.options = text("{\"clock\": \"wall\", \"speed\": 0}");
  CHECK(is_refused(spec, "/speed: expected a number above 0, got the number 0"));
  spec.options = text("{\"speed\": 2}");
  CHECK(is_refused(spec, "\"speed\" goes with \"clock\": \"wall\" only"));
  spec.options = text("{\"clock\": \"sun\", \"seed\": -1, \"judge\": 1}");
  CHECK(
      is_refused(spec, "/clock: expected \"poll\", \"virtual\" or \"wall\", got the text \"sun\""));
  CHECK(is_refused(spec, "/seed: expected"));
  CHECK(is_refused(spec, "/judge: expected"));
  spec.options = text("{\"cors_origins\": [\"http://a/b\"]}");
  CHECK(is_refused(spec, "/cors_origins/0: expected an origin"));
  spec.options = text("[]");
  CHECK(is_refused(spec, "options:1:1: expected an object"));
  spec.options = text("{");
  CHECK(is_refused(spec, "options:1:2: "));
  spec.options = text("{\"fidelity\": \"{}\"}");
  CHECK(is_refused(spec, "fidelity.json:1:1: missing required key \"fidelity\""));
  spec.options = text("{\"world_file\": \"refund.json\"}");
  spec.world = text("{\"agent\": []}");
  CHECK(is_refused(spec, "refund.json:1:2: unknown key \"agent\"; did you mean \"agents\"?"));
  spec.options = text("");
  CHECK(is_refused(spec, "world.json:1:2: "));
  spec.world = text("builtin:demon");
  CHECK(is_refused(spec, "no world \"demon\" is built in; did you mean \"daemon\"?"));
  CHECK(nairi_fake_new(&spec, NULL) == NULL);
}

#define WITH_FILE                                                                                 \
  "{\"agents\": [{\"agent_id\": \"a\"}], \"turns\": [{\"timeline\": [{\"status\": \"completed\"," \
  " \"reply\": \"here\", \"attachments\": [\"%s\"]}]}]}"

static const char* asked_for = NULL;
static int open_receipt(void* context, const char* path, nairi_bytes* file) {
  asked_for = strcmp(path, "files/receipt.txt") == 0 ? "files/receipt.txt" : "another";
  *file = text(context != NULL ? (const char*)context : "the shelf is empty");
  return context != NULL;
}

static void files_come_from_the_opener(void) {
  char world[400];
  char content[] = "paid";
  nairi_fake_spec spec = {0};
  nairi_fake* fake;
  snprintf(world, sizeof world, WITH_FILE, "files/receipt.txt");
  spec.world = text(world);
  CHECK(is_refused(spec, "files can only be named"));
  spec.open_file = open_receipt;
  CHECK(is_refused(spec, "the shelf is empty"));
  spec.context = content;
  fake = nairi_fake_new(&spec, NULL);
  CHECK(fake != NULL);
  CHECK(asked_for != NULL && strcmp(asked_for, "files/receipt.txt") == 0);
  nairi_fake_free(fake);
  snprintf(world, sizeof world, WITH_FILE, "../receipt.txt");
  spec.world = text(world);
  asked_for = NULL;
  CHECK(is_refused(spec, "must not lead out of the world file's folder"));
  CHECK(asked_for == NULL);
}

#define FAULT(effect)                                                                              \
  "{\"agents\": [{\"agent_id\": \"my-agent\"}], \"faults\": [{\"at\": \"start\", \"do\": {" effect \
  "}}]}"

static void faults_are_told_in_numbers(void) {
  static const struct {
    const char* world;
    int ending;
    int is_whole;
    int64_t after_bytes;
  } rows[] = {
      {FAULT("\"reset_after_bytes\": 17"), NAIRI_RESET, 0, 17},
      {FAULT("\"truncate_after_bytes\": 3"), NAIRI_TRUNCATED, 0, 3},
      {FAULT("\"empty_response\": true"), NAIRI_EMPTY, 0, 0},
  };
  size_t i;
  for (i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    nairi_fake* fake = made(rows[i].world, "");
    nairi_reply* reply = asked(fake, START, HELLO);
    CHECK(reply->ending == rows[i].ending);
    CHECK(reply->is_whole == rows[i].is_whole);
    CHECK(reply->after_bytes == rows[i].after_bytes);
    CHECK(has(reply->body, "\"job_id\"")); /* all the same */
    nairi_reply_free(reply);
    nairi_fake_free(fake);
  }
}

static void a_delay_is_told_and_ends_with_a_reset(void) {
  nairi_fake* fake = made(FAULT("\"delay_ms\": 800, \"encode\": \"gzip\""), "");
  nairi_reply* reply = asked(fake, START, HELLO);
  nairi_reply* reset;
  CHECK(reply->delay_ms == 800 && reply->sending_ms == 800);
  CHECK(reply->encoding == NAIRI_GZIP);
  CHECK(nairi_reply_is_cancelled(reply) == 0);
  reset = asked(fake, "POST /__mock/reset HTTP/1.1\r\nHost: localhost\r\n" KEY "\r\n", "");
  CHECK(reset->status == 200);
  CHECK(nairi_reply_is_cancelled(reply) == 1);
  nairi_reply_free(reset);
  nairi_fake_free(fake);
  CHECK(nairi_reply_is_cancelled(reply) == 1);
  nairi_reply_free(reply);
}

static void a_reply_is_held_until_it_is_released(void) {
  const char* release = "POST /__mock/release HTTP/1.1\r\nHost: localhost\r\n" KEY "\r\n";
  const char* name = "{\"name\": \"first\"}";
  nairi_fake* fake = made(FAULT("\"hold\": \"first\""), "");
  nairi_reply* held = asked(fake, START, HELLO);
  nairi_reply* freed = asked(fake, START, HELLO);
  nairi_reply* answer;
  CHECK(nairi_reply_is_held(held) == 1);
  CHECK(held->status == 200 && has(held->body, "\"job_id\"")); /* it was made */
  nairi_reply_free(freed); /* and is held no more */
  answer = asked(fake, release, name);
  CHECK(has(answer->body, "{\"released\":1}"));
  CHECK(nairi_reply_is_held(answer) == 0);
  CHECK(nairi_reply_is_held(held) == 0);
  nairi_reply_free(answer);
  answer = asked(fake, release, name);
  CHECK(answer->status == 404);
  nairi_reply_free(answer);
  nairi_reply_free(held);
  nairi_fake_free(fake);
}

static void the_wall_clock_is_what_the_caller_says(void) {
  nairi_fake* fake = made("", "{\"clock\": \"wall\"}");
  nairi_request request = {0};
  nairi_reply* reply;
  request.head = text(START);
  request.body = text(HELLO);
  request.unix_ms = INT64_C(2000000000000);
  nairi_reply_free(nairi_fake_handle(fake, &request));
  request.unix_ms = 0; /* it never goes back */
  request.head = text("GET /api/public/v1/agents/my-agent/conversations HTTP/1.1\r\n" KEY "\r\n");
  request.body = text("");
  reply = nairi_fake_handle(fake, &request);
  CHECK(has(reply->body, "\"created_at\":\"2033-05-18T03:33:20"));
  nairi_reply_free(reply);
  nairi_fake_free(fake);
}

static void verdicts_are_asked_at_the_control_api(void) {
  nairi_fake* fake = made("", "{\"judge\": true, \"control_token\": \"secret\"}");
  nairi_reply* reply = asked(fake, START, HELLO);
  nairi_reply_free(reply);
  reply = asked(fake, "GET /__mock/verdicts HTTP/1.1\r\nHost: localhost\r\n" KEY "\r\n", "");
  CHECK(reply->status == 200 && has(reply->body, "polls-until-terminal"));
  nairi_reply_free(reply);
  reply = asked(fake,
                "GET /__mock/verdicts?all=true HTTP/1.1\r\nHost: localhost\r\n"
                "Authorization: Bearer secret\r\n\r\n",
                "");
  CHECK(reply->status == 200);
  nairi_reply_free(reply);
  nairi_fake_free(fake);
}

static void states_are_those_of_the_world(void) {
  nairi_fake* fake = made("", "");
  char* states = nairi_fake_states(fake);
  CHECK(states != NULL && states[0] == '{' && strstr(states, "\"slack_job\"") != NULL);
  nairi_text_free(states);
  nairi_fake_free(fake);
}

/* Who follows the journal over a connection waits elsewhere: here it is answered at once. */
static void nobody_waits(void) {
  nairi_fake* fake = made("", "");
  nairi_request request = {0};
  nairi_reply* reply;
  request.head = text("GET /__mock/journal?after=0&wait_ms=60000 HTTP/1.1\r\n" KEY "\r\n");
  request.connection = 1;
  reply = nairi_fake_handle(fake, &request);
  CHECK(reply->status == 200);
  CHECK(has(reply->body, "{\"entries\":[]"));
  nairi_reply_free(reply);
  nairi_fake_free(fake);
}

static void nothing_may_be_freed(void) {
  nairi_fake_free(NULL);
  nairi_reply_free(NULL);
  nairi_text_free(NULL);
  CHECK(nairi_abi() == NAIRI_ABI);
}

int main(void) {
  plays_a_conversation();
  same_calls_give_the_same_bytes();
  bad_heads_are_answered_with_what_was_expected();
  a_body_may_hold_any_bytes();
  to_head_only_the_length_is_said();
  wrong_specs_are_refused_in_words();
  files_come_from_the_opener();
  faults_are_told_in_numbers();
  a_delay_is_told_and_ends_with_a_reset();
  a_reply_is_held_until_it_is_released();
  the_wall_clock_is_what_the_caller_says();
  verdicts_are_asked_at_the_control_api();
  states_are_those_of_the_world();
  nobody_waits();
  nothing_may_be_freed();
  printf("%d checks, %d failed\n", checks, failures);
  return failures == 0 && checks > 0 ? 0 : 1;
}
