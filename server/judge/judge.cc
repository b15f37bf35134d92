#include "judge/judge.h"

#include <algorithm>

#include "judge/figures.h"
#include "protocol/credentials.h"
#include "protocol/failure.h"

namespace nairi::mock {

namespace {

void add(Strays& strays, const Exchange& exchange, std::string_view hint) {
  if (++strays.count > 1) return;
  strays.example = evidence_of(exchange).text;
  strays.hint = redacted(hint, exchange.key);
}

}  // namespace

void Judge::observe(const Exchange& exchange) {
  if (exchange.let_go) return judge(exchange);
  ++bodies_.requests;
  bodies_.request_bytes += exchange.request.body.size();
  bodies_.reply_bytes += exchange.reply.body.size();
  if (exchange.is_refused()) {
    add(refused_, exchange, exchange.refusal);
    if (exchange.misdirected || exchange.request.method.empty()) return;  // nothing to judge
  } else if (!exchange.operation) {
    add(unrouted_, exchange, header_value(exchange.reply.headers, kHintHeader));
  } else {
    ++bodies_.played;
  }
  judge(exchange);
}

// What a client makes of a reply that is held is not seen before it has it.
void Judge::judge(const Exchange& exchange) {
  turns_.observe(exchange);
  retries_.observe(exchange);
  if (exchange.held) return;
  pages_.observe(exchange);
  manners_.observe(exchange);
}

Verdicts Judge::verdicts(const RunEnd& end) const {
  Verdicts all;
  all.traffic = turns_.figures();
  all.traffic.requests = bodies_.requests;
  all.traffic.request_bytes = bodies_.request_bytes;
  all.traffic.reply_bytes = bodies_.reply_bytes;
  all.traffic.played = bodies_.played;
  all.unrouted = unrouted_;
  all.refused = refused_;
  turns_.report(end, all.verdicts);
  retries_.report(turns_, end, all.verdicts);
  pages_.report(all.verdicts);
  manners_.report(all.verdicts);
  std::sort(all.verdicts.begin(), all.verdicts.end(), [](const Verdict& a, const Verdict& b) {
    return find_rule(a.rule) < find_rule(b.rule);  // places in one table
  });
  append_figures(all);
  return all;
}

}  // namespace nairi::mock
