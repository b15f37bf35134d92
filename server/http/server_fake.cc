// Apart from server.cc, so that the HTTP server can be linked without the engine.
#include <utility>

#include "nairi/mock/fake.h"
#include "nairi/mock/server.h"

namespace nairi::mock {

Server::Server(Fake& fake, ServerOptions options)
    : Server([&fake](const Request& request) { return fake.handle(request); }, std::move(options)) {
}

}  // namespace nairi::mock
