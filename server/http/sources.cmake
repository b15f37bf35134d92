list(APPEND mock_sources
  http/connection.cc
  http/framing.cc
  http/head.cc
  http/httplib_bridge.cc
  http/identity.cc
  http/loop.cc
  http/server.cc
  http/server_fake.cc
  http/stream.cc
  http/tls.cc
  http/wire_fault.cc)
# The fuzzer brings its own, instrumented: here each must be an object that can be left out.
set_source_files_properties(http/framing.cc http/head.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
