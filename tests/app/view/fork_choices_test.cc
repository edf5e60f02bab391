// What the window offers to change, on the lesson with the rule that drops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/view/documents.h"
#include "viz/fork/choices.h"

namespace fourtuple::app {
namespace {

using testing::HasSubstr;
using viz::ForkChoice;

class ForkChoices : public testing::Test {
 protected:
  ForkChoices()
      : document_(std::move(*open_document(FT_SOURCE_DIR "/scenarios/firewall/drop_reject_reset.yaml"))),
        indexes_(*document_.trace),
        cursor_(*document_.trace) {
    indexes_.refresh();
    cursor_.refresh();
  }
  viz::PanelContext context() {
    return {
        *document_.trace,     indexes_,        cursor_, playback_, selection_, document_.frame_bytes, false, wishes_,
        document_.value_text, *document_.tools};
  }
  // The last SYN to the port whose rule drops in silence, and an instant after its end.
  PacketId dropped_packet() {
    cursor_.seek(Time{milliseconds(1500).ns});
    for (std::uint32_t id = 0; id < indexes_.packets().size(); ++id) {
      const auto packet = indexes_.packets().packet({id});
      if (packet && packet->destination_port == 1004) return {id};
    }
    ADD_FAILURE() << "no SYN to port 1004";
    return PacketId::none();
  }
  std::vector<std::string> words(const std::vector<ForkChoice>& choices) {
    std::vector<std::string> all;
    for (const ForkChoice& choice : choices) all.push_back(choice.words);
    return all;
  }

  viz::Document document_;
  replay::Indexes indexes_;
  replay::Cursor cursor_;
  replay::Playback playback_;
  viz::Selection selection_;
  std::vector<viz::Wish> wishes_;
};

TEST_F(ForkChoices, begin_with_the_rule_that_dropped_the_chosen_packet_at_the_instant_it_did) {
  selection_.packet = dropped_packet();
  const std::vector<ForkChoice> choices = viz::fork_choices(context());
  ASSERT_GE(choices.size(), 3u);
  EXPECT_EQ(choices[0].title, "Remove rule 4");
  EXPECT_EQ(choices[0].words, "server: remove rule 4 of inet filter input");
  EXPECT_EQ(choices[0].at.ns, 1'020'023'680);
  EXPECT_EQ(choices[1].words, "server: replace rule 4 of inet filter input: tcp dport 1004 counter drop");
  EXPECT_TRUE(choices[1].to_fill);
  EXPECT_EQ(choices[2].words, "drop packet " + std::to_string(selection_.packet.value));
  // Its way is over: it is lost where it set out.
  EXPECT_EQ(choices[2].at.ns, 1'000'000'000);
}

TEST_F(ForkChoices, offer_rules_processes_and_networks_of_every_host) {
  cursor_.seek(Time{milliseconds(500).ns});
  const std::vector<std::string> all = words(viz::fork_choices(context()));
  for (const char* one : {"server: remove rule 1 of inet filter input",
                          "server: insert rule 5 of inet filter input: ", "server: flush rules", "server: kill httpd",
                          "client: kill app", "internet: down", "internet: loss 10 %"})
    EXPECT_THAT(all, testing::Contains(one));
  EXPECT_THAT(all, testing::Not(testing::Contains(HasSubstr("drop packet"))));
}

TEST_F(ForkChoices, are_narrowed_by_words_in_any_order) {
  cursor_.seek(Time{milliseconds(500).ns});
  const std::vector<ForkChoice> choices = viz::fork_choices(context());
  EXPECT_EQ(words(viz::matching_choices(choices, "1003 REMOVE")),
            std::vector<std::string>{"server: remove rule 3 of inet filter input"});
  EXPECT_TRUE(viz::matching_choices(choices, "nothing of the kind").empty());
  EXPECT_FALSE(viz::is_change_text("remove rule"));
  EXPECT_TRUE(viz::is_change_text("server: kill httpd"));
  EXPECT_TRUE(viz::is_change_text("drop packet 3"));
}

TEST_F(ForkChoices, are_told_as_a_story_with_the_lines_around) {
  const Time at{milliseconds(500).ns};
  cursor_.seek(at);
  const viz::ChangeStory removed = viz::story_of(context(), at, {"server: remove rule 4 of inet filter input"});
  EXPECT_EQ(removed.question, "What if server had no rule 4?");
  EXPECT_EQ(removed.where, "server, inet filter input");
  ASSERT_EQ(removed.lines.size(), 2u);
  EXPECT_EQ(removed.lines[0].mark, ' ');
  EXPECT_EQ(removed.lines[0].number, "3");
  EXPECT_EQ(removed.lines[1].mark, '-');
  EXPECT_EQ(removed.lines[1].text, "tcp dport 1004 counter drop");
  const viz::ChangeStory added = viz::story_of(context(), at, {"server: insert rule 2 of inet filter input: drop"});
  ASSERT_EQ(added.lines.size(), 3u);
  EXPECT_EQ(added.lines[1].mark, '+');
  EXPECT_EQ(added.lines[1].text, "drop");
  EXPECT_EQ(added.lines[2].number, "3");
  EXPECT_EQ(added.lines[2].text, "tcp dport 1002 counter reject");
  EXPECT_EQ(viz::story_of(context(), at, {"server: kill httpd"}).b_words, "httpd killed");
}

}  // namespace
}  // namespace fourtuple::app
