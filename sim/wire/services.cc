#include "sim/wire/services.h"

#include <algorithm>
#include <charconv>

namespace fourtuple {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// The next word of `line`, which is cut off its beginning; "" at the end or at a comment.
std::string_view next_word(std::string_view& line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  const auto* end = std::find_if(line.begin(), line.end(), [](char c) { return is_blank(c) || c == '#'; });
  const auto length = static_cast<std::size_t>(end - line.begin());
  const std::string_view word = line.substr(0, length);
  line.remove_prefix(length);
  return word;
}

std::optional<std::uint16_t> number(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Service> service_of(std::string_view line) {
  Service service;
  service.name = next_word(line);
  const std::string_view where = next_word(line);
  const std::size_t slash = where.find('/');
  if (service.name.empty() || slash == std::string_view::npos) return std::nullopt;
  const std::string_view protocol = where.substr(slash + 1);
  const auto port = number(where.substr(0, slash));
  if (!port || (protocol != "tcp" && protocol != "udp")) return std::nullopt;
  service.port = *port;
  service.protocol = protocol == "tcp" ? Protocol::tcp : Protocol::udp;
  for (std::string_view alias = next_word(line); !alias.empty(); alias = next_word(line))
    service.aliases.emplace_back(alias);
  return service;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_called(const Service& service, const std::string& part) {
  const auto has = [&](const std::string& name) { return lower(name).find(part) != std::string::npos; };
  return has(service.name) || std::any_of(service.aliases.begin(), service.aliases.end(), has);
}

}  // namespace

std::string_view port_range_name(std::uint16_t port) {
  if (port < first_user_port) return "system";
  return port < first_dynamic_port ? "user" : "dynamic";
}

Services Services::parse(std::string_view text) {
  Services services;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto service = service_of(text.substr(0, end))) services.add(std::move(*service));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return services;
}

void Services::add(Service service) {
  const Key key{service.port, service.protocol};
  by_name_.try_emplace({service.name, service.protocol}, service.port);
  for (const std::string& alias : service.aliases) by_name_.try_emplace({alias, service.protocol}, service.port);
  const auto [found, fresh] = by_port_.try_emplace(key, std::move(service));
  if (!fresh) found->second.aliases.push_back(service.name);  // NOLINT(bugprone-use-after-move): try_emplace did not
}

std::string_view Services::name_of(Protocol protocol, std::uint16_t port) const {
  const auto found = by_port_.find({port, protocol});
  return found == by_port_.end() ? std::string_view() : std::string_view(found->second.name);
}

std::optional<std::uint16_t> Services::port_of(Protocol protocol, std::string_view name) const {
  const auto found = by_name_.find(std::pair(std::string(name), protocol));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::vector<const Service*> Services::search(std::string_view text) const {
  std::vector<const Service*> found;
  if (text.empty()) return found;
  const auto port = number(text);
  const std::string part = lower(text);
  for (const auto& [key, service] : by_port_)
    if (port ? key.first == *port : is_called(service, part)) found.push_back(&service);
  return found;
}

}  // namespace fourtuple
