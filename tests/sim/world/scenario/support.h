// Small helpers of the scenario tests: a base file to add to, and errors as lines.
#pragma once

#include <string>
#include <vector>

#include "sim/world/scenario/parse.h"

namespace fourtuple::world {

// Two hosts `a` (process app) and `b` (process web on 80) on one network `wire`.
inline std::string two_hosts(const std::string& more = {}) {
  return "fourtuple: 1\n"
         "networks:\n"
         "  wire: { delay: 5 ms }\n"
         "hosts:\n"
         "  a:\n"
         "    interfaces: { eth0: { network: wire, address: [192.0.2.1/24, \"2001:db8::1/64\"] } }\n"
         "    processes: { app: {} }\n"
         "  b:\n"
         "    interfaces: { eth0: { network: wire, address: [192.0.2.2/24, \"2001:db8::2/64\"] } }\n"
         "    processes: { web: { listen: \"tcp 0.0.0.0:80\", program: http } }\n" +
         more;
}

inline std::vector<std::string> error_lines(const ParseResult& result) {
  std::vector<std::string> lines;
  for (const Error& error : result.errors) lines.push_back(error.to_string());
  return lines;
}

}  // namespace fourtuple::world
