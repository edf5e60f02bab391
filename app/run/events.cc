#include "app/run/events.h"

#include <nlohmann/json.hpp>

#include "app/rule_text.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

class JsonFields : public trace::Fields {
 public:
  void number(std::string_view key, std::int64_t value) override { object_[std::string(key)] = value; }
  void text(std::string_view key, std::string_view value) override { object_[std::string(key)] = value; }
  void flag(std::string_view key, bool value) override { object_[std::string(key)] = value; }
  std::string line() const {
    return object_.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }

 private:
  nlohmann::ordered_json object_ = nlohmann::ordered_json::object();
};

}  // namespace

bool is_told_in_text(trace::Kind kind) {
  using trace::Kind;
  switch (kind) {
    case Kind::packet_created:
    case Kind::packet_quoted:
    case Kind::descriptor_opened:
    case Kind::descriptor_closed:
    case Kind::descriptor_flags:
    case Kind::process_forked:
    case Kind::local_created:
    case Kind::local_changed:
    case Kind::local_owner:
    case Kind::local_closed:
    case Kind::local_queues:
    case Kind::local_read:
    case Kind::socket_created:
    case Kind::socket_bound:
    case Kind::socket_connected:
    case Kind::socket_listening:
    case Kind::socket_owner:
    case Kind::socket_closed:
    case Kind::stream_written:
    case Kind::socket_queues:
      return false;
    default:
      return true;
  }
}

EventLog::EventLog(const trace::Trace& trace, EventFormat format, trace::Level level)
    : narrator_(trace, rule_values(trace.tables())), trace_(&trace), format_(format), level_(level) {}

void EventLog::take(std::string& out) {
  while (narrator_.next()) {
    const trace::Kind kind = trace_->at(narrator_.position())->kind;
    if (trace::level_of(kind) > level_) continue;
    if (wanted_ && !wanted_(*trace_->at(narrator_.position()))) continue;
    if (format_ == EventFormat::ndjson) {
      JsonFields fields;
      narrator_.fields(fields);
      out += fields.line();
    } else if (is_told_in_text(kind)) {
      out += narrator_.text();
      out += '\n';
    }
  }
}

}  // namespace fourtuple::app
