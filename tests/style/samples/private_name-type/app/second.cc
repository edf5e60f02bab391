namespace fourtuple {
namespace {

struct Row {
  int height = 0;
};

}  // namespace
}  // namespace fourtuple
