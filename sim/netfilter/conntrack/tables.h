// What connection tracking keeps beside the visible entries (State::conntrack): what the TCP and UDP trackers remember
// of each entry, entries of packets that have not passed their last hook, and the indexes that find entries by tuple
// and by source. Entries, indexes and all hosts together stay below 200 bytes per entry.
//
// Invariants: every live visible entry has its two tuples in `tuples` and its tracker at its own id; entries whose
// source NAT is set up are in `sources`. Only sim/netfilter/conntrack changes any of this.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/paged_array.h"
#include "sim/base/pool.h"
#include "sim/base/time.h"
#include "sim/netfilter/conntrack/config.h"
#include "sim/netfilter/conntrack/tuple_index.h"
#include "sim/state/netfilter.h"
#include "sim/wire/seq_number.h"

namespace fourtuple::netfilter {

// Classes of TCP segments, by the flag that decides.
enum class TcpClass : std::uint8_t { syn, syn_ack, fin, ack, rst, none };

// Bits of TcpSide::flags and TcpTracker::last_flags.
struct TcpNote {
  static constexpr std::uint8_t window_scale = 0x01, sack_permitted = 0x02, close_initiator = 0x04, be_liberal = 0x08,
                                data_unacknowledged = 0x10, max_ack_set = 0x20;
  // last_flags only: a SYN passed in LAST_ACK, the answer may be a challenge ACK; both sides sent a SYN.
  static constexpr std::uint8_t expect_challenge_ack = 0x40, simultaneous_open = 0x80;
};

// What the tracker knows of one side of a connection.
struct TcpSide {
  SeqNumber end;                 // one past the highest byte it sent
  SeqNumber max_end;             // one past the highest byte its peer would take
  SeqNumber max_ack;             // highest acknowledgement it sent; holds with TcpNote::max_ack_set
  std::uint32_t max_window = 0;  // largest window it offered, scaled; 0: nothing seen of it
  std::uint8_t scale = 0, flags = 0;
};

struct TcpTracker {
  TcpSide side[2];  // [0] original, [1] reply direction
  // The segment looked at last: an accepted one, or one that was let through without believing it.
  SeqNumber last_seq, last_ack, last_end;
  std::uint16_t last_window = 0;
  std::uint8_t last_direction = 0;
  TcpClass last_class = TcpClass::none;
  std::uint8_t last_scale = 0, last_flags = 0;
  std::uint8_t retransmissions = 0;
  bool synproxied = false;  // the entry has a SynproxyState
};

// What synproxy keeps of a connection it opened in a client's name (nf_conn_synproxy, nf_conn_seqadj).
struct SynproxyState {
  SeqNumber initial;                    // of the server towards the client: the cookie
  std::uint32_t initial_timestamp = 0;  // of the server towards the client
  // What is added to the server's numbers for the client, and taken off the client's acknowledgements; timestamps: the
  // other way round.
  std::uint32_t sequence_offset = 0, timestamp_offset = 0;
};

// The instant from which on an answered UDP flow counts as a stream, in two halves to need no 8-byte alignment.
struct UdpTracker {
  std::uint32_t stream_high, stream_low;

  void set_stream_from(Time at) {
    stream_high = static_cast<std::uint32_t>(static_cast<std::uint64_t>(at.ns) >> 32);
    stream_low = static_cast<std::uint32_t>(at.ns);
  }
  Time stream_from() const { return {static_cast<std::int64_t>((std::uint64_t{stream_high} << 32) | stream_low)}; }
};

// The private part of an entry.
struct Tracker {
  union {
    TcpTracker tcp{};
    UdpTracker udp;
  };
  std::uint32_t next = 0xffffffffu, previous = 0xffffffffu;  // in its chain of `sources`, or of free ids
  InterfaceId masquerade_out;                                // set up by masquerade for packets leaving here
};
static_assert(sizeof(Tracker) <= 72);

// An entry outside the table: of a packet that has not passed its last hook, or one destroyed by the packet that holds
// it. Lives as long as walks refer to it.
struct PendingEntry {
  state::ConntrackEntry entry;
  Tracker tracker;
  SynproxyState synproxy = {};
  std::uint32_t references = 0;
};

// Entries by host, protocol and source of their original tuple: chains, newest first, behind a table of heads.
class SourceIndex {
 public:
  static constexpr std::uint32_t end = 0xffffffffu;

  std::uint32_t first(std::uint32_t hash) const { return heads_.size() == 0 ? end : heads_[bucket(hash)]; }
  std::uint32_t next(const PagedArray<Tracker>& trackers, std::uint32_t entry) const { return trackers[entry].next; }
  // hash_of_entry(id) gives the hash an entry was inserted under: chains keep their order when the table grows.
  template <class Hash>
  void insert(PagedArray<Tracker>& trackers, std::uint32_t hash, std::uint32_t entry, Hash hash_of_entry) {
    if (count_ >= heads_.size() * 2) grow(trackers, hash_of_entry);
    link(trackers, hash, entry);
    ++count_;
  }
  void erase(PagedArray<Tracker>& trackers, std::uint32_t hash, std::uint32_t entry) {
    const Tracker& tracker = trackers[entry];
    if (tracker.previous == end) {
      heads_.mut(bucket(hash)) = tracker.next;
    } else {
      trackers.mut(tracker.previous).next = tracker.next;
    }
    if (tracker.next != end) trackers.mut(tracker.next).previous = tracker.previous;
    --count_;
  }
  std::uint64_t bytes() const { return heads_.bytes(); }

 private:
  std::uint32_t bucket(std::uint32_t hash) const { return hash & (heads_.size() - 1); }
  void link(PagedArray<Tracker>& trackers, std::uint32_t hash, std::uint32_t entry) {
    std::uint32_t& head = heads_.mut(bucket(hash));
    Tracker& tracker = trackers.mut(entry);
    tracker.next = head;
    tracker.previous = end;
    if (head != end) trackers.mut(head).previous = entry;
    head = entry;
  }
  template <class Hash>
  void grow(PagedArray<Tracker>& trackers, Hash hash_of_entry) {
    const PagedArray<std::uint32_t> old = std::exchange(heads_, {});
    const std::uint32_t capacity = old.size() == 0 ? 16 : old.size() * 2;
    for (std::uint32_t i = 0; i < capacity; ++i) heads_.push_back(end);
    for (std::uint32_t i = 0; i < old.size(); ++i) {
      // From the oldest on, so that each goes to the front of its new chain.
      std::uint32_t entry = old[i];
      while (entry != end && trackers[entry].next != end) entry = trackers[entry].next;
      while (entry != end) {
        const std::uint32_t newer = trackers[entry].previous;
        link(trackers, hash_of_entry(entry), entry);
        entry = newer;
      }
    }
  }

  PagedArray<std::uint32_t> heads_;  // a power of two
  std::uint32_t count_ = 0;
};

struct ConntrackTables {
  PagedArray<Tracker> trackers;          // by State::conntrack id
  PagedArray<SynproxyState> synproxied;  // by State::conntrack id, as far as some entry had one
  Pool<PendingEntry> pending;
  TupleIndex tuples;  // reference: entry * 2 + direction
  SourceIndex sources;
  std::uint32_t free_id = 0xffffffffu;  // ids no entry has, last freed first, chained by Tracker::next
  std::uint32_t purge_at = 0;           // where the next look for expired entries begins
  std::vector<std::uint32_t> counts;    // by HostId: entries, pending ones among them; may be shorter
};

}  // namespace fourtuple::netfilter
