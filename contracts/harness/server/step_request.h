// What a step's call sends, with its names filled in.
//
//   const HttpRequest request = make_request({.method = "GET", .path = "/messages/{message}"},
//   values);
#ifndef NAIRI_CONTRACTS_HARNESS_SERVER_STEP_REQUEST_H_
#define NAIRI_CONTRACTS_HARNESS_SERVER_STEP_REQUEST_H_

#include "harness/cases/case.h"
#include "harness/cases/values.h"
#include "nairi/transport.h"

namespace nairi::contracts {

// `values` must have an "api_key", unless the call has an `auth` of its own.
HttpRequest make_request(const StepCall& call, const Values& values);

}  // namespace nairi::contracts

#endif  // NAIRI_CONTRACTS_HARNESS_SERVER_STEP_REQUEST_H_
