// The TCP tracker against what the kernel did with the same segments.
#include "tests/sim/netfilter/conntrack/kernel_table.h"
#include "tests/sim/netfilter/conntrack/lab.h"

namespace fourtuple::netfilter {
namespace {

// Both ends of one connection.
struct Flow {
  Lab lab;
  Lab::Passed from_client(std::string_view flags, std::uint32_t seq, std::uint32_t ack = 0, std::uint32_t length = 0) {
    return lab.forward(lab.tcp(client, 4000, server, 80, flags, seq, ack, length));
  }
  Lab::Passed from_server(std::string_view flags, std::uint32_t seq, std::uint32_t ack = 0, std::uint32_t length = 0) {
    return lab.forward(lab.tcp(server, 80, client, 4000, flags, seq, ack, length));
  }
  // The one entry there is; its side that opened is the server's when a SYN of the server reopened the connection.
  std::string entry() {
    const std::string own = lab.entry_text(lab.tcp(client, 4000, server, 80, "S", 0));
    return own != "none" ? own : lab.entry_text(lab.tcp(server, 80, client, 4000, "S", 0));
  }
  void open() {
    from_client("S", 1000);
    from_server("SA", 5000, 1001);
    from_client("A", 1001, 5001);
  }
  // Where the sequence numbers stand afterwards.
  std::uint32_t client_seq = 1001, server_seq = 5001;
  void bring_to(const std::string& state);
};

void Flow::bring_to(const std::string& state) {
  if (state == "NONE") return;
  from_client("S", 1000);
  if (state == "SYN_SENT") return;
  if (state == "SYN_SENT2") {
    from_server("S", 5000);
    return;
  }
  from_server("SA", 5000, 1001);
  if (state == "SYN_RECV") return;
  from_client("A", 1001, 5001);
  if (state == "ESTABLISHED") return;
  if (state == "CLOSE") {
    from_server("R", 5001);
    return;
  }
  from_client("FA", 1001, 5001);
  client_seq = 1002;
  if (state == "FIN_WAIT") return;
  from_server("A", 5001, 1002);
  if (state == "CLOSE_WAIT") return;
  from_server("FA", 5001, 1002);
  server_seq = 5002;
  if (state == "LAST_ACK") return;
  from_client("A", 1002, 5002);
}

TEST(TcpTracker, every_flag_in_every_state_does_what_linux_does) {
  const auto rows = kernel_table("ct_tcp_transitions.csv");
  ASSERT_EQ(rows.size(), 209u);
  for (const auto& row : rows) {
    Flow flow;
    flow.bring_to(row[0]);
    EXPECT_EQ(flow.entry(), row[1]) << "preparing " << row[0];
    const std::string flags = row[3] == "(none)" ? "" : row[3];
    const bool opening = row[0] == "SYN_SENT" || row[0] == "SYN_SENT2" || row[0] == "NONE";
    const bool acks = flags.find('A') != std::string::npos;
    const bool syn = flags.find('S') != std::string::npos;
    Lab::Passed passed;
    if (row[2] == "original") {
      const bool first = opening || row[0] == "SYN_RECV";
      const std::uint32_t seq = syn && first ? 1000 : flow.client_seq;
      passed = flow.from_client(flags, seq, acks ? flow.server_seq : 0, row[3] == "PA" ? 10 : 0);
    } else {
      const bool first = opening || row[0] == "SYN_RECV";
      const std::uint32_t seq = syn && first ? 5000 : flow.server_seq;
      passed = flow.from_server(flags, seq, acks ? flow.client_seq : 0, row[3] == "PA" ? 10 : 0);
    }
    EXPECT_EQ(trace::name_of(passed.info), row[4]) << row[0] << " " << row[2] << " " << row[3];
    EXPECT_EQ(flow.entry(), row[5]) << row[0] << " " << row[2] << " " << row[3];
  }
}

TEST(TcpTracker, windows_are_checked_as_linux_checks_them) {
  const auto rows = kernel_table("ct_window.csv");
  ASSERT_EQ(rows.size(), 82u);
  for (const auto& row : rows) {
    Flow flow;
    flow.lab.config().tcp_be_liberal = row[0] == "be_liberal=1";
    flow.open();
    const std::int32_t offset = std::stoi(row[2]);
    const auto shifted = [offset](std::uint32_t at) { return at + static_cast<std::uint32_t>(offset); };
    Lab::Passed passed;
    if (row[0].starts_with("RST")) {
      passed = flow.from_server("R", shifted(5001));
    } else if (row[1] == "seq") {
      passed = flow.from_client("PA", shifted(1001), 5001, 10);
    } else {
      passed = flow.from_client("PA", 1001, shifted(5001), 10);
    }
    EXPECT_EQ(trace::name_of(passed.info), row[3]) << row[0] << " " << row[1] << " " << row[2];
    EXPECT_EQ(flow.entry(), row[4]) << row[0] << " " << row[1] << " " << row[2];
  }
}

// "o ESTABLISHED 300 1/48 1/44 ASSURED": who opened it, state, timeout, packets/bytes both ways; joined by ';'.
std::string listing(Lab& lab) {
  std::string text;
  const Context c = lab.context();
  for (std::uint32_t id = 0; id < lab.visible.conntrack.end(); ++id) {
    if (!is_listed(c, id)) continue;
    const ConntrackEntry& entry = lab.visible.conntrack[id];
    if (!text.empty()) text += ';';
    text += entry.original.source == lab.at(client) ? "o " : "r ";
    text += name_of(entry.tcp) + ' ' + std::to_string(entry.timeout_s);
    for (int way = 0; way < 2; ++way)
      text += ' ' + std::to_string(entry.packets[way]) + '/' + std::to_string(entry.bytes[way]);
    if ((entry.status & ConntrackStatus::seen_reply) == 0) text += " UNREPLIED";
    if ((entry.status & ConntrackStatus::assured) != 0) text += " ASSURED";
  }
  return text.empty() ? "none" : text;
}

void take_options(Packet& packet, const std::string& options) {
  for (const std::string& option : cells_of(options, ' ')) {
    if (option == "sackok") packet.options |= TcpOption::sack_permitted;
    if (!option.starts_with("ws=")) continue;
    packet.options |= TcpOption::window_scale;
    packet.window_scale = static_cast<std::uint8_t>(std::stoul(option.substr(3)));
  }
}

TEST(TcpTracker, random_flows_are_followed_as_linux_follows_them) {
  const auto rows = kernel_table("ct_flows.csv");
  ASSERT_GT(rows.size(), 5000u);
  std::optional<Flow> flow;
  std::string current, sent;
  int wrong = 0;
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 11u);
    if (row[0] != current) {
      current = row[0];
      sent.clear();
      flow.emplace();
      for (const std::string& sysctl : cells_of(row[1], ' ')) {
        const auto cells = cells_of(sysctl, '=');
        if (cells.size() == 2) {
          ASSERT_TRUE(
              set_conntrack_sysctl(flow->lab.config(), cells[0], static_cast<std::uint32_t>(std::stoul(cells[1]))));
        }
      }
    }
    const auto number = [&row](std::size_t i) { return static_cast<std::uint32_t>(std::stoul(row[i])); };
    Lab& lab = flow->lab;
    Packet packet = row[2] == "o" ? lab.tcp(client, 4000, server, 80, row[3], number(4), number(5), number(6))
                                  : lab.tcp(server, 80, client, 4000, row[3], number(4), number(5), number(6));
    packet.window = static_cast<std::uint16_t>(number(7));
    take_options(packet, row[8]);
    lab.wait(milliseconds(1));
    const Lab::Passed passed = lab.forward(packet);
    sent += "\n  " + row[2] + ' ' + row[3] + " seq " + row[4] + " ack " + row[5] + " len " + row[6] + " win " + row[7] +
            ' ' + row[8] + " -> " + row[9] + ", " + row[10];
    if (trace::name_of(passed.info) == row[9] && listing(lab) == row[10]) continue;
    EXPECT_EQ(trace::name_of(passed.info), row[9]) << "flow " << row[0] << ' ' << row[1] << sent;
    EXPECT_EQ(listing(lab), row[10]) << "flow " << row[0] << ' ' << row[1] << sent;
    ASSERT_LT(++wrong, 5);
  }
}

}  // namespace
}  // namespace fourtuple::netfilter
