// The way of a packet through the host as boxes: which there are, and which it has passed.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/host/host_model.h"

namespace fourtuple::viz {
namespace {

using trace::Stage;

std::vector<Stage> plan(const Visit& visit) {
  std::vector<Stage> stages;
  switch (visit.passage) {
    case Passage::outgoing:
      stages = {Stage::process_write, Stage::transport_output, Stage::routing_output,
                Stage::output,        Stage::postrouting,      Stage::interface_out};
      break;
    case Passage::forwarded:
      stages = {Stage::interface_in, Stage::prerouting,  Stage::routing,
                Stage::forward,      Stage::postrouting, Stage::interface_out};
      break;
    case Passage::incoming:
    case Passage::none:
      stages = {Stage::interface_in,     Stage::prerouting,   Stage::routing,       Stage::input,
                Stage::transport_lookup, Stage::socket_queue, Stage::process_wakeup};
      break;
  }
  const bool fragments = std::any_of(visit.stages.begin(), visit.stages.end(),
                                     [](const StageMark& mark) { return mark.stage == Stage::defragment; });
  if (fragments) stages.insert(stages.begin() + 3, Stage::defragment);
  return stages;
}

std::string stage_title(const PanelContext& context, const Visit& visit, Stage stage) {
  switch (stage) {
    case Stage::interface_in:
    case Stage::interface_out: {
      InterfaceId interface = visit.interface;
      for (const StageMark& mark : visit.stages) {
        if (mark.stage == stage && mark.interface.valid()) interface = mark.interface;
      }
      const std::string name = trace::interface_name(context.trace.tables(), interface);
      return name.empty() ? "interface" : name;
    }
    case Stage::defragment:
      return "reassembly";
    case Stage::transport_lookup:
      return "transport lookup";
    case Stage::socket_queue:
      return "receive buffer";
    case Stage::process_wakeup:
    case Stage::process_write:
      return "process";
    case Stage::transport_output:
      return "transport";
    case Stage::routing_output:
      return "routing";
    default:
      return std::string(name_of(stage));
  }
}

std::string short_title(Stage stage, const std::string& title) {
  if (stage == Stage::transport_lookup) return "lookup";
  return stage == Stage::socket_queue ? "buffer" : title;
}

std::string stage_remark(const PanelContext& context, const Visit& visit, const LockModel& locks,
                         const std::string& receiver, Stage stage, StageState state) {
  const bool coming = state == StageState::coming;
  if (visit.seen_only && !coming) {
    if (stage == Stage::interface_in) return "seen in the capture";
    if (stage == Stage::transport_lookup) return locks.winner.valid() ? "one socket fits" : "inferred";
    if (stage != Stage::process_wakeup || receiver.empty()) return "inferred";
  }
  const std::uint32_t bytes = visit.header.payload_length;
  switch (stage) {
    case Stage::interface_in:
      return coming ? "on its way here" : "received";
    case Stage::interface_out:
      return coming ? "not yet sent" : "sent";
    case Stage::routing:
    case Stage::routing_output:
      return coming ? "not yet" : routing_words(context, visit);
    case Stage::forward:
      return coming ? "not yet" : fmt::format("TTL one less");
    case Stage::defragment:
      return coming ? "waits for the rest" : "all pieces are here";
    case Stage::transport_lookup:
      if (coming) return "finds the socket";
      if (locks.key.empty()) return "no socket needed";
      return fmt::format("{} of {} sockets tried", locks.tried, locks.sockets);
    case Stage::socket_queue:
      if (bytes == 0) return coming ? "nothing to store" : "no data, state only";
      return fmt::format("{} B {}", grouped(bytes), coming ? "to store" : "stored");
    case Stage::process_wakeup:
      if (receiver.empty()) return coming ? "not reached" : "";
      return receiver + (coming ? " will wake" : "");
    case Stage::process_write:
      return receiver.empty() ? "the kernel itself" : receiver;
    case Stage::transport_output:
      return fmt::format("makes the {} header", trace::protocol_name(visit.header.protocol));
    default:
      return coming ? "not yet" : "no rule in the way";
  }
}

// What rules and NAT did at a hook: the rewriting when there was one, else who decided.
std::string hook_remark(const std::map<Stage, HookNote>& notes, Stage stage) {
  const auto found = notes.find(stage);
  if (found == notes.end()) return {};
  return found->second.rewrite.empty() ? found->second.decision : found->second.rewrite;
}

std::string drop_remark(const Visit& visit, const std::map<Stage, HookNote>& notes) {
  if (visit.missed) return "no socket fits";
  const auto found = notes.find(visit.dropped->stage);
  const bool by_rule = visit.dropped->reason == trace::DropReason::rule && found != notes.end();
  if (by_rule && !found->second.decision.empty()) return found->second.decision;
  return std::string(words_of(visit.dropped->reason));
}

}  // namespace

std::vector<StageBox> build_stages(const PanelContext& context, const Visit& visit, const LockModel& locks,
                                   const std::string& receiver) {
  const std::uint64_t now = context.cursor.position();
  const std::vector<Stage> stages = plan(visit);
  const std::map<Stage, HookNote> notes = hook_notes(context, visit.packet, visit.host);
  const bool ended = visit.end != trace::Index::none && visit.end < now;
  // How far it has come: the last planned stage with a record that has happened.
  int reached = -1;
  std::vector<Time> entered(stages.size(), Time{-1});
  for (const StageMark& mark : visit.stages) {
    const auto place = std::find(stages.begin(), stages.end(), mark.stage);
    if (place == stages.end() || mark.record >= now) continue;
    const auto at = static_cast<int>(place - stages.begin());
    entered[static_cast<std::size_t>(at)] = mark.at;
    reached = std::max(reached, at);
  }
  int dropped_at = -1;
  if (ended && visit.seen_only && visit.missed) {
    dropped_at = static_cast<int>(std::find(stages.begin(), stages.end(), Stage::transport_lookup) - stages.begin());
  } else if (ended && visit.dropped) {
    const auto place = std::find(stages.begin(), stages.end(), visit.dropped->stage);
    dropped_at = place == stages.end() ? std::max(reached, 0) : static_cast<int>(place - stages.begin());
  }
  const int last = static_cast<int>(stages.size()) - 1;
  if (ended && dropped_at < 0) reached = last;
  std::vector<StageBox> boxes;
  for (int i = 0; i <= last; ++i) {
    const auto index = static_cast<std::size_t>(i);
    StageBox box;
    box.name = stage_title(context, visit, stages[index]);
    box.short_name = short_title(stages[index], box.name);
    box.at = entered[index];
    if (dropped_at >= 0) {
      const StageState before = visit.seen_only && i > 0 ? StageState::inferred : StageState::passed;
      box.state = i < dropped_at ? before : i == dropped_at ? StageState::dropped : StageState::coming;
    } else if (ended) {
      box.state = visit.seen_only && i > 0 ? StageState::inferred : StageState::passed;
    } else {
      box.state = i < reached ? StageState::passed : i == reached ? StageState::current : StageState::coming;
    }
    if (box.state == StageState::dropped) {
      box.remark = drop_remark(visit, notes);
    } else if (dropped_at >= 0 && i > dropped_at) {
      box.remark = "not reached";
    } else {
      box.remark = hook_remark(notes, stages[index]);
      if (box.remark.empty()) box.remark = stage_remark(context, visit, locks, receiver, stages[index], box.state);
    }
    boxes.push_back(std::move(box));
  }
  return boxes;
}

}  // namespace fourtuple::viz
