#include "sim/replay/filter/values.h"

#include <algorithm>
#include <charconv>

#include "sim/base/nearest.h"
#include "sim/trace/vocabulary.h"
#include "sim/wire/tcp_state.h"

namespace fourtuple::replay {
namespace {

constexpr std::size_t most_listed = 8;

// "alice, bob and 12 more"
std::string list_of(const std::vector<std::string>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size() && i < most_listed; ++i) text += (i == 0 ? "" : ", ") + values[i];
  if (values.size() > most_listed) text += " and " + std::to_string(values.size() - most_listed) + " more";
  return text;
}

bool read_number(std::string_view text, std::uint32_t& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

constexpr TcpState states[] = {TcpState::listen,      TcpState::syn_sent,   TcpState::syn_received,
                               TcpState::established, TcpState::fin_wait_1, TcpState::fin_wait_2,
                               TcpState::close_wait,  TcpState::closing,    TcpState::last_ack,
                               TcpState::time_wait,   TcpState::closed};
constexpr std::uint8_t reasons = 24, verdicts = 8;

// One value of a list; `at` is where it stands.
struct Value {
  std::string_view text;
  std::size_t at = 0;
};

tl::unexpected<Error> unknown(const Value& value, const FilterWordInfo& info, const FilterNames& names,
                              const std::string& what) {
  const std::vector<std::string> values = values_of(info.word, names);
  const std::vector<std::string_view> candidates(values.begin(), values.end());
  std::string suggestion = nearest(value.text, candidates);
  if (!suggestion.empty()) suggestion = std::string(info.name) + ":" + suggestion;
  std::string expected = list_of(values);
  if (values.size() > 1) expected = "one of " + expected;
  return fail_at(value.at, what + " '" + std::string(value.text) + "'", expected, suggestion);
}

Outcome<void> add_process(FilterAtom& atom, const Value& value, const FilterWordInfo& info, const FilterNames& names) {
  std::uint32_t pid = 0;
  if (read_number(value.text, pid)) {
    if (names.complete() && !names.has_pid(pid)) return unknown(value, info, names, "there is no process with pid");
    atom.numbers.push_back(pid);
    return {};
  }
  const auto& known = names.processes();
  const bool found =
      std::any_of(known.begin(), known.end(), [&](const std::string& name) { return same_name(name, value.text); });
  if (!found && names.complete()) return unknown(value, info, names, "there is no process");
  atom.names.emplace_back(value.text);
  return {};
}

bool add_state(FilterAtom& atom, std::string_view text) {
  for (const TcpState state : states) {
    if (!same_name(name_of(state), text) && !same_name(ss_name_of(state), text)) continue;
    atom.numbers.push_back(static_cast<std::uint32_t>(state));
    return true;
  }
  return false;
}

bool add_verdict(FilterAtom& atom, std::string_view text) {
  for (std::uint8_t i = 0; i < verdicts; ++i) {
    if (!same_name(name_of(static_cast<trace::RuleVerdict>(i)), text)) continue;
    atom.numbers.push_back(i);
    return true;
  }
  return false;
}

bool add_reason(FilterAtom& atom, std::string_view text) {
  for (std::uint8_t i = 1; i < reasons; ++i) {
    if (!same_name(name_of(static_cast<trace::DropReason>(i)), text)) continue;
    atom.numbers.push_back(i);
    return true;
  }
  return false;
}

// "3", "input/3", "input/policy".
Outcome<void> add_rule(FilterAtom& atom, const Value& value, const FilterWordInfo& info, const FilterNames& names) {
  RuleWanted wanted;
  const std::size_t slash = value.text.find('/');
  std::string_view number = value.text;
  if (slash != std::string_view::npos) {
    const Value chain{value.text.substr(0, slash), value.at};
    const auto& chains = names.chains();
    if (std::none_of(chains.begin(), chains.end(), [&](const std::string& name) { return name == chain.text; }))
      return unknown(chain, info, names, "there is no chain");
    wanted.chain = std::string(chain.text);
    number = value.text.substr(slash + 1);
  }
  if (number == "policy") {
    wanted.number = RuleWanted::policy;
  } else if (!read_number(number, wanted.number) || wanted.number == 0) {
    return fail_at(value.at, "'" + std::string(value.text) + "' is not a rule",
                   "a number counted from 1 in its chain, as rule:3, rule:input/3 or rule:input/policy");
  }
  atom.rules.push_back(std::move(wanted));
  return {};
}

Outcome<void> add_flow(FilterAtom& atom, const Value& value) {
  std::uint32_t number = 0;
  if (!read_number(value.text, number) || number == 0)
    return fail_at(value.at, "'" + std::string(value.text) + "' is not the number of a conversation",
                   "a number counted from 1 in the order of their first packets");
  atom.numbers.push_back(number - 1);
  return {};
}

Outcome<void> add_value(FilterAtom& atom, const Value& value, const FilterWordInfo& info, const FilterNames& names) {
  switch (info.word) {
    case FilterWord::host: {
      const HostId host = names.host(value.text);
      if (!host.valid()) return unknown(value, info, names, "there is no host");
      atom.numbers.push_back(host.value);
      return {};
    }
    case FilterWord::process:
      return add_process(atom, value, info, names);
    case FilterWord::state:
      if (!add_state(atom, value.text)) return unknown(value, info, names, "there is no TCP state");
      return {};
    case FilterWord::verdict:
      if (!add_verdict(atom, value.text)) return unknown(value, info, names, "there is no verdict");
      return {};
    case FilterWord::reason:
      if (!add_reason(atom, value.text)) return unknown(value, info, names, "no packet is dropped for");
      return {};
    case FilterWord::rule:
      return add_rule(atom, value, info, names);
    case FilterWord::flow:
      return add_flow(atom, value);
    default:
      return {};
  }
}

const FilterWordInfo& info_of(FilterWord word) {
  const auto words = filter_words();
  return *std::find_if(words.begin(), words.end(), [&](const FilterWordInfo& info) { return info.word == word; });
}

}  // namespace

Outcome<FilterAtom> make_atom(const FilterToken& token, const FilterNames& names) {
  FilterAtom atom;
  atom.word = token.word;
  const FilterWordInfo& info = info_of(token.word);
  if (!info.has_value) return atom;
  std::string_view rest = token.value;
  std::size_t at = token.value_begin;
  for (;;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const Value value{rest.substr(0, comma), at};
    if (value.text.empty()) return fail_at(at, "a value is missing", std::string(info.example));
    if (auto done = add_value(atom, value, info, names); !done) return tl::unexpected<Error>(done.error());
    if (comma == rest.size()) return atom;
    rest.remove_prefix(comma + 1);
    at += comma + 1;
  }
}

std::vector<std::string> values_of(FilterWord word, const FilterNames& names) {
  std::vector<std::string> values;
  switch (word) {
    case FilterWord::host:
      return names.hosts();
    case FilterWord::process:
      return names.processes();
    case FilterWord::state:
      for (const TcpState state : states) values.emplace_back(name_of(state));
      return values;
    case FilterWord::verdict:
      for (std::uint8_t i = 0; i < verdicts; ++i) values.emplace_back(name_of(static_cast<trace::RuleVerdict>(i)));
      return values;
    case FilterWord::reason:
      for (std::uint8_t i = 1; i < reasons; ++i) values.emplace_back(name_of(static_cast<trace::DropReason>(i)));
      return values;
    case FilterWord::rule:
      for (const std::string& chain : names.chains()) values.push_back(chain + "/");
      return values;
    default:
      return values;
  }
}

}  // namespace fourtuple::replay
