#include "harness/selftest/meddling.h"

#include <utility>

namespace nairi::contracts {
namespace {

class Meddling : public Transport {
 public:
  Meddling(std::shared_ptr<Transport> inner, Meddle meddle)
      : inner_(std::move(inner)), meddle_(std::move(meddle)) {}

  Result<HttpReply> send(const HttpRequest& request) override {
    return meddle_(request, [this](const HttpRequest& changed) { return inner_->send(changed); });
  }
  Clock& clock() override { return inner_->clock(); }

 private:
  std::shared_ptr<Transport> inner_;
  Meddle meddle_;
};

}  // namespace

InProcessClient behind(Meddle meddle) {
  return [meddle = std::move(meddle)](const Json& job, std::shared_ptr<Transport> transport) {
    return own_client(job, std::make_shared<Meddling>(std::move(transport), meddle));
  };
}

InProcessClient reading(const std::string& operation, const Edit& edit) {
  return behind([=](const HttpRequest& request, const Send& send) {
    auto reply = send(request);
    if (!reply || reply->status != 200 || operation_id(request) != operation) return reply;
    Json body = Json::parse(reply->body, nullptr, false);
    if (body.is_discarded()) return reply;
    edit(body);
    reply->body = body.dump();
    return reply;
  });
}

InProcessClient sending(std::function<void(HttpRequest&)> edit) {
  return behind([edit = std::move(edit)](HttpRequest request, const Send& send) {
    edit(request);
    return send(request);
  });
}

InProcessClient repeating(int times, Notices again) {
  return behind([times, again = std::move(again)](const HttpRequest& request, const Send& send) {
    auto reply = send(request);
    if (!again(request, reply)) return reply;
    for (int i = 0; i < times; ++i) reply = send(request);
    return reply;
  });
}

InProcessClient noting(const Notices& notices, const Edit& edit) {
  return [=](const Json& job, const std::shared_ptr<Transport>& transport) {
    bool noticed = false;
    const Meddle watch = [&](const HttpRequest& request, const Send& send) {
      auto reply = send(request);
      noticed = noticed || notices(request, reply);
      return reply;
    };
    ClientAnswer answer = own_client(job, std::make_shared<Meddling>(transport, watch));
    if (noticed) edit(answer.result);
    return answer;
  };
}

InProcessClient then(std::function<void(const Json& job, Json& result)> edit) {
  return [edit = std::move(edit)](const Json& job, const std::shared_ptr<Transport>& transport) {
    ClientAnswer answer = own_client(job, transport);
    edit(job, answer.result);
    return answer;
  };
}

InProcessClient given(std::function<void(Json& job)> edit) {
  return [edit = std::move(edit)](Json job, const std::shared_ptr<Transport>& transport) {
    edit(job);
    return own_client(job, transport);
  };
}

Notices is_lost(const std::string& operation) {
  return [=](const HttpRequest& request, const Result<HttpReply>& reply) {
    return !reply && reply.error().code == ErrorCode::connection_lost &&
           operation_id(request) == operation;
  };
}

Notices is_unreadable(const std::string& operation) {
  return [=](const HttpRequest& request, const Result<HttpReply>& reply) {
    return reply && reply->status == 200 && operation_id(request) == operation &&
           !Json::accept(reply->body);
  };
}

Notices has_status(const std::string& operation, int status) {
  return [=](const HttpRequest& request, const Result<HttpReply>& reply) {
    return reply && reply->status == status && operation_id(request) == operation;
  };
}

Result<HttpReply> no_answer(const std::string& message, int status) {
  Error error;
  error.code = ErrorCode::malformed_reply;
  error.status = status;
  error.message = message;
  return tl::unexpected(error);
}

}  // namespace nairi::contracts
