// The names a capture gives hosts and conversations, each with the place it was read from. What DNS answers and the
// file itself say of an address is told; that a client asked an address for a name only lets one suppose that this is
// its name. Bounded, whatever the capture holds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/names/quic.h"
#include "sim/base/index_map.h"
#include "sim/wire/address.h"

namespace fourtuple::capture {

// The better ones first.
enum class NameSource : std::uint8_t {
  file = 0,         // a name resolution block of the file
  dns_answer = 1,   // A or AAAA record; of mDNS and LLMNR too
  dns_pointer = 2,  // PTR record
  tls_sni = 3,      // server_name of a ClientHello
  http_host = 4,    // Host of an HTTP/1 request
  quic = 5,         // a version, no name
};
constexpr std::size_t name_sources = 6;

std::string_view name_of(NameSource source);   // "dns-answer"
std::string_view words_of(NameSource source);  // "DNS answer"

struct SeenName {
  std::string_view text;  // printable, never empty; lives as long as the SeenNames
  NameSource source = NameSource::file;
  std::uint32_t frame = 0;  // from 1; 0: of the file, not of a frame

  // Of a host: the name was inferred from what a client asked for.
  bool inferred() const { return source > NameSource::dns_pointer; }
};

// "DNS answer in frame 12".
std::string place_words(const SeenName& name);

class SeenNames {
 public:
  static constexpr std::size_t most_texts = 65'536, most_hosts = 65'536, most_per_host = 4;

  // `text` is printable. An empty one is none.
  void add_host(const IpAddress& address, std::string_view text, NameSource source, std::uint32_t frame);
  // A conversation's label; the first one stays. `flow`: index in the flow table.
  void label(std::uint32_t flow, std::string_view text, NameSource source, std::uint32_t frame);
  void label(std::uint32_t flow, const QuicHeader& header, std::uint32_t frame);

  // Best first; of equally good ones the earlier.
  std::vector<SeenName> of(const IpAddress& address) const;
  std::optional<SeenName> best(const IpAddress& address) const;
  std::optional<SeenName> label_of(std::uint32_t flow) const;
  const QuicHeader* quic_of(std::uint32_t flow) const;  // null when its label is not from a QUIC header
  // Hosts with a name, in order of their first one.
  std::size_t hosts() const { return hosts_.size(); }
  const IpAddress& host(std::size_t index) const { return hosts_[index].address; }
  bool empty() const { return hosts_.empty() && labels_.empty(); }
  // Names that found no room.
  std::uint64_t left_out() const { return left_out_; }

 private:
  static constexpr std::uint32_t no_text = 0xffffffffu;

  struct Text {
    std::string text;
    friend bool operator==(const Text&, const Text&) = default;
  };
  friend std::uint64_t hash_of(const Text& text);
  struct Entry {
    std::uint32_t text = no_text, frame = 0;
    NameSource source = NameSource::file;
  };
  struct Host {
    IpAddress address;
    std::uint8_t count = 0;
    std::array<Entry, most_per_host> names;  // best first
  };
  struct Label {
    Entry entry;
    std::optional<QuicHeader> quic;
  };

  std::uint32_t intern(std::string_view text);
  SeenName seen(const Entry& entry) const { return {texts_[entry.text], entry.source, entry.frame}; }
  Label* new_label(std::uint32_t flow, std::string_view text, NameSource source, std::uint32_t frame);
  const Label* find_label(std::uint32_t flow) const;

  std::vector<std::string> texts_;
  IndexMap<Text> text_index_;
  std::vector<Host> hosts_;
  IndexMap<IpAddress> host_index_;
  std::vector<Label> labels_;
  std::vector<std::uint32_t> label_of_flow_;  // index + 1 in labels_, 0: none; may be shorter than the flow table
  std::uint64_t left_out_ = 0;
};

// How many hosts have a name, and where the names are from; nothing without names.
std::vector<std::string> notes_of(const SeenNames& names);

}  // namespace fourtuple::capture
