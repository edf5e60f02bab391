// Tables of text for people: columns as wide as their widest cell, and the words for numbers in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/plural.h"

namespace fourtuple::app {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> heads) : right_(heads.size()) { rows_.push_back(std::move(heads)); }
  void align_right(std::size_t column) { right_[column] = true; }
  // REQUIRES: as many cells as heads.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }
  // Two blanks between columns, none at the end of a line.
  std::string text() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

std::string bytes_text(std::uint64_t bytes);  // "12 kB"
std::string duration_text(std::int64_t ns);   // "12.3 ms"
using capture::plural;

}  // namespace fourtuple::app
