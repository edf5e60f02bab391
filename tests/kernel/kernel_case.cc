// usage: kernel_case [FILE…]: runs cases (README.md beside this file) in the simulator and prints their answers as
// nftoracle prints the kernel's, one JSON object a line. Without files, cases are read from standard input, one a line.
// Exit status 1 when a case cannot be read; the others are answered all the same.
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/kernel/session.h"

namespace fourtuple::kernel_case {
namespace {

bool answer(const std::string& text, const std::string& where) {
  const Json test_case = Json::parse(text, nullptr, false);
  if (!test_case.is_object()) {
    std::cerr << where << ": not a JSON object\n";
    return false;
  }
  try {
    Names names;
    std::string error;
    if (!names.read(test_case, error)) {
      std::cerr << where << ": " << error << "\n";
      return false;
    }
    std::cout << Session(test_case, names).run().dump() << "\n" << std::flush;
    return true;
  } catch (const Json::exception& fault) {  // a field is missing or of another type
    std::cerr << where << ": " << fault.what() << "\n";
    return false;
  }
}

}  // namespace
}  // namespace fourtuple::kernel_case

int main(int count, char** arguments) {
  bool good = true;
  for (int i = 1; i < count; ++i) {
    std::ifstream file(arguments[i]);
    std::stringstream text;
    text << file.rdbuf();
    good = fourtuple::kernel_case::answer(text.str(), arguments[i]) && good;
  }
  std::string line;
  for (int number = 1; count == 1 && std::getline(std::cin, line); ++number)
    if (!line.empty()) good = fourtuple::kernel_case::answer(line, "line " + std::to_string(number)) && good;
  return good ? 0 : 1;
}
