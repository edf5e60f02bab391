// Expectations in words.
#include <fmt/format.h>

#include "app/expect/expect.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using world::Expectation;
using world::nothing;
using world::Selector;

class Parts {
 public:
  explicit Parts(std::string_view between) : between_(between) {}
  void add(std::string_view part) {
    if (!text_.empty()) text_ += between_;
    text_ += part;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string_view between_;
};

std::string range_text(const world::PortRange& range) {
  return range.first == range.last ? std::to_string(range.first) : fmt::format("{}-{}", range.first, range.last);
}

std::string pattern_text(const Evidence& evidence, const world::EndpointPattern& pattern) {
  std::string text = "any address";
  if (pattern.host != nothing) text = evidence.scenario().hosts[pattern.host].name;
  if (pattern.address) {
    const bool whole = pattern.address->length == (pattern.address->address.family == Family::ipv4 ? 32 : 128);
    text = whole ? pattern.address->address.to_string() : pattern.address->to_string();
    if (pattern.address->address.family == Family::ipv6) text = "[" + text + "]";
  }
  if (!pattern.port.any()) text += ":" + range_text(pattern.port);
  if (pattern.not_port) text += fmt::format(" but not port {}", *pattern.not_port);
  return text;
}

std::string nth_text(const std::vector<std::uint32_t>& nth) {
  Parts parts(", ");
  for (const std::uint32_t n : nth) parts.add(std::to_string(n));
  return "number " + parts.text();
}

// "SYN, without ACK"
std::string flags_words(const Selector& selector) {
  std::string text = trace::flags_text(selector.flags_set);
  if (selector.flags_set == 0 && selector.flags_clear != 0) text = "without " + trace::flags_text(selector.flags_clear);
  return text;
}

std::string selector_text(const Evidence& evidence, const Selector& selector) {
  Parts parts(", ");
  if (selector.protocol != Protocol::none) parts.add(std::string(trace::protocol_name(selector.protocol)));
  if (selector.flags_set != 0 || selector.flags_clear != 0) parts.add(flags_words(selector));
  if (selector.socket != nothing) parts.add(fmt::format("of socket {}", evidence.socket_name(selector.socket)));
  if (selector.from) parts.add("from " + pattern_text(evidence, *selector.from));
  if (selector.to) parts.add("to " + pattern_text(evidence, *selector.to));
  if (selector.network != nothing) parts.add("on " + evidence.scenario().networks[selector.network].name);
  if (selector.sent_by != nothing) parts.add("made by " + evidence.scenario().hosts[selector.sent_by].name);
  if (selector.icmp_type) parts.add(fmt::format("ICMP type {}", *selector.icmp_type));
  if (selector.icmp_code) parts.add(fmt::format("code {}", *selector.icmp_code));
  if (selector.length) parts.add(fmt::format("{} bytes", range_text(*selector.length)));
  if (selector.after) parts.add("sent from " + trace::time_text(*selector.after) + " on");
  if (selector.before) parts.add("sent before " + trace::time_text(*selector.before));
  if (selector.reason)
    parts.add(fmt::format("dropped: {}", trace::words_of(*selector.reason)));
  else if (selector.fate == world::Fate::dropped)
    parts.add("dropped");
  else if (selector.fate == world::Fate::delivered)
    parts.add("delivered");
  if (!selector.nth.empty()) parts.add(nth_text(selector.nth));
  return parts.text().empty() ? "" : fmt::format(" ({})", parts.text());
}

std::string count_text(const world::CountRange& count) {
  if (count.least == count.most) return std::to_string(count.least);
  if (count.most == UINT64_MAX) return fmt::format("at least {}", count.least);
  if (count.least == 0) return fmt::format("at most {}", count.most);
  return fmt::format("{} to {}", count.least, count.most);
}

bool is_one(const world::CountRange& count) {
  return count.least == 1 && count.most == 1;
}

std::string received_words(const Expectation& expectation) {
  if (expectation.text) return "has read " + in_quotes(*expectation.text);
  return fmt::format("has read {} bytes", *expectation.bytes);
}

std::string socket_words(const Evidence& evidence, const Expectation& e) {
  Parts parts(", ");
  if (e.state) parts.add(fmt::format("is in {}", name_of(*e.state)));
  if (e.open) parts.add(*e.open ? "is open" : "is no longer open");
  if (e.local) parts.add("has its own end at " + pattern_text(evidence, *e.local));
  if (e.remote) parts.add("has its peer at " + pattern_text(evidence, *e.remote));
  if (e.peer_sees) parts.add("is seen by its peer as " + pattern_text(evidence, *e.peer_sees));
  if (e.fd) parts.add(fmt::format("is descriptor {}", *e.fd));
  if (e.socket_error) {
    parts.add(*e.socket_error == state::Errno::ok ? "has no error"
                                                  : fmt::format("failed with {} ({})", state::name_of(*e.socket_error),
                                                                state::description_of(*e.socket_error)));
  }
  if (e.text || e.bytes) parts.add(received_words(e));
  return fmt::format("socket {} {}", evidence.socket_name(e.socket), parts.text());
}

std::string_view answer_words(Expectation::Answer answer) {
  constexpr std::string_view words[] = {"",
                                        "is not answered",
                                        "is answered with RST",
                                        "is answered with ICMP port unreachable",
                                        "is answered with ICMP host unreachable",
                                        "is answered with ICMP network unreachable",
                                        "is answered with ICMP time exceeded",
                                        "is answered with ICMP fragmentation needed",
                                        "is answered with an echo reply",
                                        "is answered with ICMP administratively prohibited"};
  return words[static_cast<std::size_t>(answer)];
}

std::string dropped_words(const Evidence& evidence, const Expectation::Dropped& by) {
  std::string text = "is dropped";
  if (by.host != nothing) text += " at " + evidence.scenario().hosts[by.host].name;
  if (by.network != nothing) text += " on " + evidence.scenario().networks[by.network].name;
  if (by.reason) text += fmt::format(": {}", trace::words_of(*by.reason));
  if (!by.rule.empty()) text += by.rule == "policy" ? " by the policy" : fmt::format(" by rule {}", by.rule);
  if (!by.chain.empty()) text += fmt::format(" of {}", by.chain);
  return text;
}

std::string packet_words(const Evidence& evidence, const Expectation& e) {
  Parts parts(", ");
  if (e.delivered_to.valid()) parts.add("reaches " + evidence.process_words(e.delivered_to));
  if (e.matched) parts.add(fmt::format("is matched by {}", trace::words_of(*e.matched)));
  if (e.dropped_by) parts.add(dropped_words(evidence, *e.dropped_by));
  if (e.answered_with != Expectation::Answer::none) parts.add(std::string(answer_words(e.answered_with)));
  if (parts.text().empty()) parts.add("is sent");
  return fmt::format("a packet{} {}", selector_text(evidence, e.packet), parts.text());
}

std::string call_words(const Evidence& evidence, const Expectation& e) {
  const std::string result = e.error == state::Errno::ok ? "succeeds"
                                                         : fmt::format("fails with {} ({})", state::name_of(e.error),
                                                                       state::description_of(e.error));
  const std::string which = e.nth == 0 ? "a" : fmt::format("number {} of its", e.nth);
  return fmt::format("{} calls {}: {} call{} {}", evidence.process_words(e.process), trace::name_of(e.call), which,
                     e.nth == 0 ? "" : "s", result);
}

std::string count_words(const Evidence& evidence, const Expectation& e) {
  Parts parts(", ");
  if (e.host != nothing) parts.add("on " + evidence.scenario().hosts[e.host].name);
  if (e.process.valid()) parts.add("of " + evidence.process_words(e.process));
  if (e.protocol != Protocol::none) parts.add(std::string(trace::protocol_name(e.protocol)));
  if (e.state) parts.add(fmt::format("in {}", name_of(*e.state)));
  if (e.local_port) parts.add("port " + range_text(*e.local_port));
  const std::string which = parts.text().empty() ? "" : fmt::format(" ({})", parts.text());
  return fmt::format("there {} {} socket{}{}", is_one(e.count) ? "is" : "are", count_text(e.count),
                     is_one(e.count) ? "" : "s", which);
}

std::string tracked_words(const Evidence& evidence, const Expectation& e) {
  Parts parts(", ");
  if (e.protocol != Protocol::none) parts.add(std::string(trace::protocol_name(e.protocol)));
  if (!e.connection_state.empty()) parts.add(e.connection_state);
  if (e.original_from) parts.add("from " + pattern_text(evidence, *e.original_from));
  if (e.original_to) parts.add("to " + pattern_text(evidence, *e.original_to));
  if (e.reply_from) parts.add("answered from " + pattern_text(evidence, *e.reply_from));
  if (e.reply_to) parts.add("answered to " + pattern_text(evidence, *e.reply_to));
  const std::string which = parts.text().empty() ? "" : fmt::format(" ({})", parts.text());
  return fmt::format("{} tracks {} connection{}{}", evidence.scenario().hosts[e.host].name, count_text(e.count),
                     is_one(e.count) ? "" : "s", which);
}

std::string words_without_time(const Evidence& evidence, const Expectation& e) {
  switch (e.kind) {
    case Expectation::Kind::socket:
      return socket_words(evidence, e);
    case Expectation::Kind::packet:
      return packet_words(evidence, e);
    case Expectation::Kind::packet_count:
      return fmt::format("{} packet{}{} {} sent", count_text(e.count), is_one(e.count) ? "" : "s",
                         selector_text(evidence, e.packet), is_one(e.count) ? "is" : "are");
    case Expectation::Kind::call:
      return call_words(evidence, e);
    case Expectation::Kind::received:
      return fmt::format("{} {}", evidence.process_words(e.process), received_words(e));
    case Expectation::Kind::socket_count:
      return count_words(evidence, e);
    case Expectation::Kind::listening:
      return fmt::format("{} listens on {} {}", e.is ? "something" : "nothing", trace::protocol_name(e.protocol),
                         pattern_text(evidence, e.endpoint));
    case Expectation::Kind::process:
      return fmt::format("{} {}", evidence.process_words(e.process), e.is ? "is running" : "is not running");
    case Expectation::Kind::descriptor:
      return fmt::format("descriptor {} of {} leads to {}", e.descriptor, evidence.process_words(e.process), *e.text);
    case Expectation::Kind::descriptors:
      return fmt::format("{} has {} descriptors", evidence.process_words(e.process), count_text(e.count));
    case Expectation::Kind::asleep:
      return fmt::format("{} {}", evidence.process_words(e.process),
                         e.is ? fmt::format("sleeps in {}", trace::name_of(e.call)) : std::string("is awake"));
    case Expectation::Kind::conntrack:
      return tracked_words(evidence, e);
    case Expectation::Kind::rule:
      return fmt::format("rule {} of {} on {} has counted {} packet{}", e.rule, e.chain,
                         evidence.scenario().hosts[e.host].name, count_text(e.count), is_one(e.count) ? "" : "s");
  }
  return "";
}

}  // namespace

std::string words_of(const Evidence& evidence, const Expectation& expectation) {
  const std::string words = words_without_time(evidence, expectation);
  return expectation.at ? fmt::format("at {} {}", trace::time_text(*expectation.at), words) : words;
}

std::string in_quotes(std::string_view bytes) {
  constexpr std::size_t longest = 60;
  std::string text = "\"";
  for (const char c : bytes.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      text += "\\n";
    else if (c == '\r')
      text += "\\r";
    else if (c == '"' || c == '\\')
      (text += '\\') += c;
    else if (byte < 0x20 || byte == 0x7f)
      text += fmt::format("\\x{:02x}", byte);
    else
      text += c;
  }
  text += "\"";
  if (bytes.size() > longest) text += fmt::format(" and {} more", bytes.size() - longest);
  return text;
}

}  // namespace fourtuple::app
