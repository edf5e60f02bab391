// The side tables of a trace as bytes: length-prefixed, little-endian, in the order of docs/trace-format.md. Used by
// trace/file.cc only. A count is believed only as far as the bytes that are left could hold that many.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "sim/trace/tables.h"

namespace fourtuple::trace::detail {

class ByteWriter {
 public:
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      out_.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
  }
  void text(std::string_view text) {
    number(static_cast<std::uint64_t>(text.size()));
    out_ += text;
  }
  std::string& bytes() { return out_; }

 private:
  std::string out_;
};

// Reads what ByteWriter wrote. After the first fault everything reads as zero and failed() stays true.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    std::uint64_t value = 0;
    if (bytes_.size() - at_ < sizeof(T)) return fail(), T{};
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value |= std::uint64_t{static_cast<unsigned char>(bytes_[at_ + i])} << (8 * i);
    at_ += sizeof(T);
    return static_cast<T>(value);
  }
  std::string_view text() {
    const auto size = number<std::uint64_t>();
    if (size > bytes_.size() - at_) return fail(), std::string_view();
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  // A count of items of at least `least` bytes each.
  std::uint64_t count(std::uint64_t least) {
    const auto count = number<std::uint64_t>();
    if (count > (bytes_.size() - at_) / least) return fail(), 0;
    return count;
  }
  void fail() {
    failed_ = true;
    at_ = bytes_.size();
  }
  bool failed() const { return failed_; }
  std::size_t at() const { return at_; }
  bool finished() const { return !failed_ && at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// One ruleset (file_rulesets.cc). Reading checks what it refers to inside itself and that its host exists.
void write_ruleset(ByteWriter& to, const RulesetInfo& ruleset);
RulesetInfo read_ruleset(ByteReader& from, std::size_t hosts);

void write_tables(ByteWriter& to, const Tables& tables);
// Reads and checks that every id names something; `fault` says what does not fit when it returns false.
bool read_tables(ByteReader& from, Tables& tables, std::string& fault);

}  // namespace fourtuple::trace::detail
