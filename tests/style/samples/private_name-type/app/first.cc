namespace fourtuple {
namespace {

struct Row {
  int width = 0;
};

}  // namespace
}  // namespace fourtuple
