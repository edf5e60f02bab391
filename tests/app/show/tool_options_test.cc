// The options of ss, netstat and lsof, right and wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/services.h"
#include "app/views/lsof_select.h"
#include "app/views/ss_options.h"
#include "sim/replay/columns.h"

namespace fourtuple::app {
namespace {

using testing::HasSubstr;

std::string error_of(const std::vector<std::string>& words) {
  const auto listing = parse_listing(words);
  return listing ? "no error" : listing.error().to_string();
}

TEST(ToolOptions, letters_may_stand_together_or_alone) {
  const std::vector<std::string> together{"-tanp"}, alone{"-t", "--all", "-n", "--processes"};
  for (const auto& words : {together, alone}) {
    const auto options = read_ss_options(words);
    ASSERT_TRUE(options.has_value());
    EXPECT_TRUE(options->tcp && options->numeric && options->processes);
    EXPECT_FALSE(options->udp);
    EXPECT_TRUE(options->lists(TcpState::time_wait));
  }
}

TEST(ToolOptions, ss_without_all_leaves_out_what_ss_leaves_out) {
  const std::vector<std::string> plain{"-tn"}, listening{"-tln"};
  const auto connected = read_ss_options(plain);
  EXPECT_FALSE(connected->lists(TcpState::listen));
  EXPECT_FALSE(connected->lists(TcpState::time_wait));
  EXPECT_FALSE(connected->lists(TcpState::syn_received));
  EXPECT_TRUE(connected->lists(TcpState::fin_wait_2));
  const auto servers = read_ss_options(listening);
  EXPECT_TRUE(servers->lists(TcpState::listen));
  EXPECT_FALSE(servers->lists(TcpState::established));
}

TEST(ToolOptions, a_view_may_be_given_as_one_text_or_by_the_words_of_the_host) {
  EXPECT_EQ(parse_listing({"ss -tanp"})->name, "ss");
  EXPECT_EQ(parse_listing({"cat", "/proc/net/tcp6"})->name, "/proc/net/tcp6");
  EXPECT_EQ(parse_listing({"proc/net/udp"})->name, "/proc/net/udp");
  EXPECT_EQ(parse_listing({"ls", "-l", "/proc/80/fd"})->name, "/proc/80/fd");
  EXPECT_EQ(parse_listing({"ip", "route"})->name, "routes");
  EXPECT_EQ(parse_listing({"ss", "-tano"})->level, trace::Level::expressions);
  EXPECT_EQ(parse_listing({"ss", "-tan"})->level, trace::Level::stages);
}

TEST(ToolOptions, a_wrong_option_gives_one_clear_error) {
  EXPECT_THAT(error_of({"ss", "-tank"}), HasSubstr("ss has no option '-k' here; expected some of -t -u -a"));
  EXPECT_THAT(error_of({"ss", "--procesess"}), HasSubstr("did you mean '--processes'?"));
  EXPECT_THAT(error_of({"netstat", "--hots"}), HasSubstr("did you mean '--host'?"));
  EXPECT_THAT(error_of({"ss", "state", "established"}), HasSubstr("no error"));
  EXPECT_THAT(error_of({"ss", "state", "estabished"}), HasSubstr("did you mean 'established'?"));
  EXPECT_THAT(error_of({"ss", "sport", "=", ":80"}), HasSubstr("'sport' is not understood here"));
  EXPECT_THAT(error_of({"lsof", "-p"}), HasSubstr("lsof -p needs an argument"));
  EXPECT_THAT(error_of({"lsof", "-i", "sctp:80"}), HasSubstr("'sctp:80' is not understood"));
  EXPECT_THAT(error_of({"lsof", "-i", ":99999"}), HasSubstr("'99999' is not a port"));
  EXPECT_THAT(error_of({"lsof", "-sTCP:LISTENING"}), HasSubstr("there is no TCP state 'LISTENING'"));
  EXPECT_THAT(error_of({"cat", "/proc/net/raw"}), HasSubstr("'/proc/net/raw' is not simulated"));
  EXPECT_THAT(error_of({"/proc/x/fd"}), HasSubstr("'/proc/x/fd' is not simulated"));
  EXPECT_THAT(error_of({"ports", "-n"}), HasSubstr("the view 'ports' takes no options"));
  EXPECT_THAT(error_of({"  "}), HasSubstr("no view is given"));
}

TEST(ToolOptions, lsof_reads_every_form_of_internet_address) {
  const auto full = read_internet_pattern("6tcp@[2001:db8::1]:http,8000-8080");
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->family, Family::ipv6);
  EXPECT_EQ(full->protocol, Protocol::tcp);
  EXPECT_EQ(full->host, "2001:db8::1");
  EXPECT_EQ(full->services, std::vector<std::string>{"http"});
  EXPECT_EQ(full->ports, (std::vector<std::pair<std::uint16_t, std::uint16_t>>{{8000, 8080}}));
  const auto host = read_internet_pattern("@server");
  EXPECT_EQ(host->host, "server");
  EXPECT_FALSE(host->family || host->protocol || !host->ports.empty());
}

TEST(ToolOptions, every_listing_has_its_columns_explained) {
  for (const char* view : {"ss", "ss -s", "netstat", "lsof", "/proc/net/tcp", "/proc/net/udp6", "/proc/80/fd", "fds",
                           "ports", "routes", "conntrack", "nft"}) {
    const auto listing = parse_listing({view});
    ASSERT_TRUE(listing.has_value()) << view;
    EXPECT_FALSE(replay::column_meanings(listing->columns).empty()) << view;
  }
}

TEST(SystemServices, fall_back_to_the_names_built_in) {
  const SystemServices services = load_services("/nonexistent/services");
  EXPECT_FALSE(services.from_file);
  EXPECT_EQ(services.table.name_of(Protocol::tcp, 80), "http");
  EXPECT_EQ(services.table.name_of(Protocol::udp, 53), "domain");
}

}  // namespace
}  // namespace fourtuple::app
