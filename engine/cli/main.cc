#include <cstdio>

int main() {
  std::puts("imglife " IMGLIFE_VERSION);
  return 0;
}
