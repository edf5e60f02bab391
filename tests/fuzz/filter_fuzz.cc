// Filters: any text ends in an expression that holds or not for every mask, or in an error with a place inside the
// text; suggestions for it are longer than what they complete. libpcap is not asked: its part is only cut out.
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/check.h"
#include "sim/replay/filter/parse.h"
#include "sim/replay/filter/suggest.h"

namespace {

using namespace fourtuple;

const trace::Trace& small_trace() {
  static trace::Trace trace(trace::Level::facts);
  if (trace.published() > 0) return trace;
  trace::Tables& tables = trace.mutable_tables();
  for (const char* name : {"anna", "server"}) {
    trace::HostInfo host;
    host.name = tables.strings.intern(name);
    tables.topology.hosts.push_back(host);
  }
  const StringId program = tables.strings.intern("browser"), user = tables.strings.intern("anna");
  trace.append(Time{0}, {0}, trace::ProcessStarted{{0}, program, user, 1204, false, 0});
  trace.publish();
  return trace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  replay::FilterNames names(small_trace());
  names.refresh();
  const replay::BpfCompiler bpf = [&](const std::string& part) -> Outcome<replay::BpfProgram> {
    FT_CHECK(!part.empty() && text.find(part) != std::string_view::npos);
    if (part.size() % 7 == 0) return fail("syntax error");
    return [](PacketId, std::uint64_t) { return true; };
  };
  const auto parsed = replay::parse_filter(text, names, bpf);
  if (!parsed) {
    const Error& error = parsed.error();
    FT_CHECK(error.where.line == 1 && error.where.column >= 1 && !error.message.empty());
    FT_CHECK(static_cast<std::size_t>(error.where.column) <= size + 1);
  } else {
    FT_CHECK(parsed->atoms().size() <= replay::FilterExpression::most_atoms);
    for (const std::uint32_t mask : {0u, 1u, 0x55555555u, 0xffffffffu}) static_cast<void>(parsed->holds(mask));
  }
  for (const replay::FilterSuggestion& entry : replay::suggest_filter(text, names)) FT_CHECK(!entry.text.empty());
  return 0;
}
