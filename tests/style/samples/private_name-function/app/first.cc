namespace fourtuple {
namespace {

constexpr int least = 1;

int more(int than, const char* of) {
  return than + least + of[0];
}

}  // namespace
}  // namespace fourtuple
