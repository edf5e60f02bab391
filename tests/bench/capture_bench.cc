// Reading a capture of many short conversations: a loop of libpcap that only counts, our index with conversations, the
// same with the TCP analysis and with checksums, and tshark's table of conversations where it is installed. The file
// has FT_BENCH_CAPTURE_MB megabytes (100) and is made anew in /tmp.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <pcap/pcap.h>

#include "capture/importer.h"
#include "tests/bench/heap.h"

namespace fourtuple {
namespace {

using capture::ImportOptions;

void store32(std::uint8_t* at, std::uint32_t value) {
  store16(at, static_cast<std::uint16_t>(value >> 16));
  store16(at + 2, static_cast<std::uint16_t>(value));
}

// One conversation of the made-up capture.
struct Talk {
  std::uint32_t client = 0, server = 0, client_seq = 1000, server_seq = 5000;
  std::uint16_t client_port = 0, server_port = 0;
  bool tcp = true;
  int opened = 0;  // segments of the handshake sent
};

// Four of five conversations are TCP; packets are empty, of 522 and of 1446 bytes in the mix of the Internet.
class CaptureMaker {
 public:
  explicit CaptureMaker(std::uint32_t talks) : talks_(talks) {
    for (std::uint32_t i = 0; i < talks; ++i) {
      Talk& talk = talks_[i];
      talk.client = 0x0a000001u + i % 5000;
      talk.server = 0xc0a80001u + i % 251;
      talk.client_port = static_cast<std::uint16_t>(20000 + i / 5000 * 37 + i % 31);
      talk.tcp = random() % 10 < 8;
      talk.server_port = talk.tcp ? 443 : 4500;
    }
  }
  void write(const char* path, std::uint64_t bytes) {
    std::FILE* file = std::fopen(path, "wb");
    if (file == nullptr) std::abort();
    const std::uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
    std::fwrite(header, sizeof(header), 1, file);
    std::uint64_t written = sizeof(header);
    while (written < bytes) written += packet(file);
    std::fclose(file);
  }

 private:
  std::uint64_t random() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::uint64_t packet(std::FILE* file);
  std::uint8_t next_flags(Talk& talk, bool& reverse, std::uint32_t& payload);

  std::uint64_t state_ = 0x1234567899;
  std::uint64_t now_us_ = 1'700'000'000'000'000;
  std::vector<Talk> talks_;
};

std::uint8_t CaptureMaker::next_flags(Talk& talk, bool& reverse, std::uint32_t& payload) {
  constexpr std::uint8_t syn = 2, ack = 16;
  if (talk.opened == 3) return ack;
  payload = 0;
  reverse = talk.opened == 1;
  constexpr std::uint8_t steps[] = {syn, syn | ack, ack};
  return steps[talk.opened++];
}

std::uint64_t CaptureMaker::packet(std::FILE* file) {
  Talk& talk = talks_[random() % talks_.size()];
  now_us_ += random() % 5;
  const std::uint64_t kind = random() % 12;
  std::uint32_t payload = kind < 7 ? 0 : kind < 11 ? 522 : 1446;
  bool reverse = (random() & 1) != 0;
  const std::uint8_t flags = talk.tcp ? next_flags(talk, reverse, payload) : std::uint8_t{0};
  const std::uint32_t transport = talk.tcp ? 20 : 8, length = 14 + 20 + transport + payload;
  std::uint8_t bytes[1600] = {};
  std::uint8_t* ip = bytes + 14;
  store16(bytes + 12, 0x0800);
  ip[0] = 0x45;
  store16(ip + 2, static_cast<std::uint16_t>(length - 14));
  ip[8] = 64;
  ip[9] = talk.tcp ? 6 : 17;
  store32(ip + 12, reverse ? talk.server : talk.client);
  store32(ip + 16, reverse ? talk.client : talk.server);
  std::uint8_t* header = ip + 20;
  store16(header, reverse ? talk.server_port : talk.client_port);
  store16(header + 2, reverse ? talk.client_port : talk.server_port);
  if (talk.tcp) {
    std::uint32_t& seq = reverse ? talk.server_seq : talk.client_seq;
    store32(header + 4, seq);
    store32(header + 8, reverse ? talk.client_seq : talk.server_seq);
    header[12] = 0x50;
    header[13] = flags;
    store16(header + 14, 64240);
    seq += payload + ((flags & 2) != 0 ? 1 : 0);
  } else {
    store16(header + 4, static_cast<std::uint16_t>(8 + payload));
  }
  const std::uint32_t record[4] = {static_cast<std::uint32_t>(now_us_ / 1'000'000),
                                   static_cast<std::uint32_t>(now_us_ % 1'000'000), length, length};
  std::fwrite(record, sizeof(record), 1, file);
  std::fwrite(bytes, length, 1, file);
  return sizeof(record) + length;
}

std::string temporary_file() {
  return (std::filesystem::temp_directory_path() / "fourtuple_bench.pcap").string();
}

const std::string& capture_file() {
  static const std::string path = [] {
    const char* size = std::getenv("FT_BENCH_CAPTURE_MB");
    const std::uint64_t megabytes = size == nullptr ? 100 : std::strtoull(size, nullptr, 10);
    std::string name = temporary_file();
    CaptureMaker(static_cast<std::uint32_t>(std::max<std::uint64_t>(megabytes * 100, 100)))
        .write(name.c_str(), megabytes << 20);
    std::atexit([] { std::remove(temporary_file().c_str()); });
    return name;
  }();
  return path;
}

void capture_raw_libpcap_loop(benchmark::State& state) {
  std::uint64_t packets = 0;
  for (auto _ : state) {
    char message[PCAP_ERRBUF_SIZE];
    pcap_t* pcap = pcap_open_offline(capture_file().c_str(), message);
    if (pcap == nullptr) return state.SkipWithError(message);
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    std::uint64_t sum = 0;
    while (pcap_next_ex(pcap, &header, &bytes) == 1) {
      ++packets;
      sum += header->caplen;
    }
    benchmark::DoNotOptimize(sum);
    pcap_close(pcap);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
}
BENCHMARK(capture_raw_libpcap_loop)->Unit(benchmark::kMillisecond)->UseRealTime();

void capture_tshark_conversations(benchmark::State& state) {
  const std::string command = "tshark -n -q -z conv,tcp -r " + capture_file() + " > /dev/null 2>&1";
  for (auto _ : state)
    if (std::system(command.c_str()) != 0) return state.SkipWithError("tshark is not installed");
}
BENCHMARK(capture_tshark_conversations)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();

void import_with(benchmark::State& state, const ImportOptions& options) {
  std::uint64_t packets = 0;
  double bytes = 0;
  for (auto _ : state) {
    const std::int64_t before = bench::heap_bytes();
    const auto capture = capture::import_capture(capture_file(), {}, options);
    if (!capture) return state.SkipWithError("not imported");
    packets += capture->report.packets;
    bytes = static_cast<double>(bench::heap_bytes() - before) / static_cast<double>(capture->report.packets);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(packets));
  state.counters["bytes/packet"] = bytes;
}

void capture_index_and_flows(benchmark::State& state) {
  ImportOptions options;
  options.records = false;
  options.survey.verify_checksums = options.survey.analyse_tcp = false;
  import_with(state, options);
}
BENCHMARK(capture_index_and_flows)->Unit(benchmark::kMillisecond)->UseRealTime();

void capture_with_tcp_analysis(benchmark::State& state) {
  ImportOptions options;
  options.records = false;
  options.survey.verify_checksums = false;
  import_with(state, options);
}
BENCHMARK(capture_with_tcp_analysis)->Unit(benchmark::kMillisecond)->UseRealTime();

void capture_with_analysis_and_checksums(benchmark::State& state) {
  ImportOptions options;
  options.records = false;
  import_with(state, options);
}
BENCHMARK(capture_with_analysis_and_checksums)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace fourtuple
