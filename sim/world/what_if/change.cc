#include "sim/world/what_if/change.h"

#include <algorithm>

#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/quantity.h"
#include "sim/world/scenario/words.h"
#include "sim/world/script_runner.h"

namespace fourtuple::world {
namespace {

constexpr std::string_view host_verbs[] = {"nft", "remove", "replace", "insert", "flush", "kill", "set"};
constexpr std::string_view link_words[] = {"loss", "delay", "rate", "queue", "down", "up"};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

// Takes the first word off `text`.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
  const std::string_view word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

bool is_in(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "anna, router or server"
std::string listed(const std::vector<std::string_view>& names) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
  return names.size() > most ? text + " …" : text;
}

template <class Named>
std::vector<std::string_view> names_of(const std::vector<Named>& things) {
  std::vector<std::string_view> names;
  for (const Named& thing : things) names.push_back(thing.name);
  return names;
}

template <class Named>
std::uint32_t find_named(const std::vector<Named>& things, std::string_view name) {
  for (std::uint32_t i = 0; i < things.size(); ++i)
    if (things[i].name == name) return i;
  return nothing;
}

class ChangeReader {
 public:
  ChangeReader(const Scenario& scenario, std::string_view words) : scenario_(scenario) {
    change_.words = std::string(trimmed(words));
  }

  Outcome<Change> read() {
    std::string_view rest = change_.words;
    const std::size_t colon = rest.find(':');
    const std::string_view subject = trimmed(rest.substr(0, std::min(colon, rest.size())));
    if (colon == std::string_view::npos || subject.find(' ') != std::string_view::npos) return read_packet(rest);
    rest = trimmed(rest.substr(colon + 1));
    std::string_view after = rest;
    const std::string_view verb = take_word(after);
    if (is_in(verb, host_verbs)) return read_host(subject, verb, after);
    if (is_in(verb, link_words)) return read_link(subject, rest);
    std::vector<std::string_view> words;
    if (find_named(scenario_.networks, subject) == nothing) words.assign(std::begin(host_verbs), std::end(host_verbs));
    if (find_named(scenario_.hosts, subject) == nothing)
      words.insert(words.end(), std::begin(link_words), std::end(link_words));
    return bad("'" + std::string(verb) + "' is not something that can be changed", listed(words), nearest(verb, words));
  }

 private:
  Outcome<Change> bad(std::string message, std::string expected, std::string suggestion = {}) const {
    return fail({"'" + change_.words + "'", 0, 0}, std::move(message), std::move(expected), std::move(suggestion));
  }
  Outcome<Change> unknown(std::string_view kind, std::string_view name,
                          const std::vector<std::string_view>& names) const {
    return bad("there is no " + std::string(kind) + " '" + std::string(name) + "'", listed(names),
               nearest(name, names));
  }

  Outcome<Change> read_packet(std::string_view rest) {
    const std::string_view drop = take_word(rest), packet = take_word(rest);
    const auto number = parse_integer(rest);
    if (drop != "drop" || packet != "packet")
      return bad("the change does not say what is changed",
                 "'HOST: kill PROCESS', 'HOST: nft COMMANDS', 'NETWORK: loss 10 %' or 'drop packet 17'");
    if (!number || *number >= PacketId::none().value)
      return bad("'" + std::string(rest) + "' is no packet", "its number, such as 17");
    change_.kind = Change::Kind::drop_packet;
    change_.packet = {static_cast<std::uint32_t>(*number)};
    return change_;
  }

  Outcome<Change> read_host(std::string_view name, std::string_view verb, std::string_view rest) {
    change_.host = find_named(scenario_.hosts, name);
    if (change_.host == nothing) return unknown("host", name, names_of(scenario_.hosts));
    if (verb == "kill") return read_kill(rest);
    if (verb == "set") return read_setting(rest);
    if (verb == "nft") {
      change_.text = std::string(rest);
      if (rest.empty()) return bad("there is no command behind 'nft'", "nft add rule inet filter input …");
      return change_;
    }
    if (verb == "flush") {
      change_.text = "flush ruleset";
      return change_;
    }
    change_.kind = verb == "remove"    ? Change::Kind::remove_rule
                   : verb == "replace" ? Change::Kind::replace_rule
                                       : Change::Kind::insert_rule;
    return read_rule(rest);
  }

  // "rule 4 of inet filter input" and, behind a colon, the new rule.
  Outcome<Change> read_rule(std::string_view rest) {
    const bool takes_text = change_.kind != Change::Kind::remove_rule;
    const std::size_t colon = takes_text ? rest.find(':') : rest.size();
    std::string_view place = rest.substr(0, std::min(colon, rest.size()));
    const std::string expected =
        takes_text ? "rule 4 of inet filter input: tcp dport 80 accept" : "rule 4 of inet filter input";
    const std::string_view rule = take_word(place);
    const auto number = parse_integer(take_word(place));
    const std::string_view of = take_word(place);
    change_.rule.family = std::string(take_word(place));
    change_.rule.table = std::string(take_word(place));
    change_.rule.chain = std::string(place);
    const bool complete = rule == "rule" && of == "of" && !place.empty() && place.find(' ') == std::string_view::npos;
    if (!complete || !number || *number == 0 || *number > UINT32_MAX)
      return bad("the rule is not named", "'" + expected + "'");
    change_.rule.number = static_cast<std::uint32_t>(*number);
    if (!takes_text) return change_;
    if (colon != std::string_view::npos) change_.text = std::string(trimmed(rest.substr(colon + 1)));
    if (change_.text.empty()) return bad("the new rule is missing", "'" + expected + "'");
    return change_;
  }

  Outcome<Change> read_kill(std::string_view name) {
    change_.kind = Change::Kind::kill;
    const std::vector<ProcessSpec>& processes = scenario_.hosts[change_.host].processes;
    change_.process = find_named(processes, name);
    const auto pid = parse_integer(name);
    for (std::uint32_t i = 0; pid && i < processes.size(); ++i) {
      const std::uint32_t number = process_number(scenario_, {change_.host, i});
      if ((processes[i].pid != 0 ? processes[i].pid : default_pid(number)) == *pid) change_.process = i;
    }
    if (change_.process == nothing)
      return unknown("process of " + scenario_.hosts[change_.host].name, name, names_of(processes));
    return change_;
  }

  Outcome<Change> read_setting(std::string_view rest) {
    change_.kind = Change::Kind::set;
    const std::string_view name = take_word(rest);
    const auto sysctl = sysctl_from(name);
    const auto objects = all_objects();
    const auto settings =
        std::find_if(objects.begin(), objects.end(), [](const Object* object) { return object->name == "sysctl"; });
    if (!sysctl || settings == objects.end()) {
      std::vector<std::string_view> names;
      if (settings != objects.end())
        for (const Key& key : (*settings)->keys) names.push_back(key.name);
      return unknown("setting", name, names);
    }
    const Key& key = *(*settings)->find(name);
    if (!fits(key, key.form, rest))
      return bad("'" + std::string(rest) + "' is no value of " + std::string(name), expected_words(key, key.form));
    change_.setting = parse_sysctl(*sysctl, rest);
    return change_;
  }

  // "loss 10 %, delay 50 ms"
  Outcome<Change> read_link(std::string_view name, std::string_view rest) {
    change_.kind = Change::Kind::link;
    change_.network = find_named(scenario_.networks, name);
    if (change_.network == nothing) return unknown("network", name, names_of(scenario_.networks));
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      std::string_view part = rest.substr(0, comma);
      rest = trimmed(rest.substr(std::min(comma + 1, rest.size())));
      const std::string_view word = take_word(part);
      const std::string expected = set_link(word, part);
      if (!expected.empty())
        return bad("'" + std::string(part) + "' is no value of '" + std::string(word) + "'", expected,
                   nearest(word, link_words));
    }
    return change_;
  }

  // What was expected instead; empty: it was understood.
  std::string set_link(std::string_view word, std::string_view value) {
    LinkChange& link = change_.link;
    if (word == "down" || word == "up") {
      link.up = word == "up";
      return value.empty() ? "" : "nothing behind it";
    }
    if (word == "loss") {
      link.loss = parse_percent(value);
      return link.loss ? "" : "a share from 0 % to 100 %";
    }
    if (word == "delay") {
      link.delay = parse_duration(value);
      return link.delay && link.delay->ns >= 0 ? "" : "a time such as 50 ms";
    }
    if (word == "rate") {
      link.rate_bits_per_s = parse_rate(value);
      return link.rate_bits_per_s ? "" : "a rate such as 1 Mbit/s";
    }
    if (word == "queue") {
      link.queue_packets = parse_packets(value);
      return link.queue_packets ? "" : "a number of packets such as 50 packets";
    }
    std::vector<std::string_view> words(std::begin(link_words), std::end(link_words));
    return listed(words);
  }

  const Scenario& scenario_;
  Change change_;
};

}  // namespace

Outcome<Change> parse_change(const Scenario& scenario, std::string_view words) {
  return ChangeReader(scenario, words).read();
}

}  // namespace fourtuple::world
