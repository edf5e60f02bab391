// The name a client asks for in the first bytes it sends: TLS's server_name (RFC 6066 section 3) and HTTP/1's Host.
#pragma once

#include <cstdint>
#include <string>

#include "sim/wire/bytes.h"

namespace fourtuple::capture {

enum class NameSearch : std::uint8_t {
  absent,   // these bytes are something else, or have no such name
  unknown,  // the bytes end before it
  found
};

struct AskedName {
  NameSearch search = NameSearch::absent;
  std::string name = {};  // found: printable (escaped())
};

// `stream`: what one side sent, from its first byte on, as far as known.
AskedName read_server_name(Bytes stream);
AskedName read_http_host(Bytes stream);

}  // namespace fourtuple::capture
