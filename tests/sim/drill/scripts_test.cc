// The scripts in tests/data/drill: what they say of the kernel is what the simulated stack does.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/drill/language/parse.h"
#include "sim/drill/run/run.h"
#include "sim/drill/run/simulated_kernel.h"

namespace fourtuple::drill {
namespace {

std::vector<std::string> scripts() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FT_SOURCE_DIR "/tests/data/drill"))
    if (entry.path().extension() == ".pkt") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of_file(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class DrillScripts : public testing::TestWithParam<std::string> {};

TEST_P(DrillScripts, passWithoutASkippedLine) {
  const std::string text = text_of_file(GetParam());
  const auto script = parse_script(text, GetParam());
  ASSERT_TRUE(script) << script.error().to_string();
  const auto setup = read_setup(*script, {});
  ASSERT_TRUE(setup) << setup.error().to_string();
  trace::Trace trace(trace::Level::off);
  SimulatedKernel kernel(*script, *setup, trace);
  const Report report = run_script(*script, *setup, kernel);
  EXPECT_TRUE(report.passed()) << report.failure->to_string();
  for (const Remark& remark : report.remarks)
    EXPECT_NE(remark.kind, Remark::Kind::skipped) << GetParam() << ":" << text_of(remark);
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

INSTANTIATE_TEST_SUITE_P(Own, DrillScripts, testing::ValuesIn(scripts()), name_of);

}  // namespace
}  // namespace fourtuple::drill
