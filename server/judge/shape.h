// The documented shape of request bodies, as far as the engine reads them. The whole of it is in
// the API's description, which a harness can check requests against.
#ifndef NAIRI_MOCK_JUDGE_SHAPE_H_
#define NAIRI_MOCK_JUDGE_SHAPE_H_

#include <optional>
#include <string>

#include "nairi/mock/exchange.h"
#include "protocol/operation.h"

namespace nairi::mock {

// Whether the operation takes a body.
bool takes_body(Operation operation);

// What is wrong with the body: "prompt is required". nullopt when its shape is right, also when
// its values are not (an unknown agent, an empty prompt): these are the user's, not the client's.
std::optional<std::string> shape_mistake(Operation operation, const Request& request);

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_JUDGE_SHAPE_H_
