// The same chain in ns-3, for comparison with `fourtuple bench chain`: host - router - router - host, three links of
// 10 Gb/s and 1 ms, MSS 1448, no queue discipline. K parallel TCP bulk flows, or K UDP senders of 22-byte datagrams
// that send 1,000,000 packets per simulated second together.
// Prints one line of key=value. A packet-hop is a packet received at the far end of one link; counting them costs time,
// so a run with --count=1 gives the hops and another one without it, which is bit-identical, gives the time.
// Builds against ns-3 3.37 (Debian's libns3-dev), C++17.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-module.h>
#include <string>
#include <vector>

namespace {

struct Options {
  std::uint32_t flows = 1;
  double seconds = 1.0;
  std::string mode = "tcp";
  bool count = false;
  std::uint64_t window = 16u << 20;  // total socket buffer over all flows, bytes
  std::uint32_t udp_size = 22;       // payload bytes
  double udp_rate = 1e6;             // datagrams per simulated second, all senders
};

Options parse(int argc, char** argv) {
  Options options;
  ns3::CommandLine command_line;
  command_line.AddValue("flows", "parallel flows", options.flows);
  command_line.AddValue("seconds", "simulated seconds", options.seconds);
  command_line.AddValue("mode", "tcp or udp", options.mode);
  command_line.AddValue("count", "count packet-hops (do not time this run)", options.count);
  command_line.AddValue("window", "total socket buffer over all flows, bytes", options.window);
  command_line.Parse(argc, argv);
  return options;
}

void set_defaults(const Options& options) {
  using namespace ns3;
  const std::uint64_t buffer = std::max<std::uint64_t>(options.window / options.flows, 8 * 1448);
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(buffer));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(buffer));
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TypeId::LookupByName("ns3::TcpNewReno")));
  Config::SetDefault("ns3::DropTailQueue<Packet>::MaxSize", QueueSizeValue(QueueSize("200000p")));
}

// Returns the address of the last host.
ns3::Ipv4Address build_chain(const ns3::NodeContainer& nodes) {
  using namespace ns3;
  InternetStackHelper().Install(nodes);
  PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", StringValue("10Gbps"));
  link.SetChannelAttribute("Delay", StringValue("1ms"));
  Ipv4AddressHelper addresses;
  addresses.SetBase("10.0.0.0", "255.255.255.0");
  Ipv4InterfaceContainer last;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const NetDeviceContainer devices = link.Install(nodes.Get(i), nodes.Get(i + 1));
    last = addresses.Assign(devices);
    addresses.NewNetwork();
    TrafficControlHelper().Uninstall(devices);
  }
  Ipv4GlobalRoutingHelper::PopulateRoutingTables();
  return last.GetAddress(1);
}

void start_tcp(const Options& options, const ns3::NodeContainer& nodes, ns3::Ipv4Address server) {
  using namespace ns3;
  for (std::uint32_t k = 0; k < options.flows; ++k) {
    BulkSendHelper sender("ns3::TcpSocketFactory", InetSocketAddress(server, 5000));
    sender.SetAttribute("SendSize", UintegerValue(14480));
    // Starts are spread over the first tenth of the run.
    sender.Install(nodes.Get(0)).Start(Seconds(0.001 + 0.1 * options.seconds * k / options.flows));
  }
  PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 5000));
  sink.Install(nodes.Get(3)).Start(Seconds(0));
}

struct UdpSender : ns3::SimpleRefCount<UdpSender> {
  ns3::Ptr<ns3::Socket> socket;
  ns3::Time gap;
  std::uint32_t size = 0;

  void send() {
    socket->Send(ns3::Create<ns3::Packet>(size));
    ns3::Simulator::Schedule(gap, &UdpSender::send, this);
  }
};

void drain(ns3::Ptr<ns3::Socket> socket) {
  while (socket->Recv()) {
  }
}

std::vector<ns3::Ptr<UdpSender>> start_udp(const Options& options, const ns3::NodeContainer& nodes,
                                           ns3::Ipv4Address server) {
  using namespace ns3;
  const Ptr<Socket> receiver = Socket::CreateSocket(nodes.Get(3), UdpSocketFactory::GetTypeId());
  receiver->SetAttribute("RcvBufSize", UintegerValue(64u << 20));
  receiver->Bind(InetSocketAddress(Ipv4Address::GetAny(), 7000));
  receiver->SetRecvCallback(MakeCallback(&drain));
  std::vector<Ptr<UdpSender>> senders;
  for (std::uint32_t k = 0; k < options.flows; ++k) {
    const Ptr<UdpSender> sender = Create<UdpSender>();
    sender->socket = Socket::CreateSocket(nodes.Get(0), UdpSocketFactory::GetTypeId());
    sender->socket->Bind();
    sender->socket->Connect(InetSocketAddress(server, 7000));
    sender->gap = Seconds(options.flows / options.udp_rate);
    sender->size = options.udp_size;
    Simulator::ScheduleWithContext(0, Seconds(0.001 + k / options.udp_rate), &UdpSender::send, PeekPointer(sender));
    senders.push_back(sender);
  }
  return senders;
}

std::uint64_t hops = 0;
void count_hop(ns3::Ptr<const ns3::Packet>) {
  ++hops;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace ns3;
  const Options options = parse(argc, argv);
  set_defaults(options);
  NodeContainer nodes;
  nodes.Create(4);
  const Ipv4Address server = build_chain(nodes);
  std::vector<Ptr<UdpSender>> senders;
  if (options.mode == "udp") {
    senders = start_udp(options, nodes, server);
  } else {
    start_tcp(options, nodes, server);
  }
  if (options.count) {
    Config::ConnectWithoutContext("/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/PhyRxEnd",
                                  MakeCallback(&count_hop));
  }
  Simulator::Stop(Seconds(options.seconds));
  const auto start = std::chrono::steady_clock::now();
  Simulator::Run();
  const std::chrono::duration<double> run = std::chrono::steady_clock::now() - start;
  std::printf("mode=%s flows=%u seconds=%g run_s=%.4f events=%llu hops=%llu\n", options.mode.c_str(), options.flows,
              options.seconds, run.count(), static_cast<unsigned long long>(Simulator::GetEventCount()),
              static_cast<unsigned long long>(hops));
  Simulator::Destroy();
}
