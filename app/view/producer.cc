#include "app/view/producer.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "app/view/host_tools.h"

namespace fourtuple::app {
namespace {

using Clock = std::chrono::steady_clock;
// Real time between two hand-overs: the window has something new each frame, and stopping takes no longer.
constexpr auto wanted_slice = std::chrono::milliseconds(8);

bool is_filled(const trace::RulesetInfo& ruleset) {
  return !ruleset.text.empty() || !ruleset.listing.empty() || !ruleset.chains.empty();
}

}  // namespace

Producer::Producer(const world::Scenario& scenario, trace::Level level, std::uint64_t budget)
    : run_(std::make_unique<ScenarioRun>(scenario, scenario.seed, level)),
      shown_(level),
      ephemeral_(ephemeral_ranges(scenario, *run_)),
      budget_(budget),
      end_(run_->end()) {
  shown_.mutable_tables() = run_->trace().tables();
  const trace::Tables& tables = shown_.tables();
  told_strings_ = tables.strings.size();
  told_addresses_ = tables.addresses.size();
  told_captions_ = tables.captions.size();
  for (const trace::RulesetInfo& ruleset : tables.rulesets) told_rulesets_.push_back(is_filled(ruleset));
  thread_ = std::thread([this] { work(); });
}

Producer::~Producer() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Producer::work() {
  Duration slice = microseconds(100);
  Time limit{0};
  while (!stop_ && !run_->over()) {
    limit = run_->end() - limit > slice ? limit + slice : run_->end();
    const auto before = Clock::now();
    run_->advance(limit);
    const auto spent = Clock::now() - before;
    if (spent < wanted_slice / 2) slice = slice * 2;
    if (spent > wanted_slice) slice = std::max(slice / 4, microseconds(1));
    const bool full = run_->trace().bytes() > budget_;
    hand_over(full);
    if (full) return;
  }
  if (!run_->over()) hand_over(false);
}

void Producer::note_news(News& news) {
  const trace::Tables& tables = run_->trace().tables();
  for (; told_strings_ < tables.strings.size(); ++told_strings_)
    news.strings.emplace_back(tables.strings[{told_strings_}]);
  for (; told_addresses_ < tables.addresses.size(); ++told_addresses_)
    news.addresses.push_back(tables.addresses[{told_addresses_}]);
  for (; told_captions_ < tables.captions.size(); ++told_captions_)
    news.captions.push_back(tables.captions[told_captions_]);
  told_rulesets_.resize(tables.rulesets.size());
  for (std::size_t i = 0; i < told_rulesets_.size(); ++i) {
    if (told_rulesets_[i] || !is_filled(tables.rulesets[i])) continue;
    told_rulesets_[i] = true;
    news.rulesets.emplace_back(i, tables.rulesets[i]);
  }
}

void Producer::hand_over(bool full) {
  const std::scoped_lock lock(mutex_);
  note_news(offer_.news);
  offer_.published = run_->trace().published();
  offer_.reached = run_->now();
  offer_.over = run_->over() || full || stop_;
  offer_.full = full && !run_->over();
}

// Ids count up in both tables alike.
void Producer::learn(News news) {
  trace::Tables& tables = shown_.mutable_tables();
  for (const std::string& text : news.strings) tables.strings.intern(text);
  for (const IpAddress& address : news.addresses) tables.addresses.intern(address);
  std::move(news.captions.begin(), news.captions.end(), std::back_inserter(tables.captions));
  for (auto& [number, ruleset] : news.rulesets) {
    if (tables.rulesets.size() <= number) tables.rulesets.resize(number + 1);
    tables.rulesets[number] = std::move(ruleset);
  }
}

viz::Growth Producer::take(std::uint64_t max_slots) {
  if (done_) return {};
  Offer offer;
  {
    const std::scoped_lock lock(mutex_);
    offer = std::exchange(offer_, {offer_.published, offer_.reached, offer_.over, offer_.full, {}});
  }
  learn(std::move(offer.news));
  const std::uint64_t limit = taken_ + std::min(max_slots, offer.published - taken_);
  const trace::Trace& source = run_->trace();
  while (taken_ < limit) {
    const trace::Slot* record = source.at(taken_);
    if (record->kind == trace::Kind::padding) {
      taken_ += 1 + std::uint64_t{record->subject};
      continue;
    }
    shown_.append_slots(record, 1u + record->extra);
    taken_ += 1u + record->extra;
  }
  shown_.publish();
  done_ = offer.over && taken_ >= offer.published;
  full_ = offer.full;
  if (done_) {
    shown_.set_end_time(offer.reached);
    thread_.join();
    run_.reset();
  }
  return {!done_, offer.reached, end_};
}

void Producer::finish() {
  while (take(~std::uint64_t{0}).growing) std::this_thread::yield();
}

}  // namespace fourtuple::app
