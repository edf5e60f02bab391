#include "sim/trace/tcp_changes.h"

#include <fmt/format.h>

namespace fourtuple::trace {

std::vector<NumberChange> tcp_changes(const TcpNumbers& before, const TcpNumbers& after) {
  std::vector<NumberChange> changes;
  const auto number = [&](std::string_view name, std::uint64_t old, std::uint64_t young) {
    if (old != young) changes.push_back({name, std::to_string(old), std::to_string(young)});
  };
  number("sequence number", before.seq.raw, after.seq.raw);
  number("acknowledgement", before.ack.raw, after.ack.raw);
  if (before.flags != after.flags)
    changes.push_back({"TCP flags", fmt::format("{:#04x}", before.flags), fmt::format("{:#04x}", after.flags)});
  number("window", before.window, after.window);
  number("MSS", before.mss, after.mss);
  number("timestamp", before.ts_value, after.ts_value);
  number("timestamp echo", before.ts_echo, after.ts_echo);
  return changes;
}

std::string change_words(const NumberChange& change) {
  return fmt::format("{} {} → {}", change.name, change.before, change.after);
}

}  // namespace fourtuple::trace
