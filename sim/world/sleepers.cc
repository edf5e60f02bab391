#include "sim/world/sleepers.h"

#include <algorithm>

namespace fourtuple::world {
namespace {

void tell(stack::Context& c, const Sleeper& sleeper, state::Activity activity) {
  const bool wakes = activity == state::Activity::running;
  change(c, c.system.visible.processes[sleeper.process.value].host,
         trace::ProcessActivity{sleeper.process, static_cast<std::uint8_t>(activity), sleeper.call, sleeper.fd,
                                wakes ? c.system.arriving : PacketId::none()});
}

}  // namespace

void Sleepers::begin(stack::Context& c, ProcessId process, trace::Call call, std::int32_t fd) {
  sleeping_.push_back({process, call, fd});
  tell(c, sleeping_.back(), state::Activity::blocked);
}

void Sleepers::end(stack::Context& c, ProcessId process, trace::Call call, std::int32_t fd) {
  const auto found = std::find_if(sleeping_.begin(), sleeping_.end(), [&](const Sleeper& sleeper) {
    return sleeper.process == process && sleeper.call == call && sleeper.fd == fd;
  });
  if (found == sleeping_.end()) return;
  const Sleeper woken = *found;
  sleeping_.erase(found);
  tell(c, woken, state::Activity::running);
  const auto other = std::find_if(sleeping_.rbegin(), sleeping_.rend(),
                                  [&](const Sleeper& sleeper) { return sleeper.process == process; });
  if (other != sleeping_.rend()) tell(c, *other, state::Activity::blocked);
}

template <class Ends>
void Sleepers::end_where(stack::Context& c, ProcessId process, Ends ends) {
  for (std::size_t i = 0; i < sleeping_.size();) {
    if (sleeping_[i].process == process && ends(sleeping_[i]))
      end(c, process, sleeping_[i].call, sleeping_[i].fd);  // the first such one, which this is
    else
      ++i;
  }
}

void Sleepers::end_all(stack::Context& c, ProcessId process, std::int32_t fd) {
  end_where(c, process, [&](const Sleeper& sleeper) { return sleeper.fd == fd; });
}

void Sleepers::end_threads(stack::Context& c, ProcessId process) {
  end_where(c, process, [](const Sleeper& sleeper) { return sleeper.fd >= 0; });
}

void Sleepers::forget(ProcessId process) {
  std::erase_if(sleeping_, [&](const Sleeper& sleeper) { return sleeper.process == process; });
}

}  // namespace fourtuple::world
