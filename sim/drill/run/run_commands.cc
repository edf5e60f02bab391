// Shell commands of a script, as far as they are settings of the kernel, and its code.
#include <algorithm>
#include <fmt/format.h>

#include "sim/drill/run/evaluate.h"
#include "sim/drill/run/runner.h"

namespace fourtuple::drill {
namespace {

// Words of a shell line; quotes hold them together.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = '\0';
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\\';
    if (quote == '\0' && blank) {
      if (inside) words.push_back(std::exchange(word, {}));
      inside = false;
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
      inside = true;
    } else if (c == quote) {
      quote = '\0';
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) words.push_back(word);
  return words;
}

// "net.ipv4.tcp_sack" of "/proc/sys/net/ipv4/tcp_sack".
std::string setting_of(std::string path) {
  constexpr std::string_view root = "/proc/sys/";
  if (path.starts_with(root)) path.erase(0, root.size());
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

// Queues, offloads, counters and caches of a real machine: there are none here whose state could matter.
bool is_without_meaning(const std::vector<std::string>& words) {
  const std::string& name = words[0];
  return name == "tc" || name == "ethtool" || name == "nstat" || name == "sync" || name == "sleep" ||
         (name == "ip" && words.size() > 1 && words[1] == "tcp_metrics");
}

}  // namespace

bool Runner::command(const CommandSpec& spec) {
  std::size_t begin = 0;
  while (begin <= spec.text.size()) {
    std::size_t end = std::min(
        {spec.text.find('\n', begin), spec.text.find(';', begin), spec.text.find("&&", begin), spec.text.size()});
    // A backslash joins two lines.
    while (end < spec.text.size() && spec.text[end] == '\n' && end > 0 && spec.text[end - 1] == '\\')
      end = std::min(spec.text.find('\n', end + 1), spec.text.size());
    std::string text = spec.text.substr(begin, end - begin);
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (!one_command(spec, text)) return false;
    begin = end + (spec.text.compare(end, 2, "&&") == 0 ? 2 : 1);
  }
  return true;
}

bool Runner::one_command(const CommandSpec& spec, const std::string& text) {
  const std::vector<std::string> words = words_of(text);
  if (words.empty() || words[0].starts_with('#')) return true;
  if (words[0] == "sysctl" || words[0].ends_with("set_sysctls.py")) return settings(spec, words);
  const auto arrow = std::find(words.begin(), words.end(), ">");
  if (words[0] == "echo" && arrow != words.end() && arrow + 1 != words.end()) {
    std::string value;
    for (auto word = words.begin() + 1; word != arrow; ++word) value += (value.empty() ? "" : " ") + *word;
    return set(spec, setting_of(*(arrow + 1)), value);
  }
  if (is_without_meaning(words)) {
    note(spec.where, fmt::format("`{}` has no meaning here", words[0]));
    return true;
  }
  return skip(spec.where, fmt::format("the command `{}` is not simulated", words[0]));
}

// sysctl -q -w name=value …
bool Runner::settings(const CommandSpec& spec, const std::vector<std::string>& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with('-')) continue;
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos) {
      note(spec.where, fmt::format("`{}` is only asked for", words[i]));
      continue;
    }
    if (!set(spec, setting_of(words[i].substr(0, equals)), words[i].substr(equals + 1))) return false;
  }
  return true;
}

bool Runner::set(const CommandSpec& spec, const std::string& name, const std::string& value) {
  const Answer answer = kernel_.set_sysctl(name, value);
  if (answer.kind == Answer::Kind::cannot) return skip(spec.where, fmt::format("{}={}: {}", name, value, answer.why));
  return true;
}

bool Runner::code(const CodeSpec& spec) {
  if (!spec.not_understood.empty())
    return skip(spec.where, "code that is not understood (" + spec.not_understood + ")");
  const auto value_of = [&](std::string_view name) -> std::optional<std::int64_t> {
    if (!name.starts_with("tcpi_") || current_ == nothing) return std::nullopt;
    return kernel_.tcp_info(connections_[current_].local_port, connections_[current_].remote_port, name);
  };
  for (const CodeStatement& statement : spec.statements) {
    const Evaluated result = evaluate(statement, names_, value_of);
    if (!result.unknown.empty())
      return skip(spec.where, "code that asks for " + result.unknown + ", which is not known");
    if (!result.text.empty()) note(statement.where, result.text);
    if (!result.failed.empty()) return fault(statement.where, result.failed, result.expected);
  }
  return true;
}

}  // namespace fourtuple::drill
