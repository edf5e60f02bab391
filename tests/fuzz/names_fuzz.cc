// Any bytes as messages that carry names: what is read of them is printable and bounded, and a longer stream never
// takes back a name.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "capture/names/dns.h"
#include "capture/names/name_text.h"
#include "capture/names/quic.h"
#include "capture/names/requests.h"
#include "capture/names/stream_start.h"
#include "sim/base/check.h"

using namespace fourtuple;

namespace {

void check_text(const std::string& text) {
  FT_CHECK(!text.empty() && text.size() <= capture::max_name_text);
  for (const char c : text) FT_CHECK(static_cast<unsigned char>(c) > 0x20 && c != 0x7f);
}

void check_requests(Bytes stream) {
  for (const auto read : {capture::read_server_name, capture::read_http_host}) {
    const capture::AskedName whole = read(stream), half = read(stream.first(stream.size() / 2));
    if (whole.search == capture::NameSearch::found) check_text(whole.name);
    // A name that stood in the first half stays; what was something else stays something else.
    if (half.search == capture::NameSearch::found) FT_CHECK(whole.name == half.name);
    if (half.search == capture::NameSearch::absent) FT_CHECK(whole.search == capture::NameSearch::absent);
  }
}

// Segments whose places the bytes choose: what is contiguous is what was put there.
void check_stream(Bytes bytes) {
  capture::StreamStart start(SeqNumber{0xffffff00});
  for (std::size_t at = 0; at + 4 <= bytes.size() && !start.full();) {
    const std::uint32_t offset = load16(bytes.data() + at) % 20'000, length = bytes[at + 2];
    at += 3;
    const Bytes part = bytes.subspan(at, std::min<std::size_t>(length, bytes.size() - at));
    start.add(SeqNumber{0xffffff00} + offset, part);
    FT_CHECK(start.contiguous().size() <= capture::StreamStart::most_bytes);
    const std::size_t there = start.contiguous().size();
    if (there > 2) start.drop(static_cast<std::uint32_t>(there / 2));
    if (there > 2) FT_CHECK(start.contiguous().size() == there - there / 2);
    at += part.size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  for (const capture::DnsAnswer& answer : capture::read_dns_answers(bytes)) check_text(answer.name);
  check_requests(bytes);
  check_stream(bytes);
  if (const auto header = capture::read_quic(bytes)) FT_CHECK(!capture::quic_words(header->version).empty());
  const std::string text = capture::escaped({reinterpret_cast<const char*>(data), size});
  if (size != 0) check_text(text);
  return 0;
}
