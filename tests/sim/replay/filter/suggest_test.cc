#include "sim/replay/filter/suggest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/replay/filter/fixture.h"

namespace fourtuple::replay {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts(std::string_view text) {
  fourtuple::test::FilterBench bench;
  bench.builder().trace().mutable_tables().topology.hosts[1].name = bench.builder().text("web server");
  std::vector<std::string> found;
  for (const FilterSuggestion& entry : suggest_filter(text, bench.names())) found.push_back(entry.text);
  return found;
}

TEST(FilterSuggest, completes_words_where_one_is_expected) {
  EXPECT_THAT(texts("dr"), ElementsAre("dropped"));
  EXPECT_THAT(texts("port 80 and s"), ElementsAre("port 80 and state:", "port 80 and src "));
  EXPECT_THAT(texts("not (re"), ElementsAre("not (reason:", "not (reset"));
  EXPECT_THAT(texts(""), Contains("host:"));
  EXPECT_THAT(texts("dropped "), ElementsAre("dropped and ", "dropped or "));
}

TEST(FilterSuggest, says_which_value_a_word_of_libpcap_awaits) {
  EXPECT_EQ(awaited_value("tcp and port "), "a port, such as 443");
  EXPECT_EQ(awaited_value("src "), "port, host or net");
  EXPECT_EQ(awaited_value("port"), "") << "the word is not whole yet";
  EXPECT_EQ(awaited_value("port 80 "), "");
}

TEST(FilterSuggest, completes_values_with_the_names_of_the_trace) {
  EXPECT_THAT(texts("process:"), ElementsAre("process:browser", "process:httpd"));
  EXPECT_THAT(texts("state:syn"), ElementsAre("state:SYN-SENT", "state:SYN-RECEIVED"));
  EXPECT_THAT(texts("host:anna,w"), ElementsAre("host:\"anna,web server\""));
  EXPECT_THAT(texts("host:\"web s"), ElementsAre("host:\"web server\""));
  EXPECT_THAT(texts("dropped and rule:"), ElementsAre("dropped and rule:input/", "dropped and rule:forward/"));
  EXPECT_THAT(texts("host:anna"), IsEmpty()) << "nothing is missing";
}

}  // namespace
}  // namespace fourtuple::replay
