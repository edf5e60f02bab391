// Makers of messages that carry names: DNS responses and TLS ClientHellos.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/bytes.h"

namespace fourtuple::capture::test {

using Message = std::vector<std::uint8_t>;

const Message to_question{0xc0, 12};  // a pointer to the first name of a DNS message
const Message address{192, 0, 2, 80};

inline void append_text(Message& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

// A DNS response without an error; names are given with dots.
class DnsMessage {
 public:
  explicit DnsMessage(std::uint16_t flags = 0x8180) : bytes(12) { store16(bytes.data() + 2, flags); }

  static Message name(std::string_view text) {
    Message out;
    while (!text.empty()) {
      const std::string_view label = text.substr(0, text.find('.'));
      append8(out, static_cast<std::uint32_t>(label.size()));
      append_text(out, label);
      text.remove_prefix(std::min(text.size(), label.size() + 1));
    }
    append8(out, 0);
    return out;
  }
  DnsMessage& question(std::string_view text, std::uint16_t type = 1) {
    append_bytes(bytes, name(text));
    append16(bytes, type);
    append16(bytes, 1);
    return count(4);
  }
  // `owner`: a name as on the wire.
  DnsMessage& answer(const Message& owner, std::uint16_t type, const Message& data, std::uint16_t of_class = 1) {
    append_bytes(bytes, owner);
    append16(bytes, type);
    append16(bytes, of_class);
    append32(bytes, 300);
    append16(bytes, static_cast<std::uint32_t>(data.size()));
    append_bytes(bytes, data);
    return count(6);
  }

  Message bytes;

 private:
  DnsMessage& count(std::size_t at) {
    store16(bytes.data() + at, static_cast<std::uint16_t>(load16(bytes.data() + at) + 1));
    return *this;
  }
};

// Behind its length of `bytes` bytes.
inline Message counted(int bytes, const Message& value) {
  Message out;
  for (int i = bytes - 1; i >= 0; --i) append8(out, static_cast<std::uint32_t>(value.size() >> (8 * i)));
  append_bytes(out, value);
  return out;
}

inline Message extension(std::uint16_t type, const Message& value) {
  Message out;
  append16(out, type);
  append_bytes(out, counted(2, value));
  return out;
}

inline Message server_name(std::string_view name) {
  Message entry{0};
  append_bytes(entry, counted(2, Message(name.begin(), name.end())));
  return extension(0, counted(2, entry));
}

// The handshake message, without records.
inline Message client_hello(const std::vector<Message>& extensions) {
  Message body{3, 3}, all;
  body.resize(2 + 32, 0x55);
  append_bytes(body, counted(1, Message(32, 7)));                     // session id
  append_bytes(body, counted(2, {0x0a, 0x0a, 0x13, 0x01, 0, 0x2f}));  // cipher suites, the first one GREASE
  append_bytes(body, {counted(1, {0})});
  for (const Message& each : extensions) append_bytes(all, each);
  append_bytes(body, counted(2, all));
  Message out{1};
  append_bytes(out, counted(3, body));
  return out;
}

// A handshake message in records of at most `most` bytes.
inline Message tls_records(const Message& message, std::size_t most = 16'384) {
  Message out;
  for (std::size_t at = 0; at < message.size(); at += most) {
    append_bytes(out, Message{22, 3, 1});
    const Bytes part = Bytes(message).subspan(at, std::min(most, message.size() - at));
    append_bytes(out, counted(2, Message(part.begin(), part.end())));
  }
  return out;
}

}  // namespace fourtuple::capture::test
