#include "tests/kernel/labels.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace fourtuple::kernel_case {
namespace {

bool digit(const std::string& text, std::size_t at) {
  return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;
}

// Takes out every "number-number".
std::string without_ranges(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (digit(text, end)) ++end;
    if (end > at && end < text.size() && text[end] == '-' && digit(text, end + 1)) {
      ++end;
      while (digit(text, end)) ++end;
      at = end;
      continue;
    }
    end = std::max(end, at + 1);
    out.append(text, at, end - at);
    at = end;
  }
  return out;
}

}  // namespace

Labels::Labels(const std::string& case_text) {
  const std::string text = without_ranges(case_text);
  for (std::size_t at = 0; at < text.size();) {
    if (!digit(text, at)) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (digit(text, end)) ++end;
    literals_.insert(static_cast<std::uint32_t>(std::strtoull(text.substr(at, end - at).c_str(), nullptr, 10)));
    at = end;
  }
}

void Labels::learn_initial(std::uint32_t seq) {
  if (sent_.count(seq) == 0 && std::find(initials_.begin(), initials_.end(), seq) == initials_.end())
    initials_.push_back(seq);
}

// The nearest initial number below counts: a repeated four-tuple gets one only a clock tick higher.
Json Labels::seq(std::uint32_t value) const {
  if (initials_.empty() || sent_.count(value) != 0) return value;
  std::size_t best = 0;
  for (std::size_t i = 1; i < initials_.size(); ++i)
    if (value - initials_[i] < value - initials_[best]) best = i;
  const std::uint32_t offset = value - initials_[best];
  if (offset >= 1u << 20) return value;
  // A number a little above one of the case's own is the case's, though an initial number lies below by chance.
  for (const std::uint32_t own : sent_)
    if (value - own < offset && literals_.count(own) != 0) return value;
  return "I" + std::to_string(best + 1) + "+" + std::to_string(offset);
}

Json Labels::port(std::uint32_t value) {
  if (literals_.count(value) != 0) return value;
  const auto number = static_cast<std::uint32_t>(ports_.size() + 1);
  return "P" + std::to_string(ports_.emplace(value, number).first->second);
}

Json Labels::packet(const Json& shown) {
  Json out = shown;
  for (const char* key : {"sport", "dport", "id"})
    if (out.contains(key)) out[key] = port(out[key].get<std::uint32_t>());
  for (const char* key : {"seq", "ack"})
    if (out.contains(key)) out[key] = seq(out[key].get<std::uint32_t>());
  if (out.contains("inner")) out["inner"] = packet(out["inner"]);
  return out;
}

std::int64_t Labels::resolve(const Json& value) const {
  if (value.is_number()) return value.get<std::int64_t>();
  if (!value.is_string()) return 0;
  const std::string text = value.get<std::string>();
  if (text.size() < 2) return 0;
  const auto number = static_cast<std::size_t>(std::strtoull(text.c_str() + 1, nullptr, 10));
  if (text[0] == 'I' && number >= 1 && number <= initials_.size()) {
    const std::size_t plus = text.find('+');
    const std::uint64_t offset = plus == std::string::npos ? 0 : std::strtoull(text.c_str() + plus + 1, nullptr, 10);
    return static_cast<std::uint32_t>(initials_[number - 1] + offset);
  }
  for (const auto& [port, label] : ports_)
    if (text[0] == 'P' && label == number) return port;
  return 0;
}

}  // namespace fourtuple::kernel_case
