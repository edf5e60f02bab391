#include "capture/names/seen_names.h"

#include <algorithm>
#include <fmt/format.h>

#include "capture/plural.h"

namespace fourtuple::capture {
namespace {

struct SourceWords {
  std::string_view name, words;
};

constexpr SourceWords sources[name_sources] = {
    {"file", "name record of the file"},
    {"dns-answer", "DNS answer"},
    {"dns-pointer", "reverse DNS answer"},
    {"tls-sni", "TLS SNI"},
    {"http-host", "HTTP Host"},
    {"quic", "QUIC header"},
};

}  // namespace

std::string_view name_of(NameSource source) {
  return sources[static_cast<std::size_t>(source)].name;
}
std::string_view words_of(NameSource source) {
  return sources[static_cast<std::size_t>(source)].words;
}

std::string place_words(const SeenName& name) {
  if (name.frame == 0) return std::string(words_of(name.source));
  return fmt::format("{} in frame {}", words_of(name.source), name.frame);
}

std::uint64_t hash_of(const SeenNames::Text& text) {
  std::uint64_t hash = text.text.size();
  for (const char c : text.text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix_bits(hash);
}

std::uint32_t SeenNames::intern(std::string_view text) {
  if (text.empty()) return no_text;
  Text key{std::string(text)};
  std::uint32_t index = text_index_.find(key);
  if (index != IndexMap<Text>::absent) return index;
  if (texts_.size() >= most_texts) {
    ++left_out_;
    return no_text;
  }
  index = static_cast<std::uint32_t>(texts_.size());
  text_index_.set(key, index);
  texts_.push_back(std::move(key.text));
  return index;
}

void SeenNames::add_host(const IpAddress& address, std::string_view text, NameSource source, std::uint32_t frame) {
  const std::uint32_t name = intern(text);
  if (name == no_text) return;
  std::uint32_t at = host_index_.find(address);
  if (at == IndexMap<IpAddress>::absent) {
    if (hosts_.size() >= most_hosts) {
      ++left_out_;
      return;
    }
    at = static_cast<std::uint32_t>(hosts_.size());
    host_index_.set(address, at);
    hosts_.push_back({address, 0, {}});
  }
  Host& host = hosts_[at];
  const auto end = host.names.begin() + host.count;
  const auto known = std::find_if(host.names.begin(), end, [&](const Entry& entry) { return entry.text == name; });
  if (known != end && known->source <= source) return;
  if (known != end) {
    std::move(known + 1, end, known);
    --host.count;
  }
  const auto last = host.names.begin() + host.count;
  const auto place = std::find_if(host.names.begin(), last, [&](const Entry& entry) { return entry.source > source; });
  if (host.count == most_per_host) {
    ++left_out_;
    if (place == last) return;
  } else {
    ++host.count;
  }
  std::move_backward(place, host.names.begin() + host.count - 1, host.names.begin() + host.count);
  *place = {name, frame, source};
}

SeenNames::Label* SeenNames::new_label(std::uint32_t flow, std::string_view text, NameSource source,
                                       std::uint32_t frame) {
  if (find_label(flow) != nullptr) return nullptr;
  const std::uint32_t name = intern(text);
  if (name == no_text) return nullptr;
  if (label_of_flow_.size() <= flow) label_of_flow_.resize(flow + 1);
  labels_.push_back({{name, frame, source}, std::nullopt});
  label_of_flow_[flow] = static_cast<std::uint32_t>(labels_.size());
  return &labels_.back();
}

void SeenNames::label(std::uint32_t flow, std::string_view text, NameSource source, std::uint32_t frame) {
  new_label(flow, text, source, frame);
}

void SeenNames::label(std::uint32_t flow, const QuicHeader& header, std::uint32_t frame) {
  Label* label = new_label(flow, quic_words(header.version), NameSource::quic, frame);
  if (label != nullptr) label->quic = header;
}

std::vector<SeenName> SeenNames::of(const IpAddress& address) const {
  std::vector<SeenName> names;
  const std::uint32_t at = host_index_.find(address);
  if (at == IndexMap<IpAddress>::absent) return names;
  for (std::size_t i = 0; i < hosts_[at].count; ++i) names.push_back(seen(hosts_[at].names[i]));
  return names;
}

std::optional<SeenName> SeenNames::best(const IpAddress& address) const {
  const std::uint32_t at = host_index_.find(address);
  if (at == IndexMap<IpAddress>::absent) return std::nullopt;
  return seen(hosts_[at].names[0]);
}

const SeenNames::Label* SeenNames::find_label(std::uint32_t flow) const {
  if (flow >= label_of_flow_.size() || label_of_flow_[flow] == 0) return nullptr;
  return &labels_[label_of_flow_[flow] - 1];
}

std::optional<SeenName> SeenNames::label_of(std::uint32_t flow) const {
  const Label* label = find_label(flow);
  return label == nullptr ? std::nullopt : std::optional(seen(label->entry));
}

const QuicHeader* SeenNames::quic_of(std::uint32_t flow) const {
  const Label* label = find_label(flow);
  return label == nullptr || !label->quic ? nullptr : &*label->quic;
}

std::vector<std::string> notes_of(const SeenNames& names) {
  std::vector<std::string> notes;
  std::array<std::uint64_t, name_sources> counts{};
  for (std::size_t i = 0; i < names.hosts(); ++i) ++counts[static_cast<std::size_t>(names.best(names.host(i))->source)];
  std::string line;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    line += fmt::format("{}{} by {}", line.empty() ? "" : ", ", counts[i], words_of(static_cast<NameSource>(i)));
  }
  if (!line.empty()) notes.push_back(fmt::format("{} named: {}", plural(names.hosts(), "address", "es"), line));
  if (names.left_out() != 0) notes.push_back(fmt::format("{} more than are kept", plural(names.left_out(), "name")));
  return notes;
}

}  // namespace fourtuple::capture
