#include "viz/viewer/caption_acts.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace fourtuple::viz {
namespace {

constexpr std::size_t most_apart = 48;  // bytes between a key and the host it is to be pressed on

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

// Words of Latin letters; Japanese around them separates them.
std::vector<std::string_view> latin_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    if (at > begin) words.push_back(text.substr(begin, at - begin));
    at += at == begin ? 1 : 0;
  }
  return words;
}

std::optional<Command> command_of(std::string_view word) {
  const std::optional<Chord> chord = parse_chord(word);
  if (!chord || chord->mods != Modifiers{}) return std::nullopt;
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.chord != *chord) continue;
    const Command command = shortcut.command;
    const bool shows = command >= Command::show_map && command <= Command::show_why;
    const bool goes = command == Command::next_drop || command == Command::home || command == Command::end;
    if (shows || goes || command == Command::into_host) return command;
  }
  return std::nullopt;
}

// "Press X", "press Enter"; "X to go there, Y to ask why"; "Enterを押す", "X で".
bool is_asked(std::string_view before, std::string_view after, bool first) {
  if (before.ends_with("ress ")) return true;
  if (!first && before.ends_with(", ") && after.starts_with(" to ")) return true;
  if (after.starts_with(" ")) after.remove_prefix(1);
  const bool japanese = after.starts_with("を押") || after.starts_with("で") || after.starts_with("キー");
  return japanese && !before.ends_with(".");
}

// The host whose name stands nearest to a word.
HostId host_near(std::string_view text, std::size_t place, const trace::Tables& tables) {
  HostId best = HostId::none();
  std::size_t nearest = most_apart + 1;
  for (const std::string_view word : latin_words(text)) {
    const auto at = static_cast<std::size_t>(word.data() - text.data());
    const std::size_t apart = at > place ? at - place : place - at;
    if (apart >= nearest) continue;
    for (std::uint32_t host = 0; host < tables.topology.hosts.size(); ++host) {
      if (tables.strings[tables.topology.hosts[host].name] != word) continue;
      best = HostId{host};
      nearest = apart;
    }
  }
  return best;
}

std::string_view usual_words(Command command) {
  for (const Shortcut& shortcut : shortcuts()) {
    if (shortcut.command == command && !shortcut.words.empty()) return shortcut.words;
  }
  return {};
}

}  // namespace

std::vector<CaptionAct> caption_acts(std::string_view text, const trace::Tables& tables) {
  std::vector<CaptionAct> acts;
  for (const std::string_view word : latin_words(text)) {
    const std::optional<Command> command = command_of(word);
    if (!command) continue;
    const auto at = static_cast<std::size_t>(word.data() - text.data());
    if (!is_asked(text.substr(0, at), text.substr(at + word.size()), acts.empty())) continue;
    CaptionAct act{*command, HostId::none(), std::string(word)};
    if (act.command == Command::into_host) act.host = host_near(text, at, tables);
    acts.push_back(std::move(act));
  }
  return acts;
}

std::string act_words(const CaptionAct& act, const trace::Tables& tables, bool japanese) {
  if (!act.host.valid()) return std::string(usual_words(act.command));
  const std::string name(tables.strings[tables.topology.hosts[act.host.value].name]);
  return japanese ? name + "の中へ" : "into " + name;
}

}  // namespace fourtuple::viz
