// Makes pcapng files block by block.
#pragma once

#include <string>

#include "tests/capture/builders.h"

namespace fourtuple::capture::test {

// pcapng blocks in either byte order.
class PcapngFile {
 public:
  explicit PcapngFile(bool big = false) { section(big); }
  // Starts a section; what follows is in its byte order.
  void section(bool big, const Buffer& options = {}) {
    big_ = big;
    Buffer body;
    put32(body, 0x1a2b3c4d);
    put16(body, 1);
    put16(body, 0);
    put32(body, 0xffffffff);
    put32(body, 0xffffffff);
    body.insert(body.end(), options.begin(), options.end());
    block(0x0a0d0d0a, body);
  }
  static void pad(Buffer& out) { out.resize((out.size() + 3) & ~std::size_t{3}); }
  void put16(Buffer& out, std::uint32_t value) const {
    if (big_) return append16(out, value);
    out.push_back(static_cast<std::uint8_t>(value));
    out.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  void put32(Buffer& out, std::uint32_t value) const { big_ ? append32(out, value) : append32_little(out, value); }
  void block(std::uint32_t type, Buffer body) {
    pad(body);
    put32(bytes, type);
    put32(bytes, static_cast<std::uint32_t>(body.size() + 12));
    bytes.insert(bytes.end(), body.begin(), body.end());
    put32(bytes, static_cast<std::uint32_t>(body.size() + 12));
  }
  // Appends an option to a block's body.
  void option(Buffer& body, std::uint32_t code, const Buffer& value) const {
    pad(body);
    put16(body, code);
    put16(body, static_cast<std::uint32_t>(value.size()));
    body.insert(body.end(), value.begin(), value.end());
    pad(body);
  }
  void interface(std::uint32_t link, const std::string& name, int resolution = -1) {
    Buffer options;
    option(options, 2, Buffer(name.begin(), name.end()));
    if (resolution >= 0) option(options, 9, {static_cast<std::uint8_t>(resolution)});
    put32(options, 0);
    interface_with(link, 0, options);
  }
  void interface_with(std::uint32_t link, std::uint32_t snap_length, const Buffer& options) {
    Buffer body;
    put16(body, link);
    put16(body, 0);
    put32(body, snap_length);
    body.insert(body.end(), options.begin(), options.end());
    block(1, body);
  }
  // `options`: of the packet block, after the data.
  void packet(std::uint32_t interface, std::uint64_t ticks, const Buffer& data, std::uint32_t claimed = 0,
              const Buffer& options = {}) {
    Buffer body;
    put32(body, interface);
    put32(body, static_cast<std::uint32_t>(ticks >> 32));
    put32(body, static_cast<std::uint32_t>(ticks));
    put32(body, claimed == 0 ? static_cast<std::uint32_t>(data.size()) : claimed);
    put32(body, static_cast<std::uint32_t>(data.size()));
    body.insert(body.end(), data.begin(), data.end());
    pad(body);
    body.insert(body.end(), options.begin(), options.end());
    block(6, body);
  }

  Buffer bytes;

 private:
  bool big_ = false;
};

}  // namespace fourtuple::capture::test
