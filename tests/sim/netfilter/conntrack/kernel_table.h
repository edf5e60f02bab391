// The kernel's answers under tests/data/kernel as rows of cells.
#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace fourtuple::netfilter {

// Cells of "a,,b" are "a", "" and "b"; none contains a comma.
inline std::vector<std::string> cells_of(const std::string& line, char between = ',') {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == between) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

inline std::vector<std::vector<std::string>> kernel_table(const std::string& name) {
  std::ifstream file(FT_SOURCE_DIR "/tests/data/kernel/" + name);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);  // names of the columns
  while (std::getline(file, line)) rows.push_back(cells_of(line));
  return rows;
}

}  // namespace fourtuple::netfilter
