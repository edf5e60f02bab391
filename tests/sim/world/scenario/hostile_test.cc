#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "tests/sim/world/scenario/support.h"

namespace fourtuple::world {
namespace {

namespace fs = std::filesystem;

const std::string folder = FT_SOURCE_DIR "/tests/data/hostile/";
constexpr std::size_t lines_kept = 6;

// expected.txt holds the first lines of each file's errors, and how many there are when there are more.
std::map<std::string, std::vector<std::string>> expected_lines() {
  std::map<std::string, std::vector<std::string>> expected;
  std::ifstream in(folder + "expected.txt");
  for (std::string line; std::getline(in, line);) expected[line.substr(0, line.find(':'))].push_back(line);
  return expected;
}

std::vector<std::string> actual_lines(const fs::path& file) {
  const std::string name = file.filename().string();
  ParseResult result = load_scenario(file.string());
  for (Error& error : result.errors) error.where.file = name;
  std::vector<std::string> lines = error_lines(result);
  if (lines.size() > lines_kept) {
    const std::size_t count = lines.size();
    lines.resize(lines_kept);
    lines.push_back(name + ": " + std::to_string(count) + " errors");
  }
  return lines;
}

TEST(HostileScenarios, each_gives_the_errors_written_down) {
  std::map<std::string, std::vector<std::string>> expected = expected_lines();
  std::size_t files = 0;
  std::string all;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    ++files;
    const std::vector<std::string> actual = actual_lines(path);
    EXPECT_FALSE(actual.empty()) << path << " was accepted";
    EXPECT_EQ(actual, expected[path.filename().string()]) << path;
    for (const std::string& line : actual) all += line + "\n";
  }
  EXPECT_GE(files, 50u);
  EXPECT_EQ(files, expected.size()) << "expected.txt names a file that is not there";
  if (const char* update = std::getenv("FT_UPDATE_EXPECTED"); update != nullptr)
    std::ofstream(folder + "expected.txt") << all;
}

TEST(HostileScenarios, a_file_that_cannot_be_read_is_one_error) {
  for (const std::string& path : {folder, folder + "absent.yaml"}) {
    const ParseResult result = load_scenario(path);
    ASSERT_EQ(result.errors.size(), 1u) << path;
    EXPECT_THAT(result.errors[0].to_string(), testing::HasSubstr(path));
  }
}

TEST(HostileScenarios, a_file_over_16_MB_is_refused) {
  const std::string text = "# " + std::string(17u << 20, 'x') + "\n";
  const ParseResult result = parse_scenario(text, "big.yaml");
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].message, "the file is larger than 16 MB");
}

TEST(HostileScenarios, too_many_values_are_refused) {
  std::string text = "fourtuple: 1\ncovers: [";
  for (int i = 0; i < 600'000; ++i) text += "P1,";
  const ParseResult result = parse_scenario(text + "]\n", "many.yaml");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.errors[0].message, "the file has more than 500,000 values");
}

TEST(HostileScenarios, at_most_fifty_errors_are_reported) {
  std::string text = "fourtuple: 1\nhosts:\n";
  for (int i = 0; i < 200; ++i) text += "  h" + std::to_string(i) + ": { colour: red }\n";
  EXPECT_EQ(parse_scenario(text, "many.yaml").errors.size(), 50u);
}

TEST(HostileScenarios, every_prefix_of_a_good_file_ends_in_a_verdict) {
  std::ifstream in(FT_SOURCE_DIR "/scenarios/first_run.yaml", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(text.empty());
  for (std::size_t length = 0; length < text.size(); length += 7) {
    const ParseResult result = parse_scenario(text.substr(0, length), "part.yaml");
    for (const Error& error : result.errors) EXPECT_GT(error.where.line, 0);
  }
}

}  // namespace
}  // namespace fourtuple::world
