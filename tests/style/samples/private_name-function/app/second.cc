namespace fourtuple {
namespace {

constexpr int most = 1;

int more(int value, const char* text) {
  return value + most + text[0];
}

}  // namespace
}  // namespace fourtuple
