#include "capture/names/requests.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "capture/names/byte_cursor.h"
#include "capture/names/name_text.h"

namespace fourtuple::capture {
namespace {

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

AskedName found(std::string_view raw) {
  if (raw.empty()) return {NameSearch::absent};
  return {NameSearch::found, escaped(raw)};
}

// The first handshake message of a stream of TLS records, however it is cut into them (RFC 8446 section 5.1), as far
// as it is there. False: the stream is something else.
bool first_message(Bytes stream, std::vector<std::uint8_t>& message) {
  constexpr std::uint32_t handshake = 22, version_major = 3, most_in_record = 16'384;
  constexpr std::size_t header_length = 4;
  for (ByteCursor from(stream); from.rest() > 0;) {
    if (from.number(1) != handshake) return !message.empty();
    if (from.rest() > 0 && from.number(1) != version_major) return false;
    from.number(1);
    const std::uint32_t length = from.number(2);
    if (from.failed()) return true;
    if (length == 0 || length > most_in_record) return false;
    append_bytes(message, from.take(std::min<std::size_t>(length, from.rest())));
    if (message.size() < header_length) continue;
    if (message.size() - header_length >= (load32(message.data()) & 0xffffff)) return true;
  }
  return true;
}

// server_name's value: a list of which only host names are defined.
AskedName first_of_list(Bytes value) {
  constexpr std::uint32_t host_name = 0;
  ByteCursor list(value);
  list.number(2);
  if (list.number(1) != host_name) return {NameSearch::absent};
  const Bytes name = list.take(list.number(2));
  return list.failed() ? AskedName{} : found(text_of(name));
}

AskedName search_extensions(ByteCursor hello) {
  constexpr std::uint32_t server_name = 0;
  const std::uint32_t claimed = hello.number(2);
  if (hello.failed()) return {NameSearch::unknown};
  const bool cut = claimed > hello.rest();
  ByteCursor extensions(hello.take(std::min<std::size_t>(claimed, hello.rest())));
  while (extensions.rest() > 0) {
    const std::uint32_t type = extensions.number(2);
    const Bytes value = extensions.take(extensions.number(2));
    if (extensions.failed()) break;
    if (type == server_name) return first_of_list(value);
  }
  return {cut ? NameSearch::unknown : NameSearch::absent};
}

constexpr std::string_view methods[] = {"GET ",     "POST ",  "HEAD ",    "PUT ",   "DELETE ",
                                        "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ", "PROPFIND "};

bool begins_like_request(std::string_view text) {
  return std::any_of(std::begin(methods), std::end(methods), [&](std::string_view method) {
    return text.substr(0, method.size()) == method.substr(0, text.size());
  });
}

bool same_letters(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

AskedName read_server_name(Bytes stream) {
  constexpr std::uint8_t client_hello = 1;
  constexpr std::size_t version_and_random = 34;
  std::vector<std::uint8_t> message;
  if (!first_message(stream, message)) return {NameSearch::absent};
  if (message.empty()) return {NameSearch::unknown};
  if (message.front() != client_hello) return {NameSearch::absent};
  ByteCursor from(message);
  from.number(1);
  const std::uint32_t length = from.number(3);
  const bool whole = !from.failed() && from.rest() >= length;
  ByteCursor hello(from.take(std::min<std::size_t>(length, from.rest())));
  hello.take(version_and_random);
  hello.take(hello.number(1));  // session id
  hello.take(hello.number(2));  // cipher suites
  hello.take(hello.number(1));  // compression methods
  if (hello.failed()) return {whole ? NameSearch::absent : NameSearch::unknown};
  AskedName name = search_extensions(hello);
  if (whole && name.search == NameSearch::unknown) name.search = NameSearch::absent;
  return name;
}

AskedName read_http_host(Bytes stream) {
  constexpr std::string_view host = "host:";
  std::string_view text = text_of(stream);
  if (text.empty()) return {NameSearch::unknown};
  if (!begins_like_request(text)) return {NameSearch::absent};
  for (bool first = true;; first = false) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {NameSearch::unknown};
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (first && line.find(" HTTP/1.") == std::string_view::npos) return {NameSearch::absent};
    if (!first && trimmed(line).empty()) return {NameSearch::absent};
    if (!first && same_letters(line.substr(0, host.size()), host)) return found(trimmed(line.substr(host.size())));
  }
}

}  // namespace fourtuple::capture
