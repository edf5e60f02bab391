// A change in words as people read it above two runs (choices.h).
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>

#include "sim/trace/describe.h"
#include "sim/trace/describe_netfilter.h"
#include "viz/fork/choices.h"
#include "viz/viewer/packet_words.h"

namespace fourtuple::viz {
namespace {

// "rule 4 of inet filter input", "4 of inet filter input: TEXT" behind a verb; false: it is none.
struct RuleWords {
  std::string host, verb, chain, text;
  std::uint32_t number = 0;
};
bool read_rule_words(const std::string& words, RuleWords& rule) {
  const std::size_t colon = words.find(": "), at = words.find(" rule ");
  const std::size_t of = words.find(" of ");
  if (colon == std::string::npos || at == std::string::npos || of == std::string::npos || at < colon || of < at)
    return false;
  rule.host = words.substr(0, colon);
  rule.verb = words.substr(colon + 2, at - colon - 2);
  rule.number = static_cast<std::uint32_t>(std::strtoul(words.substr(at + 6).c_str(), nullptr, 10));
  const std::size_t end = words.find(": ", of);
  rule.chain = words.substr(of + 4, end == std::string::npos ? std::string::npos : end - of - 4);
  if (end != std::string::npos) rule.text = words.substr(end + 2);
  return rule.number != 0 && (rule.verb == "remove" || rule.verb == "replace" || rule.verb == "insert");
}

// The rules of the chain around the change, with the change among them.
void add_rule_lines(const trace::RulesetInfo* ruleset, const RuleWords& change, std::vector<ChangeLine>& lines) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; ruleset != nullptr && i < ruleset->rules.size(); ++i)
    if (trace::chain_text(*ruleset, ruleset->rules[i].chain) == change.chain) texts.push_back(ruleset->rules[i].text);
  const auto line = [&](char mark, std::uint32_t number, const std::string& text) {
    lines.push_back({mark, std::to_string(number), text});
  };
  const std::uint32_t n = change.number;
  if (n > 1 && n - 2 < texts.size()) line(' ', n - 1, texts[n - 2]);
  const bool there = n - 1 < texts.size();
  if (change.verb != "insert" && there) line('-', n, texts[n - 1]);
  if (change.verb != "remove") line('+', n, change.text);
  const std::uint32_t next = change.verb == "insert" ? n - 1 : n;
  if (next < texts.size() && lines.size() < 4) line(' ', n + 1, texts[next]);
}

// What becomes of a network: "loss 10 %", or several such with commas between.
std::string link_question(const std::string& name, const std::string& change) {
  if (change == "down") return fmt::format("What if {} were cut?", name);
  if (change == "up") return fmt::format("What if {} worked again?", name);
  const std::size_t blank = change.find(' ');
  if (blank == std::string::npos || change.find(',') != std::string::npos)
    return fmt::format("What if {} had other values: {}?", name, change);
  const std::string what = change.substr(0, blank), value = change.substr(blank + 1);
  if (what == "loss") return fmt::format("What if {} lost {} of its packets?", name, value);
  return fmt::format("What if the {} of {} were {}?", what, name, value);
}

// A change of a host or network: `what` stands behind its name and a colon.
void tell_of(const std::string& name, const std::string& what, ChangeStory& story) {
  story.where = name;
  story.b_words = what;
  story.lines.push_back({'~', "", what});
  std::string& line = story.lines.back().text;
  const std::size_t blank = std::min(what.find(' '), what.size());
  const std::string verb = what.substr(0, blank), rest = what.substr(std::min(blank + 1, what.size()));
  if (verb == "kill") {
    story.question = fmt::format("What if {} on {} were killed?", rest, name);
    story.b_words = fmt::format("{} killed", rest);
    line = fmt::format("{}: ended by SIGKILL", rest);
  } else if (const std::size_t value = rest.find(' '); verb == "set" && value != std::string::npos) {
    story.question = fmt::format("What if {} of {} were {}?", rest.substr(0, value), name, rest.substr(value + 1));
    story.b_words = line = rest;
  } else if (verb == "flush") {
    story.question = fmt::format("What if {} had no rules?", name);
    story.b_words = "all rules removed";
  } else if (verb == "nft") {
    story.question = fmt::format("What if the rules of {} were others?", name);
    story.b_words = "other rules";
    line = rest;
  } else {
    story.question = link_question(name, what);
    if (what == "down") story.b_words = line = "nothing crosses it any more";
    if (what == "up") story.b_words = line = "it carries packets again";
  }
}

// "drop packet 3": what that packet is.
void tell_of_packet(const PanelContext& context, const std::string& words, ChangeStory& story) {
  const std::size_t blank = words.rfind(' ');
  const PacketId id{static_cast<std::uint32_t>(std::strtoul(words.c_str() + blank, nullptr, 10))};
  const std::optional<Packet> packet = context.indexes.packets().packet(id);
  const std::string name = packet ? headline(context.trace.tables(), *packet) : "packet " + std::to_string(id.value);
  story.question = fmt::format("What if this were lost: {}?", name);
  story.where = "on its next wire";
  story.b_words = "this packet lost";
  story.lines.push_back({'-', "", name});
}

}  // namespace

ChangeStory story_of(const PanelContext& context, Time at, const std::vector<std::string>& changes) {
  ChangeStory story;
  if (changes.empty()) return story;
  const std::string& words = changes.front();
  RuleWords rule;
  if (read_rule_words(words, rule)) {
    story.where = rule.host + ", " + rule.chain;
    const state::State state = context.cursor.state_at(context.indexes.records().boundary_before(at)).state;
    const auto hosts = static_cast<std::uint32_t>(context.trace.tables().topology.hosts.size());
    for (std::uint32_t i = 0; i < hosts; ++i)
      if (trace::host_name(context.trace.tables(), {i}) == rule.host)
        add_rule_lines(ruleset_in(context, state, {i}), rule, story.lines);
    const bool removed = rule.verb == "remove", added = rule.verb == "insert";
    story.b_words = fmt::format("rule {} {}", rule.number, removed ? "removed" : added ? "added" : "changed");
    story.question = removed ? fmt::format("What if {} had no rule {}?", rule.host, rule.number)
                     : added ? fmt::format("What if {} had another rule {}?", rule.host, rule.number)
                             : fmt::format("What if rule {} of {} were another?", rule.number, rule.host);
  } else {
    const std::size_t colon = words.find(':');
    if (colon == std::string::npos)
      tell_of_packet(context, words, story);
    else
      tell_of(words.substr(0, colon), words.substr(std::min(words.find_first_not_of(' ', colon + 1), words.size())),
              story);
  }
  for (std::size_t i = 1; i < changes.size(); ++i) story.lines.push_back({'~', "", changes[i]});
  return story;
}

}  // namespace fourtuple::viz
