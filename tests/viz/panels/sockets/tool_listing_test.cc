#include "viz/panels/sockets/tool_listing.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/viz/panels/sockets/desk.h"

namespace fourtuple::viz {
namespace {

using test::Desk;

ToolListing listing_of(Desk& desk, const std::string& filter = {}) {
  return build_listing(desk.context(), desk.story->server, "ss -tanp", desk.before(), filter);
}

std::size_t count(const ToolListing& listing, RowChange change) {
  return static_cast<std::size_t>(std::count_if(listing.rows.begin(), listing.rows.end(),
                                                [&](const ListingRow& row) { return row.change == change; }));
}

TEST(ToolListing, has_the_tools_columns_with_what_they_mean) {
  Desk desk;
  desk.seek_end(desk.story->alice_data);
  const ToolListing listing = listing_of(desk);
  ASSERT_EQ(listing.columns.size(), 3u) << "an address and its port are one column";
  EXPECT_EQ(listing.columns[2].title, "Local Address:Port");
  for (const ListingColumn& column : listing.columns) EXPECT_FALSE(column.meaning.empty()) << column.title;
  ASSERT_EQ(listing.rows.size(), 8u);
  EXPECT_EQ(listing.rows[0].cells[0].text, "LISTEN");
  EXPECT_EQ(listing.rows[0].cells[2].text, "0.0.0.0");
  EXPECT_EQ(listing.rows[0].cells[2].tail, ":443");
  EXPECT_TRUE(listing.rows[0].waiting);
  EXPECT_EQ(listing.columns[0].characters, 6u);
}

TEST(ToolListing, keeps_an_end_that_is_no_address_whole) {
  Desk desk;
  desk.tools.table = [](const replay::ToolQuestion&) {
    return replay::ToolTable{"ss -x",
                             {{"Local Address:", true}, {"Port", false, ""}},
                             {{{"/run/app.sock ", "24978"}, {}}, {{"* ", "24982"}, {}}, {{"", "7"}, {}}},
                             0};
  };
  const ToolListing listing = listing_of(desk);
  ASSERT_EQ(listing.columns.size(), 1u);
  ASSERT_EQ(listing.rows.size(), 3u);
  EXPECT_EQ(listing.rows[0].cells[0].text + listing.rows[0].cells[0].tail, "/run/app.sock 24978");
  EXPECT_EQ(listing.rows[1].cells[0].text + listing.rows[1].cells[0].tail, "* 24982");
  EXPECT_EQ(listing.rows[2].cells[0].text + listing.rows[2].cells[0].tail, " 7");
}

TEST(ToolListing, marks_what_the_last_step_changed_and_from_what) {
  Desk desk;
  desk.seek_accepted();
  const ToolListing made = listing_of(desk);
  EXPECT_EQ(count(made, RowChange::added), 1u);
  EXPECT_EQ(count(made, RowChange::removed), 0u);
  const ToolListing start = build_listing(desk.context(), desk.story->server, "ss -tanp", state::State{});
  EXPECT_EQ(count(start, RowChange::added), start.rows.size());
  state::State other = desk.cursor.state();
  const SocketId socket = made.rows[0].socket;
  other.sockets.mut(socket.value).tcp_state = TcpState::closed;
  const ToolListing changed = build_listing(desk.context(), desk.story->server, "ss -tanp", other);
  EXPECT_EQ(count(changed, RowChange::changed), 1u);
  EXPECT_EQ(changed.rows[0].cells[0].before, "UNCONN");
  EXPECT_TRUE(changed.rows[0].cells[0].shows_before());
}

TEST(ToolListing, keeps_a_row_for_a_socket_that_is_gone) {
  Desk desk;
  desk.seek_end(desk.story->alice_data);
  state::State before = desk.cursor.state();
  const std::uint32_t extra = before.sockets.end();
  before.sockets.claim(extra);
  before.sockets.mut(extra) = before.sockets[desk.story->connection.value];
  const ToolListing listing = build_listing(desk.context(), desk.story->server, "ss -tanp", before);
  EXPECT_EQ(count(listing, RowChange::removed), 1u);
  EXPECT_EQ(listing.rows.back().socket, SocketId{extra});
}

TEST(ToolListing, shows_only_what_was_searched_for) {
  Desk desk;
  desk.seek_end(desk.story->alice_data);
  EXPECT_EQ(listing_of(desk, "443").rows.size(), 5u);
  EXPECT_EQ(listing_of(desk, "https").rows.size(), 5u) << "a service is its port";
  EXPECT_EQ(listing_of(desk, "www").rows.size(), 1u);
  EXPECT_EQ(listing_of(desk, "LISTEN").rows.size(), 4u) << "any other text";
  const ToolListing none = listing_of(desk, "nothing like this");
  EXPECT_TRUE(none.rows.empty());
  EXPECT_NE(none.note.find("nothing like this"), std::string::npos);
}

TEST(ToolListing, says_so_when_there_is_nothing_to_ask) {
  Desk desk;
  desk.tools.table = {};
  EXPECT_FALSE(listing_of(desk).note.empty());
  desk.tools.table = test::small_table;
  const ToolListing empty = build_listing(desk.context(), desk.story->bob, "ss -tanp", state::State{});
  EXPECT_FALSE(empty.note.empty());
}

}  // namespace
}  // namespace fourtuple::viz
