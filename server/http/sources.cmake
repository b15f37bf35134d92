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
