#include "app/view/layout_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "app/view/documents.h"

namespace fourtuple::app {
namespace {

const std::string scenario = FT_SOURCE_DIR "/scenarios/first_run.yaml";

// A scenario of its own, without a layout beside it.
std::string document_named(const std::string& name) {
  const std::string path = testing::TempDir() + name;
  std::filesystem::copy_file(scenario, path, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove(layout_path(path));
  return path;
}

void write(const std::string& document, const std::string& text) {
  std::ofstream(layout_path(document), std::ios::binary) << text;
}

TEST(LayoutFile, gives_back_what_was_kept) {
  const std::string document = document_named("kept.yaml");
  const viz::MapPositions positions = {{"\"quoted\" 名前", {-0.5F, 1.25F}}, {"anna", {0.25F, 0.5F}}};
  const std::vector<viz::Bookmark> bookmarks = {{Time{0}, ""}, {Time{445'000'123}, "the \"lost\" packet\n再送"}};
  for (const Layout& layout : {Layout{positions, {}}, Layout{{}, bookmarks}, Layout{positions, bookmarks}}) {
    ASSERT_TRUE(write_layout(document, layout));
    const auto read = read_layout(document);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(*read, layout);
  }
}

TEST(LayoutFile, sorts_bookmarks_that_a_person_wrote) {
  const std::string document = document_named("sorted.yaml");
  write(document, R"({"fourtuple-layout": 1, "bookmarks": [{"at_ns": 9, "name": "b"}, {"at_ns": 4}, {"at_ns": 9}]})");
  const auto read = read_layout(document);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->bookmarks, (std::vector<viz::Bookmark>{{Time{4}, ""}, {Time{9}, ""}}));
}

TEST(LayoutFile, is_removed_when_no_host_is_moved) {
  const std::string document = document_named("removed.yaml");
  ASSERT_TRUE(write_layout(document, {{{"anna", {0.25F, 0.5F}}}, {}}));
  ASSERT_TRUE(write_layout(document, {}));
  EXPECT_FALSE(std::filesystem::exists(layout_path(document)));
  EXPECT_EQ(*read_layout(document), Layout{});
}

TEST(LayoutFile, says_what_is_wrong_with_a_broken_one) {
  const std::string document = document_named("broken.yaml");
  for (const char* text :
       {"", "{", "[]", "{\"hosts\": {}}", "{\"fourtuple-layout\": 2, \"hosts\": {}}",
        "{\"fourtuple-layout\": 1, \"hosts\": []}", "{\"fourtuple-layout\": 1, \"hosts\": {\"anna\": [1]}}",
        "{\"fourtuple-layout\": 1, \"hosts\": {\"anna\": [1, \"x\"]}}",
        "{\"fourtuple-layout\": 1, \"hosts\": {\"anna\": [1, 1e9]}}", "{\"fourtuple-layout\": 1, \"bookmarks\": {}}",
        "{\"fourtuple-layout\": 1, \"bookmarks\": [{}]}", "{\"fourtuple-layout\": 1, \"bookmarks\": [{\"at_ns\": -1}]}",
        "{\"fourtuple-layout\": 1, \"bookmarks\": [{\"at_ns\": 1, \"name\": 2}]}"}) {
    write(document, text);
    const auto read = read_layout(document);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().where.file, layout_path(document));
  }
}

TEST(LayoutFile, that_is_broken_costs_the_document_a_note_and_nothing_else) {
  const std::string document = document_named("noted.yaml");
  write(document, "not JSON");
  const auto opened = open_document(document);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->positions.empty());
  ASSERT_FALSE(opened->notes.empty());
  EXPECT_NE(opened->notes.back().find("noted.yaml.layout"), std::string::npos);
}

TEST(LayoutFile, cannot_be_kept_in_a_folder_that_is_not_there) {
  EXPECT_FALSE(write_layout(testing::TempDir() + "nowhere/x.yaml", {{{"anna", {0, 0}}}, {}}));
}

}  // namespace
}  // namespace fourtuple::app
