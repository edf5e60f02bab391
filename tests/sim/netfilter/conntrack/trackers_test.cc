// UDP, ICMP and other protocols, and what all trackers share: timeouts, marks, invalid packets, the table's bounds.
#include "tests/sim/netfilter/conntrack/lab.h"

namespace fourtuple::netfilter {
namespace {

using trace::CtInfo;

constexpr std::uint8_t echo = 8, echo_reply = 0;

TEST(UdpTracker, a_fast_exchange_stays_short_lived) {
  Lab lab;
  const Packet first = lab.udp(client, 4000, server, 53);
  EXPECT_EQ(lab.forward(first).info, CtInfo::fresh);
  EXPECT_EQ(lab.entry_text(first), "30 UNREPLIED");
  EXPECT_EQ(lab.forward(lab.udp(client, 4000, server, 53)).info, CtInfo::fresh) << "nobody answered yet";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(lab.forward(lab.udp(server, 53, client, 4000)).info, CtInfo::established_reply);
    EXPECT_EQ(lab.forward(lab.udp(client, 4000, server, 53)).info, CtInfo::established);
  }
  EXPECT_EQ(lab.entry_text(first), "30");
}

TEST(UdpTracker, two_seconds_make_a_stream) {
  Lab lab;
  const Packet first = lab.udp(client, 4000, server, 53);
  lab.forward(first);
  lab.forward(lab.udp(server, 53, client, 4000));
  lab.wait(milliseconds(2100));
  EXPECT_EQ(lab.entry_text(first), "28") << "30 s less 2.1 s, rounded up";
  lab.forward(lab.udp(client, 4000, server, 53));
  EXPECT_EQ(lab.entry_text(first), "120 ASSURED");
}

TEST(IcmpTracker, an_echo_is_a_flow_and_its_reply_belongs_to_it) {
  Lab lab;
  const Packet first = lab.icmp(client, server, echo, 0, 7);
  EXPECT_EQ(lab.forward(first).info, CtInfo::fresh);
  EXPECT_EQ(lab.forward(lab.icmp(server, client, echo_reply, 0, 7)).info, CtInfo::established_reply);
  EXPECT_EQ(lab.forward(lab.icmp(server, client, echo_reply, 0, 7)).info, CtInfo::established_reply);
  EXPECT_EQ(lab.forward(lab.icmp(server, client, echo_reply, 0, 8)).info, CtInfo::invalid) << "another identifier";
  EXPECT_EQ(lab.entry_text(first), "30");
}

TEST(IcmpTracker, only_queries_begin_a_flow) {
  Lab lab;
  EXPECT_EQ(lab.forward(lab.icmp(client, server, 13, 0, 1)).info, CtInfo::fresh) << "timestamp";
  EXPECT_EQ(lab.forward(lab.icmp(client, server, 17, 0, 1)).info, CtInfo::fresh) << "address mask";
  EXPECT_EQ(lab.forward(lab.icmp(client, server, 14, 0, 9)).info, CtInfo::invalid) << "an answer alone";
  EXPECT_EQ(lab.forward(lab.icmp(client, server, 9, 0)).info, CtInfo::invalid) << "router advertisement";
  EXPECT_EQ(lab.forward(lab.icmp(client, server, 40, 0)).info, CtInfo::invalid) << "unknown type";
}

TEST(IcmpTracker, neighbour_discovery_and_listener_reports_are_untracked) {
  Lab lab;
  for (const std::uint8_t type : {130, 131, 132, 133, 134, 135, 136, 143})
    EXPECT_EQ(lab.forward(lab.icmp("fe80::1", "ff02::1", type, 0)).info, CtInfo::untracked) << int{type};
  EXPECT_EQ(lab.forward(lab.icmp("2001:db8::1", "2001:db8::2", 128, 0, 5)).info, CtInfo::fresh);
  EXPECT_EQ(lab.forward(lab.icmp("2001:db8::2", "2001:db8::1", 129, 0, 5)).info, CtInfo::established_reply);
}

TEST(GenericTracker, other_protocols_are_flows_between_two_addresses) {
  Lab lab;
  Packet first = lab.udp(client, 1, server, 2);
  first.protocol = Protocol{50};
  EXPECT_EQ(lab.forward(first).info, CtInfo::fresh);
  EXPECT_EQ(lab.entry_by(first)->timeout_s, 600u);
  Packet answer = lab.udp(server, 3, client, 4);
  answer.protocol = Protocol{50};
  EXPECT_EQ(lab.forward(answer).info, CtInfo::established_reply) << "whatever the first bytes are";
}

TEST(GreTracker, answers_make_a_stream) {
  Lab lab;
  Packet first = lab.udp(client, 0, server, 0);
  first.protocol = Protocol{47};
  Packet answer = lab.udp(server, 0, client, 0);
  answer.protocol = Protocol{47};
  lab.forward(first);
  lab.forward(answer);
  EXPECT_EQ(lab.entry_text(first), "30");
  lab.forward(first);
  EXPECT_EQ(lab.entry_text(first), "180 ASSURED");
}

TEST(Tracking, bad_checksums_are_invalid_only_on_the_way_in) {
  Lab lab;
  Packet packet = lab.udp(client, 4000, server, 53);
  packet.fragment_flags |= FragmentFlag::bad_checksum;
  EXPECT_EQ(lab.forward(packet).info, CtInfo::invalid);
  EXPECT_EQ(lab.entries(), 0u);
  EXPECT_EQ(lab.originate(packet).info, CtInfo::fresh);
  lab.config().checksum = false;
  packet.source_port = 4001;
  EXPECT_EQ(lab.forward(packet).info, CtInfo::fresh);
}

TEST(Tracking, fragments_without_ports_are_invalid) {
  Lab lab;
  Packet packet = lab.udp(client, 4000, server, 53);
  packet.fragment_flags = FragmentFlag::is_fragment;
  packet.fragment_offset = 185;
  EXPECT_EQ(lab.forward(packet).info, CtInfo::invalid);
}

TEST(Tracking, counts_packets_and_bytes_of_both_directions) {
  Lab lab;
  const Packet first = lab.tcp(client, 4000, server, 80, "S", 1000);
  lab.forward(first);
  lab.forward(lab.tcp(server, 80, client, 4000, "SA", 5000, 1001));
  lab.forward(lab.tcp(client, 4000, server, 80, "PA", 1001, 5001, 100));
  const state::ConntrackEntry& entry = *lab.entry_by(first);
  EXPECT_EQ(entry.packets[0], 2u);
  EXPECT_EQ(entry.bytes[0], 180u);
  EXPECT_EQ(entry.packets[1], 1u);
  EXPECT_EQ(entry.bytes[1], 40u);
}

TEST(Tracking, a_dropped_first_packet_leaves_nothing) {
  Lab lab;
  lab.filter_rule = [](Walk&) { return false; };
  lab.forward(lab.udp(client, 4000, server, 53));
  EXPECT_EQ(lab.entries(), 0u);
  EXPECT_EQ(lab.filter.conntrack.pending.live(), 0u);
  EXPECT_EQ(lab.filter.conntrack.counts[0], 0u);
}

TEST(Tracking, a_mark_set_on_the_first_packet_is_kept) {
  Lab lab;
  const Packet first = lab.udp(client, 4000, server, 53);
  lab.filter_rule = [&lab](Walk& walk) {
    Context c = lab.context();
    set_mark(c, walk.tracking, entry_of(c, walk.tracking).mark + 1);
    return true;
  };
  lab.forward(first);
  EXPECT_EQ(lab.entry_by(first)->mark, 1u);
  lab.forward(first);
  EXPECT_EQ(lab.entry_by(first)->mark, 2u);
}

TEST(Tracking, untracked_and_looped_back_packets_are_left_alone) {
  Lab lab;
  Packet packet = lab.udp(client, 4000, server, 53);
  Context c = lab.context();
  Walk walk{packet, Lab::lan, {}, {}, 0, 0, false, 0, 0, false};
  set_untracked(walk);
  EXPECT_TRUE(track(c, walk));
  EXPECT_EQ(walk.tracking.info, CtInfo::untracked);
  EXPECT_TRUE(confirm(c, walk));
  EXPECT_EQ(lab.entries(), 0u);

  Walk local{packet, {}, {}, {}, 0, 0, false, 0, 0, false};
  EXPECT_TRUE(track(c, local) && confirm(c, local));
  const Tracking over_loopback = local.tracking;
  Walk again{packet, Lab::lan, {}, over_loopback, 0, 0, false, 0, 0, false};
  EXPECT_TRUE(track(c, again));
  EXPECT_EQ(again.tracking.info, CtInfo::fresh);
  EXPECT_EQ(lab.visible.conntrack[again.tracking.entry].packets[0], 1u) << "counted once";
}

TEST(Reject, the_answer_is_related_and_does_not_confirm_the_rejected_flow) {
  Lab lab;
  lab.filter_rule = [&lab](Walk& walk) {
    Context c = lab.context();
    Packet packet = lab.tcp(server, 80, client, 4000, "RA", 0, 1001);
    Walk answer{packet, {}, Lab::lan, {}, 0, 0, false, 0, 0, false};
    attach(c, walk, answer);
    EXPECT_TRUE(track(c, answer));
    EXPECT_EQ(answer.tracking.info, CtInfo::related_reply);
    EXPECT_EQ(entry_of(c, answer.tracking).original.source_port, 4000);
    EXPECT_TRUE(confirm(c, answer));
    forget(c, answer);
    EXPECT_TRUE(is_pending(walk.tracking)) << "the rejected packet still holds its entry";
    return false;
  };
  lab.forward(lab.tcp(client, 4000, server, 80, "S", 1000));
  EXPECT_EQ(lab.entries(), 0u);
  EXPECT_EQ(lab.filter.conntrack.pending.live(), 0u);
}

TEST(Reject, an_answer_to_an_invalid_packet_is_tracked_like_any_other) {
  Lab lab;
  Packet packet = lab.tcp(client, 4000, server, 80, "FA", 1, 1);
  Context c = lab.context();
  Walk walk{packet, Lab::lan, {}, {}, 0, 0, false, 0, 0, false};
  EXPECT_TRUE(track(c, walk));
  Packet reset = lab.tcp(server, 80, client, 4000, "R", 1);
  Walk answer{reset, {}, Lab::lan, {}, 0, 0, false, 0, 0, false};
  attach(c, walk, answer);
  EXPECT_TRUE(track(c, answer));
  EXPECT_EQ(answer.tracking.info, CtInfo::invalid);
}

TEST(Reject, a_tcp_reset_closes_the_connection_without_counting) {
  Lab lab;
  const Packet first = lab.tcp(client, 4000, server, 80, "S", 1000);
  lab.forward(first);
  lab.forward(lab.tcp(server, 80, client, 4000, "SA", 5000, 1001));
  lab.forward(lab.tcp(client, 4000, server, 80, "A", 1001, 5001));
  lab.filter_rule = [&lab](Walk& walk) {
    Context c = lab.context();
    close_rejected(c, walk);
    return false;
  };
  lab.forward(lab.tcp(client, 4000, server, 80, "PA", 1001, 5001, 10));
  EXPECT_EQ(lab.entry_text(first), "CLOSE 10 ASSURED");
  EXPECT_EQ(lab.entry_by(first)->packets[0], 3u);
  EXPECT_EQ(lab.entry_by(first)->packets[1], 1u);
}

TEST(TcpTracker, a_reset_of_an_unanswered_syn_still_carries_its_entry_to_the_end) {
  Lab lab;
  const Packet first = lab.tcp(client, 4000, server, 80, "S", 1000);
  lab.forward(first);
  bool seen = false;
  lab.filter_rule = [&](Walk& walk) {
    seen = walk.tracking.has_entry() && entry_of(lab.context(), walk.tracking).original.source_port == 4000;
    return true;
  };
  EXPECT_EQ(lab.forward(lab.tcp(server, 80, client, 4000, "RA", 0, 1001)).info, CtInfo::established_reply);
  EXPECT_TRUE(seen);
  EXPECT_EQ(lab.entries(), 0u);
  EXPECT_EQ(lab.filter.conntrack.counts[0], 0u);
}

TEST(Sysctls, are_known_by_their_kernel_names) {
  ConntrackConfig config;
  std::uint32_t value = 0;
  EXPECT_TRUE(conntrack_sysctl(config, "nf_conntrack_tcp_timeout_established", value));
  EXPECT_EQ(value, 432000u);
  EXPECT_TRUE(set_conntrack_sysctl(config, "nf_conntrack_udp_timeout", 7));
  EXPECT_EQ(config.udp_timeout, 7u);
  EXPECT_TRUE(set_conntrack_sysctl(config, "nf_conntrack_tcp_loose", 0));
  EXPECT_FALSE(config.tcp_loose);
  EXPECT_FALSE(set_conntrack_sysctl(config, "nf_conntrack_expect_max", 1));
  EXPECT_FALSE(set_conntrack_sysctl(config, "tcp_loose", 1));
}

}  // namespace
}  // namespace fourtuple::netfilter
