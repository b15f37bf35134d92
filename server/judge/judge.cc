#include "judge/judge.h"

#include <algorithm>

#include "judge/figures.h"

namespace nairi::mock {

void Judge::observe(const Exchange& exchange) {
  ++bodies_.requests;
  bodies_.request_bytes += exchange.request.body.size();
  bodies_.reply_bytes += exchange.reply.body.size();
  turns_.observe(exchange);
  retries_.observe(exchange);
  pages_.observe(exchange);
  manners_.observe(exchange);
}

Verdicts Judge::verdicts() const {
  Verdicts all;
  all.traffic = turns_.figures();
  all.traffic.requests = bodies_.requests;
  all.traffic.request_bytes = bodies_.request_bytes;
  all.traffic.reply_bytes = bodies_.reply_bytes;
  turns_.report(all.verdicts);
  retries_.report(turns_, all.verdicts);
  pages_.report(all.verdicts);
  manners_.report(all.verdicts);
  std::sort(all.verdicts.begin(), all.verdicts.end(), [](const Verdict& a, const Verdict& b) {
    return find_rule(a.rule) < find_rule(b.rule);  // places in one table
  });
  append_figures(all);
  return all;
}

}  // namespace nairi::mock
